package simulate

import (
	"os"
	"testing"
)

func TestDump(t *testing.T) {
	name := os.Getenv("SCENARIO")
	if name == "" {
		t.Skip()
	}
	s, err := Load(name)
	if err != nil {
		t.Fatal(err)
	}
	f, _ := os.Create("/tmp/sim.pcapng")
	tr, err := s.Run(t.Context(), 1, f)
	if err != nil {
		t.Fatal(err)
	}
	f.Close()
	g, _ := os.Create("/tmp/sim.json")
	tr.Write(g)
}
