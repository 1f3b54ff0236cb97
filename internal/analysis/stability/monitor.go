package stability

// Kind is what a value is of.
type Kind uint8

// The kinds: the delays of either direction between a port and the tap, what
// is free of the tap's clock, and how far that is ahead of the port's.
const (
	Forward Kind = iota
	Reverse
	MeanPath
	MeanLink
	Offset
	Kinds // how many there are
)

// delays are the kinds that have a floor.
const delays = int(MeanPath) + 1

// Monitor has the statistics of one port at one tap. The zero value is ready.
type Monitor struct {
	bases   [Kinds]base
	blocks  [Kinds]Blocks
	history [Kinds]*History
	minima  [delays]*Minima
	offset  *Series
	floor   *floor
	reader  reader
	middles middles
}

// base is what values of a kind are less, in ns.
type base struct {
	ns    int64
	known bool
}

// floor is what both directions give together.
type floor struct {
	windows  [2]Windows // forward, reverse
	ended    [2]Window
	has      [2]bool // ended are
	selected Selected
	errors   recent // selected.Offset
	envelope Envelope
	bottoms  [bottomsKept]Bottom // around
	count    uint64
}

const (
	// bottomsKept is how many Bottoms are summed up.
	bottomsKept = 16
	// windowPeriod is the period of the extremes of what windows select, in
	// windows: as periods has it.
	windowPeriod = 12
)

// Selected is what the fastest packets of one window of both directions give
// (ITU-T G.8260 I.3.4, G.8271.2 7.3.2).
type Selected struct {
	Forward, Reverse Window
	// Offset is pktSelected2WayTE, less the offset's base. The tap's clock may run
	// free: what it gains in the window is in both directions, and cancels.
	Offset float64
	// Min and Max are its extremes over Count windows, the last 12 to 24.
	Count    uint64
	Min, Max float64
}

// Add takes a value in seconds, less its base; at is when by the tap's clock and
// now by capture time, in ns.
func (m *Monitor) Add(k Kind, at, now int64, v float64) {
	m.blocks[k].Add(v)
	if m.history[k] == nil {
		m.history[k] = new(History)
	}
	m.history[k].Add(now, v)
	switch k {
	case Offset:
		if m.offset == nil {
			m.offset = new(Series)
		}
		m.offset.Add(at, v)
		m.reader.add(at, v)
		m.middles.offset(at, v)
	case Forward, Reverse, MeanPath:
		if m.minima[k] == nil {
			m.minima[k] = new(Minima)
		}
		m.minima[k].Add(at, v)
		if k == MeanPath {
			m.middles.mean(at, v)
		}
	}
	if k == Forward || k == Reverse {
		if m.floor == nil {
			m.floor = new(floor)
		}
		if b, ok := m.floor.add(int(k), at, v, m.comparable()); ok {
			m.reader.put(Reading{b.Number, b.Offset})
		}
	}
}

// comparable says whether both directions are less one base, and so by one
// clock.
func (m *Monitor) comparable() bool {
	f, r := m.bases[Forward], m.bases[Reverse]
	return f.known && r.known && f.ns == -r.ns
}

func (f *floor) add(direction int, at int64, v float64, comparable bool) (Bottom, bool) {
	if w, ok := f.windows[direction].add(at, v); ok {
		f.ended[direction], f.has[direction] = w, true
		f.pair(comparable)
	}
	if !comparable {
		return Bottom{}, false
	}
	b, ok := f.envelope.add(direction == int(Reverse), at, v)
	if ok {
		f.bottoms[f.count%bottomsKept] = b
		f.count++
	}
	return b, ok
}

// pair takes the windows of both directions when both have ended.
func (f *floor) pair(comparable bool) {
	if !comparable || !f.has[0] || !f.has[1] || f.ended[0].Number != f.ended[1].Number {
		return
	}
	f.selected.Forward, f.selected.Reverse = f.ended[0], f.ended[1]
	f.selected.Offset = (f.ended[0].Selected - f.ended[1].Selected) / 2
	f.errors.add(floorDiv(f.ended[0].Number, windowPeriod), f.selected.Offset)
	total := f.errors.total()
	f.selected.Count, f.selected.Min, f.selected.Max = total.count, total.low, total.high
}

// Base says what values of a kind are less from now on. Records that there are
// become less the same.
func (m *Monitor) Base(k Kind, ns int64) {
	b := &m.bases[k]
	if b.known && b.ns != ns {
		if h := m.history[k]; h != nil {
			h.Shift(float64(b.ns-ns) / 1e9)
		}
	}
	if k == Offset && b.ns != ns {
		m.reader, m.middles = reader{}, middles{}
	}
	*b = base{ns, true}
}

// Restart forgets a series: its clock has stepped, or another takes its place.
// Of its records the periods that go on are not whole.
func (m *Monitor) Restart(k Kind) {
	m.blocks[k] = Blocks{}
	if h := m.history[k]; h != nil {
		h.Break()
	}
	switch k {
	case Offset:
		m.offset, m.reader, m.middles = nil, reader{}, middles{}
	case Forward, Reverse:
		m.minima[k], m.floor, m.reader = nil, nil, reader{}
	case MeanPath:
		m.minima[k] = nil
	}
}
