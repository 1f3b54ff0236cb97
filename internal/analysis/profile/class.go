package profile

// Grade is what a clockClass says of a grandmaster's time.
type Grade uint8

// The grades, better ones first.
const (
	Illegal     Grade = iota // reserved by the standard or not among the profile's
	Locked                   // to a primary reference, or to what the application asked for
	Holdover                 // lost the reference, still within specification
	Unspecified              // left to other profiles to define
	FreeRun                  // out of specification, or never had a reference
	SlaveOnly                // a clock that must never be a grandmaster
)

// Class is a stretch of clockClass values, From to To, of one meaning.
type Class struct {
	From, To uint8
	Grade    Grade
	Meaning  string
}

// Grade is what the profile makes of a clockClass.
func (p *Profile) Grade(class uint8) Grade {
	for _, c := range p.Classes {
		if c.From <= class && class <= c.To {
			return c.Grade
		}
	}
	return Illegal
}
