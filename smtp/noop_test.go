package smtp

import "testing"

func TestNoop(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		script string
		want   kind
	}{
		"alive":         {hi + "C: NOOP\nS: 250 ok\nC: NOOP\nS: 250 ok\nC: QUIT", kind{}},
		"421 meanwhile": {hi + "S: 421 idle too long\nC: NOOP", kind{StageMail, ClassTemporary, ScopeServer, RetrySafe}},
		"gone":          {hi + "C: NOOP\nS: 250 ok\nC: NOOP\nclose", kind{StageMail, ClassNetwork, ScopeServer, RetrySafe}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, err := Open(t.Context(), serve(t, test.script))
			if err != nil {
				t.Fatal(err)
			}
			for range 2 {
				if err = s.Noop(t.Context()); err != nil {
					break
				}
			}
			if test.want == (kind{}) {
				if err != nil {
					t.Error(err)
				}
				_ = s.Close()
				return
			}
			if got := kindOf(failure(t, err)); got != test.want {
				t.Errorf("got %+v, want %+v", got, test.want)
			}
			if err := s.Deliver(t.Context(), &mails{}); err == nil {
				t.Error("a broken session delivers")
			}
			_ = s.Close()
		})
	}
}
