package analysis

import "time"

// Pause makes a State one of a later time, when nobody has listened in between:
// whoever was heard just before has as long to be heard again as it had then,
// and learning and the hold-down of alerts take as much longer. Grants of
// unicast run out all the same.
func (s *State) Pause(d time.Duration) {
	later := func(times ...*time.Time) {
		for _, t := range times {
			if !t.IsZero() {
				*t = t.Add(d)
			}
		}
	}
	later(&s.At)
	for i := range s.Alerts {
		later(&s.Alerts[i].Ends)
	}
	for i := range s.Incidents {
		in := &s.Incidents[i]
		later(&in.News)
		for rank := range in.Ended {
			later(&in.Ended[rank])
		}
	}
	for i := range s.Domains {
		domain := &s.Domains[i]
		later(&domain.Learned.Until)
		if domain.Lost != nil {
			later(&domain.Lost.Since)
		}
		for i := range domain.Grandmasters {
			later(&domain.Grandmasters[i].Last, &domain.Grandmasters[i].DatasetAt)
		}
		for i := range domain.Announcers {
			a := &domain.Announcers[i]
			later(&a.Last, &a.LastAnnounce, &a.LastSync, &a.SyncRun)
		}
	}
}
