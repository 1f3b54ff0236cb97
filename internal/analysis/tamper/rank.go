package tamper

// rank moves the value of a rank to its place, those that are less before it and
// those that are greater behind it (Hoare's selection). No more is asked of a
// block, and to put it in order would take several times as long.
func rank(v []float64, k int) float64 {
	for low, high := 0, len(v)-1; low < high; {
		x, i, j := v[k], low, high
		for i <= j {
			for v[i] < x {
				i++
			}
			for x < v[j] {
				j--
			}
			if i <= j {
				v[i], v[j] = v[j], v[i]
				i++
				j--
			}
		}
		if j < k {
			low = i
		}
		if k < i {
			high = j
		}
	}
	return v[k]
}
