package score

// Against holds the product against another detector, by type and size of the
// episodes. False alarms are those in the captures that have such an episode.
type Against struct {
	Detector string `json:"detector"`
	// Lower and MoreFalse are where the product is worse, Higher and FewerFalse
	// where it is better.
	Lower      []Category `json:"lower_recall"`
	Higher     []Category `json:"higher_recall"`
	MoreFalse  []Category `json:"more_false_alarms"`
	FewerFalse []Category `json:"fewer_false_alarms"`
}

// compare holds the product, which comes first, against the others.
func compare(scores []Score) []Against {
	out := []Against{}
	for _, s := range scores[1:] {
		a := Against{Detector: s.Detector, Lower: []Category{}, Higher: []Category{}, MoreFalse: []Category{}, FewerFalse: []Category{}}
		for i := range scores[0].Types {
			ours, theirs := &scores[0].Types[i], &s.Types[i]
			a.Lower = appendIf(a.Lower, ours.Found < theirs.Found, ours)
			a.Higher = appendIf(a.Higher, ours.Found > theirs.Found, ours)
			a.MoreFalse = appendIf(a.MoreFalse, ours.FalseAlarms > theirs.FalseAlarms, ours)
			a.FewerFalse = appendIf(a.FewerFalse, ours.FalseAlarms < theirs.FalseAlarms, ours)
		}
		out = append(out, a)
	}
	return out
}

func appendIf(list []Category, so bool, r *Row) []Category {
	if !so {
		return list
	}
	return append(list, r.Category)
}
