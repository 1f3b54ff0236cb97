package config

import (
	"fmt"
	"net"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/ptpwatch/ptpwatch/internal/analysis/compliance"
	"github.com/ptpwatch/ptpwatch/internal/ptp"
)

// validate holds values against each other. What the strict pass refused has
// its zero value here and is passed over.
func (l *layers) validate(c *Config) {
	l.listen(c.Listen)
	l.interfaces(c.Interfaces)
	l.networks(c)
	l.domains(c)
	l.clients(c.Clients)
}

// refuse reports what is wrong with the value at path.
func (l *layers) refuse(path, format string, args ...any) {
	l.report(l.origin(path), path, fmt.Sprintf(format, args...))
}

// warn reports what is accepted but probably not meant.
func (l *layers) warn(path, format string, args ...any) {
	l.warnings = append(l.warnings, Problem{l.origin(path), path, fmt.Sprintf(format, args...)})
}

// origin is where the value at path comes from; for a key that its item lacks,
// where the item stands.
func (l *layers) origin(path string) origin {
	o, ok := l.origins[path]
	if dot := strings.LastIndexByte(path, '.'); !ok && dot > 0 {
		o = l.origins[path[:dot]]
	}
	return o
}

// required reports a key that an item lacks, or has with nothing in it.
func (l *layers) required(item, name string, empty bool) {
	key := item + "." + name
	if _, ok := l.origins[key]; (!ok || empty) && !l.faulty[item] && !l.faulty[key] {
		l.refuse(key, "missing")
	}
}

func (l *layers) listen(address string) {
	_, port, err := net.SplitHostPort(address)
	if err == nil {
		_, err = strconv.ParseUint(port, 10, 16)
	}
	if err != nil {
		l.refuse("listen", "%q: a host and a port are expected: :9588, 127.0.0.1:9588 or [::1]:9588", address)
	}
}

func (l *layers) interfaces(list []Interface) {
	first := map[string]int{}
	for i, in := range list {
		path := fmt.Sprintf("interfaces[%d]", i)
		l.required(path, "name", in.Name == "")
		l.once(first, in.Name, i, path+".name", "interfaces[%d] has that name already")
		switch {
		case in.ReferenceError > 0 && in.Reference != "independent":
			l.warn(path+".reference_error", "%s: without reference: independent it is no reference", in.ReferenceError)
		case in.ReferenceError > 0 && in.Timescale == "arbitrary":
			l.warn(path+".reference_error", "%s: a clock with an epoch of its own is no reference", in.ReferenceError)
		}
	}
}

// once reports the second item of a list that has the same value.
func (l *layers) once(first map[string]int, value string, i int, path, text string) {
	if value == "" {
		return
	}
	if j, again := first[value]; again {
		l.refuse(path, "%q: "+text, value, j)
		return
	}
	first[value] = i
}

func (l *layers) networks(c *Config) {
	names, claims := map[string]int{}, map[string][]claim{}
	for i, n := range c.Networks {
		path := fmt.Sprintf("networks[%d]", i)
		l.required(path, "name", n.Name == "")
		l.required(path, "interfaces", len(n.Interfaces) == 0)
		l.once(names, n.Name, i, path+".name", "networks[%d] has that name already")
		for j, name := range n.Interfaces {
			at := fmt.Sprintf("%s.interfaces[%d]", path, j)
			if l.faulty[at] || l.faulty[path+".vlans"] {
				continue
			}
			l.known(at, name, c.Interfaces)
			mine := claim{i, n.VLANs}
			if k := slices.IndexFunc(claims[name], mine.meets); k >= 0 {
				l.refuse(at, "%q: networks[%d] has it already, or these VLANs of it", name, claims[name][k].network)
			}
			claims[name] = append(claims[name], mine)
		}
	}
}

// claim is what a network takes of an interface: these VLANs, or all of it.
type claim struct {
	network int
	vlans   []uint16
}

func (c claim) meets(other claim) bool {
	return len(c.vlans) == 0 || len(other.vlans) == 0 ||
		slices.ContainsFunc(c.vlans, func(id uint16) bool { return slices.Contains(other.vlans, id) })
}

// known reports an interface that interfaces[] should have listed and has not.
// Without that list any name is accepted: a capture file brings its own.
func (l *layers) known(path, name string, list []Interface) {
	var names []string
	for _, in := range list {
		if in.Name == name {
			return
		}
		names = append(names, in.Name)
	}
	if len(list) > 0 {
		l.refuse(path, "%s", unknown("interface", name, names))
	}
}

