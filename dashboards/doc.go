// Package dashboards is where the Grafana dashboards are written, as a few lines
// of Go for each panel. Nothing of it is in the agent: `go generate
// ./dashboards` writes grafana/*.json, and that is what users get.
//
// The JSON is Grafana's classic model with nothing in it that Grafana 8.3 or the
// newest would refuse: file provisioning knows no inputs, so that the data
// source is a variable; colour modes and panels are those that both have.
//
// The Prometheus rules beside them are made by `go generate ./internal/export`.
package dashboards

//go:generate go test -run TestDashboardsAreUpToDate -update .
