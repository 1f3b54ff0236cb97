package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/ptpwatch/ptpwatch/internal/evidence"
)

const verifyEvidenceLong = `Check that the journal and the evidence of an agent are as they were written.

Each record of the journal holds the SHA-256 of the one before it; each evidence
that of its frames, of the evidence before it and of the journal's last record;
and the journal that of each evidence. Whatever was changed or taken out breaks a
link: every broken one is named, in order, with what is missing, and the exit
status is 1.

DIR is a state_dir. Where evidence.dir is elsewhere DIR is that, and --journal
says where the journal is, if it is to be checked too. The agent may be running.

Whoever can write to DIR can write all of it anew, with links that hold. To find
out, keep the two sums that are printed where the agent's host cannot reach, and
see whether they are still in the journal and among the evidence later.`

func newVerifyEvidence() *cobra.Command {
	var journal string
	cmd := &cobra.Command{
		Use:   "verify-evidence DIR",
		Short: "Check the hash chain of journal and evidence",
		Long:  verifyEvidenceLong,
		Example: `  ptpwatch verify-evidence /var/lib/ptpwatch
  ptpwatch verify-evidence /srv/evidence --journal /var/lib/ptpwatch/journal`,
		Args: exactlyOne("DIR"),
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			return nil, cobra.ShellCompDirectiveFilterDirs
		},
		RunE: running(func(cmd *cobra.Command, args []string) error {
			folder, beside, err := evidenceFolders(args[0])
			if err != nil {
				return err
			}
			if journal != "" {
				beside = journal
			}
			r, err := evidence.Verify(folder, beside)
			if err != nil {
				return fmt.Errorf("verify %s: %w", args[0], err)
			}
			return printVerified(cmd.OutOrStdout(), r)
		}),
	}
	cmd.Flags().StringVar(&journal, "journal", "", "`FOLDER` of the journal, where it is not beside the evidence")
	_ = cmd.MarkFlagDirname("journal")
	return cmd
}

// evidenceFolders finds evidence and journal in a state_dir, or takes the
// folder for the one of the evidence; "" stands for one that is not there.
func evidenceFolders(dir string) (evidence, journal string, err error) {
	info, err := os.Stat(dir)
	if err == nil && !info.IsDir() {
		err = fmt.Errorf("%s: a folder is expected: a state_dir, or an evidence.dir", dir)
	}
	if err != nil {
		return "", "", err
	}
	evidence, journal = subfolder(dir, "evidence"), subfolder(dir, "journal")
	if evidence == "" && journal == "" {
		return dir, subfolder(filepath.Dir(dir), "journal"), nil
	}
	return evidence, journal, nil
}

func subfolder(dir, name string) string {
	path := filepath.Join(dir, name)
	if info, err := os.Stat(path); err != nil || !info.IsDir() {
		return ""
	}
	return path
}

// printVerified prints what was found, and fails if it is broken.
func printVerified(w io.Writer, r *evidence.Report) error {
	if c := r.Journal; c != nil {
		fmt.Fprintf(w, "journal: records %d to %d, files: %d, the last record with SHA-256 %s\n", c.First, c.Last, c.Files, c.Head)
	} else {
		fmt.Fprintln(w, "journal: none looked at")
	}
	if r.Evidence > 0 {
		fmt.Fprintf(w, "evidence: %d, numbers %d to %d, the last with SHA-256 %s\n", r.Evidence, r.First, r.Last, r.Head)
	} else {
		fmt.Fprintln(w, "evidence: none")
	}
	for _, note := range r.Notes {
		fmt.Fprintf(w, "note: %s\n", note)
	}
	for _, b := range r.Breaks {
		fmt.Fprintf(w, "broken: %s\n", b)
	}
	if n := len(r.Breaks); n > 0 {
		return fmt.Errorf("broken links: %d, the first: %s", n, r.Breaks[0])
	}
	_, err := fmt.Fprintln(w, "whole")
	return err
}
