package config

import _ "embed"

// Reference is a configuration file with every key, its default and what it
// means in comments.
//
//go:embed reference.yaml
var Reference string
