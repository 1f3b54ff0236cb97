package capture

// Record is one frame of a capture file. Data and Comment are views into the
// reader's buffer: they hold until the next record is read.
type Record struct {
	Number    uint64 // 1-based within the file, as Wireshark counts
	Time      int64  // nanoseconds since 1970-01-01 UTC
	Untimed   bool   // the file gives no time: Time is that of the frame before
	Interface *Interface
	Direction Direction
	Data      []byte
	Length    int // octets the frame had on the wire; more than len(Data) if cut
	Comment   []byte
}

// Interface is where the frames of a file come from: the one of a pcap file,
// or each that a pcapng section describes.
type Interface struct {
	ID   int    // within its section; the number of Wireshark's frame.interface_id
	Name string // if_name; "" where the file gives none
	Link LinkType

	label      string // what observations call it; "" until one does
	resolution resolution
	snapLength uint32
	counted    uint64 // drops as the packets tell, one by one
	reported   uint64 // drops as the interface's statistics tell, in total
	frames     uint64 // read of it so far
	toldFrames uint64 // of those, by the last observation
	toldDrops  uint64 // likewise
}

// drops is how many frames the capture lost on this interface. A file tells it
// in one of two ways, or in both: then they are the same drops.
func (i *Interface) drops() uint64 { return max(i.counted, i.reported) }

// Direction is which way a frame went past the capturing host (epb_flags of
// pcapng, draft-ietf-opsawg-pcapng 4.3.1).
type Direction uint8

// The directions. Most files do not tell.
const (
	UnknownDirection Direction = iota
	Inbound
	Outbound
)

// The limits that a file cannot exceed. The packet's is what Wireshark and
// libpcap call the largest snapshot length; a block that holds more than it
// and a mebibyte of options is not one that anybody writes.
const (
	maxPacket     = 256 << 10
	maxBlock      = 1<<20 + maxPacket
	maxInterfaces = 4096 // in a section
	maxNameLength = 256
)
