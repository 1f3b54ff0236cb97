package main

import (
	"errors"

	"github.com/spf13/cobra"
)

// The exit statuses.
const (
	statusDone    = 0
	statusFailed  = 1 // while running
	statusRefused = 2 // arguments or configuration
	statusAlerted = 3 // an alert at or above --fail-on was raised
)

// exit is an error that knows the exit status it stands for.
type exit struct {
	error
	status int
}

func (e *exit) Unwrap() error { return e.error }

// refused says that err is about arguments or configuration.
func refused(err error) error { return &exit{err, statusRefused} }

// running makes f what a command runs: errors of f that know no status of
// their own are failures.
func running(f func(cmd *cobra.Command, args []string) error) func(*cobra.Command, []string) error {
	return func(cmd *cobra.Command, args []string) error {
		err := f(cmd, args)
		if err != nil && !isExit(err) {
			return &exit{err, statusFailed}
		}
		return err
	}
}

func isExit(err error) bool {
	_, ok := errors.AsType[*exit](err)
	return ok
}

// status is the exit status for err. What no command has returned is cobra's,
// which checks arguments before a command runs.
func status(err error) int {
	if err == nil {
		return statusDone
	}
	if e, ok := errors.AsType[*exit](err); ok {
		return e.status
	}
	return statusRefused
}
