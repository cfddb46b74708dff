package seal_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"strings"
	"testing"
	"time"

	"sendoff/smtp/address"
	"sendoff/smtp/message"
	"sendoff/smtp/message/seal"
	"sendoff/smtp/message/seal/sealtest"
)

// TestPassphrase asserts how a person is asked, and what comes of it if they are
// not, or don't answer.
func TestPassphrase(t *testing.T) {
	t.Parallel()
	h := sealtest.New(t)
	h.Make("alice@example.org", "secret", "never")
	h.Trust(h.Certify("alice@example.org", "secret"))
	m := letter(t)
	for _, kind := range []seal.Kind{seal.PGP, seal.SMIME} {
		unclear := seal.Canceled // gpgsm has no code for it
		wrong := seal.BadPassphrase
		cantAsk := seal.CantAsk
		if kind == seal.SMIME {
			unclear, wrong, cantAsk = seal.Failed, seal.Failed, seal.Failed
		}
		for _, test := range []struct {
			pinentry string // empty to go on with the last, and what the agent knows by now
			ask      bool
			want     seal.Reason
		}{
			{sealtest.Answers("secret"), false, seal.MustAsk},
			{sealtest.Cancels(), true, unclear},
			{"exit 1", true, cantAsk},
			{sealtest.Answers("wrong"), true, wrong},
			{sealtest.Answers("secret"), true, ""},
			{"", false, ""},
		} {
			if test.pinentry != "" {
				h.Pinentry(test.pinentry)
				h.Restart()
			}
			tools := tools(h, kind)
			tools.Ask = test.ask
			plan, err := tools.Plan(t.Context(), seal.Order{Sign: true, From: m.From})
			if err != nil {
				t.Fatal(err)
			}
			err = plan.Write(t.Context(), io.Discard, m)
			var failed *seal.Error
			if errors.As(err, &failed); (err == nil) != (test.want == "") || failed != nil && failed.Reason != test.want {
				t.Errorf("%s, pinentry %q, ask %v: %v", kind, test.pinentry, test.ask, err)
			}
			if seal.AsksPerson(err) != (test.want == seal.MustAsk) {
				t.Errorf("%v: asks is wrong", err)
			}
		}
	}
}

func TestTrouble(t *testing.T) {
	t.Parallel()
	h := sealtest.New(t)
	h.Make("alice@example.org", "", "never")
	m := letter(t)
	o := seal.Order{Sign: true, Encrypt: true, From: m.From, To: []address.Mailbox{m.From}}

	none := tools(h, seal.PGP)
	none.Run = func(context.Context, []string, io.Reader, io.Writer) ([]byte, error) { return nil, fs.ErrNotExist }
	_, err := none.Plan(t.Context(), o)
	if err == nil || err.Error() != "gpg is not installed" {
		t.Errorf("no program: %v", err)
	}

	plan, err := tools(h, seal.PGP).Plan(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	// The secret part may be on a card that is not there.
	card := seal.Tools{Kind: seal.PGP, Now: time.Now, Ask: true}
	card.Run = func(ctx context.Context, argv []string, in io.Reader, out io.Writer) ([]byte, error) {
		if argv[len(argv)-1] == m.From.Addr() || strings.Contains(strings.Join(argv, " "), "--list") {
			return h.Run(ctx, argv, in, out)
		}
		return []byte("gpg: signing failed: Card not present\n[GNUPG:] CARDCTRL 4\n[GNUPG:] FAILURE sign 100663408\n"), errors.New("exit status 2")
	}
	cardPlan, err := card.Plan(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	err = cardPlan.Write(t.Context(), io.Discard, m)
	if err == nil || err.Error() != "gpg misses the card with the key: gpg: signing failed: Card not present" {
		t.Errorf("card: %v", err)
	}

	broken := errors.New("broken disk")
	m.Attachments[0].Open = func() (io.ReadCloser, error) { return nil, broken }
	if err := plan.Write(t.Context(), io.Discard, m); !errors.Is(err, broken) {
		t.Errorf("a file that can't be read: %v", err)
	}
	if err := plan.Write(t.Context(), failing{}, letter(t)); !errors.Is(err, errFull) {
		t.Errorf("a full disk: %v", err)
	}
	n := 0
	m.Attachments[0].Open = func() (io.ReadCloser, error) { n++; return open(strings.Repeat("x", n))() }
	signs, err := tools(h, seal.PGP).Plan(t.Context(), seal.Order{Sign: true, From: m.From})
	if err != nil {
		t.Fatal(err)
	}
	if err := signs.Write(t.Context(), io.Discard, m); !errors.Is(err, seal.ErrChanged) {
		t.Errorf("a file that changes: %v", err)
	}
	ctx, stop := context.WithCancel(t.Context())
	stop()
	if err := plan.Write(ctx, io.Discard, letter(t)); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

var errFull = errors.New("the disk is full")

// failing takes the header, and nothing else.
type failing struct{}

func (failing) Write(p []byte) (int, error) {
	if bytes.HasPrefix(p, []byte("From: ")) {
		return len(p), nil
	}
	return 0, errFull
}

func TestDraft(t *testing.T) {
	t.Parallel()
	h := sealtest.New(t)
	h.Make("alice@example.org", "", "never")
	h.Trust(h.Certify("alice@example.org", ""))
	d := message.Draft{Account: "home", From: "alice@example.org", To: "bob@example.org", Subject: "secret", Body: "for nobody's eyes", Encrypt: message.Yes,
		Attachments: []string{"/w/scan.pdf"}, Attached: map[string]message.Attached{"/w/scan.pdf": {Name: "Divorce.pdf"}}}
	for _, kind := range []seal.Kind{seal.PGP, seal.SMIME} {
		locked, err := tools(h, kind).Lock(t.Context(), d, seal.Order{From: box(t, d.From)})
		if err != nil {
			t.Fatal(err)
		}
		if locked.Subject != message.HiddenSubject || locked.Body != "" || locked.To != d.To || locked.Attached != nil || strings.Contains(locked.Locked, "eyes") {
			t.Errorf("locked it is %+v", locked)
		}
		got, err := tools(h, kind).Unlock(t.Context(), locked)
		if err != nil || got.Body != d.Body || got.Subject != d.Subject || got.Attached["/w/scan.pdf"].Name != "Divorce.pdf" {
			t.Errorf("unlocked it is %+v, %v", got, err)
		}
		locked.Account = "work" // to which a mail was given
		if given, err := tools(h, kind).Unlock(t.Context(), locked); err != nil || got.Account != "home" || given.Account != "work" {
			t.Errorf("written through %q, given to work, it goes through %q, %v", got.Account, given.Account, err)
		}
	}
	if _, err := tools(h, seal.PGP).Lock(t.Context(), d, seal.Order{From: box(t, "bob@example.org")}); !errors.As(err, new(*seal.KeysError)) {
		t.Errorf("without a key: %v", err)
	}
}
