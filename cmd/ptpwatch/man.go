package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/cobra/doc"

	"github.com/ptpwatch/ptpwatch/internal/agent"
)

func newMan() *cobra.Command {
	var dir string
	cmd := &cobra.Command{
		Use:   "man [COMMAND]",
		Short: "Print a manual page, or write all of them to a folder",
		Long: `Print the manual page of ptpwatch, or of one of its commands. With --dir, write
the pages of all commands there instead; the folder is made if need be.`,
		Example: `  ptpwatch man replay | man -l -
  ptpwatch man --dir /usr/local/share/man/man1`,
		Args: cobra.MaximumNArgs(1),
		RunE: running(func(cmd *cobra.Command, args []string) error {
			if dir != "" {
				if len(args) > 0 {
					return refused(fmt.Errorf("man: --dir writes all pages, %q too: leave the name out", args[0]))
				}
				return writePages(cmd.Root(), dir)
			}
			page, rest, err := cmd.Root().Find(args)
			if err != nil || len(rest) > 0 {
				return refused(fmt.Errorf("man: no command %q", strings.Join(args, " ")))
			}
			return writePage(page, cmd.OutOrStdout())
		}),
	}
	cmd.Flags().StringVar(&dir, "dir", "", "`FOLDER` to write all pages to")
	_ = cmd.MarkFlagDirname("dir")
	return cmd
}

func writePages(root *cobra.Command, dir string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("man: %w", err)
	}
	for _, c := range everyCommand(root) {
		if c != root && !c.IsAvailableCommand() {
			continue
		}
		var page strings.Builder
		if err := writePage(c, &page); err != nil {
			return err
		}
		name := strings.ReplaceAll(c.CommandPath(), " ", "-") + ".1"
		if err := os.WriteFile(filepath.Join(dir, name), []byte(page.String()), 0o644); err != nil {
			return fmt.Errorf("man: %w", err)
		}
	}
	return nil
}

func writePage(cmd *cobra.Command, w io.Writer) error {
	header := &doc.GenManHeader{Section: "1", Source: "ptpwatch " + agent.Build().Version, Manual: "ptpwatch manual"}
	if err := doc.GenMan(cmd, header, w); err != nil {
		return fmt.Errorf("man: %w", err)
	}
	return nil
}
