package presend

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sendoff/smtp/message"
)

// whole is a mail of which nothing is to be said.
var whole = Mail{Draft: message.Draft{To: "bob@example.org", Subject: "Hi", Body: "Hello"}}

func kinds(found []Finding) (list []Kind) {
	for _, f := range found {
		list = append(list, f.Kind)
	}
	return list
}

func TestCheck(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		change func(*Mail)
		want   []Kind
		text   string // in the first finding
	}{
		"nothing":        {func(*Mail) {}, nil, ""},
		"no subject":     {func(m *Mail) { m.Draft.Subject = " " }, []Kind{Subject}, "it has no subject"},
		"attachment":     {func(m *Mail) { m.Draft.Body = "Siehe Anhang" }, []Kind{Attachment}, `("Anhang")`},
		"it is there":    {func(m *Mail) { m.Draft.Body, m.Draft.Attachments = "attached", []string{"/a"} }, nil, ""},
		"an image":       {func(m *Mail) { m.Draft.Body = "attached: ![x](a.png)" }, nil, ""},
		"others spoke":   {func(m *Mail) { m.Draft.Body = "Yes.\n> I attached it\n-- \nattached" }, nil, ""},
		"passed on":      {func(m *Mail) { m.Draft.Body = "\n---------- Forwarded message ----------\nattached" }, nil, ""},
		"look-alike":     {func(m *Mail) { m.Draft.To = "bob@gmial.com" }, []Kind{LookAlike}, "bob@gmial.com: did you mean gmail.com?"},
		"like one's own": {func(m *Mail) { m.Draft.Cc, m.Own = "x@exmaple-firm.org", []string{"example-firm.org"} }, []Kind{LookAlike}, "example-firm.org"},
		"Cyrillic":       {func(m *Mail) { m.Draft.Bcc = "bob@pаypal.com" }, []Kind{LookAlike}, "several scripts"},
		"unreachable": {func(m *Mail) {
			m.Draft.To, m.Dead = "bob@gone.example", map[string]string{"gone.example": "there is no such domain"}
		}, []Kind{Dead}, "bob@gone.example can't be reached: there is no such domain"},
		"no such look-alike": {func(m *Mail) {
			m.Draft.To, m.Dead = "bob@gmial.com", map[string]string{"gmial.com": "there is no such domain"}
		}, []Kind{Dead}, "there is no such domain; did you mean gmail.com?"},
		"never reachable":  {func(m *Mail) { m.Draft.To = "bob@host.invalid" }, []Kind{Dead}, ".invalid"},
		"over the limit":   {func(m *Mail) { m.Size, m.Limit = 36e6, 35e6 }, []Kind{Size}, "it has 36 MB, and the server takes 35 MB"},
		"within the limit": {func(m *Mail) { m.Size, m.Limit = 34e6, 35e6 }, nil, ""},
		"large":            {func(m *Mail) { m.Size = 30e6 }, []Kind{Size}, "many servers take no more than 26.2 MB"},
		"first time":       {func(m *Mail) { m.FirstTime = []string{"bob@example.org"} }, []Kind{Unknown}, "your first mail to bob@example.org"},
		"first time, all":  {func(m *Mail) { m.FirstTime = make([]string, 5) }, []Kind{Unknown}, "5 of them"},
		"template":         {func(m *Mail) { m.Draft.Body = "Dear {{name}}, {{name}} {{ x }}" }, []Kind{Template}, "{{name}}, {{x}}"},
		"in a field":       {func(m *Mail) { m.Draft.Headers = []message.Header{{Name: "X-Order", Value: "{{order}}"}} }, []Kind{Template}, "{{order}}"},
		"bcc":              {func(m *Mail) { m.Blind = []string{"a.eml"} }, []Kind{Blind}, `"a.eml" goes without its Bcc`},
		"comments":         {func(m *Mail) { m.Comments = 2 }, []Kind{Comment}, "<!-- and --> is left out"},
		"many": {func(m *Mail) {
			for i := range 15 {
				m.Draft.Cc += fmt.Sprintf("r%d@example.org, ", i)
			}
		}, []Kind{Recipients}, "16 people"},
		"worst first": {func(m *Mail) { m.Draft = message.Draft{To: "x@gmial.com", Body: "attached {{y}}"} }, []Kind{Template, LookAlike, Attachment, Subject}, ""},
	}
	for name, tt := range tests {
		m := whole
		tt.change(&m)
		found := Check(m)
		if diff := cmp.Diff(tt.want, kinds(found)); diff != "" {
			t.Errorf("%s: (-want +got)\n%s", name, diff)
			continue
		}
		if len(found) > 0 && !strings.Contains(found[0].Text, tt.text) {
			t.Errorf("%s: says %q", name, found[0].Text)
		}
	}
}

func TestMentions(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"I'm attaching it", "see ATTACHMENT", "enclosed please find", "im Anhang", "anbei die Datei", "wie angehängt", "Vous trouverez ci-joint le plan", "ci-jointe",
		"la pièce jointe", "adjunto el archivo", "em anexo", "in allegato", "zie de bijlage", "se bifogad fil", "vedhæftet fil", "vedlagt", "liitteenä", "w załączniku",
		"v příloze", "прилагаю файл", "во вложении", "у вкладенні", "επισυνάπτω", "mellékelve", "ekte ataşman", "添付します", "请见附件", "첨부합니다", "מצורף הקובץ", "مرفق الملف",
		"bilagor", "liite ohessa", "ilişikteki belge", "am atașat fișierul", "terlampir", "privitak", "فایل پیوست", "फ़ाइल संलग्न है", "แนบไฟล์", "附檔",
	} {
		if mentions(text) == "" {
			t.Errorf("%q speaks of no attachment", text)
		}
	}
	for _, text := range []string{"hello", "a joint effort", "our attaché", "reattach", "der Anhänger des Vereins", "", "detached"} {
		if word := mentions(text); word != "" {
			t.Errorf("%q speaks of an attachment: %q", text, word)
		}
	}
}

func TestLookAlike(t *testing.T) {
	t.Parallel()
	for typed, want := range map[string]string{
		"gmial.com": "gmail.com", "gmai.com": "gmail.com", "gmaill.com": "gmail.com", "hotmial.com": "hotmail.com", "yahoo.co": "yahoo.com", "outlok.com": "outlook.com",
		"gmail.con": "gmail.com", "iclod.com": "icloud.com", "web.ed": "web.de",
		"gmail.com": "", "mail.com": "", "ymail.com": "", "example.org": "", "yahoo.ca": "", "gmx.com": "", "live.de": "", "wep.com": "", "": "",
	} {
		if got := lookAlike(typed, nil); got != want {
			t.Errorf("%s is taken for %q, want %q", typed, got, want)
		}
	}
}
