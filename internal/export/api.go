package export

import (
	"bytes"
	"net/http"
	"os"
	"regexp"
	"strconv"
	"time"
)

// endpoint is a path of the API. web/openapi.yaml describes them all.
type endpoint struct {
	path    string
	handler http.Handler
}

// api lists what programs may ask for. All of it is GET: nothing here changes
// anything.
func (s *Server) api() []endpoint {
	return []endpoint{
		{"/api/v1/report", newReporter(s.opts.Store, s.log)},
		{"/api/v1/status", http.HandlerFunc(s.status)},
		{"/api/v1/evidence/{file}", s.authenticated(http.HandlerFunc(s.evidence))},
		{"/api/v1/openapi.yaml", file("web/openapi.yaml", "application/yaml")},
	}
}

// status serves the status as JSON.
func (s *Server) status(w http.ResponseWriter, _ *http.Request) {
	_, status := s.live.status()
	var page bytes.Buffer
	if err := writeJSON(&page, status, "  "); err != nil {
		fail(w, s.log, "status", err)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.Write(page.Bytes())
}

// file serves a file of the page.
func file(name, contentType string) http.Handler {
	text, err := webFiles.ReadFile(name)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err != nil {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Content-Type", contentType)
		w.Header().Set("Cache-Control", "no-cache")
		w.Write(text)
	})
}

// assets are the files that the page is made of.
func assets(mux *http.ServeMux) {
	for name, contentType := range map[string]string{
		"status.css": "text/css; charset=utf-8", "status.js": "text/javascript; charset=utf-8", "icon.svg": "image/svg+xml",
	} {
		mux.Handle("GET /static/"+name, file("web/"+name, contentType))
	}
}

const (
	maxDownloads    = 2
	downloadTimeout = 10 * time.Minute
)

// evidenceFile is what evidence is called: nothing else in the folder is served.
var evidenceFile = regexp.MustCompile(`^[0-9A-Za-z-]+\.(pcapng|json)$`)

// evidence serves a file of evidence.
func (s *Server) evidence(w http.ResponseWriter, r *http.Request) {
	name := r.PathValue("file")
	if s.opts.EvidenceDir == "" || !evidenceFile.MatchString(name) {
		http.NotFound(w, r)
		return
	}
	select {
	case s.downloads <- struct{}{}:
		defer func() { <-s.downloads }()
	default:
		w.Header().Set("Retry-After", "5")
		http.Error(w, strconv.Itoa(maxDownloads)+" files are being read already: try again", http.StatusServiceUnavailable)
		return
	}
	// By its own root, so that no link leads out of the folder.
	f, err := os.OpenInRoot(s.opts.EvidenceDir, name)
	if err != nil {
		http.NotFound(w, r) // it was too old, or too much
		return
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil || !info.Mode().IsRegular() {
		http.NotFound(w, r)
		return
	}
	http.NewResponseController(w).SetWriteDeadline(time.Now().Add(downloadTimeout))
	w.Header().Set("Content-Type", "application/octet-stream")
	w.Header().Set("Content-Disposition", "attachment; filename="+name)
	http.ServeContent(w, r, name, info.ModTime(), f)
}
