package analysis

import (
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/ptpwatch/ptpwatch/internal/analysis/delay"
	"github.com/ptpwatch/ptpwatch/internal/analysis/detect"
	"github.com/ptpwatch/ptpwatch/internal/packet"
	"github.com/ptpwatch/ptpwatch/internal/words"
)

// pathWatch judges the path between a port and a tap.
type pathWatch struct {
	detect.Path
	// step is a step of a clock of which it is not known yet whose it was; asked is
	// since when others that the same clock stamps are asked.
	step  detect.Change
	asked instant
	// others: what has moved has its direction from other grandmasters.
	others bool
}

const (
	// falseAlarms is how many false alarms a site may have in alarmPeriod, from all
	// of its paths.
	falseAlarms = 1
	alarmPeriod = 30 * 24 * time.Hour
	// pathTests is how many tests a path's blocks go through: the CUSUM, the jump
	// and the prediction of the offset.
	pathTests = 3
	// shiftLeast is the least change of a mean path delay that is told of, in
	// seconds: half of 8 ns, the resolution of most hardware stamps. What is less
	// may be how they are cut.
	shiftLeast = 4e-9
	// firstDay is the part of the guard by which a path may be off before a day has
	// shown how much it wanders.
	firstDay = 1.0 / 6
	// hostDelay is by how much a host may move stamps that it makes itself, in
	// seconds: it takes a frame when it finds the time, and a host that becomes busy
	// takes those of one direction later. What is less is told of no path.
	hostDelay = 50e-6
	// askOthers is how long others have to show whether they stepped, too.
	askOthers = 10 * time.Second
)

// pathSettings are what a path of a scope is judged by.
func (d *domain) pathSettings(tm *timing) detect.Settings {
	guard := d.cfg.alert(AlertPathAsymmetry).time(ThresholdLeast).Seconds()
	s := detect.Settings{
		Budget: detect.Budget{
			Alarms: falseAlarms, Period: alarmPeriod.Seconds(), Streams: d.tracker.timingPorts, Tests: pathTests,
		},
		StepLeast: d.cfg.alert(AlertTimeStep).time(ThresholdLeast).Seconds(), ShiftLeast: shiftLeast, Guard: firstDay * guard,
	}
	if c := tm.Clock(); c != nil && c.Source == packet.StampSoftware {
		s.StepLeast, s.ShiftLeast, s.Guard = max(s.StepLeast, hostDelay), hostDelay/2, max(s.Guard, hostDelay/2)
	}
	return s
}

// watchPath judges the block that has ended with what was measured last, if one
// has.
func (t *Tracker) watchPath(p *port, tm *timing) {
	b, ok := tm.Block()
	if !ok {
		return
	}
	w, s := &tm.path, p.domain.pathSettings(tm)
	if w.step.Since != 0 {
		t.nameStep(p, tm)
	}
	c, changed := w.Add(b, &s)
	t.nameByOthers(p, tm, &c)
	switch {
	case !changed || t.miscorrected(p, tm, &c):
	case c.Kind == detect.Time:
		w.step, w.asked = c, t.now
		t.nameStep(p, tm)
	case c.Kind == detect.Both:
		t.shifted(p, tm, &c)
	default:
		t.asymmetric(p, tm, &c)
	}
	t.settlePath(p)
}

// settlePath ends the alerts about a port's paths of which the reason is over at
// every tap.
func (t *Tracker) settlePath(p *port) {
	for _, key := range p.pathAlerts {
		a := t.alerts.active[key]
		if a == nil || a.released || !key.ofPath() {
			continue
		}
		holds := false
		for _, tm := range p.timings {
			holds = holds || tm.path.Moved(key.moved()) != 0
		}
		if !holds {
			t.alerts.release(key, t.now)
		}
	}
}

// ofPath says whether an alert is about delays that have moved.
func (k *alertKey) ofPath() bool {
	return k.name == AlertPathAsymmetry || k.name == AlertPathDelayShift
}

// moved is what has, then.
func (k *alertKey) moved() detect.Kind {
	switch {
	case k.name == AlertPathDelayShift:
		return detect.Both
	case k.direction == detect.Forward.String():
		return detect.Forward
	case k.direction == detect.Reverse.String():
		return detect.Reverse
	}
	return detect.Unnamed
}

