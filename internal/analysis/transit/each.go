package transit

// Each calls f with every way, in the order in which they were found.
func (w *Ways) Each(f func(*Way)) {
	for _, x := range w.list {
		f(x)
	}
}

// Back is the way back; nil where nothing went it.
func (w *Ways) Back(x *Way) *Way { return w.find(x.To, x.From) }
