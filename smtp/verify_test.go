package smtp

import (
	"strings"
	"testing"
)

func TestVerify(t *testing.T) {
	t.Parallel()
	const utf8 = "S: 220 mx\nC: EHLO [127.0.0.1]\nS: 250-mx\nS: 250 SMTPUTF8\n"
	for name, test := range map[string]struct {
		script, address string
		want            kind
		code            int
	}{
		"known":             {hi + "C: VRFY a@x.example\nS: 250 2.1.5 Ann <a@x.example>\nC: QUIT", "a@x.example", kind{}, 250},
		"not told":          {hi + "C: VRFY a@x.example\nS: 252 2.0.0 send some mail\nC: QUIT", "a@x.example", kind{}, 252},
		"unknown":           {hi + "C: VRFY a@x.example\nS: 550 5.1.1 no\nC: QUIT", "a@x.example", kind{StageRecipient, ClassPermanent, ScopeRecipient, RetryNo}, 550},
		"beyond ASCII":      {utf8 + "C: VRFY \u00f6@x.example SMTPUTF8\nS: 252 x\nC: QUIT", "\u00f6@x.example", kind{}, 252},
		"beyond the server": {hi + "C: QUIT", "\u00f6@x.example", kind{StageRecipient, ClassUnable, ScopeRecipient, RetryNo}, 0},
		"two lines":         {hi + "C: QUIT", "a@x.example\r\nRSET", kind{StageRecipient, ClassLocal, ScopeLocal, RetryNo}, 0},
		"gone":              {hi + "C: VRFY a@x.example\nclose", "a@x.example", kind{StageRecipient, ClassNetwork, ScopeServer, RetrySafe}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, err := Open(t.Context(), serve(t, test.script))
			if err != nil {
				t.Fatal(err)
			}
			reply, err := s.Verify(t.Context(), test.address)
			if test.want == (kind{}) && err != nil {
				t.Error(err)
			} else if test.want != (kind{}) && kindOf(failure(t, err)) != test.want {
				t.Errorf("got %+v", err)
			}
			if reply.Code != test.code || strings.ContainsAny(reply.Text(), "\r\n") {
				t.Errorf("got %v", reply)
			}
			_ = s.Close()
		})
	}
}
