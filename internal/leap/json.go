package leap

import (
	"encoding/json"
	"errors"
	"time"
)

// tableJSON is a Table in JSON: from when TAI - UTC is how many seconds.
type tableJSON struct {
	Expires time.Time  `json:"expires"`
	Steps   []stepJSON `json:"steps"`
}

type stepJSON struct {
	At     time.Time `json:"at"`
	Offset int16     `json:"offset"`
}

// MarshalJSON writes all of the table.
func (t *Table) MarshalJSON() ([]byte, error) {
	out := tableJSON{Expires: t.expires}
	for _, s := range t.steps {
		out.Steps = append(out.Steps, stepJSON{s.at, s.offset})
	}
	return json.Marshal(out)
}

// UnmarshalJSON reads what MarshalJSON writes.
func (t *Table) UnmarshalJSON(data []byte) error {
	var in tableJSON
	if err := json.Unmarshal(data, &in); err != nil {
		return err
	}
	if len(in.Steps) == 0 {
		return errors.New("a leap table without a step")
	}
	read := Table{expires: in.Expires.UTC()}
	for i, s := range in.Steps {
		if i > 0 && !s.At.After(in.Steps[i-1].At) {
			return errors.New("a leap table whose steps are not in order of time")
		}
		read.steps = append(read.steps, step{s.At.UTC(), s.Offset})
	}
	*t = read
	return nil
}
