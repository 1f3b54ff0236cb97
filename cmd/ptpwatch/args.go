package main

import (
	"fmt"

	"github.com/spf13/cobra"
)

// atLeastOne wants one or more arguments, called name in the usage line.
func atLeastOne(name string) cobra.PositionalArgs {
	return func(_ *cobra.Command, args []string) error {
		if len(args) == 0 {
			return fmt.Errorf("no %s given", name)
		}
		return nil
	}
}

// exactlyOne wants one argument, called name in the usage line.
func exactlyOne(name string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) > 1 {
			return fmt.Errorf("one %s is accepted, %d given", name, len(args))
		}
		return atLeastOne(name)(cmd, args)
	}
}
