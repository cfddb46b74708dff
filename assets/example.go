package assets

import _ "embed"

// Config is a configuration that says all there is to say.
//
//go:embed config.toml
var Config string
