package score

import "slices"

// missed lists the episodes that the product has not found.
func (b *Board) missed(results []*Result, family *Family) {
	type key struct{ capture, episode string }
	at, played := map[key]int{}, map[key]int{}
	for _, r := range results {
		for _, a := range r.judgements[Product].Episodes {
			if !a.Due || !family.has(a.Episode) {
				continue
			}
			k := key{r.Capture, a.Episode.Name}
			played[k]++
			if a.Found {
				continue
			}
			i, known := at[k]
			if !known {
				i = len(b.Missed)
				at[k] = i
				b.Missed = append(b.Missed, Missed{
					Capture: k.capture, Episode: k.episode, Due: a.Episode.Alerts, Known: b.knows(a.Episode.Alerts), Seeds: []uint64{},
				})
			}
			m := &b.Missed[i]
			m.Seeds = append(m.Seeds, r.Seed)
			if a.Named {
				m.Named++
			}
			if e := a.Error.Seconds(); a.Error >= 0 && (m.Error == nil || *m.Error < e) {
				m.Error = &e
			}
		}
	}
	for k, i := range at {
		b.Missed[i].Of = played[k]
	}
}

// falsely lists the product's false alarms.
func (b *Board) falsely(results []*Result, family *Family) {
	type key struct{ capture, alert string }
	at := map[key]int{}
	for _, r := range results {
		for _, a := range r.judgements[Product].False {
			if !family.minds(&a) {
				continue
			}
			k := key{r.Capture, a.Name}
			i, known := at[k]
			if !known {
				i = len(b.False)
				at[k] = i
				b.False = append(b.False, False{
					Capture: k.capture, Alert: a.Name, Clocks: append([]string{}, a.Clocks...), First: a.At.UTC(), Frame: a.Frame, Seeds: []uint64{},
				})
			}
			f := &b.False[i]
			f.Count++
			if !slices.Contains(f.Seeds, r.Seed) {
				f.Seeds = append(f.Seeds, r.Seed)
			}
		}
	}
}
