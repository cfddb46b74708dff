package assets

import "embed"

// Docs holds the longer documents: Markdown, each with a heading first.
//
//go:embed doc/*.md
var Docs embed.FS
