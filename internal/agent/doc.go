// Package agent joins sources, analysis and exporters. It is the one place
// with goroutines.
package agent
