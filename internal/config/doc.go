// Package config turns a YAML file, the environment and flags into one typed,
// checked Config.
//
// The file is read strictly first: every key must be known, written once and
// in its own case, every value must be what it should be, and all mistakes are
// reported together with file, line, key and what is accepted. Only then does
// viper layer flags over the environment over the file over the defaults, and
// it sees nothing but texts, so that a value means the same wherever it stands.
package config
