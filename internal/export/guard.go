package export

import (
	"fmt"
	"net/http"
	"net/http/pprof"
	"os"

	"go.yaml.in/yaml/v3"
)

// policy is what a browser may do for the pages: use what this server serves,
// and nothing else. No page has a script or style in it.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
	"base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// secured sets what every answer tells a browser.
func secured(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		next.ServeHTTP(w, r)
	})
}

// authenticated serves to clients that have shown who they are, and to nobody
// else: by a verified certificate, or by a password that the web configuration
// asks for. By the time that we are asked, exporter-toolkit has checked it; it
// reads the file for every request, and so do we.
func (s *Server) authenticated(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.TLS == nil || len(r.TLS.VerifiedChains) == 0 {
			asks, err := asksForPassword(s.opts.WebConfigFile)
			if err != nil || !asks {
				http.Error(w, "this is served only where web_config_file sets up authentication", http.StatusForbidden)
				return
			}
		}
		next.ServeHTTP(w, r)
	})
}

// asksForPassword says whether a web configuration has users.
func asksForPassword(file string) (bool, error) {
	if file == "" {
		return false, nil
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return false, fmt.Errorf("web configuration: %w", err)
	}
	var c struct {
		Users map[string]string `yaml:"basic_auth_users"`
	}
	if err := yaml.Unmarshal(text, &c); err != nil {
		return false, fmt.Errorf("web configuration %s: %w", file, err)
	}
	return len(c.Users) > 0, nil
}

// profiles serves net/http/pprof.
func profiles() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /debug/pprof/", pprof.Index)
	mux.HandleFunc("GET /debug/pprof/cmdline", pprof.Cmdline)
	mux.HandleFunc("GET /debug/pprof/profile", pprof.Profile)
	mux.HandleFunc("GET /debug/pprof/symbol", pprof.Symbol)
	mux.HandleFunc("GET /debug/pprof/trace", pprof.Trace)
	return mux
}
