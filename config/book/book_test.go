package book

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sendoff/smtp/address"
)

// told is contacts as text, one a line.
func told(all []Contact) string {
	var b strings.Builder
	for _, c := range all {
		fmt.Fprintf(&b, "%s", c)
		if c.Nick != "" {
			fmt.Fprintf(&b, " (%s)", c.Nick)
		}
		b.WriteByte('\n')
	}
	return b.String()
}

func TestParse(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name string
		kind Kind
		text string
		want string
	}{
		{"a card", VCard, "BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Alice Example\r\nNICKNAME:ally\r\nEMAIL;TYPE=work:alice@example.org\r\nEMAIL;TYPE=home,PREF:a@home.example\r\nEND:VCARD\r\n",
			"Alice Example <a@home.example> (ally)\nAlice Example <alice@example.org> (ally)\n"},
		{"groups of lines, folds, quotes", VCard, "BEGIN:VCARD\nVERSION:4.0\nFN:Doe\\, Jo\n hn\nitem1.EMAIL;X-A=\"a:b;c\":mailto:jo@exa\n\tmple.org\nEND:VCARD\n",
			`"Doe, John" <jo@example.org>` + "\n"},
		{"no full name", VCard, "BEGIN:VCARD\nN:Groß;Jürgen;;Dr.;\nEMAIL:j@x.example\nEND:VCARD\nBEGIN:VCARD\nORG:Firm\\; Ltd;Desk\nEMAIL:info@firm.example\nEND:VCARD\n",
			"Dr. Jürgen Groß <j@x.example>\n\"Firm; Ltd\" <info@firm.example>\n"},
		{"version 2.1", VCard, "BEGIN:VCARD\nVERSION:2.1\nFN;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:J=C3=BCrgen =\n Gro=C3=9F\nEMAIL;INTERNET:j@x.example\nEND:VCARD\n",
			"Jürgen Groß <j@x.example>\n"},
		{"broken between good ones", VCard, "junk\nBEGIN:VCARD\nFN:A\nEMAIL:a@x.example\nEND:VCARD\nEMAIL:lost@x.example\nBEGIN:VCARD\nFN:B\nEMAIL:nobody\nBEGIN:VCARD\nFN:C\nEMAIL:c@x.example\nEND:VCARD",
			"A <a@x.example>\nC <c@x.example>\n"},
		{"a photograph", VCard, "BEGIN:VCARD\nPHOTO:" + strings.Repeat("QUJD\n ", 40_000) + "\nFN:A\nEMAIL:a@x.example\nEND:VCARD\n", "A <a@x.example>\n"},
		{"abook", Abook, "# abook\n\n[format]\nprogram=abook\nversion=0.6.1\n\n[0]\nname=Bob B\nemail=bob@x.example,b@home.example\nnick=bobby\ngroups=chess,work\n\n[1]\nname=Carol\nemail=carol@x.example\ngroups=chess\n\n[2]\nname=Nobody\n",
			"Bob B <bob@x.example> (bobby)\nBob B <b@home.example> (bobby)\nCarol <carol@x.example>\nchess: Bob B <bob@x.example>, Carol <carol@x.example>;\nwork: Bob B <bob@x.example>;\n"},
		{"mutt", Mutt, "set realname = Me\nalias bob Bob B <bob@x.example> # of the club\n\talias -group team carol \"Doe, Carol\" <carol@x.example>\nalias all bob, \\\n  carol, d@x.example\nalias old e@x.example (Eve)\nalias\nalias x\n",
			"Bob B <bob@x.example> (bob)\n\"Doe, Carol\" <carol@x.example> (carol)\nall: Bob B <bob@x.example>, \"Doe, Carol\" <carol@x.example>, d@x.example;\nEve <e@x.example> (old)\n"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got := Parse(tt.kind, tt.text)
			if tt.kind == VCard {
				got = gather(got)
			}
			if diff := cmp.Diff(tt.want, told(got)); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
		})
	}
}

