package sqlite_test

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"sendoff/smtp/message"
	"sendoff/smtp/outbox"
	"sendoff/smtp/outbox/sqlite"
)

// TestSealedDraftLeavesNothing writes a draft in the clear for a while, and then
// has it encrypted: what it said is not in the files any more.
func TestSealedDraftLeavesNothing(t *testing.T) {
	t.Parallel()
	const word = "zyzzogeton"
	sealedDraft := message.Draft{To: "ann@example.org", Subject: message.HiddenSubject, Locked: "-----BEGIN PGP MESSAGE-----"}
	for name, seal := range map[string]func(t *testing.T, s *sqlite.Store, ref outbox.Ref) error{
		"saved": func(t *testing.T, s *sqlite.Store, ref outbox.Ref) error {
			_, err := s.SaveDraft(t.Context(), ref, sealedDraft)
			return err
		},
		"queued": func(t *testing.T, s *sqlite.Store, ref outbox.Ref) error {
			_, err := s.Put(t.Context(), outbox.New{
				Account: "home", State: outbox.Queued, Draft: ref, Recipients: []string{"ann@example.org"}, Subject: message.HiddenSubject,
				Fields: []byte(`{"locked":"-----BEGIN PGP MESSAGE-----"}`), Write: write("Subject: ...\r\n\r\nsealed\r\n"),
			})
			return err
		},
		"queued in the clear before": func(t *testing.T, s *sqlite.Store, ref outbox.Ref) error {
			clear := outbox.New{
				Account: "home", State: outbox.Queued, Draft: ref, Recipients: []string{"ann@example.org"}, Subject: word, Text: word,
				Fields: []byte(`{"body":"` + word + `"}`),
				Write: func(w io.Writer) error {
					_, err := io.WriteString(w, "Subject: x\r\n\r\n"+strings.Repeat(word+"\r\n", 5_000))
					return err
				},
			}
			id, err := s.Put(t.Context(), clear)
			if err != nil {
				return err
			}
			if err := s.Act(t.Context(), id, outbox.TakeBack); err != nil {
				return err
			}
			_, err = s.SaveDraft(t.Context(), outbox.Ref{ID: id}, sealedDraft)
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "outbox.db")
			s := open(t, path, sqlite.Options{})
			for range 20 { // others, whose pages it shares
				put(t, s, "Subject: x\r\n\r\nhi\r\n")
			}
			var ref outbox.Ref
			for n := range 15 {
				d := message.Draft{To: "ann@example.org", Subject: fmt.Sprint(word, n), Body: strings.Repeat(word+" ", 20*n*n)}
				var err error
				if ref, err = s.SaveDraft(t.Context(), ref, d); err != nil {
					t.Fatal(err)
				}
				if n%5 == 0 {
					put(t, s, "Subject: x\r\n\r\nhi\r\n")
				}
			}
			if found(t, path, word) == 0 {
				t.Fatal("it is not in the clear before: the test tests nothing")
			}
			if err := seal(t, s, ref); err != nil {
				t.Fatal(err)
			}
			if n := found(t, path, word); n > 0 {
				t.Errorf("%d times in the clear", n)
			}
			if n := found(t, path, "ann@example.org"); n == 0 {
				t.Error("the rest is gone too")
			}
			if items, err := s.List(t.Context(), outbox.Query{Search: "ann"}); err != nil || len(items) == 0 {
				t.Errorf("the search finds %d, %v", len(items), err)
			}
		})
	}
}

// found counts a word in the files of an outbox.
func found(t *testing.T, path, word string) int {
	t.Helper()
	n := 0
	for _, name := range []string{path, path + "-wal"} {
		b, err := os.ReadFile(name)
		if err != nil && !os.IsNotExist(err) {
			t.Fatal(err)
		}
		n += bytes.Count(b, []byte(word[2:])) // an index leaves out what the word before begins with, too
	}
	return n
}
