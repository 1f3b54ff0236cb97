package agent

import (
	"errors"
	"time"

	"github.com/ptpwatch/ptpwatch/internal/analysis"
	"github.com/ptpwatch/ptpwatch/internal/packet"
	"github.com/ptpwatch/ptpwatch/internal/ptp"
)

// The acts of BaselineRequest.
const (
	ListBaselines   = "list"
	AcceptBaselines = "accept"
	ResetBaselines  = "reset"
)

// BaselineRequest is what an operator asks of a running agent. Nil selects all.
type BaselineRequest struct {
	Act     string     `json:"act"`
	Reason  string     `json:"reason,omitempty"`
	Network *string    `json:"network,omitempty"`
	Domain  *uint8     `json:"domain,omitempty"`
	SdoID   *ptp.SdoID `json:"sdo_id,omitempty"`
}

// BaselineResponse is the agent's answer.
type BaselineResponse struct {
	Error     string           `json:"error,omitempty"` // why it, or part of it, was not done
	Baselines []BaselineReport `json:"baselines,omitempty"`
	Changes   []BaselineChange `json:"changes,omitempty"`
}

// BaselineReport is what the agent has learned of one scope.
type BaselineReport struct {
	Network      string         `json:"network"`
	Domain       uint8          `json:"domain"`
	SdoID        string         `json:"sdo_id"`
	State        string         `json:"state"`
	Heard        bool           `json:"heard"` // since the agent began
	Profile      string         `json:"profile"`
	Pinned       *time.Time     `json:"pinned"` // when; null while it is not
	Grandmasters []string       `json:"grandmasters"`
	Senders      []SenderReport `json:"senders"`
}

// SenderReport is a port that may announce a grandmaster, and from where.
type SenderReport struct {
	Port         string   `json:"port"`
	Grandmaster  string   `json:"grandmaster"`
	StepsRemoved uint16   `json:"steps_removed"` // the fewest
	Interface    string   `json:"interface"`
	MAC          string   `json:"mac"`
	IP           string   `json:"ip"`
	VLAN         []uint16 `json:"vlan"`
	TTL          uint8    `json:"ttl"`
}

// BaselineChange is what an act did to one scope.
type BaselineChange struct {
	Network string   `json:"network"`
	Domain  uint8    `json:"domain"`
	SdoID   string   `json:"sdo_id"`
	Before  []string `json:"before"` // the grandmasters that were pinned; null where none was
	After   []string `json:"after"`
}

// selects says whether the request is about a scope.
func (r *BaselineRequest) selects(s analysis.Scope) bool {
	return (r.Network == nil || *r.Network == s.Network) && (r.Domain == nil || *r.Domain == s.DomainNumber) &&
		(r.SdoID == nil || *r.SdoID == s.SdoID)
}

// all says whether the request names no scope.
func (r *BaselineRequest) all() bool { return r.Network == nil && r.Domain == nil && r.SdoID == nil }

// scopeBaseline is what there is to know of the baseline of one scope.
type scopeBaseline struct {
	scope    analysis.Scope
	profile  string
	state    analysis.BaselineState
	heard    bool               // since the agent began
	baseline *analysis.Baseline // nil while nothing is pinned
}

// baselines are those of the scopes that are meant.
func (w *watcher) baselines(r *BaselineRequest) []scopeBaseline {
	var list []scopeBaseline
	pinned := w.pinned()
	for _, d := range w.tracker.View().Domains {
		if r.selects(d.Scope) {
			list = append(list, scopeBaseline{d.Scope, d.Profile, d.Baseline, true, pinned[d.Scope]})
		}
		delete(pinned, d.Scope)
	}
	for _, b := range w.tracker.Baselines() {
		if pinned[b.Scope] != nil && r.selects(b.Scope) {
			list = append(list, scopeBaseline{b.Scope, b.Profile, analysis.StatePinned, false, &b})
		}
	}
	return list
}

