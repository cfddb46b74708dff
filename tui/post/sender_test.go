package post

import (
	"strings"
	"testing"
	"time"

	"sendoff/config"
	"sendoff/smtp/message"
	"sendoff/smtp/outbox"
)

func TestIdentity(t *testing.T) {
	t.Parallel()
	r := open(t, Options{})
	a := work
	a.Bcc = []string{"archive@b.example"}
	a.Identities = []config.Identity{{
		Address: "sales@b.example", FullName: "Sales", ReplyTo: "orders@b.example", Bcc: []string{"crm@b.example"}, Recipients: []string{"*@customer.example"},
	}}
	add(t, r, a, "")
	tests := []struct {
		name       string
		draft      message.Draft
		from       string // of the envelope
		header     string
		recipients string
	}{
		{"the account's own", message.Draft{To: "x@c.example"}, "me@xn--bcher-kva.example", "From: Me <me@", "x@c.example archive@b.example"},
		{"by recipient", message.Draft{To: "X <x@customer.example>"}, "sales@b.example", "Reply-To: orders@b.example", "x@customer.example crm@b.example"},
		{"by sender", message.Draft{From: "S <sales@b.example>", To: "CRM@b.example"}, "sales@b.example", "From: S <sales@b.example>", "CRM@b.example"},
		{"by sender without a name", message.Draft{From: "SALES@b.example", To: "x@c.example"}, "SALES@b.example", "From: Sales <SALES@b.example>", "x@c.example crm@b.example"},
		{"by the address of nobody", message.Draft{From: "other@b.example", To: "x@c.example"}, "other@b.example", "From: other@b.example", "x@c.example archive@b.example"},
		{"reply-to given", message.Draft{To: "x@customer.example", ReplyTo: "y@c.example"}, "sales@b.example", "Reply-To: y@c.example", "x@customer.example crm@b.example"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			test.draft.Subject, test.draft.Body = "s", "b"
			id, err := r.Post(t.Context(), test.draft, time.Time{})
			if err != nil {
				t.Fatal(err)
			}
			item, _, err := r.Item(t.Context(), id)
			if err != nil {
				t.Fatal(err)
			}
			if item.From != test.from || addressed(item) != test.recipients {
				t.Errorf("from %s to %s", item.From, addressed(item))
			}
			if text := content(t, r, id); !strings.Contains(text, test.header) || strings.Contains(text, "crm@") && test.name != "by sender" {
				t.Errorf("%q is missing, or a copy shows, in:\n%s", test.header, text)
			}
		})
	}
	if _, err := r.Post(t.Context(), message.Draft{Subject: "s"}, time.Time{}); err == nil {
		t.Error("a mail to nobody but the archive was taken")
	}
}

func addressed(it outbox.Item) string {
	var all []string
	for _, to := range it.Recipients {
		all = append(all, to.Address)
	}
	return strings.Join(all, " ")
}

// A text that was begun is signed below, and before what it passes on.
func TestSign(t *testing.T) {
	t.Parallel()
	r := open(t, Options{})
	a := work
	a.Signature = "Me\r\nOffice\n"
	a.Identities = []config.Identity{{Address: "sales@example.org", FullName: "Sales", Signature: "-- \nSales"}, {Address: "bare@example.org"}}
	add(t, r, a, "")
	for _, tt := range []struct {
		from, body string
		before     bool
		want       string
	}{
		{"", "> hi\n", false, "> hi\n\n\n-- \nMe\nOffice"},
		{"", "\n\n----------", true, "\n\n-- \nMe\nOffice\n\n----------"},
		{"sales@example.org", "x", false, "x\n\n-- \nSales"},
		{"bare@example.org", "x", false, "x"},
	} {
		d := message.Draft{From: tt.from, Body: tt.body}
		if err := r.Sign(&d, tt.before); err != nil || d.Body != tt.want {
			t.Errorf("%q from %q becomes %q, %v", tt.body, tt.from, d.Body, err)
		}
	}
	for from, want := range map[string]string{
		"":                      "",
		"SALES@example.org":     "Sales <SALES@example.org>",
		"bare@example.org":      "Me <bare@example.org>",
		"I <sales@example.org>": "I <sales@example.org>",
	} {
		d := message.Draft{From: from}
		if err := r.Introduce(&d); err != nil || d.From != want {
			t.Errorf("%q becomes %q, %v", from, d.From, err)
		}
	}
	own, err := r.Own()
	if err != nil || !own("SALES@example.org") || own("other@example.org") {
		t.Errorf("own addresses are not told from others: %v", err)
	}
}
