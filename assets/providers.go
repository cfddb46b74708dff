package assets

import _ "embed"

// Providers is the table of well-known mail providers; package config/provider
// reads it.
//
//go:embed providers.toml
var Providers string
