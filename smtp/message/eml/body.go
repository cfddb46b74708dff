package eml

import (
	"errors"
	"io"
	"mime"
	"strings"

	gomessage "github.com/emersion/go-message"

	"sendoff/smtp/message"
)

// body goes through the parts of a mail.
type body struct {
	mail  *Mail
	keep  Keep
	parts int
	text  []string // of the parts that are text
	pages []string // of those that are HTML, as text
}

// chosen returns the text to answer: the one that was sent, or else what the
// page says.
func (b *body) chosen() string {
	texts := b.text
	if len(texts) == 0 {
		texts = b.pages
	}
	return strings.TrimRight(strings.Join(texts, "\n\n"), " \t\n")
}

// part takes one part, with what is in it. Its error is of what keeps files.
func (b *body) part(e *gomessage.Entity, depth int) error {
	if b.parts++; b.parts > mostParts || depth > mostDepth {
		return nil
	}
	kind, params, err := e.Header.ContentType()
	if err != nil {
		// Many a type with a slip in its parameters names itself right.
		kind, _, _ = strings.Cut(e.Header.Get("Content-Type"), ";")
		kind = strings.ToLower(strings.TrimSpace(kind))
	}
	if kind == "" {
		kind = "text/plain" // RFC 2045 section 5.2
	}
	if r := e.MultipartReader(); r != nil {
		return b.multipart(r, depth)
	}
	disposition, names, _ := e.Header.ContentDisposition()
	name := fileName(names["filename"], params["name"])
	inText := disposition != "attachment" && (kind == "text/plain" || kind == "text/html") && name == ""
	if !inText {
		return b.file(e, kind, name)
	}
	text, err := io.ReadAll(io.LimitReader(e.Body, mostText))
	if err != nil {
		b.mail.Lost = append(b.mail.Lost, "a part of the text can't be decoded")
	}
	if kind == "text/html" {
		b.pages = append(b.pages, PageText(toUTF8(string(text))))
		return nil
	}
	plain := clean(string(text))
	if strings.EqualFold(params["format"], "flowed") {
		plain = message.Unflow(plain, strings.EqualFold(params["delsp"], "yes"))
	}
	b.text = append(b.text, strings.TrimRight(plain, "\n"))
	return nil
}

func (b *body) multipart(r gomessage.MultipartReader, depth int) error {
	for {
		part, err := r.NextPart()
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil && (part == nil || !odd(err)):
			b.mail.Lost = append(b.mail.Lost, "the mail ends in the middle of a part")
			return nil
		}
		if err := b.part(part, depth+1); err != nil {
			return err
		}
	}
}

// file keeps an attachment, under a name that fits its type if it has none.
func (b *body) file(e *gomessage.Entity, kind, name string) error {
	if name == "" {
		name = "attachment"
		if kind == "message/rfc822" {
			name += ".eml"
		} else if all, err := mime.ExtensionsByType(kind); err == nil && len(all) > 0 {
			name += all[0]
		}
	}
	f := File{Name: name}
	if b.keep != nil {
		content := &sourceReader{r: e.Body}
		var err error
		if f.Path, err = b.keep(name, content); err != nil && content.err == nil {
			return err
		}
		if content.err != nil {
			b.mail.Lost = append(b.mail.Lost, "the attachment "+name+" can't be decoded")
			return nil
		}
	}
	b.mail.Files = append(b.mail.Files, f)
	return nil
}

// fileName is the name a file was given. Many programs write encoded-words
// there, which RFC 2047 does not allow, but means.
func fileName(names ...string) string {
	for _, name := range names {
		if name == "" {
			continue
		}
		words := mime.WordDecoder{CharsetReader: gomessage.CharsetReader}
		if decoded, err := words.DecodeHeader(name); err == nil {
			name = decoded
		}
		return message.FileName(oneLine(name))
	}
	return ""
}
