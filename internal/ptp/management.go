package ptp

// ManagementAction is an actionField (IEEE 1588-2019 table 57). It prints as
// "SET", or "ManagementAction(0x9)".
type ManagementAction uint8

// The actions.
const (
	ActionGet         ManagementAction = 0
	ActionSet         ManagementAction = 1
	ActionResponse    ManagementAction = 2
	ActionCommand     ManagementAction = 3
	ActionAcknowledge ManagementAction = 4
)

var managementActionNames = map[ManagementAction]string{
	ActionGet: "GET", ActionSet: "SET", ActionResponse: "RESPONSE",
	ActionCommand: "COMMAND", ActionAcknowledge: "ACKNOWLEDGE",
}

func (a ManagementAction) String() string {
	return nameOf(a, managementActionNames, "ManagementAction")
}

// ManagementErrorID is a managementErrorId (IEEE 1588-2019 table 109). It
// prints as "NO_SUCH_ID", or "ManagementErrorID(0x33)".
type ManagementErrorID uint16

var managementErrorNames = map[ManagementErrorID]string{
	1: "RESPONSE_TOO_BIG", 2: "NO_SUCH_ID", 3: "WRONG_LENGTH", 4: "WRONG_VALUE",
	5: "NOT_SETABLE", 6: "NOT_SUPPORTED", 7: "UNPOPULATED", 0xFFFE: "GENERAL_ERROR",
}

func (e ManagementErrorID) String() string {
	return nameOf(e, managementErrorNames, "ManagementErrorID")
}

// ManagementTLV asks for, sets or reports what ManagementID names
// (IEEE 1588-2019 15.5.2). Data is nil when the TLV has none, as in a GET,
// one of this package's types, or *RawData for an id that is not known here
// or whose data is too short for it.
type ManagementTLV struct {
	ManagementID ManagementID
	Data         ManagementData
	Surplus
}

// ManagementData is the dataField of a ManagementTLV.
type ManagementData interface{ fielder }

// RawData is a dataField that is not looked into.
type RawData struct{ Data Octets }

func (d *RawData) fields(c *codec) { c.rest("dataField", &d.Data) }

// Type implements TLV.
func (*ManagementTLV) Type() TLVType { return TLVManagement }
func (t *ManagementTLV) fields(c *codec) {
	u16(c, "managementId", &t.ManagementID)
	if c.op == reading {
		t.read(c)
	} else if t.Data != nil {
		c.datum = managementIDs[t.ManagementID].datum
		t.Data.fields(c)
	}
}

// read reads the dataField, whose id says what it is. What is too short for
// it is kept raw beside the id, which matters more.
func (t *ManagementTLV) read(c *codec) {
	if c.short || len(c.b) == 0 {
		return
	}
	if newData := managementIDs[t.ManagementID].newData; newData != nil {
		data, all := newData(), *c
		if data.fields(&all); !all.short {
			t.Data, *c = data, all
			return
		}
		c.fault = true
	}
	t.Data = new(RawData)
	t.Data.fields(c)
}

// ManagementErrorStatus says why a management request was not carried out
// (IEEE 1588-2019 15.5.4). DisplayData may be missing.
type ManagementErrorStatus struct {
	ManagementErrorID ManagementErrorID
	ManagementID      ManagementID
	Reserved          [4]uint8
	DisplayData       string // the sender's text: any octets, at most 255
	Surplus
}

// Type implements TLV.
func (*ManagementErrorStatus) Type() TLVType { return TLVManagementErrorStatus }
func (t *ManagementErrorStatus) fields(c *codec) {
	u16(c, "managementErrorId", &t.ManagementErrorID)
	u16(c, "managementId", &t.ManagementID)
	c.reserved(&t.Reserved[0], &t.Reserved[1], &t.Reserved[2], &t.Reserved[3])
	given := t.DisplayData != ""
	if c.op == reading { // an empty text stays in Surplus
		given = len(c.b) > 0 && c.b[0] != 0
	}
	if given {
		c.text("displayData", &t.DisplayData)
	}
}
