// Package assets holds what is embedded in the program.
package assets
