package ptp

import "testing"

func BenchmarkDecode(b *testing.B) {
	for _, c := range messageVectors {
		wire := unhex(b, c.wire)
		b.Run(c.message.Type.String(), func(b *testing.B) {
			var m Message
			b.ReportAllocs()
			for b.Loop() {
				if err := Decode(wire, &m); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
