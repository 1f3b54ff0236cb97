package simulate

import (
	"os"
	"testing"
)

func TestTry(t *testing.T) {
	name := os.Getenv("SCENARIO")
	if name == "" {
		t.Skip()
	}
	s, err := Load(name)
	if err != nil {
		t.Fatal(err)
	}
	f, err := os.Create("/tmp/sim.pcapng")
	if err != nil {
		t.Fatal(err)
	}
	tr, err := s.Run(t.Context(), 1, f)
	if err != nil {
		t.Fatal(err)
	}
	g, _ := os.Create("/tmp/sim.json")
	if err := tr.Write(g); err != nil {
		t.Fatal(err)
	}
	t.Log(tr.Frames)
}
