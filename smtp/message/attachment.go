package message

import (
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"path"
	"slices"
	"strings"
	"unicode/utf8"
)

// write writes an attachment as a part: its header and its content.
func (a Attachment) write(w io.Writer, buf *blocks) (err error) {
	name := FileName(a.Name)
	failed := func(err error) error { return fmt.Errorf("attachment %q: %w", name, err) }
	if a.Open == nil {
		return failed(errors.New("there is no file to open"))
	}
	file, err := a.Open()
	if err != nil {
		return failed(err)
	}
	defer func() {
		if cerr := file.Close(); cerr != nil && err == nil {
			err = failed(cerr)
		}
	}()
	asIs := false
	if a.isMail(name) {
		if asIs, err = a.passes(buf); err != nil {
			return failed(err)
		}
	}
	plain, end, err := buf.fill(file)
	if err != nil {
		return failed(err)
	}
	h, err := a.header(name, plain, asIs)
	if err != nil {
		return failed(err)
	}
	if _, err := w.Write(h); err != nil {
		return err
	}
	for asIs {
		if _, err := (crlfWriter{w}).Write(plain); err != nil || end {
			return err
		}
		if plain, end, err = buf.fill(file); err != nil {
			return failed(err)
		}
	}
	for {
		n := encodeLines(buf.coded[:], plain)
		if _, err := w.Write(buf.coded[:n]); err != nil {
			return err
		}
		if end {
			return nil
		}
		if plain, end, err = buf.fill(file); err != nil {
			return failed(err)
		}
	}
}

// isMail tells that the attachment may be enclosed as a mail.
func (a Attachment) isMail(name string) bool {
	given, _, _ := strings.Cut(a.Type, ";")
	return strings.EqualFold(given, mailType) || a.Type == "" && IsMail(name)
}

// header returns the part's header. The content is base64, texts too, since
// that alone brings every octet over; but for a mail that can go as it is.
func (a Attachment) header(name string, start []byte, asIs bool) ([]byte, error) {
	mediaType, params, err := a.mediaType(name, start)
	if err != nil {
		return nil, err
	}
	encoding := "base64"
	if asIs {
		mediaType, params, encoding = mailType, nil, "7bit"
	}
	// Readers without RFC 2231 find a name in the older place.
	if ascii := asciiName(name); ascii != name {
		params = append(params, param{"name", ascii})
	}
	h := &header{}
	h.structured("Content-Type", mediaType, params...)
	disposition := "attachment"
	if a.Inline || a.ContentID != "" {
		disposition = "inline"
	}
	h.structured("Content-Disposition", disposition, param{"filename", name})
	if a.ContentID != "" {
		h.structured("Content-ID", "<"+a.ContentID+">")
	}
	h.structured("Content-Transfer-Encoding", encoding)
	h.end()
	return h.buf.Bytes(), h.err
}

// mediaType returns the type that was given, or what name and content say.
func (a Attachment) mediaType(name string, start []byte) (string, []param, error) {
	if a.Type == "" {
		kind := typeByName[strings.ToLower(path.Ext(name))]
		if kind == "" {
			kind, _, _ = strings.Cut(http.DetectContentType(start), ";")
		}
		if kind == mailType { // one that can't go as it is
			return "application/octet-stream", nil, nil
		}
		if strings.HasPrefix(kind, "text/") && startsUTF8(start) {
			return kind, []param{{"charset", "utf-8"}}, nil
		}
		return kind, nil, nil
	}
	kind, given, err := mime.ParseMediaType(a.Type)
	if err != nil || !strings.Contains(kind, "/") || strings.ContainsAny(a.Type, "\r\n\x00") {
		return "", nil, &FieldError{Field: "Content-Type", Text: a.Type, Reason: "is not a media type"}
	}
	// RFC 2045 section 6.4 allows no base64 on these.
	if strings.HasPrefix(kind, "multipart/") || strings.HasPrefix(kind, "message/") {
		return "application/octet-stream", nil, nil
	}
	var params []param
	for key, value := range given {
		if key != "name" { // which the attachment's own name replaces
			params = append(params, param{key, value})
		}
	}
	slices.SortFunc(params, func(a, b param) int { return strings.Compare(a.key, b.key) })
	return kind, params, nil
}

// startsUTF8 tells that b is UTF-8, as far as it goes: its last character may
// be cut.
func startsUTF8(b []byte) bool {
	for cut := 0; cut < utf8.UTFMax && cut <= len(b); cut++ {
		if utf8.Valid(b[:len(b)-cut]) {
			return true
		}
	}
	return false
}

// TypeOf returns the media type of a file, by its name and first octets.
func TypeOf(name string, start []byte) string {
	kind, _, err := Attachment{}.mediaType(FileName(name), start)
	if err != nil {
		return "application/octet-stream"
	}
	return kind
}
