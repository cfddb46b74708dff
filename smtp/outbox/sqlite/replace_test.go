package sqlite

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
)

// TestReplace looks between the steps of a replacement, where a program may be
// killed: there is the old outbox, with what is written ahead of it, or the new.
func TestReplace(t *testing.T) {
	t.Parallel()
	for name, damage := range map[string]func([]byte) []byte{
		"none":     func(b []byte) []byte { return b },
		"head":     func(b []byte) []byte { return append(make([]byte, 100), b[100:]...) },
		"noise":    func(b []byte) []byte { return bytes.Repeat([]byte{0xa5, 0x20, 0x00}, 9000) },
		"pages":    func(b []byte) []byte { return append(b[:16:16], append([]byte{0x20, 0x00}, b[18:]...)...) }, // of 8192 octets
		"longer":   func(b []byte) []byte { return append(b, make([]byte, 4<<20)...) },
		"cut":      func(b []byte) []byte { return b[:5000] },
		"an octet": func(b []byte) []byte { return b[:1] },
		"empty":    func(b []byte) []byte { return nil },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			r := &replacement{
				path: filepath.Join(dir, "outbox.db"), fresh: filepath.Join(dir, "fresh.db"),
				log: filepath.Join(dir, "log"), kept: filepath.Join(dir, "outbox.db.damaged"),
			}
			file, ahead := inUse(t, 20)
			file = damage(file)
			leave(t, r.path, file)
			leave(t, r.path+"-wal", ahead)
			filled(t, r.fresh, 50)

			if err := r.keep(); err != nil {
				t.Fatal(err)
			}
			same(t, r.path, file, ahead)
			same(t, r.kept, file, ahead)
			if err := r.put(); err != nil {
				t.Fatal(err)
			}
			killed := filepath.Join(t.TempDir(), "outbox.db")
			for _, suffix := range []string{"", "-wal"} {
				if err := copyFile(r.path+suffix, killed+suffix); err != nil {
					t.Fatal(err)
				}
			}
			holds(t, killed, 50)
			if err := r.settle(t.Context(), Options{}); err != nil {
				t.Fatal(err)
			}
			if _, err := os.Stat(r.path + "-wal"); err == nil {
				t.Error("the log is still there")
			}
			got, want := read(t, r.path), read(t, r.fresh)
			if len(got) != len(want) {
				t.Errorf("the file has %d octets, not %d", len(got), len(want))
			}
			holds(t, r.path, 50)
			same(t, r.kept, file, ahead)
		})
	}
}

// filled makes an outbox of n mails.
func filled(t *testing.T, path string, n int) {
	t.Helper()
	s, err := Open(t.Context(), path, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := Fill(t.Context(), s, n); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}

// inUse returns an outbox as a program that was killed leaves it, with n mails
// written ahead of it.
func inUse(t *testing.T, n int) (file, ahead []byte) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "outbox.db")
	filled(t, path, 3*n)
	s, err := Open(t.Context(), path, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := Fill(t.Context(), s, n); err != nil {
		t.Fatal(err)
	}
	file, ahead = read(t, path), read(t, path+"-wal")
	if len(ahead) == 0 {
		t.Fatal("nothing was written ahead")
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	return file, ahead
}

func leave(t *testing.T, path string, b []byte) {
	t.Helper()
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
}

func read(t *testing.T, path string) []byte {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// same tells that an outbox is made of certain octets.
func same(t *testing.T, path string, file, ahead []byte) {
	t.Helper()
	if !bytes.Equal(read(t, path), file) || !bytes.Equal(read(t, path+"-wal"), ahead) {
		t.Errorf("%s is not as it was", path)
	}
}

// holds tells that an outbox is whole and has n mails.
func holds(t *testing.T, path string, n int) {
	t.Helper()
	s, err := Open(t.Context(), path, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	var got int
	var verdict string
	if err := s.read.QueryRowContext(t.Context(), `SELECT count(*), (SELECT * FROM pragma_integrity_check) FROM item`).Scan(&got, &verdict); err != nil || got != n || verdict != "ok" {
		t.Errorf("%d mails, %s, %v", got, verdict, err)
	}
}
