package capture

import (
	"slices"
	"strconv"
	"strings"

	"github.com/ptpwatch/ptpwatch/internal/packet"
)

// Naming joins interfaces and VLANs into networks, and interfaces into taps.
// The zero value leaves each apart: a frame of eth0 is of network "eth0", with
// a tag of VLAN 100 of "eth0.100", with a second of VLAN 200 of
// "eth0.100.200". Tags of VLAN 0 carry a priority only and name nothing.
//
// In a capture file the interface is the pcapng interface's if_name; without
// one it is the file's base name, extension and all, with "#" and the
// interface's number behind it for all but the first. A frame captured on
// "any" (Linux cooked v2) has "#" and its interface index behind it.
type Naming struct {
	Networks []NamedNetwork    `json:"networks,omitempty"` // the first that fits is taken
	Taps     map[string]string `json:"taps,omitempty"`     // by interface; one that is not here is a tap of its own
}

// NamedNetwork joins what it lists.
type NamedNetwork struct {
	Name       string   `json:"name"`
	Interfaces []string `json:"interfaces,omitempty"` // none listed: all
	// VLANs are those that the network consists of, 0 for frames without one.
	// Frames with two tags are in none of them. Where no VLAN is listed, the
	// name stands for the interfaces' and VLANs stay apart: "plant",
	// "plant.100".
	VLANs []uint16 `json:"vlans,omitempty"`
}

// place is where a frame was seen.
type place struct{ iface, tap, network string }

// maxPlaces bounds what strangers can make us remember by inventing VLANs.
// Frames beyond it are of the network "other".
const maxPlaces = 4096

const otherNetwork = "other"

type placeKey struct {
	iface string
	index uint32
	vlans packet.VLANs
}

// namer finds the place of a frame. It allocates once for each place.
type namer struct {
	rules  Naming
	places map[placeKey]*place
	// What the frame before was asked for, which most often is what the next
	// one is, and what it got.
	key  placeKey
	last *place
}

func newNamer(rules Naming) *namer {
	return &namer{rules: rules, places: make(map[placeKey]*place)}
}

// place takes an interface's name, the number of the interface behind it (0:
// none) and the VLANs as decoded.
func (n *namer) place(iface string, index uint32, vlans packet.VLANs) *place {
	if n.last != nil && n.key.vlans == vlans && n.key.index == index && n.key.iface == iface {
		return n.last
	}
	n.key = placeKey{iface, index, vlans}
	n.last = n.find(placeKey{iface, index, significant(vlans)})
	return n.last
}

func (n *namer) find(k placeKey) *place {
	p, ok := n.places[k]
	if !ok {
		room := len(n.places) < maxPlaces
		p = n.newPlace(k, room)
		if room {
			n.places[k] = p
		}
	}
	return p
}

// significant leaves out the tags that carry a priority only.
func significant(v packet.VLANs) packet.VLANs {
	for i := min(int(v.Count), len(v.IDs)) - 1; i >= 0; i-- {
		if v.IDs[i] == 0 {
			copy(v.IDs[i:], v.IDs[i+1:])
			v.IDs[len(v.IDs)-1] = 0
			v.Count--
		}
	}
	return v
}

// newPlace makes the place of a key; with room false it makes no new name.
func (n *namer) newPlace(k placeKey, room bool) *place {
	iface := k.iface
	if k.index != 0 && room {
		iface += "#" + strconv.FormatUint(uint64(k.index), 10)
	}
	p := &place{iface: iface, tap: n.tap(iface)}
	name, whole := n.joined(iface, k.vlans)
	switch {
	case whole || k.vlans.Count == 0 && (room || k.index == 0):
		p.network = name
	case room:
		p.network = name + vlanSuffix(k.vlans)
	default:
		p.network = otherNetwork
	}
	return p
}

// joined is what the rules call the interface; whole says that it is the name
// of the network, VLAN and all.
func (n *namer) joined(iface string, vlans packet.VLANs) (name string, whole bool) {
	for _, rule := range n.rules.Networks {
		switch {
		case len(rule.Interfaces) > 0 && !slices.Contains(rule.Interfaces, iface):
		case len(rule.VLANs) == 0:
			return rule.Name, false
		case vlans.Count <= 1 && slices.Contains(rule.VLANs, vlans.IDs[0]):
			return rule.Name, true
		}
	}
	return iface, false
}

func (n *namer) tap(iface string) string {
	if tap, ok := n.rules.Taps[iface]; ok {
		return tap
	}
	return iface
}

// vlanSuffix is ".100", ".100.200", and ".100.200+" for more than two tags.
func vlanSuffix(v packet.VLANs) string {
	var s strings.Builder
	for _, id := range v.IDs[:min(int(v.Count), len(v.IDs))] {
		s.WriteString("." + strconv.FormatUint(uint64(id), 10))
	}
	if int(v.Count) > len(v.IDs) {
		s.WriteString("+")
	}
	return s.String()
}
