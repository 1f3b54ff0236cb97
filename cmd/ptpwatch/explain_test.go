package main

import (
	"bytes"
	"strings"
	"testing"

	"github.com/ptpwatch/ptpwatch/internal/analysis"
)

// Every alert is listed and explained, without a mark of Markdown.
func TestExplainEveryAlert(t *testing.T) {
	list := explained(t)
	for _, d := range analysis.Definitions {
		if !strings.Contains(list, d.Name+" ") || !strings.Contains(list, d.Summary) {
			t.Errorf("%s is not listed with its summary", d.Name)
		}
		page := explained(t, d.Name)
		if !strings.HasPrefix(page, d.Name+"\n\n") || strings.Contains(page, "`") || strings.Contains(page, "\n#") {
			t.Errorf("%s: no runbook in plain text:\n%s", d.Name, page)
		}
	}
	if got, want := strings.Count(list, "\n"), len(analysis.Definitions); got != want {
		t.Errorf("%d lines, want %d", got, want)
	}
}

func explained(t *testing.T, args ...string) string {
	t.Helper()
	var out bytes.Buffer
	root := newRoot()
	root.SetOut(&out)
	if code := execute(t.Context(), root, append([]string{"explain"}, args...)); code != 0 {
		t.Fatalf("explain %v: exit status %d\n%s", args, code, out.String())
	}
	return out.String()
}
