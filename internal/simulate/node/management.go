package node

import (
	"github.com/ptpwatch/ptpwatch/internal/ptp"
	"github.com/ptpwatch/ptpwatch/internal/simulate/network"
)

// The managementIds that an instance acts on (IEEE 1588-2019 table 59).
const (
	idPriority1   ptp.ManagementID = 0x2005
	idPriority2   ptp.ManagementID = 0x2006
	idEnablePort  ptp.ManagementID = 0x200D
	idDisablePort ptp.ManagementID = 0x200E
	idTime        ptp.ManagementID = 0x200F
)

// hearManagement does what a Management message wants, as appliances do that
// ask nobody who sent it, and answers.
func (p *Port) hearManagement(f *network.Frame) {
	m := &f.Message
	answers := map[ptp.ManagementAction]ptp.ManagementAction{
		ptp.ActionGet: ptp.ActionResponse, ptp.ActionSet: ptp.ActionResponse, ptp.ActionCommand: ptp.ActionAcknowledge,
	}
	action, ok := answers[m.Management.Action]
	if !ok {
		return
	}
	for t, value := range ptp.AllTLVs(m.TLVs) {
		tlv, err := ptp.ParseTLV(t, value)
		wanted, ok := tlv.(*ptp.ManagementTLV)
		if err != nil || !ok {
			continue
		}
		if m.Management.Action != ptp.ActionGet {
			p.manage(wanted)
		}
		r := p.reply(ptp.ManagementMessage, m.SequenceID)
		if m.Flags.Has(ptp.FlagUnicast) {
			p.to(r, sender(f))
		}
		r.Message.PortIdentity = m.SourcePortIdentity
		r.Message.Management.Action = action
		r.AppendTLV(p.told(wanted))
		p.send(r, p.instance.network.Now()+p.soon())
	}
}

func (p *Port) manage(t *ptp.ManagementTLV) {
	i := p.instance
	switch d := t.Data.(type) {
	case *ptp.Datum[uint8]:
		switch t.ManagementID {
		case idPriority1:
			i.Priority1 = d.Value
		case idPriority2:
			i.Priority2 = d.Value
		}
	case *ptp.ClockTime:
		if ns, ok := ptp.Nanoseconds(d.CurrentTime); ok && t.ManagementID == idTime && i.parent == nil {
			now := i.network.Now()
			i.clock.Step(now, float64(ns-p.stamper.Stamp(now).Nanoseconds)*1000)
		}
	}
	switch t.ManagementID {
	case idEnablePort:
		p.disabled = false
	case idDisablePort:
		p.disabled = true
	}
	i.Reconfigure()
}

// told is what an instance answers: what it was told, or the value it has.
func (p *Port) told(t *ptp.ManagementTLV) *ptp.ManagementTLV {
	i := p.instance
	answer := &ptp.ManagementTLV{ManagementID: t.ManagementID, Data: t.Data}
	switch t.ManagementID {
	case idPriority1:
		answer.Data = &ptp.Datum[uint8]{Value: i.Priority1}
	case idPriority2:
		answer.Data = &ptp.Datum[uint8]{Value: i.Priority2}
	}
	return answer
}
