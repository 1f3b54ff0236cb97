package analysis

// table is a map with a limit. A stranger who invents keys can fill the room
// for newcomers but never push out what was there first: entries start on
// probation, and only those make room, oldest first. Once the owner calls
// establish, an entry stays until the owner removes it.
type table[K comparable, V any] struct {
	limit       int
	entries     map[K]*entry[K, V]
	probation   list[K, V]
	established list[K, V]
	evictions   uint64
}

type entry[K comparable, V any] struct {
	key         K
	value       V
	established bool
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

// force makes room at the cost of the youngest established entry that is not
// kept: for a newcomer too important to refuse.
func (t *table[K, V]) force(keep func(*entry[K, V]) bool, evicted func(*entry[K, V])) {
	for e := t.established.last; e != nil; e = e.prev {
		if !keep(e) {
			t.remove(e)
			evicted(e)
			return
		}
	}
}

// add makes an entry for k, which must not be there yet.
func (t *table[K, V]) add(k K, v V) *entry[K, V] {
	e := &entry[K, V]{key: k, value: v}
	t.entries[k] = e
	t.probation.push(e)
	return e
}

// establish ends an entry's probation.
func (t *table[K, V]) establish(e *entry[K, V]) {
	if e.established {
		return
	}
	t.probation.unlink(e)
	e.established = true
	t.established.push(e)
}

func (t *table[K, V]) remove(e *entry[K, V]) {
	delete(t.entries, e.key)
	if e.established {
		t.established.unlink(e)
	} else {
		t.probation.unlink(e)
	}
}

func (t *table[K, V]) view(name string) TableView {
	return TableView{Name: name, Entries: len(t.entries), Limit: t.limit, Evictions: t.evictions}
}

// list is a doubly linked list through its entries.
type list[K comparable, V any] struct{ first, last *entry[K, V] }

func (l *list[K, V]) push(e *entry[K, V]) {
	e.prev, e.next = l.last, nil
	if l.last != nil {
		l.last.next = e
	} else {
		l.first = e
	}
	l.last = e
}

func (l *list[K, V]) unlink(e *entry[K, V]) {
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
