package main

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"
)

// probe is what healthcheck asks, and how.
type probe struct {
	url          string
	ca           string
	insecure     bool
	user         string
	passwordFile string
	timeout      time.Duration
}

func newHealthcheck() *cobra.Command {
	var p probe
	cmd := &cobra.Command{
		Use:   "healthcheck",
		Short: "Ask a running ptpwatch whether it is healthy",
		Long: `Get /-/healthy of a running ptpwatch: exit status 0 when it says it is healthy,
1 when it does not, cannot be reached or asks for credentials it was not given.
For containers, whose images have no curl.`,
		Example: `  ptpwatch healthcheck
  ptpwatch healthcheck --url https://localhost:9588 --ca ca.pem --user probe --password-file /run/secrets/probe`,
		Args: cobra.NoArgs,
		RunE: running(func(cmd *cobra.Command, _ []string) error {
			c, _, err := settings(cmd)
			if err != nil {
				return err
			}
			if p.url == "" {
				p.url = localURL(c.Listen)
			}
			return p.run(cmd.Context(), cmd.OutOrStdout())
		}),
	}
	configFlag(cmd)
	f := cmd.Flags()
	f.StringVar(&p.url, "url", "", "`URL` of the agent (default http:// and the configuration's listen)")
	f.StringVar(&p.ca, "ca", "", "PEM `FILE` with the authorities that may have signed its certificate")
	f.BoolVar(&p.insecure, "insecure", false, "accept any certificate")
	f.StringVar(&p.user, "user", "", "`NAME` for basic authentication")
	f.StringVar(&p.passwordFile, "password-file", "", "`FILE` with the password, whose last line end does not count")
	f.DurationVar(&p.timeout, "timeout", 5*time.Second, "how long to wait for the answer")
	cmd.MarkFlagsRequiredTogether("user", "password-file")
	return cmd
}

// localURL is where this host reaches what listens on address, without asking
// anybody what localhost is.
func localURL(address string) string {
	host, port, _ := net.SplitHostPort(address)
	switch ip, err := netip.ParseAddr(host); {
	case host == "" || err == nil && ip == netip.IPv4Unspecified():
		host = "127.0.0.1"
	case err == nil && ip == netip.IPv6Unspecified():
		host = "::1"
	}
	return "http://" + net.JoinHostPort(host, port)
}

func (p probe) run(ctx context.Context, out io.Writer) error {
	u, err := url.Parse(p.url)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return refused(fmt.Errorf("healthcheck: --url %q: accepted: http://HOST:PORT or https://HOST:PORT", p.url))
	}
	client, err := p.client()
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, p.timeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, u.JoinPath("/-/healthy").String(), nil)
	if err != nil {
		return fmt.Errorf("healthcheck: %w", err)
	}
	if p.user != "" {
		password, err := os.ReadFile(p.passwordFile)
		if err != nil {
			return refused(fmt.Errorf("healthcheck: password: %w", err))
		}
		request.SetBasicAuth(p.user, strings.TrimRight(string(password), "\r\n"))
	}
	return ask(client, request, out)
}

func ask(client *http.Client, request *http.Request, out io.Writer) error {
	response, err := client.Do(request)
	if err != nil {
		return fmt.Errorf("healthcheck: %w", err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(io.LimitReader(response.Body, 4096))
	if err != nil {
		return fmt.Errorf("healthcheck: %w", err)
	}
	said := string(bytes.TrimSpace(body))
	switch {
	case response.StatusCode == http.StatusOK:
		_, err = fmt.Fprintln(out, said)
		return err
	case response.StatusCode == http.StatusUnauthorized:
		return fmt.Errorf("healthcheck: %s: %s: give --user and --password-file", request.URL, response.Status)
	default:
		return fmt.Errorf("healthcheck: %s: %s: %s", request.URL, response.Status, said)
	}
}

// client goes to the agent and nowhere else: through no proxy, after no
// redirection.
func (p probe) client() (*http.Client, error) {
	config := &tls.Config{InsecureSkipVerify: p.insecure}
	if p.ca != "" {
		pem, err := os.ReadFile(p.ca)
		if err != nil {
			return nil, refused(fmt.Errorf("healthcheck: authorities: %w", err))
		}
		config.RootCAs = x509.NewCertPool()
		if !config.RootCAs.AppendCertsFromPEM(pem) {
			return nil, refused(fmt.Errorf("healthcheck: authorities: %s holds no PEM certificate", p.ca))
		}
	}
	return &http.Client{
		Transport: &http.Transport{TLSClientConfig: config, DisableKeepAlives: true},
		CheckRedirect: func(*http.Request, []*http.Request) error {
			return errors.New("the agent redirects nobody: is this another server?")
		},
	}, nil
}