// raisePath raises an alert about the path to a port.
func (t *Tracker) raisePath(p *port, tm *timing, a Alert) {
	a.Raised, a.Scope, a.Port, a.Grandmaster, a.Interface = t.timeOf(t.now), p.domain.scope, p.id, p.grandmaster(), tm.iface
	a.Frame = t.frame
	key := a.key()
	t.alerts.raise(a)
	if slices.Contains(p.pathAlerts, key) {
		return
	}
	p.pathAlerts = append(p.pathAlerts[max(0, len(p.pathAlerts)-3):], key)
}

// beyond says whether a path is further from its frozen baseline than the guard
// and anything that it is known to do.
func (w *pathWatch) beyond(by, guard float64) bool {
	f, ok := w.Frozen()
	return ok && math.Abs(by) >= max(guard, 6*f.Scale, f.Wander)
}

// asymmetric tells that one direction's delay moved.
func (t *Tracker) asymmetric(p *port, tm *timing, c *detect.Change) {
	w := &tm.path
	a := Alert{Name: AlertPathAsymmetry, Severity: Warning, Observed: observedChange(c)}
	moved := w.Moved(c.Kind)
	if c.Back {
		t.nameBack(p, tm, c)
		return
	}
	if moved == 0 {
		return // it is back where it was
	}
	switch c.Kind {
	case detect.Unnamed:
		a.Certainty = Possible
		a.Reason = "direction_unknown"
		a.Summary = "The mean path delay moved, and the tap's clock is not steady enough to say which direction did."
	default:
		a.Direction = c.Kind.String()
		a.Reason = "step"
	}
	w.doubt(&a)
	if c.Slow && a.Reason == "step" {
		a.Reason = "ramp"
	}
	guard := p.domain.cfg.alert(a.Name).time(ThresholdLeast)
	if w.beyond(moved, guard.Seconds()) {
		a.Severity = Critical
	}
	f, _ := w.Frozen()
	a.Expected = fmt.Sprintf("mean path delay within %s of %s", seconds(max(guard.Seconds(), 6*f.Scale, f.Wander)), seconds(f.Mean))
	t.raisePath(p, tm, a)
}

// nameBack tells which direction it was that has come back.
func (t *Tracker) nameBack(p *port, tm *timing, c *detect.Change) {
	severity := Warning
	for _, key := range p.pathAlerts {
		if a := t.alerts.active[key]; key.name == AlertPathAsymmetry && a != nil && a.Direction == "" {
			severity = a.Severity
			t.alerts.resolve(key, t.now)
		}
	}
	t.raisePath(p, tm, Alert{
		Name: AlertPathAsymmetry, Severity: severity, Direction: c.Kind.String(), Reason: "returned",
		Summary:  "The delay that had moved came back at once, and was of this direction.",
		Expected: "no change", Observed: observedChange(c),
	})
}

// shifted tells that both directions' delays moved alike.
func (t *Tracker) shifted(p *port, tm *timing, c *detect.Change) {
	w := &tm.path
	moved := w.Moved(detect.Both)
	if moved == 0 {
		return
	}
	guard := p.domain.cfg.alert(AlertPathDelayShift).time(ThresholdLeast)
	f, _ := w.Frozen()
	a := Alert{
		Name: AlertPathDelayShift, Severity: Info, Reason: "step", Observed: observedChange(c),
		Expected: fmt.Sprintf("mean path delay within %s of %s", seconds(max(guard.Seconds(), 6*f.Scale, f.Wander)), seconds(f.Mean)),
	}
	if c.Slow {
		a.Reason = "ramp"
	}
	if w.beyond(moved, guard.Seconds()) {
		a.Severity = Warning
	}
	t.raisePath(p, tm, a)
}

// observedChange says by how much delays moved.
func observedChange(c *detect.Change) string {
	if c.Kind == detect.Unnamed || math.IsInf(c.OffsetError, 1) {
		return fmt.Sprintf("mean path delay moved by %s (standard error %s), %d blocks", seconds(c.Mean), seconds(c.MeanError), c.Blocks)
	}
	return fmt.Sprintf("forward delay moved by %s, reverse delay by %s (standard error of either %s), %d blocks",
		seconds(c.Mean+c.Offset), seconds(c.Mean-c.Offset), seconds(math.Hypot(c.MeanError, c.OffsetError)), c.Blocks)
}

// seconds prints a time with the digits that it is known to.
func seconds(v float64) string {
	if math.Abs(v) < 1e-6 {
		return words.Short(v, 3)
	}
	return words.Short(v, 4)
}

