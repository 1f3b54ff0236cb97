package capture

import (
	"fmt"

	"golang.org/x/net/bpf"
)

// assembly is a classic BPF program in the making. Its jumps name labels; the
// machine's count instructions, and only forward.
type assembly struct {
	code   []bpf.Instruction
	labels map[string]int
	jumps  map[int]branch // by their place in code
}

// branch is where a jump leads; "" is the next instruction.
type branch struct{ yes, no string }

func newAssembly() *assembly {
	return &assembly{labels: make(map[string]int), jumps: make(map[int]branch)}
}

func (a *assembly) label(name string) { a.labels[name] = len(a.code) }

func (a *assembly) emit(code ...bpf.Instruction) { a.code = append(a.code, code...) }

// jump goes to yes if the accumulator meets the condition, else to no.
func (a *assembly) jump(cond bpf.JumpTest, value uint32, yes, no string) {
	a.jumps[len(a.code)] = branch{yes, no}
	a.emit(bpf.JumpIf{Cond: cond, Val: value})
}

// equal goes to the label if the accumulator is the value.
func (a *assembly) equal(value uint32, yes string) { a.jump(bpf.JumpEqual, value, yes, "") }

func (a *assembly) always(to string) {
	a.jumps[len(a.code)] = branch{yes: to}
	a.emit(bpf.Jump{})
}

// assemble resolves the labels.
func (a *assembly) assemble() ([]bpf.Instruction, error) {
	for at, to := range a.jumps {
		yes, err := a.distance(at, to.yes)
		if err != nil {
			return nil, err
		}
		no, err := a.distance(at, to.no)
		if err != nil {
			return nil, err
		}
		switch i := a.code[at].(type) {
		case bpf.Jump:
			i.Skip = uint32(yes)
			a.code[at] = i
		case bpf.JumpIf:
			if max(yes, no) > 255 {
				return nil, fmt.Errorf("filter: jump at %d to %q or %q is longer than 255", at, to.yes, to.no)
			}
			i.SkipTrue, i.SkipFalse = uint8(yes), uint8(no)
			a.code[at] = i
		}
	}
	return a.code, nil
}

func (a *assembly) distance(at int, label string) (int, error) {
	if label == "" {
		return 0, nil
	}
	to, ok := a.labels[label]
	if !ok || to <= at {
		return 0, fmt.Errorf("filter: jump at %d to %q: no such label ahead", at, label)
	}
	return to - at - 1, nil
}
