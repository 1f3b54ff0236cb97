package analysis

// table is a map with a limit. A stranger who invents keys can fill the room
// for newcomers but never push out what was there first: entries start on
// probation, and only those make room, oldest first. Once the owner calls
// establish, an entry stays until the owner removes it. Contenders, who must be
// let in, are between the two: the first of them stay, so that some do however
// many there are; the rest make room for each other, oldest first, so that each
// has time to show itself again.
type table[K comparable, V any] struct {
	limit       int
	entries     map[K]*entry[K, V]
	probation   list[K, V]
	contenders  list[K, V]
	established list[K, V]
	evictions   uint64
}

type entry[K comparable, V any] struct {
	key         K
	value       V
	established bool
	in          *list[K, V]
	prev, next  *entry[K, V] // in the order of joining the list
}

func newTable[K comparable, V any](limit int) *table[K, V] {
	return &table[K, V]{limit: limit, entries: make(map[K]*entry[K, V])}
}

func (t *table[K, V]) get(k K) *entry[K, V] { return t.entries[k] }

// room makes room for one more entry and says whether there is any. The entry
// that left, if one had to, is handed to evicted.
func (t *table[K, V]) room(evicted func(*entry[K, V])) bool {
	if len(t.entries) < t.limit {
		return true
	}
	t.evictions++
	old := t.probation.first
	if old == nil {
		return false
	}
	t.remove(old)
	evicted(old)
	return true
}

// force makes room for a contender: at the cost of the oldest of them or, where
// there is none, of the youngest established entry that is not kept.
func (t *table[K, V]) force(keep func(*entry[K, V]) bool, evicted func(*entry[K, V])) {
	out := t.contenders.first
	if out == nil {
		for out = t.established.last; out != nil && keep(out); out = out.prev {
		}
	}
	if out != nil {
		t.remove(out)
		evicted(out)
	}
}

// add makes an entry for k, which must not be there yet.
func (t *table[K, V]) add(k K, v V) *entry[K, V] {
	e := &entry[K, V]{key: k, value: v}
	t.entries[k] = e
	t.move(e, &t.probation)
	return e
}

// contend makes an entry on probation a contender, or establishes it while less
// than a quarter of the table is.
func (t *table[K, V]) contend(e *entry[K, V]) {
	switch {
	case t.established.length < t.limit/4:
		t.establish(e)
	case e.in == &t.probation:
		t.move(e, &t.contenders)
	}
}

// establish ends an entry's probation.
func (t *table[K, V]) establish(e *entry[K, V]) {
	if !e.established {
		e.established = true
		t.move(e, &t.established)
	}
}

func (t *table[K, V]) move(e *entry[K, V], to *list[K, V]) {
	if e.in != nil {
		e.in.unlink(e)
	}
	e.in = to
	to.push(e)
}

func (t *table[K, V]) remove(e *entry[K, V]) {
	delete(t.entries, e.key)
	e.in.unlink(e)
}

func (t *table[K, V]) view(name string) TableView {
	return TableView{Name: name, Entries: len(t.entries), Limit: t.limit, Evictions: t.evictions}
}

// list is a doubly linked list through its entries.
type list[K comparable, V any] struct {
	first, last *entry[K, V]
	length      int
}

func (l *list[K, V]) push(e *entry[K, V]) {
	l.length++
	e.prev, e.next = l.last, nil
	if l.last != nil {
		l.last.next = e
	} else {
		l.first = e
	}
	l.last = e
}

func (l *list[K, V]) unlink(e *entry[K, V]) {
	l.length--
	if e.prev != nil {
		e.prev.next = e.next
	} else {
		l.first = e.next
	}
	if e.next != nil {
		e.next.prev = e.prev
	} else {
		l.last = e.prev
	}
}