func (l *layers) domains(c *Config) {
	type scope struct {
		network string
		number  uint8
		sdoID   ptp.SdoID
	}
	first := map[scope]int{}
	for i, d := range c.Domains {
		path := fmt.Sprintf("domains[%d]", i)
		l.required(path, "domain", false)
		l.grandmasters(path, d.Grandmasters)
		l.baseline(path, d)
		l.profile(path, d)
		l.compliance(path, d)
		l.network(path, d.Network, c)
		if l.faulty[path] || l.faulty[path+".domain"] || l.faulty[path+".sdo_id"] {
			continue
		}
		s := scope{d.Network, d.DomainNumber, d.SdoID}
		if j, again := first[s]; again {
			l.refuse(path, "domains[%d] has this network, domain %d and sdo_id %s already", j, d.DomainNumber, d.SdoID)
			continue
		}
		first[s] = i
	}
}

func (l *layers) grandmasters(domain string, list []Grandmaster) {
	first := map[string]int{}
	for i, g := range list {
		path := fmt.Sprintf("%s.grandmasters[%d]", domain, i)
		l.required(path, "identity", g.Identity == 0)
		if g.Identity != 0 {
			l.once(first, g.Identity.String(), i, path+".identity", "grandmasters[%d] has that identity already")
		}
	}
}

// baseline refuses a list of nobody, under which every clock would be a rogue.
func (l *layers) baseline(path string, d Domain) {
	if d.Baseline == "listed" && len(d.Grandmasters) == 0 && !l.faulty[path+".grandmasters"] {
		l.refuse(path+".baseline", "listed: there are no grandmasters to accept: list them under %s.grandmasters, or take pin (learn them) or off (judge nobody)", path)
	}
	if _, given := l.origins[path+".learn_for"]; given && (d.Baseline == "listed" || d.Baseline == "off") {
		l.warn(path+".learn_for", "%s: with baseline: %s nothing is learned", d.LearnFor, d.Baseline)
	}
}

// network warns of a domain entry that will apply to nothing. In a replay the
// capture may yet bring a network of that name.
func (l *layers) network(path, name string, c *Config) {
	if name == "" || len(c.Networks)+len(c.Interfaces) == 0 {
		return
	}
	var known []string
	for _, n := range c.Networks {
		known = append(known, n.Name)
	}
	for _, in := range c.Interfaces {
		known = append(known, in.Name)
	}
	for _, k := range known {
		if vlan, ok := strings.CutPrefix(name, k); ok && (vlan == "" || vlan[0] == '.') {
			return
		}
	}
	l.warn(path+".network", "%q is no network and no interface named here: the entry may apply to nothing", name)
}

func (l *layers) clients(list []Client) {
	first := map[string]int{}
	for i, c := range list {
		path := fmt.Sprintf("clients[%d]", i)
		l.required(path, "socket", c.Socket == "")
		l.absolute(path+".socket", c.Socket, "/var/run/ptp4lro")
		l.absolute(path+".answer_dir", c.AnswerDir, "/run/ptpwatch")
		l.once(first, c.Socket, i, path+".socket", "clients[%d] has that socket already")
	}
}

// absolute reports a path that hangs on where the program was started.
func (l *layers) absolute(path, value, example string) {
	if value != "" && !filepath.IsAbs(value) {
		l.refuse(path, "%q: an absolute path is expected: %s", value, example)
	}
}

// profileScopes are the domainNumbers and the sdoId that a profile allows:
// ITU-T G.8275.1, G.8275.2 and G.8265.1, RFC 9760, SMPTE ST 2059-2 and
// IEEE 802.1AS-2020 clause 8.1.
var profileScopes = map[string]struct {
	lo, hi uint8
	sdoID  ptp.SdoID
}{
	"g8275.1":    {24, 43, 0},
	"g8275.2":    {44, 63, 0},
	"g8265.1":    {4, 23, 0},
	"enterprise": {0, 127, 0},
	"st2059-2":   {0, 127, 0},
	"gptp":       {0, 127, 0x100},
}

func (l *layers) profile(path string, d Domain) {
	s, ok := profileScopes[d.Profile]
	if !ok {
		return
	}
	if d.DomainNumber < s.lo || d.DomainNumber > s.hi {
		l.warn(path+".domain", "%d: profile %s has domains %d to %d", d.DomainNumber, d.Profile, s.lo, s.hi)
	}
	if d.SdoID != s.sdoID {
		l.warn(path+".sdo_id", "%s: profile %s has sdoId %s", d.SdoID, d.Profile, s.sdoID)
	}
}

// compliance warns of a limit that no rule has.
func (l *layers) compliance(path string, d Domain) {
	if d.ComplianceLimit == 0 {
		return
	}
	p, ok := compliance.Lookup(d.Compliance)
	if !ok {
		l.warn(path+".compliance_limit", "%s: with compliance: none there is nothing that it is a limit of", d.ComplianceLimit)
		return
	}
	if _, ok := p.Tier(d.ComplianceLimit); !ok {
		var limits []string
		for _, limit := range p.Limits() {
			limits = append(limits, limit.String())
		}
		l.warn(path+".compliance_limit", "%s: %s has %s: it is reported as a limit of your own", d.ComplianceLimit, p.Name, strings.Join(limits, ", "))
	}
}
