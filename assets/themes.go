package assets

import "embed"

// Themes holds one file a theme, which gives colours to the roles that package
// theme names.
//
//go:embed themes
var Themes embed.FS
