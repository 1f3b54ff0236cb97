// Package docs has no code, only a test of the pages in it and of those beside
// the code: links lead somewhere, commands and files that are named exist.
package docs

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"
)

const root = ".."

// page is a file of Markdown.
type page struct {
	name  string // from the top of the repository
	text  string
	prose string // without blocks of code
	code  string // the blocks for a shell, and what is `quoted`
}

var (
	fence = regexp.MustCompile("(?ms)^ *```(\\w*)\n(.*?)^ *```$")
	quote = regexp.MustCompile("`([^`\n]+)`")
	link  = regexp.MustCompile(`\]\(([^()\s]+)\)`)
)

// pages are all of the repository that Git would take.
func pages(t *testing.T) (all []page) {
	t.Helper()
	err := filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && (slices.Contains([]string{"node_modules", "dist"}, d.Name()) || strings.HasPrefix(d.Name(), ".") && name != root):
			return filepath.SkipDir
		case d.IsDir() && d.Name() == "testdata" && filepath.Dir(name) != root: // parts of pages
			return filepath.SkipDir
		case filepath.Ext(name) == ".md":
			text, err := os.ReadFile(name)
			if err != nil {
				return err
			}
			short, err := filepath.Rel(root, name)
			all = append(all, newPage(filepath.ToSlash(short), string(text)))
			return err
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func newPage(name, text string) page {
	p := page{name: name, text: text, prose: fence.ReplaceAllString(text, "")}
	var code strings.Builder
	for _, m := range fence.FindAllStringSubmatch(text, -1) {
		if m[1] == "sh" {
			code.WriteString(strings.ReplaceAll(m[2], "\\\n", " "))
		}
	}
	for _, m := range quote.FindAllStringSubmatch(p.prose, -1) {
		code.WriteString(m[1] + "\n")
	}
	p.code = code.String()
	return p
}

// anchors are what the headings of a page are linked by, as GitHub makes them.
func (p page) anchors() (all []string) {
	for line := range strings.Lines(p.prose) {
		level := strings.IndexFunc(line, func(r rune) bool { return r != '#' })
		if level < 1 || level > 6 || line[level] != ' ' {
			continue
		}
		title := strings.TrimSpace(line[level:])
		all = append(all, strings.Map(func(r rune) rune {
			switch {
			case r == ' ':
				return '-'
			case unicode.IsLetter(r) || unicode.IsDigit(r) || r == '-' || r == '_':
				return unicode.ToLower(r)
			}
			return -1
		}, title))
	}
	return all
}

// TestLinks follows every link that stays in the repository.
func TestLinks(t *testing.T) {
	all := pages(t)
	for _, p := range all {
		for _, target := range links(p) {
			name, anchor, _ := strings.Cut(target, "#")
			file := p.name
			if name != "" {
				file = filepath.ToSlash(filepath.Join(filepath.Dir(p.name), name))
			}
			if _, err := os.Stat(filepath.Join(root, file)); err != nil || strings.HasPrefix(file, "../") {
				t.Errorf("%s links to %s, which is not there", p.name, target)
				continue
			}
			i := slices.IndexFunc(all, func(q page) bool { return q.name == file })
			if anchor != "" && (i < 0 || !slices.Contains(all[i].anchors(), anchor)) {
				t.Errorf("%s links to %s, where no heading is called so", p.name, target)
			}
		}
	}
}

// links are a page's links to files.
func links(p page) (all []string) {
	for _, m := range link.FindAllStringSubmatch(quote.ReplaceAllString(p.prose, "``"), -1) {
		if !strings.Contains(m[1], "://") && !strings.HasPrefix(m[1], "mailto:") {
			all = append(all, m[1])
		}
	}
	return all
}

// TestMap: docs/README.md leads to every page of this folder, but for the
// runbooks, which their index leads to.
func TestMap(t *testing.T) {
	var found []string
	var pagesOf []string
	for _, p := range pages(t) {
		if p.name == "docs/README.md" {
			for _, target := range links(p) {
				name, _, _ := strings.Cut(target, "#")
				found = append(found, filepath.ToSlash(filepath.Join("docs", name)))
			}
		} else if strings.HasPrefix(p.name, "docs/") && !strings.HasPrefix(p.name, "docs/alerts/") {
			pagesOf = append(pagesOf, p.name)
		}
	}
	for _, name := range pagesOf {
		if !slices.Contains(found, name) {
			t.Errorf("docs/README.md does not lead to %s", name)
		}
	}
}

var (
	run     = regexp.MustCompile(`(?m)(?:^|[\s;|&("'])(?:bin/|/usr/bin/)?ptpwatch ([a-z][a-z-]*)([^\n|;&#)]*)`)
	flag    = regexp.MustCompile(`(?:^|\s)(--[a-z][a-z-]*|-[a-z])\b`)
	target  = regexp.MustCompile(`(?m)(?:^|[\s;&(])make ([a-z][a-z-]*)`)
	file    = regexp.MustCompile(`(?:^|[\s=:"'(])((?:\.github|cmd|dashboards|docs|internal|lab|packaging|scripts|test|testdata/captures|tools)/[\w./-]*[\w/-])`)
	section = regexp.MustCompile(`(?m)^## ptpwatch(?: (.*))?$`)
)

// TestCommands holds every `ptpwatch COMMAND --flag` against the reference,
// which is made of the program itself, and every `make TARGET` against the
// Makefile.
func TestCommands(t *testing.T) {
	reference, err := os.ReadFile("reference/commands.md")
	if err != nil {
		t.Fatal(err)
	}
	help := make(map[string]string) // by command, "baseline list"
	at := section.FindAllSubmatchIndex(reference, -1)
	for i, m := range at {
		end := len(reference)
		if i+1 < len(at) {
			end = at[i+1][0]
		}
		if m[2] >= 0 {
			help[string(reference[m[2]:m[3]])] = string(reference[m[0]:end])
		}
	}
	makefile, err := os.ReadFile(filepath.Join(root, "Makefile"))
	if err != nil {
		t.Fatal(err)
	}
	commands := 0
	for _, p := range pages(t) {
		code := strings.ReplaceAll(p.code, "-n ptpwatch", "") // a namespace of Kubernetes
		for _, m := range run.FindAllStringSubmatch(code, -1) {
			commands++
			command, rest := m[1], m[2]
			if word := strings.Fields(rest); len(word) > 0 && help[command+" "+word[0]] != "" {
				command += " " + word[0]
			}
			text, known := help[command]
			if !known && command != "help" && command != "completion" {
				t.Errorf("%s: there is no %q", p.name, "ptpwatch "+command)
				continue
			}
			for _, f := range flag.FindAllStringSubmatch(rest, -1) {
				if known && !regexp.MustCompile(`(?m)^ .*`+regexp.QuoteMeta(f[1])+`\b`).MatchString(text) {
					t.Errorf("%s: %q has no %s", p.name, "ptpwatch "+command, f[1])
				}
			}
		}
		for _, m := range target.FindAllStringSubmatch(p.code, -1) {
			if !regexp.MustCompile(`(?m)^` + m[1] + `:`).Match(makefile) {
				t.Errorf("%s: there is no make %s", p.name, m[1])
			}
		}
	}
	if commands < 50 {
		t.Errorf("only %d commands were found in all pages", commands)
	}
}

// made are files that are not there before somebody makes them.
var made = []string{"docs/results/score.json"}

// TestFiles: every file of the repository that a page names is there.
func TestFiles(t *testing.T) {
	for _, p := range pages(t) {
		for _, m := range file.FindAllStringSubmatch(p.code, -1) {
			if strings.Contains(m[1], "NAME") || slices.Contains(made, m[1]) {
				continue
			}
			if _, err := os.Stat(filepath.Join(root, m[1])); err != nil {
				t.Errorf("%s names %s, which is not there", p.name, m[1])
			}
		}
	}
}
