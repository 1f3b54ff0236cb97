package delay

// Link is the mean link delay to the port, false where it was not measured of
// late. Now is the capture time, in ns.
func (m *Meter) Link(now int64) (float64, bool) {
	if !m.link.known(now) {
		return 0, false
	}
	return m.link.delay.Seconds(), true
}
