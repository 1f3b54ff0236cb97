package capture

import "fmt"

// LinkType is the type of a frame's outermost header, numbered as
// https://www.tcpdump.org/linktypes.html does.
type LinkType uint16

// The link types that are decoded.
const (
	LinkNull      LinkType = 0 // BSD loopback, address family in the capturing host's order
	LinkEthernet  LinkType = 1
	LinkRaw       LinkType = 101 // IPv4 or IPv6, by its first nibble
	LinkLoop      LinkType = 108 // OpenBSD loopback, address family in network order
	LinkLinuxSLL  LinkType = 113 // Linux cooked, version 1
	LinkIPv4      LinkType = 228
	LinkIPv6      LinkType = 229
	LinkLinuxSLL2 LinkType = 276 // Linux cooked, version 2
)

// linkNames has the decoded types and those that people capture by mistake.
var linkNames = map[LinkType]string{
	LinkNull: "BSD loopback", LinkEthernet: "Ethernet", LinkRaw: "raw IP", LinkLoop: "OpenBSD loopback",
	LinkLinuxSLL: "Linux cooked v1", LinkIPv4: "IPv4", LinkIPv6: "IPv6", LinkLinuxSLL2: "Linux cooked v2",
	9: "PPP", 105: "IEEE 802.11", 127: "IEEE 802.11 with radiotap", 147: "private use 0",
	189: "USB", 195: "IEEE 802.15.4", 220: "USB, Linux", 239: "nflog", 253: "netlink",
}

// String prints "1 (Ethernet)", and the number alone where it has no name here.
func (t LinkType) String() string {
	if name, ok := linkNames[t]; ok {
		return fmt.Sprintf("%d (%s)", uint16(t), name)
	}
	return fmt.Sprint(uint16(t))
}

const acceptedLinks = "decoded are Ethernet 1, Linux cooked 113 and 276, raw IP 101, 228 and 229, BSD loopback 0 and 108"

// Decoded says whether a Decoder looks into frames of this type.
func (t LinkType) Decoded() bool {
	switch t {
	case LinkNull, LinkEthernet, LinkRaw, LinkLoop, LinkLinuxSLL, LinkIPv4, LinkIPv6, LinkLinuxSLL2:
		return true
	}
	return false
}