// pinned are the baselines there are.
func (w *watcher) pinned() map[analysis.Scope]*analysis.Baseline {
	all := w.tracker.Baselines()
	byScope := make(map[analysis.Scope]*analysis.Baseline, len(all))
	for i := range all {
		byScope[all[i].Scope] = &all[i]
	}
	return byScope
}

// listBaselines tells what was learned of the scopes that are meant.
func (w *watcher) listBaselines(r *BaselineRequest) []BaselineReport {
	list := []BaselineReport{}
	for _, b := range w.baselines(r) {
		list = append(list, b.report())
	}
	return list
}

// answer carries out what operators ask for.
func (w *watcher) answer(at time.Time) {
	if w.control == nil {
		return
	}
	for {
		select {
		case a := <-w.control.acts:
			a.done <- w.perform(&a.request, at)
		default:
			return
		}
	}
}

func (w *watcher) perform(r *BaselineRequest, at time.Time) outcome {
	if r.Act == ListBaselines {
		return outcome{response: BaselineResponse{Baselines: w.listBaselines(r)}}
	}
	var o outcome
	var err error
	if o.response.Changes, err = w.changeBaselines(r, at); err != nil {
		o.response.Error = err.Error()
	}
	o.saved = w.saveBaselines(at)
	w.restartEvidence(at)
	w.publish()
	return o
}

// changeBaselines accepts or resets the scopes that are meant, and returns what
// that changed. What can be done is done, whatever cannot.
func (w *watcher) changeBaselines(r *BaselineRequest, at time.Time) ([]BaselineChange, error) {
	change := w.tracker.AcceptBaseline
	if r.Act == ResetBaselines {
		change = w.tracker.ResetBaseline
	}
	var errs []error
	var done []scopeBaseline
	for _, b := range w.baselines(r) {
		if r.all() && !b.acts() {
			continue
		}
		if err := change(b.scope, at, w.find); err != nil {
			errs = append(errs, err)
			continue
		}
		done = append(done, b)
	}
	if len(done)+len(errs) == 0 {
		return nil, errors.New("nothing of it is heard and learned: \"ptpwatch baseline list\" tells what is")
	}
	after := w.pinned()
	changes := make([]BaselineChange, len(done))
	for i, b := range done {
		changes[i] = BaselineChange{
			b.scope.Network, b.scope.DomainNumber, b.scope.SdoID.String(), identities(b.baseline), identities(after[b.scope]),
		}
	}
	return changes, errors.Join(errs...)
}

// acts says whether an act on all scopes is about this one too: it is heard, and
// it learns.
func (b *scopeBaseline) acts() bool {
	return b.heard && (b.state == analysis.StateLearning || b.state == analysis.StatePinned)
}

func identities(b *analysis.Baseline) []string {
	if b == nil {
		return nil
	}
	list := make([]string, len(b.Grandmasters))
	for i, g := range b.Grandmasters {
		list[i] = g.Identity.String()
	}
	return list
}

func (b *scopeBaseline) report() BaselineReport {
	r := BaselineReport{
		Network: b.scope.Network, Domain: b.scope.DomainNumber, SdoID: b.scope.SdoID.String(),
		State: string(b.state), Heard: b.heard, Profile: b.profile,
		Grandmasters: append([]string{}, identities(b.baseline)...), Senders: []SenderReport{},
	}
	if b.baseline == nil {
		return r
	}
	r.Pinned = new(b.baseline.Pinned.UTC())
	for _, s := range b.baseline.Senders {
		r.Senders = append(r.Senders, senderReport(&s))
	}
	return r
}

func senderReport(s *analysis.BaselineSender) SenderReport {
	r := SenderReport{
		Port: s.Port.String(), Grandmaster: s.Grandmaster.String(), StepsRemoved: s.StepsRemoved, Interface: s.Interface,
		MAC: s.MAC.String(), VLAN: vlans(s.VLANs), TTL: s.TTL,
	}
	if s.Address.IsValid() {
		r.IP = s.Address.String()
	}
	return r
}

func vlans(v packet.VLANs) []uint16 {
	return append([]uint16{}, v.IDs[:min(int(v.Count), len(v.IDs))]...)
}
