// Package alerts holds the runbooks: a page of Markdown for each alert, for the
// engineer who was woken by it.
package alerts

import "embed"

//go:embed *.md
var pages embed.FS

// Runbook is the page of an alert; false when there is none of that name.
func Runbook(name string) (string, bool) {
	text, err := pages.ReadFile(name + ".md")
	return string(text), err == nil
}