// Whose a step was.
type owner uint8

const (
	notKnown     owner = iota
	stillAsking        // another has not shown yet
	theirs             // the port's
	theirsOrOurs       // nobody else can tell
	ours               // the tap's
)

// nameStep tells of a step of a clock once it is known whose.
func (t *Tracker) nameStep(p *port, tm *timing) {
	w := &tm.path
	who := t.whoseStep(p, tm)
	if who == stillAsking && t.now.sub(w.asked) < askOthers {
		return
	}
	c := w.step
	w.step = detect.Change{}
	if who == ours {
		tm.Clock().Stepped(c.Offset, int64(t.now))
		t.ownStep(tm.iface, c.Offset, fmt.Sprintf("all grandmasters that it stamps moved by %s at once", seconds(-c.Offset)))
		return
	}
	a := Alert{
		Name: AlertTimeStep, Reason: "step",
		Expected: "time that goes on as it did",
		Observed: fmt.Sprintf("moved by %s (standard error %s), the mean path delay by %s", seconds(-c.Offset), seconds(c.OffsetError), seconds(c.Mean)),
	}
	if a.Summary = doubtStep(who, w.Link()); a.Summary != "" {
		a.Certainty = Possible
	}
	t.raisePath(p, tm, a)
	for _, key := range p.pathAlerts {
		if key.name == AlertTimeStep {
			t.alerts.release(key, t.now)
		}
	}
}

// doubtStep says what else a step may be; "" where it is nothing else. Peer delay
// measures other messages than Syncs (IEEE 1588-2019 11.4), so that it does not
// show what these wait for.
func doubtStep(who owner, link bool) string {
	switch {
	case link && who == theirs:
		return "A grandmaster's time jumped, or its Syncs are held up by as much: peer delay measures other messages."
	case link:
		return "A grandmaster's time jumped, or its Syncs are held up by as much, or the tap's clock jumped: peer delay measures other messages, and no second grandmaster tells."
	case who != theirs:
		return "A grandmaster's time jumped, or the tap's clock did, or one direction was delayed and the other hastened by as much: no second grandmaster tells."
	}
	return ""
}

// whoseStep asks the other grandmasters that the tap's clock stamps, and the
// system's clock where that is another.
func (t *Tracker) whoseStep(p *port, tm *timing) owner {
	c := &tm.path.step
	clock := tm.Clock()
	others, waiting := 0, false
	for _, e := range t.ports.entries {
		o := e.value
		for _, x := range o.timings {
			if x == tm || x.Clock() != clock || clock == nil || o.grandmaster() == p.grandmaster() || t.now.sub(o.last) > askOthers {
				continue
			}
			by, sigma, count := x.path.Probe(c.Since)
			switch {
			case count == 0:
				waiting = waiting || x.path.Stage() != detect.Learning
			case math.Abs(by-c.Offset) <= max(4*math.Hypot(sigma, c.OffsetError), math.Abs(c.Offset)/10):
				others++
			case math.Abs(by) <= math.Abs(c.Offset)/2 || 4*sigma < math.Abs(by-c.Offset):
				return theirs // what did not move the other was not the tap
			}
		}
	}
	switch {
	case waiting:
		return stillAsking
	case others > 0:
		return ours
	case clock != nil && clock.Shows(c.Offset):
		return theirs // it would have left the system's time behind
	}
	return theirsOrOurs
}

// ownStep tells of a step of the tap's clock.
func (t *Tracker) ownStep(iface string, by float64, why string) {
	a := Alert{
		Name: AlertWatchDegraded, Raised: t.timeOf(t.now), Interface: iface, Reason: "clock_step",
		Summary:  "The clock that stamps what is captured stepped: offsets before and after do not compare.",
		Expected: "a stamping clock that goes on as it did",
		Observed: fmt.Sprintf("%s: stepped by %s: %s", iface, seconds(by), why),
	}
	t.alerts.instance(a, t.now)
}

// noteSteps tells of steps that a stamping clock was found to have made.
func (t *Tracker) noteSteps(c *delay.Clock, iface string) {
	if c.Steps == c.Told {
		return
	}
	c.Told = c.Steps
	t.ownStep(iface, float64(c.Step)/1e9, "it contradicts the system's clock, or all grandmasters at once contradict it")
}
