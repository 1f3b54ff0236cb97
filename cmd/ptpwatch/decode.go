package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/ptpwatch/ptpwatch/internal/capture"
	"github.com/ptpwatch/ptpwatch/internal/export"
	"github.com/ptpwatch/ptpwatch/internal/packet"
)

func newDecode() *cobra.Command {
	format := newChoice("text", "text", "jsonl")
	cmd := &cobra.Command{
		Use:   "decode CAPTURE",
		Short: "Print every PTP message of a capture, field by field",
		Long: `Print every PTP message of a capture file (pcap or pcapng, also compressed with
gzip or zstd; - is stdin) in the order of the file: all fields under the
standard's names in snake case, all TLVs, those that are not known in
hexadecimal. Frames that claim to be PTP and are not are printed with what is
wrong with them.

What comes before a fault in the file is printed; the fault is named and the exit
status is 1.`,
		Example: `  ptpwatch decode trace.pcapng | less
  ptpwatch decode --format jsonl trace.pcap.gz | jq 'select(.message_type == "announce") | .grandmaster_identity'`,
		Args:              exactlyOne("CAPTURE"),
		ValidArgsFunction: captureFiles,
		RunE: running(func(cmd *cobra.Command, args []string) error {
			ctx := cmd.Context()
			// A window of nothing keeps the order of the file.
			files, err := capture.OpenFiles(args, newInterruptible(ctx, cmd.InOrStdin()), capture.Options{Window: 1})
			if err != nil {
				return err
			}
			defer files.Close()
			if args[0] == "-" { // somebody may be watching: no message waits for others
				return decode(ctx, files, cmd.OutOrStdout(), export.Format(format.value))
			}
			out := bufio.NewWriterSize(cmd.OutOrStdout(), 1<<16)
			return errors.Join(decode(ctx, files, out, export.Format(format.value)), out.Flush())
		}),
	}
	cmd.Flags().Var(format, "format", "what to print: lines to read, or one JSON object a message")
	return cmd
}

// decode writes all messages of the files.
func decode(ctx context.Context, files *capture.Files, w io.Writer, format export.Format) error {
	out, err := export.NewDecodeWriter(w, format)
	if err != nil {
		return err
	}
	var o packet.Observation
	for ctx.Err() == nil {
		if err := files.Next(&o); err == io.EOF {
			return nil
		} else if err != nil {
			return err
		}
		if err := out.Write(&o); err != nil {
			return fmt.Errorf("print messages: %w", err)
		}
	}
	return errInterrupted
}
