package sqlite_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"sendoff/smtp/message"
	"sendoff/smtp/outbox"
	"sendoff/smtp/outbox/sqlite"
)

// sizes are the numbers of mails that benchmarks are run with: what they
// measure must not grow with them.
var sizes = []int{1_000, 10_000, 100_000}

// filled returns the path of an outbox with n sent mails and as many as are
// queued.
func filled(b *testing.B, n int) string {
	b.Helper()
	path := filepath.Join(b.TempDir(), "outbox.db")
	s := open(b, path, sqlite.Options{})
	if err := sqlite.Fill(b.Context(), s, n); err != nil {
		b.Fatal(err)
	}
	return path
}

func BenchmarkOpen(b *testing.B) {
	for _, n := range sizes {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			path := filled(b, n)
			for b.Loop() {
				s, err := sqlite.Open(b.Context(), path, sqlite.Options{})
				if err != nil {
					b.Fatal(err)
				}
				if items, err := s.List(b.Context(), outbox.Query{Limit: 50}); err != nil || len(items) != 50 {
					b.Fatal(len(items), err)
				}
				if err := s.Close(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkRead(b *testing.B) {
	for _, n := range sizes {
		s := open(b, filled(b, n), sqlite.Options{})
		ctx := b.Context()
		for name, f := range map[string]func() error{
			"Counts": func() error {
				_, err := s.Counts(ctx, "")
				return err
			},
			"CountsFound": func() error {
				_, err := s.Counts(ctx, "topic5 words")
				return err
			},
			"CountsLetter": func() error {
				_, err := s.Counts(ctx, "t")
				return err
			},
			"Due": func() error {
				_, _, err := s.Due(ctx, outbox.Only{})
				return err
			},
			"Version": func() error {
				_, err := s.Version(ctx)
				return err
			},
		} {
			b.Run(fmt.Sprintf("%s/%d", name, n), func(b *testing.B) {
				for b.Loop() {
					if err := f(); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}

// BenchmarkList reads a page of each tab of the screen in each order, from the
// top and from the middle; all of it, and what a letter or a word finds of it.
func BenchmarkList(b *testing.B) {
	tabs := map[string][]outbox.State{
		"NeedsYou": {outbox.NeedsYou},
		"Waiting":  {outbox.Sending, outbox.Queued, outbox.Deferred, outbox.Scheduled, outbox.Held},
		"Sent":     {outbox.Sent},
		"Drafts":   {outbox.Draft},
		"All":      nil,
	}
	sorts := []outbox.Sort{outbox.ByNewest, outbox.ByOldest, outbox.ByChange, outbox.BySubject, outbox.BySize}
	for _, n := range sizes {
		s := open(b, filled(b, n), sqlite.Options{})
		for tab, states := range tabs {
			for _, sort := range sorts {
				for _, search := range []string{"", "t", "topic5"} {
					for _, before := range []outbox.ID{0, outbox.ID(n / 2)} {
						q := outbox.Query{States: states, Sort: sort, Search: search, Before: before, Limit: 200}
						b.Run(fmt.Sprintf("%s/sort=%s/search=%s/before=%d/%d", tab, sort, search, before, n), func(b *testing.B) {
							for b.Loop() {
								if _, err := s.List(b.Context(), q); err != nil {
									b.Fatal(err)
								}
							}
						})
					}
				}
			}
		}
	}
}

func BenchmarkClaim(b *testing.B) {
	for _, n := range sizes {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			s := open(b, filled(b, n), sqlite.Options{})
			want := outbox.Want{Account: "home", Owner: "me", Lease: time.Minute}
			for b.Loop() {
				c, err := s.Claim(b.Context(), want)
				if err != nil || len(c) != 1 {
					b.Fatal(c, err)
				}
				if err := s.Finish(b.Context(), outbox.Finished{Lease: c[0].Lease, Decision: outbox.Decision{Recipients: c[0].Item.Recipients}}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkDrain sends queued mails to a server that takes no time.
func BenchmarkDrain(b *testing.B) {
	log, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
	if err != nil {
		b.Fatal(err)
	}
	defer log.Close()
	s := open(b, filepath.Join(b.TempDir(), "outbox.db"), sqlite.Options{})
	w := outbox.NewWorker(outbox.Options{Store: s, Sender: recorder{log: log}})
	for b.Loop() {
		b.StopTimer()
		const mails = 500
		for range mails {
			put(b, s, "Subject: x\r\n\r\nhi\r\n")
		}
		b.StartTimer()
		if sum, err := w.Flush(b.Context(), outbox.Only{}); err != nil || len(sum.States) != mails {
			b.Fatal(len(sum.States), err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N)/500, "µs/mail")
}

// BenchmarkQueue queues a mail of 50 MB, next to copying as much into a file
// and having the disk keep it.
func BenchmarkQueue(b *testing.B) {
	const octets = 50 << 20
	block := bytes.Repeat([]byte("0123456789abcde\n"), 4096)
	write := func(w io.Writer) error {
		for range octets / len(block) {
			if _, err := w.Write(block); err != nil {
				return err
			}
		}
		return nil
	}
	b.Run("Put", func(b *testing.B) {
		s := open(b, filepath.Join(b.TempDir(), "outbox.db"), sqlite.Options{})
		b.SetBytes(octets)
		for b.Loop() {
			id, err := s.Put(b.Context(), outbox.New{
				Account: "home", Recipients: []string{"ann@example.org"}, State: outbox.Held, Write: write,
			})
			if err != nil {
				b.Fatal(err)
			}
			b.StopTimer()
			if err := s.Act(b.Context(), id, outbox.Delete); err != nil {
				b.Fatal(err)
			}
			b.StartTimer()
		}
	})
	b.Run("Copy", func(b *testing.B) {
		path := filepath.Join(b.TempDir(), "copy")
		b.SetBytes(octets)
		for b.Loop() {
			f, err := os.Create(path)
			if err != nil {
				b.Fatal(err)
			}
			if err := errors.Join(write(f), f.Sync(), f.Close()); err != nil {
				b.Fatal(err)
			}
			b.StopTimer()
			if err := os.Remove(path); err != nil {
				b.Fatal(err)
			}
			b.StartTimer()
		}
	})
}

// BenchmarkSaveDraft keeps what a person writes, again and again.
func BenchmarkSaveDraft(b *testing.B) {
	for _, lines := range []int{100, 1_000, 10_000} {
		b.Run(fmt.Sprint(lines), func(b *testing.B) {
			s := open(b, filepath.Join(b.TempDir(), "outbox.db"), sqlite.Options{})
			var text strings.Builder
			for i := range lines {
				fmt.Fprintf(&text, "%d a line of about sixty characters, as people write them\n", i)
			}
			var ref outbox.Ref
			for b.Loop() {
				var err error
				if ref, err = s.SaveDraft(b.Context(), ref, message.Draft{Subject: "long", Body: text.String()}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
