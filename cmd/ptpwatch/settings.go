package main

import (
	"fmt"
	"log/slog"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/ptpwatch/ptpwatch/internal/agent"
	"github.com/ptpwatch/ptpwatch/internal/config"
)

// keyFlags are the flags that set a configuration key.
var keyFlags = map[string]string{
	"log.level":       "log-level",
	"log.format":      "log-format",
	"listen":          "listen",
	"web_config_file": "web-config-file",
	"state_dir":       "state-dir",
	"control_socket":  "socket",
}

// configFlag gives a command --config.
func configFlag(cmd *cobra.Command) {
	cmd.Flags().String("config", "", "configuration `FILE` (YAML)")
	_ = cmd.MarkFlagFilename("config", "yaml", "yml")
}

// stateFlags gives a command the flags about what an agent keeps.
func stateFlags(cmd *cobra.Command) {
	cmd.Flags().String("state-dir", "", "`FOLDER` in which the agent keeps what it must not forget")
	cmd.Flags().String("socket", "", "Unix `SOCKET` on which it takes the acts of baseline (default ptpwatch.sock in the state folder)")
	_ = cmd.MarkFlagDirname("state-dir")
	_ = cmd.MarkFlagFilename("socket")
}

// settings reads the configuration that a command's flags, the environment and
// its --config give, and makes the logger that it asks for.
func settings(cmd *cobra.Command) (*config.Config, *slog.Logger, error) {
	c, err := load(cmd, configFile(cmd))
	if err != nil {
		return nil, nil, err
	}
	log := newLogger(cmd, c.Log)
	for _, w := range c.Warnings {
		log.Warn("configuration", "warning", w.Error())
	}
	return c, log, nil
}

// configFile is what --config names; "" for nothing.
func configFile(cmd *cobra.Command) string {
	if f := cmd.Flags().Lookup("config"); f != nil {
		return f.Value.String()
	}
	return ""
}

// load reads the configuration of a command's flags, the environment and file.
func load(cmd *cobra.Command, file string) (*config.Config, error) {
	flags := map[string]*pflag.Flag{}
	for key, name := range keyFlags {
		flags[key] = cmd.Flag(name)
	}
	only, _ := cmd.Flags().GetStringArray("interface") // none where there is no such flag
	c, err := config.Load(file, config.Options{Alerts: agent.Alerts(), Flags: flags, Interfaces: only})
	if err != nil {
		return nil, refused(err)
	}
	return c, nil
}

func newLogger(cmd *cobra.Command, c config.Log) *slog.Logger {
	options := &slog.HandlerOptions{Level: c.Level, ReplaceAttr: inWords}
	if c.Format == "json" {
		return slog.New(slog.NewJSONHandler(cmd.ErrOrStderr(), options))
	}
	return slog.New(slog.NewTextHandler(cmd.ErrOrStderr(), options))
}

// inWords has JSON say what text does: 001d7f.fffe.80024a, not a number.
func inWords(_ []string, a slog.Attr) slog.Attr {
	if a.Value.Kind() != slog.KindAny {
		return a
	}
	switch v := a.Value.Any().(type) {
	case error: // whatever else it can say of itself
		a.Value = slog.StringValue(v.Error())
	case fmt.Stringer:
		a.Value = slog.StringValue(v.String())
	}
	return a
}
