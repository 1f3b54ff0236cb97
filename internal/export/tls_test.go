package export

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// passwordHash is "correct horse" through bcrypt.
const passwordHash = "$2a$04$jN6/x6eB6heqeOPntbSyn.bfpIrxccOvOz4Gs0JnK.SB/fIhTJTU6"

// webConfig writes a web configuration with a new certificate for 127.0.0.1
// and one user, and returns its name and a pool that trusts the certificate.
func webConfig(t *testing.T) (string, *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
	}
	cert, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	keyDER, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for name, content := range map[string][]byte{
		"cert.pem": pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: cert}),
		"key.pem":  pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: keyDER}),
		"web.yml": fmt.Appendf(nil, "tls_server_config:\n  cert_file: cert.pem\n  key_file: key.pem\n"+
			"basic_auth_users:\n  prometheus: %s\n", passwordHash),
	} {
		if err := os.WriteFile(filepath.Join(dir, name), content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: cert}))
	return filepath.Join(dir, "web.yml"), pool
}

func TestTLSAndBasicAuthentication(t *testing.T) {
	s := newTestServer(fixture())
	var trusted *x509.CertPool
	s.opts.WebConfigFile, trusted = webConfig(t)
	addr := serve(t, s)
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: trusted}, DisableKeepAlives: true}}
	for _, tc := range []struct {
		name, user, password string
		status               int
	}{
		{"nobody", "", "", 401},
		{"wrong password", "prometheus", "wrong", 401},
		{"unknown user", "grafana", "correct horse", 401},
		{"right", "prometheus", "correct horse", 200},
	} {
		t.Run(tc.name, func(t *testing.T) {
			url := "https://" + addr + "/metrics"
			if tc.user != "" {
				url = fmt.Sprintf("https://%s:%s@%s/metrics", tc.user, strings.ReplaceAll(tc.password, " ", "%20"), addr)
			}
			resp, body := get(t, client, url, "")
			if resp.StatusCode != tc.status {
				t.Errorf("status %d, want %d", resp.StatusCode, tc.status)
			}
			if shown := strings.Contains(body, "ptpwatch_grandmaster_best{"); shown != (tc.status == 200) {
				t.Errorf("metrics shown: %v", shown)
			}
		})
	}
	for _, path := range []string{"/", "/api/v1/report"} {
		if resp, body := get(t, client, "https://"+addr+path, ""); resp.StatusCode != 401 || strings.Contains(body, clockA.String()) {
			t.Errorf("%s without a password: status %d", path, resp.StatusCode)
		}
	}
	if _, err := (&http.Client{}).Get("https://" + addr + "/"); err == nil {
		t.Error("a client that does not trust the certificate was served")
	}
	if resp, _ := get(t, http.DefaultClient, "http://"+addr+"/metrics", ""); resp.StatusCode != 400 {
		t.Errorf("plain HTTP on the TLS port: status %d, want 400", resp.StatusCode)
	}
}

func TestBadWebConfig(t *testing.T) {
	for name, content := range map[string]string{
		"unknown key":    "tls_server_confg: {}\n",
		"no certificate": "tls_server_config:\n  cert_file: missing.pem\n  key_file: missing.pem\n",
		"plain password": "basic_auth_users:\n  prometheus: secret\n",
	} {
		t.Run(name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "web.yml")
			if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
				t.Fatal(err)
			}
			s := newTestServer(fixture())
			s.opts.WebConfigFile = file
			if err := s.Run(t.Context()); err == nil || !strings.Contains(err.Error(), file) {
				t.Errorf("Run: %v, want an error that names %s", err, file)
			}
		})
	}
}
