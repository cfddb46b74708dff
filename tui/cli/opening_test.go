package cli

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"sendoff/smtp/message"
)

// TestOpening: the composer begins with what the command line names.
func TestOpening(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	letter := filepath.Join(folder, "letter.eml")
	text := "From: Bob <bob@example.net>\nTo: you@example.org\nSubject: Tuesday\nMessage-ID: <3@example.net>\n\nShall we?\n"
	order := filepath.Join(folder, "order")
	signed, elsewhere := filepath.Join(folder, "signed"), filepath.Join(folder, "elsewhere")
	for path, content := range map[string]string{
		letter: text, order: "Subject: Order {{order}}\n\nDear {{name}}, it is {{date}}\n",
		signed: "Subject: Thanks\n\nThanks\n-- \nThe desk\n", elsewhere: "Account: gone\nFrom: c@example.org\nSubject: Hi\n\nHi\n",
	} {
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	tests := map[string]struct {
		args []string
		from origin
		want func(message.Draft) bool
	}{
		"mailto": {[]string{"mailto:a@example.org?subject=x"}, origin{}, func(d message.Draft) bool { return d.To == "a@example.org" && d.Subject == "x" }},
		"draft":  {[]string{letter}, origin{}, func(d message.Draft) bool { return d.Subject == "Tuesday" && d.Body == "Shall we?\n" && d.From == "" }},
		"reply": {nil, origin{reply: letter}, func(d message.Draft) bool {
			return d.To == "Bob <bob@example.net>" && strings.Contains(d.Body, "\n> Shall we?\n") && len(d.Headers) == 2
		}},
		"reply from a pipe": {nil, origin{reply: "-"}, func(d message.Draft) bool { return d.Subject == "Re: Piped" }},
		"forward":           {nil, origin{forward: letter}, func(d message.Draft) bool { return d.Subject == "Fwd: Tuesday" && d.Focus == "to" }},
		"enclosed":          {nil, origin{forward: letter, enclose: true}, func(d message.Draft) bool { return len(d.Attachments) == 1 && d.Attachments[0] == letter }},
		"enclosed from a pipe": {nil, origin{forward: "-", enclose: true}, func(d message.Draft) bool {
			return len(d.Attachments) == 1 && strings.HasSuffix(d.Attachments[0], "Piped.eml")
		}},
		"template": {nil, origin{template: order, values: []string{"order=7"}}, func(d message.Draft) bool {
			return d.Subject == "Order 7" && strings.HasPrefix(d.Body, "Dear {{name}}, it is 20") && strings.HasSuffix(d.Body, "\n\n-- \nAnn")
		}},
		"signed template":     {nil, origin{template: signed}, func(d message.Draft) bool { return strings.TrimSpace(d.Body) == "Thanks\n-- \nThe desk" }},
		"template of another": {nil, origin{template: elsewhere}, func(d message.Draft) bool { return d.Account == "gone" && d.Body == "Hi" && d.From == "c@example.org" }},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			in, out, err := os.Pipe()
			if err != nil {
				t.Fatal(err)
			}
			if _, err := out.WriteString(strings.Replace(text, "Tuesday", "Piped", 1)); err != nil {
				t.Fatal(err)
			}
			out.Close()
			defer in.Close()
			home := t.TempDir()
			conf := "[[account]]\nname = \"work\"\naddress = \"ann@example.org\"\nsignature = \"Ann\"\nhost = \"localhost\"\n"
			if err := os.WriteFile(filepath.Join(home, "config.toml"), []byte(conf), 0o600); err != nil {
				t.Fatal(err)
			}
			p := &program{Env: Env{
				Stdin: in, Stderr: os.Stderr, Environ: func() []string { return nil }, Unset: func(string) error { return nil },
				Lookup: func(name string) (string, bool) { return home, name == "SENDOFF_HOME" },
			}}
			defer p.close()
			d, err := p.opening(t.Context(), tt.args, tt.from)
			if err != nil {
				t.Fatal(err)
			}
			if !tt.want(*d) || p.notice != "" {
				t.Errorf("it begins with %+v, and says %q", *d, p.notice)
			}
		})
	}
}

// TestOpeningLeavesOut: what a link wanted and did not get is said.
func TestOpeningLeavesOut(t *testing.T) {
	t.Parallel()
	for link, want := range map[string]string{
		"mailto:a@x.example?subject=s": "", "mailto:a@x.example?attach=~/.ssh/id_rsa": "nothing is attached", "mailto:a@x.example?From=b%1b@x.example": "asked for From=b @x.example",
	} {
		p := &program{}
		d, err := p.opening(t.Context(), []string{link}, origin{})
		if err != nil || len(d.Attachments) > 0 || d.From != "" || !strings.Contains(p.notice, want) || want == "" && p.notice != "" {
			t.Errorf("%s: %+v, %v, and says %q", link, d, err, p.notice)
		}
	}
}
