package export

import (
	"crypto/tls"
	"net/http"
	"os"
	"path/filepath"
	"testing"
)

// Profiles tell what is in memory, evidence who talked to whom: only who has
// shown who he is may ask.
func TestProfilesAndEvidenceNeedAuthentication(t *testing.T) {
	withUsers, pool := webConfig(t)
	dir := filepath.Dir(withUsers)
	write := func(name, text string) string {
		file := filepath.Join(dir, name)
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return file
	}
	write("1.pcapng", "frames")
	const certificate = "tls_server_config:\n  cert_file: cert.pem\n  key_file: key.pem\n"
	own, err := tls.LoadX509KeyPair(filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem"))
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name, config, user string
		own                bool // the client shows a certificate
		status             int
	}{
		{"plain HTTP", "", "", false, 403},
		{"TLS for all", write("tls.yml", certificate), "", false, 403},
		{"TLS, any certificate", write("any.yml", certificate+"  client_auth_type: RequireAnyClientCert\n"), "", true, 403},
		{"a password that is not given", withUsers, "", false, 401},
		{"a password", withUsers, "prometheus:correct%20horse@", false, 200},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := newTestServer(fixture())
			s.opts.WebConfigFile = tt.config
			s.opts.EvidenceDir = dir
			scheme, settings := "http://", &tls.Config{RootCAs: pool}
			if tt.config != "" {
				scheme = "https://"
			}
			if tt.own {
				settings.Certificates = []tls.Certificate{own}
			}
			client := &http.Client{Transport: &http.Transport{TLSClientConfig: settings, DisableKeepAlives: true}}
			url := scheme + tt.user + serve(t, s)
			for _, path := range []string{"/debug/pprof/", "/debug/pprof/goroutine", "/debug/pprof/cmdline", "/api/v1/evidence/1.pcapng"} {
				if resp, _ := get(t, client, url+path, ""); resp.StatusCode != tt.status {
					t.Errorf("%s: %d, want %d", path, resp.StatusCode, tt.status)
				}
			}
		})
	}
}

// Of the folder nothing is served but evidence, and nothing from outside.
func TestEvidenceIsServedAndNothingElse(t *testing.T) {
	config, _ := webConfig(t)
	s := newTestServer(fixture())
	s.opts.WebConfigFile, s.opts.EvidenceDir = config, t.TempDir()
	for name, text := range map[string]string{"00000001-x.pcapng": "frames", "00000001-x.json": "{}", "lock": "x", "secret.txt": "x", "00000002-x.pcapng.part": "x"} {
		if err := os.WriteFile(filepath.Join(s.opts.EvidenceDir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink(config, filepath.Join(s.opts.EvidenceDir, "link.json")); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(s.opts.EvidenceDir, "folder.json"), 0o700); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"00000001-x.pcapng": "frames", "00000001-x.json": "{}", "00000009-x.pcapng": "", "lock": "", "secret.txt": "", "00000002-x.pcapng.part": "",
		"link.json": "", "folder.json": "", "..%2fweb.yml": "", "%2fetc%2fpasswd": "", "": "",
	} {
		w := fetch(s, "/api/v1/evidence/"+name)
		if served := w.Code == 200; served != (want != "") || served && w.Body.String() != want {
			t.Errorf("%q: %d %q", name, w.Code, w.Body)
		}
		if w.Code == 200 && (w.Header().Get("Content-Disposition") != "attachment; filename="+name || w.Header().Get("X-Content-Type-Options") != "nosniff") {
			t.Errorf("%q: %v", name, w.Header())
		}
	}
	s.downloads <- struct{}{}
	s.downloads <- struct{}{}
	if w := fetch(s, "/api/v1/evidence/00000001-x.json"); w.Code != http.StatusServiceUnavailable {
		t.Errorf("one too many: %d", w.Code)
	}
}
