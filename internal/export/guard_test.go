package export

import (
	"crypto/tls"
	"net/http"
	"os"
	"path/filepath"
	"testing"
)

// Profiles tell what is in memory: only who has shown who he is may ask.
func TestProfilesNeedAuthentication(t *testing.T) {
	withUsers, pool := webConfig(t)
	dir := filepath.Dir(withUsers)
	write := func(name, text string) string {
		file := filepath.Join(dir, name)
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return file
	}
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
			scheme, settings := "http://", &tls.Config{RootCAs: pool}
			if tt.config != "" {
				scheme = "https://"
			}
			if tt.own {
				settings.Certificates = []tls.Certificate{own}
			}
			client := &http.Client{Transport: &http.Transport{TLSClientConfig: settings, DisableKeepAlives: true}}
			url := scheme + tt.user + serve(t, s)
			for _, path := range []string{"/debug/pprof/", "/debug/pprof/goroutine", "/debug/pprof/cmdline"} {
				if resp, _ := get(t, client, url+path, ""); resp.StatusCode != tt.status {
					t.Errorf("%s: %d, want %d", path, resp.StatusCode, tt.status)
				}
			}
		})
	}
}
