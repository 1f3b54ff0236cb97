package conformance

import (
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/ptpwatch/ptpwatch/internal/ptp"
)

// A filler fills the fields of a message or a TLV, each with another value.
type filler struct {
	*testing.T
	next uint64
	high bool // set the top bit of every number
}

// number is a value of so many bits. No two octets of it are alike, so that
// swapped ones show.
func (f *filler) number(bits int) uint64 {
	f.next++
	v := f.next * 0x0123456789ABCDEF & (1<<(bits-1) - 1)
	if f.high {
		v |= 1 << (bits - 1)
	}
	return v
}

// narrow are the fields that have fewer bits than their type.
var narrow = map[string]int{
	"SdoID": 12, "MinorVersionPTP": 4, "Action": 4, "MessageType": 4, "EventMessageType": 4,
	"CancelUnicastTransmission.Flags": 4, "AcknowledgeCancelUnicastTransmission.Flags": 4,
	"OrganizationSubType": 24, "TimeOfNextJump": 48, "TimeOfNextJam": 48, "TimeOfPreviousJam": 48,
}

// given are the fields that have their value, and those that choose what
// other fields there are.
func given(name string) bool {
	field := fieldOf(name)
	switch name {
	case "ManagementTLV.ManagementID", "RawTLV.TLVType", "MessageV1.Control", "MessageV1.VersionPTP":
		return true
	}
	return strings.HasPrefix(field, "Reserved") || field == "Extension" || field == "Surplus" || field == "Fault" || field == "TLVs"
}

func fieldOf(name string) string { return name[strings.LastIndexByte(name, '.')+1:] }

func (f *filler) fill(v reflect.Value, name string) {
	switch v.Kind() {
	case reflect.Struct:
		f.fillStruct(v)
	case reflect.Pointer, reflect.Interface:
		if !v.IsNil() {
			f.fill(v.Elem(), name)
		}
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		fallthrough
	case reflect.Array:
		for i := range v.Len() {
			f.fill(v.Index(i), name)
		}
	case reflect.String:
		v.SetString(fmt.Sprintf("text %d", f.number(6)))
	case reflect.Float64:
		v.SetFloat(float64(f.number(16)) / 4)
	default:
		f.fillNumber(v, name)
	}
}

func (f *filler) fillStruct(v reflect.Value) {
	typ := v.Type()
	for i := range v.NumField() {
		if name := typ.Name() + "." + typ.Field(i).Name; !given(name) {
			f.fill(v.Field(i), name)
		}
	}
	switch p := v.Addr().Interface().(type) {
	case *ptp.PortAddress:
		p.NetworkProtocol, p.AddressField = 1, ptp.Octets{192, 0, 2, byte(f.number(8))}
	case *ptp.L1Sync:
		p.Required |= 8 // the optional fields are there
	case *ptp.MessageV1:
		p.VersionPTP = 1
		p.Subdomain = [16]byte{'_', 'D', 'F', 'L', 'T'}
	case *ptp.SyncV1:
		p.GrandmasterClockIdentifier, p.LocalClockIdentifier = [4]byte{'G', 'P', 'S'}, [4]byte{'A', 'T', 'O', 'M'}
	}
}

func (f *filler) fillNumber(v reflect.Value, name string) {
	bits := v.Type().Bits()
	for _, key := range []string{name, fieldOf(name)} {
		if n, ok := narrow[key]; ok {
			bits = n
		}
	}
	if v.Type() == reflect.TypeFor[ptp.Flags]() && !strings.HasPrefix(name, "Message.") {
		bits = 8
	}
	if n := f.number(bits); v.CanInt() {
		v.SetInt(int64(n<<(64-bits)) >> (64 - bits))
	} else {
		v.SetUint(n)
	}
}
