package delay

// Longest is what both directions between the tap and the port took lately, on
// the mean, as the middle of what was measured has it: the mean path delay or,
// where there is none, the mean link delay. It is false where nothing was
// measured for long. Now is the capture time, in ns.
func (m *Meter) Longest(now int64) (float64, bool) {
	for _, k := range [...]Kind{MeanPathDelay, MeanLinkDelay} {
		if s := &m.samples[k]; s.count > 0 && now-s.at <= fresh {
			return s.median(), true
		}
	}
	return 0, false
}
