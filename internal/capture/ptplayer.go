package capture

import (
	"github.com/google/gopacket"
	"github.com/google/gopacket/layers"

	"github.com/ptpwatch/ptpwatch/internal/packet"
	"github.com/ptpwatch/ptpwatch/internal/ptp"
)

var layerTypePTP = gopacket.RegisterLayerType(1588, gopacket.LayerTypeMetadata{Name: "PTP"})

// ptpLayer decodes a message straight into an observation, which it empties
// first. Its errors are all of type ptp.Malformation.
type ptpLayer struct {
	layers.BaseLayer
	into *packet.Observation
	v1   ptp.MessageV1
}

func (p *ptpLayer) CanDecode() gopacket.LayerClass { return layerTypePTP }

func (p *ptpLayer) NextLayerType() gopacket.LayerType { return gopacket.LayerTypeZero }

func (p *ptpLayer) DecodeFromBytes(b []byte, _ gopacket.DecodeFeedback) error {
	*p.into = packet.Observation{}
	p.BaseLayer = layers.BaseLayer{Contents: b}
	if ptp.Version(b) != 1 {
		return ptp.Decode(b, &p.into.Message)
	}
	if err := ptp.DecodeV1(b, &p.v1); err != nil {
		return err
	}
	p.into.V1 = &p.v1
	return nil
}
