package profile

import "github.com/ptpwatch/ptpwatch/internal/packet"

// Evidence is what a scope's traffic shows of its profile. It only ever
// grows, so what is recognised only ever gets more specific.
type Evidence struct {
	seen uint64
}

// Note adds what a message shows and says whether that is anything new.
func (e *Evidence) Note(o *packet.Observation) bool { return false }

// Recognise says which profile the evidence fits best and why, in plain
// words: "domain 24, Ethernet, Announce 8/s". What fits none is the default.
func Recognise(e Evidence) (p *Profile, why string) { return Default(), "" }
