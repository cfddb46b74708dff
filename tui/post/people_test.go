package post

import (
	"testing"

	"sendoff/smtp/outbox"
)

// TestRemembered: names come from what was typed, domains are told as people
// read them.
func TestRemembered(t *testing.T) {
	t.Parallel()
	got := remembered([]outbox.Correspondent{
		{Address: "ann@xn--bcher-kva.example", Mails: 3, Typed: "Ann B <ann@bücher.example>, eve@x.example"},
		{Address: "eve@x.example", Mails: 1, Typed: "Ann B <ann@bücher.example>, eve@x.example"},
		{Address: "no address", Mails: 1},
	})
	if len(got) != 2 || got[0].String() != "Ann B <ann@bücher.example>" || got[0].Uses != 3 || got[1].Name != "" {
		t.Errorf("remembered %+v", got)
	}
}
