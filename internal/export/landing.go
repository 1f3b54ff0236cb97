package export

import (
	"bytes"
	_ "embed"
	"html/template"
	"net/http"

	"github.com/ptpwatch/ptpwatch/internal/analysis"
)

//go:embed landing.html
var landingHTML string

var landingTemplate = template.Must(template.New("landing").Parse(landingHTML))

// landing is the data of the landing page.
type landing struct {
	Version string
	At      string
	Domains []landingDomain
	Hidden  int // domains over the cap
}

type landingDomain struct {
	Network, Domain, SdoID, Profile string
	Grandmasters                    []landingGrandmaster
}

type landingGrandmaster struct {
	Identity, Name, Verdict string
	Class                   int
	Suspect                 bool
}

// landing lists what is there now, the same clocks that /metrics names.
func (s *Server) landing(w http.ResponseWriter, _ *http.Request) {
	var page bytes.Buffer
	if err := landingTemplate.Execute(&page, newLanding(s.opts.Store.Load())); err != nil {
		s.log.Error("landing page", "err", err)
		http.Error(w, http.StatusText(http.StatusInternalServerError), http.StatusInternalServerError)
		return
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Cache-Control", "no-store")
	w.Write(page.Bytes())
}

func newLanding(s *Snapshot) landing {
	chosen := choose(s.view(), onPage)
	page := landing{Version: s.Build.Version, Hidden: len(chosen.beyond)}
	if at := s.view().At; !at.IsZero() {
		page.At = at.UTC().Format(timeLayout)
	}
	index := map[*analysis.DomainView]int{}
	for i, d := range chosen.domains {
		scope := scopeWords(d.Scope)
		index[d.DomainView] = i
		page.Domains = append(page.Domains, landingDomain{
			Network: printable(scope[0]), Domain: scope[1], SdoID: scope[2], Profile: d.Profile,
		})
	}
	for _, g := range chosen.grandmasters {
		d := &page.Domains[index[g.domain]]
		d.Grandmasters = append(d.Grandmasters, landingGrandmaster{
			Identity: g.Identity.String(),
			Name:     printable(g.Name),
			Class:    int(g.Dataset.GrandmasterClockQuality.ClockClass),
			Verdict:  verdict(g.GrandmasterView),
			Suspect:  g.Verdict == analysis.Unacceptable,
		})
	}
	return page
}

// verdict says in words what grandmaster_best and grandmaster_acceptable say.
func verdict(g *analysis.GrandmasterView) string {
	place := "standby"
	if g.Best {
		place = "best"
	}
	switch g.Verdict {
	case analysis.Undecided:
		return place
	case analysis.Acceptable:
		return place + ", acceptable"
	}
	return place + ", NOT acceptable"
}
