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

func BenchmarkAppendMessage(b *testing.B) {
	for _, c := range messageVectors {
		b.Run(c.message.Type.String(), func(b *testing.B) {
			dst := make([]byte, 0, 128)
			b.ReportAllocs()
			for b.Loop() {
				dst = AppendMessage(dst[:0], &c.message)
			}
		})
	}
}

func BenchmarkParseTLV(b *testing.B) {
	for name, wire := range map[string]string{
		"PATH_TRACE": "0008 0010 001d7ffffe80024a b8cef6fffe4412aa",
		"Follow_Up":  "0003 001c 0080c2 000001 fffffff0 0007 ffffffffffffffff 00008000 00000010",
	} {
		value := unhex(b, wire)
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				for typ, value := range AllTLVs(value) {
					if _, err := ParseTLV(typ, value); err != nil {
						b.Fatal(err)
					}
				}
			}
		})
	}
}
