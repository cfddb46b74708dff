package message

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"path"
	"strings"
)

// part is a node of the tree that is the body of a mail (RFC 2046): parts
// within a part, or a file, or text.
type part struct {
	kind     string // of a multipart, "mixed"
	boundary string
	parts    []part
	params   []param // of the media type, but the boundary

	file *Attachment

	mediaType string // of a text
	encoding  string
	content   []byte
}

// tree arranges what there is of m: the page is an alternative to the text
// (RFC 2046 section 5.1.4), what it refers to is related to it (RFC 2387), and
// attachments stand beside both. A strict tree has nothing in it that a relay may
// change: no blanks at the end of a line, no "From " at the start of one.
func (m *Message) tree(strict bool) part {
	lines := splitLines(m.Text)
	params := []param{{"charset", "utf-8"}}
	flowed := flows(lines)
	if flowed {
		lines = flow(lines)
		params = append(params, param{"format", "flowed"})
	}
	root := part{mediaType: "text/plain", params: params}
	root.encoding, root.content = encodeText(lines, flowed && !strict)
	if m.HTML != "" {
		page := part{mediaType: "text/html", params: []param{{"charset", "utf-8"}}}
		page.encoding, page.content = encodeText(splitLines(m.HTML), false)
		if len(m.Inline) > 0 {
			page = m.multipart("related", append([]part{page}, files(m.Inline, strict)...))
		}
		root = m.multipart("alternative", []part{root, page})
	}
	if len(m.Attachments) > 0 {
		root = m.multipart("mixed", append([]part{root}, files(m.Attachments, strict)...))
	}
	return root
}

// files makes parts of attachments, each under a name of its own: some readers
// save them all in one place.
func files(list []Attachment, strict bool) []part {
	parts := make([]part, len(list))
	taken := make(map[string]bool)
	for i, a := range list {
		name := FileName(a.Name)
		ext := path.Ext(name)
		a.Name, a.strict = name, strict
		for n := 2; taken[strings.ToLower(a.Name)]; n++ {
			a.Name = fmt.Sprintf("%s (%d)%s", strings.TrimSuffix(name, ext), n, ext)
		}
		taken[strings.ToLower(a.Name)] = true
		parts[i].file = &a
	}
	return parts
}

// multipart makes one part of several.
func (m *Message) multipart(kind string, parts []part) part {
	// The boundary is derived from the message's id. No part can hold it: "=_"
	// does not occur in base64 or quoted-printable (RFC 2045 section 6.7),
	// encodeText sees to a text that is left as it is, and who wrote a mail
	// that goes along could not know the id.
	sum := sha256.Sum256([]byte(kind + " " + m.ID))
	return part{kind: kind, boundary: boundaryMark + hex.EncodeToString(sum[:16]), parts: parts}
}

// begin writes the header of what is in memory, down to the empty line.
func (p *part) begin(h *header) {
	if p.kind != "" {
		params := []param{{"boundary", p.boundary}}
		if p.kind == "related" { // RFC 2387 section 3.1
			params = append(params, param{"type", p.parts[0].mediaType})
		}
		h.structured("Content-Type", "multipart/"+p.kind, append(params, p.params...)...)
	} else {
		h.structured("Content-Type", p.mediaType, p.params...)
		h.structured("Content-Transfer-Encoding", p.encoding)
	}
	h.end()
}

// write writes what stands behind the header.
func (p *part) write(w io.Writer, buf *blocks) error {
	if p.kind == "" {
		_, err := w.Write(p.content)
		return err
	}
	open := "--" + p.boundary + "\r\n"
	for i := range p.parts {
		if _, err := io.WriteString(w, open); err != nil {
			return err
		}
		if err := p.parts[i].writeWhole(w, buf); err != nil {
			return err
		}
		open = "\r\n--" + p.boundary + "\r\n"
	}
	_, err := io.WriteString(w, "\r\n--"+p.boundary+"--\r\n")
	return err
}

// writeWhole writes header and content.
func (p *part) writeWhole(w io.Writer, buf *blocks) error {
	if p.file != nil {
		return p.file.write(w, buf)
	}
	return p.writeBelow(&header{}, w, buf)
}

// writeBelow is writeWhole with the fields of h above its own.
func (p *part) writeBelow(h *header, w io.Writer, buf *blocks) error {
	p.begin(h)
	if err := h.writeTo(w); err != nil {
		return err
	}
	return p.write(w, buf)
}
