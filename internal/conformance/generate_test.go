package conformance

import (
	"encoding/binary"
	"fmt"
	"iter"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ptpwatch/ptpwatch/internal/ptp"
)

// generate writes the generated set: every message type over every link, and
// every TLV and management id that package ptp has a name for in every message
// in which tshark may look for it. No two fields of a message are alike; in
// half of the messages the top bit of every field is set.
func generate(t *testing.T) string {
	name := filepath.Join(t.TempDir(), "generated.pcapng")
	write(t, name, frames(t))
	return name
}

func frames(t *testing.T) (all [][]byte) {
	for _, high := range []bool{false, true} {
		f := &filler{T: t, high: high}
		for typ := range ptp.MessageType(16) {
			if !named(typ) {
				continue
			}
			for _, link := range links {
				all = append(all, link(typ, f.message(typ, 0x000, f.usual(typ))))
				all = append(all, link(typ, f.message(typ, 0x100, f.usual(typ))))
			}
		}
		for control := range ptp.ControlV1(5) {
			m := ptp.MessageV1{Control: control}
			f.fill(reflect.ValueOf(&m).Elem(), "")
			all = append(all, udp4(ptp.MessageType(control), ptp.AppendMessageV1(nil, &m)))
		}
		for tlv := range f.tlvs() {
			all = append(all,
				ethernet(0, f.message(ptp.AnnounceMessage, 0x000, slices.Concat(tlv, f.tlv(ptp.TLVAlternateTimeOffsetIndicator, "")))),
				ethernet(0, f.message(ptp.AnnounceMessage, 0x100, tlv)),
				ethernet(0, f.message(ptp.Signaling, 0x000, slices.Concat(tlv, f.usual(ptp.Signaling)))),
				ethernet(0, f.message(ptp.Signaling, 0x100, tlv)),
				ethernet(0, f.message(ptp.ManagementMessage, 0x000, tlv)),
				ethernet(0, f.message(ptp.FollowUp, 0x000, tlv)),
				ethernet(0, f.message(ptp.FollowUp, 0x100, slices.Concat(f.usual(ptp.FollowUp), tlv))))
		}
	}
	return all
}

// message is a message of version 2 with every field filled.
func (f *filler) message(typ ptp.MessageType, sdo ptp.SdoID, tlvs []byte) []byte {
	m := ptp.Message{}
	f.fill(reflect.ValueOf(&m).Elem(), "")
	m.Type, m.VersionPTP, m.SdoID, m.TLVs = typ, 2, sdo|m.SdoID&0xFF, tlvs
	return ptp.AppendMessage(nil, &m)
}

// usual is the TLV that a message cannot go without: tshark calls a Signaling
// or Management message, and a Follow_Up of gPTP, malformed when it has none.
func (f *filler) usual(typ ptp.MessageType) []byte {
	switch typ {
	case ptp.Signaling:
		return f.tlv(ptp.TLVRequestUnicastTransmission, "")
	case ptp.ManagementMessage:
		return f.tlv(ptp.TLVManagement, "\x20\x00")
	case ptp.FollowUp:
		return f.tlv(ptp.TLVOrganizationExtension, organizations[0])
	}
	return nil
}

// tlvs are TLVs of all types.
func (f *filler) tlvs() iter.Seq[[]byte] {
	return func(yield func([]byte) bool) {
		for typ := range maxOf[ptp.TLVType]() {
			for _, start := range starts(typ) {
				if !yield(f.tlv(typ, start)) {
					return
				}
			}
		}
	}
}

// starts are the octets with which the values of a TLV type begin, one for
// each kind of value; none for a type without a name.
func starts(typ ptp.TLVType) (all []string) {
	switch {
	case typ == ptp.TLVManagement:
		for id := range maxOf[ptp.ManagementID]() {
			if named(id) {
				all = append(all, string(binary.BigEndian.AppendUint16(nil, uint16(id))))
			}
		}
		return all
	case typ == ptp.TLVOrganizationExtension, typ == ptp.TLVOrganizationExtensionPropagate, typ == ptp.TLVOrganizationExtensionDoNotPropagate:
		return organizations
	case named(typ), typ == unknownTLV:
		return []string{""}
	}
	return nil
}

// tlv is a TLV with every field filled.
func (f *filler) tlv(typ ptp.TLVType, start string) []byte {
	tlv, _ := ptp.ParseTLV(typ, append([]byte(start), make([]byte, 300)...))
	value := reflect.ValueOf(tlv).Elem()
	value.FieldByName("Surplus").SetZero()
	f.fill(value, "")
	wire := ptp.AppendTLV(nil, tlv)
	again, err := ptp.ParseTLV(typ, wire[4:])
	if err != nil || !cmp.Equal(tlv, again) {
		f.Errorf("%v %x: %v (-made +parsed):\n%s", typ, start, err, cmp.Diff(tlv, again))
	}
	return wire
}

const unknownTLV ptp.TLVType = 0x3ABC

// maxOf is for ranging over all but the last value of a type.
func maxOf[T ~uint16]() T { return ^T(0) }

func named(v fmt.Stringer) bool { return !strings.Contains(v.String(), "(") }

// organizations are the first octets of the values of TLVs that organisations
// define, and of one that nobody does.
var organizations = []string{
	"\x00\x80\xc2\x00\x00\x01", "\x00\x80\xc2\x00\x00\x02", "\x00\x80\xc2\x00\x00\x04", "\x00\x80\xc2\x00\x00\x05",
	"\x00\x19\xa7\x00\x00\x02", "\x1c\x12\x9d\x00\x00\x01", "\x1c\x12\x9d\x00\x00\x02", "\x68\x97\xe8\x00\x00\x01",
	"\xac\xde\x48\x00\x00\x01",
}
