package evidence

import (
	"crypto/sha256"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/ptpwatch/ptpwatch/internal/analysis"
	"github.com/ptpwatch/ptpwatch/internal/capture"
)

// origin is what tells a frame from all others: its number on its interface.
type origin struct {
	iface  string
	number uint64
}

// written is what writeFrames wrote.
type written struct {
	Frames
	at map[origin]uint64 // which frame of the file raised an alert
}

// writeFrames writes the frames of a job as a pcapng file. Frames that raised an
// alert say so in their comments, and each has its stamps there.
func writeFrames(to io.Writer, j *job, application string) (*written, error) {
	hash := sha256.New()
	counted := &counter{w: io.MultiWriter(to, hash)}
	w, err := capture.NewWriter(counted, application)
	if err != nil {
		return nil, err
	}
	deciding := make(map[origin][]*analysis.Alert)
	for i := range j.alerts {
		a := &j.alerts[i].Alert
		deciding[alertOrigin(a)] = append(deciding[alertOrigin(a)], a)
	}
	out := &written{at: make(map[origin]uint64)}
	out.From, out.Until, out.Cut = j.from.at.UTC(), j.end.UTC(), j.cut
	var comment []byte
	interfaces := make(map[string]int)
	for f := range frames(j.frames) {
		name := j.names[f.iface]
		id, known := interfaces[name]
		if !known {
			if id, err = w.AddInterface(name, capture.LinkEthernet); err != nil {
				return nil, err
			}
			interfaces[name] = id
		}
		out.Count++
		from := origin{name, f.number}
		comment = comment[:0]
		if alerts := deciding[from]; len(alerts) > 0 {
			out.at[from] = out.Count
			comment = appendAlerts(comment, alerts)
		}
		comment = f.stamps(j.names).AppendComment(comment)
		r := capture.Record{Time: max(0, f.at), Data: f.data, Length: f.length, Direction: capture.Inbound, Comment: comment}
		if f.egress {
			r.Direction = capture.Outbound
		}
		if err := w.Write(id, &r); err != nil {
			return nil, err
		}
	}
	if err := w.Flush(); err != nil {
		return nil, err
	}
	out.Bytes, out.SHA256 = counted.n, [sha256.Size]byte(hash.Sum(nil))
	return out, nil
}

func alertOrigin(a *analysis.Alert) origin { return origin{a.Interface, a.Frame.Number} }

func (f *frame) stamps(names []string) *capture.Stamps {
	return &capture.Stamps{
		Frame: f.number, Source: f.source, Hardware: unstamp(f.hardware), Software: unstamp(f.software), Clock: names[f.clock],
	}
}

// The comment of a frame has room for 64 KiB.
const (
	maxComments = 32
	maxWords    = 500
)

// appendAlerts says which alerts a frame raised, a line each.
func appendAlerts(b []byte, alerts []*analysis.Alert) []byte {
	for i, a := range alerts {
		if i == maxComments {
			b = fmt.Appendf(b, "and %d alerts more\n", len(alerts)-i)
			break
		}
		b = fmt.Appendf(b, "%s (%s) raised by this frame, frame %d of %s", a.Name, a.Severity, a.Frame.Number, a.Interface)
		for _, part := range []struct{ key, text string }{{"reason", a.Reason}, {"expected", a.Expected}, {"observed", a.Observed}} {
			if part.text != "" {
				b = fmt.Appendf(b, "; %s: %s", part.key, oneLine(part.text))
			}
		}
		b = append(b, '\n')
	}
	return b
}

// oneLine makes a text one line of no more than maxWords runes.
func oneLine(text string) string {
	text = strings.ToValidUTF8(strings.Join(strings.Fields(text), " "), "")
	if r := []rune(text); len(r) > maxWords {
		return string(slices.Concat(r[:maxWords], []rune("...")))
	}
	return text
}

// counter counts what was written.
type counter struct {
	w io.Writer
	n int64
}

func (c *counter) Write(b []byte) (int, error) {
	n, err := c.w.Write(b)
	c.n += int64(n)
	return n, err
}