// TestRead reads folders as khard and vdirsyncer make them, with a group whose
// members are in files of their own.
func TestRead(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write := func(name, text string) {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("family/mum.vcf", "BEGIN:VCARD\nUID:urn:uuid:1-A\nFN:Mum\nEMAIL:mum@x.example\nEND:VCARD\n")
	write("family/dad.VCF", "BEGIN:VCARD\nUID:2-b\nFN:Dad\nEMAIL:dad@x.example\nEND:VCARD\n")
	write("family/all.vcf", "BEGIN:VCARD\nVERSION:4.0\nKIND:group\nFN:Family\nMEMBER:urn:uuid:1-a\nMEMBER:2-B\nMEMBER:mailto:gran@x.example\nMEMBER:urn:uuid:gone\nEND:VCARD\n")
	write("family/none.vcf", "BEGIN:VCARD\nKIND:group\nFN:Nobody\nMEMBER:gone\nEND:VCARD\n")
	write("family/notes.txt", "BEGIN:VCARD\nFN:Text\nEMAIL:t@x.example\nEND:VCARD\n")
	write(".trash/old.vcf", "BEGIN:VCARD\nFN:Old\nEMAIL:old@x.example\nEND:VCARD\n")
	write("a/b/c/deep.vcf", "BEGIN:VCARD\nFN:Deep\nEMAIL:deep@x.example\nEND:VCARD\n")
	write("big.vcf", strings.Repeat("x", mostOctets+1))
	got, err := Read(Place{VCard, dir})
	if err == nil || !strings.Contains(err.Error(), "big.vcf: has more than 10 MB") {
		t.Errorf("of the large file it says %v", err)
	}
	want := "Family: Mum <mum@x.example>, Dad <dad@x.example>, gran@x.example;\nDad <dad@x.example>\nMum <mum@x.example>\n"
	if diff := cmp.Diff(want, told(got)); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	link := filepath.Join(t.TempDir(), ".contacts")
	if err := os.Symlink(dir, link); err != nil {
		t.Logf("no links here: %v", err)
		link = dir
	}
	if got, _ := Read(Place{VCard, link}); told(got) != want {
		t.Errorf("through a link it reads\n%s", told(got))
	}
	before := Changed(Place{VCard, dir})
	if err := os.Chtimes(filepath.Join(dir, "family", "mum.vcf"), time.Time{}, before.Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	if !Changed(Place{VCard, dir}).After(before) {
		t.Error("a change of one card is not seen")
	}
	if _, err := Read(Place{Abook, filepath.Join(dir, "gone")}); err == nil {
		t.Error("an address book that isn't there is none")
	}
	if got := Usual(dir); len(got) != 0 {
		t.Errorf("found %v", got)
	}
	write(".abook/addressbook", "")
	if got := Usual(dir); len(got) != 1 || got[0].Kind != Abook {
		t.Errorf("found %v", got)
	}
}

// TestReadLinks: collections that are links are read, each once, whatever circles
// the links make.
func TestReadLinks(t *testing.T) {
	t.Parallel()
	dir, other := t.TempDir(), t.TempDir()
	if err := os.MkdirAll(filepath.Join(other, "work"), 0o700); err != nil {
		t.Fatal(err)
	}
	for path, name := range map[string]string{filepath.Join(dir, "ann.vcf"): "Ann", filepath.Join(other, "work", "bob.vcf"): "Bob"} {
		if err := os.WriteFile(path, []byte("BEGIN:VCARD\nFN:"+name+"\nEMAIL:"+name+"@x.example\nEND:VCARD\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for name, to := range map[string]string{
		filepath.Join(dir, "work"): filepath.Join(other, "work"), filepath.Join(dir, "twice"): filepath.Join(other, "work"),
		filepath.Join(dir, "up"): dir, filepath.Join(other, "work", "back"): dir, filepath.Join(dir, "gone"): filepath.Join(dir, "nowhere"),
		filepath.Join(dir, "self"): filepath.Join(dir, "self"), filepath.Join(dir, ".hidden"): other,
	} {
		if err := os.Symlink(to, name); err != nil {
			t.Skipf("no links here: %v", err)
		}
	}
	got, err := Read(Place{VCard, dir})
	if diff := cmp.Diff("Ann <Ann@x.example>\nBob <Bob@x.example>\n", told(got)); diff != "" || err != nil {
		t.Errorf("%v: -want +got\n%s", err, diff)
	}
	before := Changed(Place{VCard, dir})
	if err := os.Chtimes(filepath.Join(other, "work", "bob.vcf"), time.Time{}, before.Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	if !Changed(Place{VCard, dir}).After(before) {
		t.Error("a change behind a link is not seen")
	}
}

func TestFind(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 27, 12, 0, 0, 0, time.UTC)
	var all []Contact
	add := func(name, addr string, uses int, ago time.Duration) {
		c, ok := person(name, "", addr, "test")
		if !ok {
			t.Fatal(addr)
		}
		c.Uses = uses
		if uses > 0 {
			c.Last = now.Add(-ago)
		}
		all = append(all, c)
	}
	add("", "bob@old.example", 9, 300*24*time.Hour)
	add("Bob Ross", "ross@x.example", 3, time.Hour)
	add("Jürgen Groß", "jg@x.example", 0, 0)
	add("Łukasz Żak", "l.zak+news@sub.domain.example", 0, 0)
	add("Ross of the name", "ROSS@x.example", 1, 0)
	all = append(all, Contact{Name: "Chess", Group: true, Boxes: []address.Mailbox{{Name: "Eve", Local: "e", Domain: "x.example"}}})
	x := NewIndex(all)
	for typed, want := range map[string]string{
		"bob":        "Bob Ross <ross@x.example>|bob@old.example",
		"ros bo":     "Bob Ross <ross@x.example>",
		"jurgen gro": "Jürgen Groß <jg@x.example>",
		"GROSS":      "Jürgen Groß <jg@x.example>",
		"zak":        "Łukasz Żak <l.zak+news@sub.domain.example>",
		"domain.ex":  "Łukasz Żak <l.zak+news@sub.domain.example>",
		"l.zak+n":    "Łukasz Żak <l.zak+news@sub.domain.example>",
		"eve":        "Chess: Eve <e@x.example>;",
		"ob":         "",
		" ":          "",
	} {
		var got []string
		for _, c := range x.Find(typed, now, 8) {
			got = append(got, c.String())
		}
		if strings.Join(got, "|") != want {
			t.Errorf("%q finds %q, want %q", typed, got, want)
		}
	}
	if got := x.Find("x", now, 2); len(got) != 2 || got[0].Uses != 4 {
		t.Errorf("the most used is not first: %+v", got)
	}
}

func TestAsk(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("the commands are of a Unix shell")
	}
	ask := func(script, typed string) ([]Contact, error) {
		return Ask(context.Background(), []string{"sh", "-c", script, "sh", "%s"}, typed, nil)
	}
	got, err := ask(`printf 'searching\n\nbob@x.example\tBob\tnote\nCarol <c@x.example>\n'; printf '%s@q.example\t\n' "$1"; exit 1`, "a$(b")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff("Bob <bob@x.example>\nCarol <c@x.example>\n", told(got)); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	if got, err = ask("echo Not found; exit 1", "x"); err != nil || len(got) > 0 {
		t.Errorf("none found: %v, %v", got, err)
	}
	if _, err := Ask(context.Background(), []string{"/nowhere/at-all", "%s"}, "x", nil); err == nil {
		t.Error("a command that isn't there is no error")
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if got, _ = Ask(ctx, []string{"sh", "-c", "exec sleep 600"}, "x", nil); len(got) > 0 {
		t.Errorf("cancelled, it finds %v", got)
	}
}

// FuzzParse: whatever the file, what is found can be read back as a list of
// addresses, and is one line.
func FuzzParse(f *testing.F) {
	f.Add("BEGIN:VCARD\nFN;ENCODING=QUOTED-PRINTABLE:=C3=\n=BC\nEMAIL:a@x.example\nEND:VCARD", uint8(0))
	f.Add("[0]\nname=A\u0085;: B\nemail=a@x,b@x\ngroups=g;,h", uint8(1))
	f.Add("alias g a@x, \"b\" <b@x>\\\n,c@x", uint8(2))
	f.Fuzz(func(t *testing.T, text string, kind uint8) {
		all := Parse([]Kind{VCard, Abook, Mutt}[kind%3], text)
		if kind%3 == 0 {
			all = gather(all)
		}
		for _, c := range NewIndex(all).all {
			s := c.String()
			entries := address.Split(s)
			if len(entries) != 1 || entries[0].Err != nil || len(entries[0].Mailboxes) != len(c.Boxes) {
				t.Fatalf("%q is read as %+v", s, entries)
			}
			if strings.ContainsAny(s, "\r\n\x00") {
				t.Fatalf("%q is more than a line", s)
			}
		}
	})
}

// BenchmarkFind is one key typed among 50 000 contacts.
func BenchmarkFind(b *testing.B) {
	var all []Contact
	for i := range 50_000 {
		c, _ := person(fmt.Sprintf("Person%d Müller-Name%d", i, i%977), "", fmt.Sprintf("person%d.m@dept%d.example.org", i, i%53), "test")
		c.Uses = i % 7
		all = append(all, c)
	}
	x := NewIndex(all)
	for _, typed := range []string{"p", "person49", "mull name97", "nobody"} {
		b.Run(typed, func(b *testing.B) {
			for b.Loop() {
				x.Find(typed, time.Time{}, 8)
			}
		})
	}
}
