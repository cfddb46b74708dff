package cli

import (
	"runtime/debug"
	"testing"
)

// TestVersion: a release says what it was built as, another build what Go knows
// of it, and only a plain version goes into mails.
func TestVersion(t *testing.T) {
	t.Parallel()
	known := &debug.BuildInfo{
		Main:     debug.Module{Version: "(devel)"},
		Settings: []debug.BuildSetting{{Key: "vcs.revision", Value: "0123456789abcdef"}},
	}
	for _, c := range []struct {
		env                      Env
		version, revision, agent string
	}{
		{Env{}, "unknown", "", "sendoff"},
		{Env{Build: known}, "(devel)", "0123456789ab", "sendoff"},
		{Env{Build: &debug.BuildInfo{Main: debug.Module{Version: "v1.2.3"}}}, "v1.2.3", "", "sendoff/v1.2.3"},
		{Env{Build: known, Version: "1.2.3"}, "1.2.3", "0123456789ab", "sendoff/1.2.3"},
	} {
		p := &program{Env: c.env}
		version, revision := p.version()
		if version != c.version || revision != c.revision || p.agent() != c.agent {
			t.Errorf("%q, %q, %q; want %q, %q, %q", version, revision, p.agent(), c.version, c.revision, c.agent)
		}
	}
}
