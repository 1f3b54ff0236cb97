package export

import (
	"strings"
	"time"

	"github.com/ptpwatch/ptpwatch/internal/packet"
	"github.com/ptpwatch/ptpwatch/internal/ptp"
)

// decoded is an observation taken apart, for writing in whatever format.
type decoded struct {
	frame  uint64
	time   time.Time
	iface  string
	kind   word // messageType, of version 1 control; "" for what is no message
	sender word // sourcePortIdentity, of version 1 sourceUuid

	link, header, body object
	tlvs               list
	faults             object
}

func decode(o *packet.Observation) *decoded {
	d := &decoded{frame: o.Frame.Number, time: o.At, iface: o.Interface, link: linkFields(o)}
	switch {
	case o.Malformed != "":
		d.faults = object{{"malformed", word(o.Malformed)}}
	case o.V1 != nil:
		d.messageV1(o.V1)
	default:
		d.message(&o.Message)
	}
	return d
}

// linkFields are what carried the message; a link has only some of them.
func linkFields(o *packet.Observation) object {
	var f object
	if o.Egress {
		f.add("egress", true)
	}
	if o.SourceMAC != (packet.MAC{}) {
		f.add("source_mac", o.SourceMAC)
	}
	if o.DestinationMAC != (packet.MAC{}) {
		f.add("destination_mac", o.DestinationMAC)
	}
	if n := int(o.VLANs.Count); n > 0 {
		f.add("vlan_tags", n)
		f.add("vlans", o.VLANs.IDs[:min(n, len(o.VLANs.IDs))])
	}
	f.add("transport", o.Transport)
	if o.Source.IsValid() {
		f.add("source", o.Source)
		f.add("destination", o.Destination)
		f.add("ttl", o.TTL)
		f.add("dscp", o.DSCP)
	}
	if o.Fragment {
		f.add("fragment", true)
	}
	return f
}

// message takes a message of version 2 apart (IEEE 1588-2019 13.3 to 13.12,
// 15.4.1).
func (d *decoded) message(m *ptp.Message) {
	d.kind, d.sender = word(m.Type.String()), word(m.SourcePortIdentity.String())
	h := &d.header
	h.add("sdo_id", m.SdoID)
	h.add("version_ptp", m.VersionPTP)
	h.add("minor_version_ptp", m.MinorVersionPTP)
	h.add("message_length", m.MessageLength)
	h.add("domain_number", m.DomainNumber)
	h.add("flags", m.Flags)
	h.add("correction_field", m.CorrectionField)
	h.add("message_type_specific", m.MessageTypeSpecific)
	h.add("source_port_identity", m.SourcePortIdentity)
	h.add("sequence_id", m.SequenceID)
	h.add("control_field", m.ControlField)
	h.add("log_message_interval", m.LogMessageInterval)
	d.body = bodyFields(m)
	for t, value := range ptp.AllTLVs(m.TLVs) {
		d.tlvs = append(d.tlvs, tlvFields(t, value))
	}
	if m.Fault != "" {
		d.faults = object{{"fault", word(m.Fault)}}
	}
}

func bodyFields(m *ptp.Message) object {
	var f object
	switch m.Type {
	case ptp.Sync, ptp.DelayReq, ptp.PdelayReq:
		f.add("origin_timestamp", m.Timestamp)
	case ptp.FollowUp:
		f.add("precise_origin_timestamp", m.Timestamp)
	case ptp.DelayResp:
		f.add("receive_timestamp", m.Timestamp)
		f.add("requesting_port_identity", m.PortIdentity)
	case ptp.PdelayResp:
		f.add("request_receipt_timestamp", m.Timestamp)
		f.add("requesting_port_identity", m.PortIdentity)
	case ptp.PdelayRespFollowUp:
		f.add("response_origin_timestamp", m.Timestamp)
		f.add("requesting_port_identity", m.PortIdentity)
	case ptp.AnnounceMessage:
		f.add("origin_timestamp", m.Timestamp)
		f.addAnnounce(&m.Announce)
	case ptp.Signaling:
		f.add("target_port_identity", m.PortIdentity)
	case ptp.ManagementMessage:
		f.add("target_port_identity", m.PortIdentity)
		f.add("starting_boundary_hops", m.Management.StartingBoundaryHops)
		f.add("boundary_hops", m.Management.BoundaryHops)
		f.add("action_field", m.Management.Action)
	}
	if m.Reserved != ([10]byte{}) {
		f.add("reserved", ptp.Octets(m.Reserved[:]))
	}
	return f
}

func (o *object) addAnnounce(a *ptp.Announce) {
	o.add("current_utc_offset", a.CurrentUTCOffset)
	o.add("grandmaster_priority1", a.GrandmasterPriority1)
	o.add("grandmaster_clock_quality", a.GrandmasterClockQuality)
	o.add("grandmaster_priority2", a.GrandmasterPriority2)
	o.add("grandmaster_identity", a.GrandmasterIdentity)
	o.add("steps_removed", a.StepsRemoved)
	o.add("time_source", a.TimeSource)
}

// tlvFields takes one TLV apart (IEEE 1588-2019 14.1). One that is too short
// for its type is kept in hexadecimal and marked.
func tlvFields(t ptp.TLVType, value []byte) object {
	tlv, err := ptp.ParseTLV(t, value)
	f := object{{"tlv_type", word(t.String())}}
	f.add("length_field", len(value))
	for name, v := range ptp.Fields(tlv) {
		f.put(name, v)
	}
	if err != nil {
		f.add("fault", ptp.BadTLV)
	}
	return f
}

// messageV1 takes a message of version 1 apart (IEEE 1588-2002 Annex D).
func (d *decoded) messageV1(m *ptp.MessageV1) {
	d.kind, d.sender = word(m.Control.String()), word(ptp.Octets(m.SourceUUID[:]).String())
	for name, v := range m.Fields() {
		switch name {
		case "messageType": // 1 event, 2 general: which message is control's to say
			name = "messageClass"
		case "subdomain", "grandmasterClockIdentifier", "localClockIdentifier": // names, filled up with zeros
			v = ptp.Text(strings.TrimRight(string(v.(ptp.Octets)), "\x00"))
		}
		d.body.put(name, v)
	}
	if m.Fault != "" {
		d.faults = object{{"fault", word(m.Fault)}}
	}
}
