package main

import (
	"bytes"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/cobra"
)

const documentHead = "# Commands\n\nMade of each command's `--help` by `go test ./cmd/ptpwatch -update`.\n"

// TestDocument: docs/reference/commands.md holds what --help says.
func TestDocument(t *testing.T) {
	const file = "../../docs/reference/commands.md"
	var b strings.Builder
	b.WriteString(documentHead)
	root := newRoot()
	root.InitDefaultHelpCmd()
	describe(t, &b, root)
	if *update {
		if err := os.WriteFile(file, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), b.String()); diff != "" {
		t.Errorf("%s: -want +got\n%s", file, diff)
	}
}

func describe(t *testing.T, b *strings.Builder, c *cobra.Command) {
	var help bytes.Buffer
	c.SetOut(&help)
	c.InitDefaultHelpFlag()
	if err := c.Help(); err != nil {
		t.Fatal(err)
	}
	fmt.Fprintf(b, "\n## %s\n\n```text\n%s```\n", c.CommandPath(), help.String())
	for _, sub := range c.Commands() {
		if sub.IsAvailableCommand() && sub.Name() != "help" {
			describe(t, b, sub)
		}
	}
}

// TestEveryCommandHasExamples, as help and the manual pages show them.
func TestEveryCommandHasExamples(t *testing.T) {
	for _, c := range everyCommand(newRoot()) {
		if c.HasParent() && (c.Example == "" || c.Short == "") {
			t.Errorf("%s: no example, or no line that says what it does", c.CommandPath())
		}
	}
}
