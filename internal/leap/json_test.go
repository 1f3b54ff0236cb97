package leap

import (
	"encoding/json"
	"testing"
)

func TestJSON(t *testing.T) {
	text, err := json.Marshal(Embedded())
	if err != nil {
		t.Fatal(err)
	}
	var again Table
	if err := json.Unmarshal(text, &again); err != nil || !again.Equal(Embedded()) {
		t.Errorf("%s gives %+v, %v", text, again, err)
	}
	for _, bad := range []string{
		`{}`, `[]`, `{"expires":"2027-01-01T00:00:00Z","steps":[]}`,
		`{"steps":[{"at":"2017-01-01T00:00:00Z","offset":37},{"at":"2015-07-01T00:00:00Z","offset":36}]}`,
		`{"steps":[{"at":"yesterday","offset":37}]}`,
	} {
		table := *Embedded()
		if err := json.Unmarshal([]byte(bad), &table); err == nil || !table.Equal(Embedded()) {
			t.Errorf("%s: %v, %+v", bad, err, table)
		}
	}
}
