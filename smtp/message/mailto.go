package message

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
	"unicode"
	"unicode/utf8"

	"sendoff/smtp/address"
)

// ParseMailto reads a mailto URL (RFC 6068) into the fields of a draft.
//
// Such a URL comes from strangers. So it can fill in what the person will see
// before sending (To, Cc, Bcc, Subject, Keywords, the body, what the mail answers) and
// nothing else; RFC 6068 section 7 asks for that. Above all it can attach
// nothing and choose no sender. What else it asked for is in left, each as
// name=value in one line.
func ParseMailto(s string) (d Draft, left []string, err error) {
	const scheme = "mailto:"
	if len(s) < len(scheme) || !strings.EqualFold(s[:len(scheme)], scheme) {
		return Draft{}, nil, errors.New("not a mailto URL")
	}
	s, _, _ = strings.Cut(s[len(scheme):], "#")
	path, query, _ := strings.Cut(s, "?")
	if d.To, err = mailboxes("", path); err != nil {
		return Draft{}, nil, err
	}
	for field := range strings.SplitSeq(query, "&") {
		name, raw, _ := strings.Cut(field, "=")
		value, err := unescape(raw)
		if err != nil {
			return Draft{}, nil, err
		}
		switch strings.ToLower(name) {
		case "to":
			d.To, err = mailboxes(d.To, raw)
		case "cc":
			d.Cc, err = mailboxes(d.Cc, raw)
		case "bcc":
			d.Bcc, err = mailboxes(d.Bcc, raw)
		case "subject":
			d.Subject = oneLine(value)
		case "body":
			d.Body = strings.Join(splitLines(value), "\n")
			d.Format = Plain // in markdown it could name files
		case "keywords": // which RFC 6068 section 4 calls safe
			d.Headers = append(d.Headers, Header{"Keywords", oneLine(value)})
		case "in-reply-to":
			id := strings.TrimSuffix(strings.TrimPrefix(oneLine(value), "<"), ">")
			if isID(id) {
				d.Headers = append(d.Headers, Header{"In-Reply-To", "<" + id + ">"}, Header{"References", "<" + id + ">"})
			}
		case "":
		default:
			left = append(left, oneLine(name+"="+value))
		}
		if err != nil {
			return Draft{}, nil, err
		}
	}
	return d, left, nil
}

// mailboxes adds the addresses of a field to a list. The commas between them
// stand bare, those within them are encoded. What is no address is kept, for
// the person to see.
func mailboxes(list, raw string) (string, error) {
	for piece := range strings.SplitSeq(raw, ",") {
		text, err := unescape(piece)
		if err != nil {
			return "", err
		}
		text = oneLine(text)
		if m, err := address.Parse(text); err == nil {
			text = m.String()
		}
		if text != "" && list != "" {
			list += ", "
		}
		list += text
	}
	return list, nil
}

func unescape(s string) (string, error) {
	text, err := url.PathUnescape(s)
	if err != nil || !utf8.ValidString(text) {
		return "", fmt.Errorf("the mailto URL has a part that can't be decoded: %q", s)
	}
	return text, nil
}

// oneLine makes a single line of text out of s.
func oneLine(s string) string {
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r == '\u2028' || r == '\u2029' {
			return ' '
		}
		return r
	}, s))
}
