// Package cli is the command line: one file a verb.
package cli
