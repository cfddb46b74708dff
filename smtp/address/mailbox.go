package address

import (
	"mime"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// kind is the kind of a token; specials stand for themselves.
type kind rune

const (
	word    kind = 'w' // anything that is no other token
	quoted  kind = 'q'
	comment kind = 'c'
	literal kind = 'l' // [...] behind an @
	space   kind = ' '
	at      kind = '@'
	open    kind = '<'
	shut    kind = '>'
)

type token struct {
	kind kind
	raw  string // as typed
	text string // without quotes and backslashes
}

// readMailbox reads a piece that holds one mailbox.
func readMailbox(piece string) (Mailbox, error) {
	m, reason := parseMailbox(piece)
	if reason != "" {
		return Mailbox{}, &Error{Text: piece, Reason: reason}
	}
	return m, nil
}

func parseMailbox(piece string) (m Mailbox, reason string) {
	tokens, reason := lex(piece)
	if reason != "" {
		return m, reason
	}
	spec, bracketed := tokens, false
	if i := index(tokens, open); i >= 0 {
		m.Name = phrase(tokens[:i])
		spec, bracketed = tokens[i+1:], true
		end := index(spec, shut)
		if end < 0 {
			return m, "has a < without a >"
		}
		if index(spec[:end], open) >= 0 {
			return m, "has < twice"
		}
		if rest := strip(spec[end+1:]); len(rest) > 0 {
			return m, "goes on after the >: put a comma between addresses"
		}
		spec = spec[:end]
	} else if index(tokens, shut) >= 0 {
		return m, "has a > without a <"
	}
	if m.Name == "" {
		m.Name = lastComment(tokens)
	}
	m.Local, m.Domain, reason = parseSpec(strip(spec), bracketed)
	if reason != "" {
		return m, reason
	}
	_, reason = m.wire()
	return m, reason
}

// parseSpec reads local@domain from tokens without comments.
func parseSpec(tokens []token, bracketed bool) (local, domain, reason string) {
	i := index(tokens, at)
	if i < 0 {
		if len(tokens) > 0 && strings.ContainsRune(tokens[0].text, '＠') {
			return "", "", "has a full-width ＠: type @"
		}
		if bracketed {
			return "", "", "needs an address like dave@example.org between < and >"
		}
		return "", "", "needs an @ and a domain"
	}
	left, right := strip(tokens[:i]), strip(tokens[i+1:])
	if second := index(right, at); second >= 0 {
		if index(right[:second], space) >= 0 {
			return "", "", "is more than one address: put a comma between them"
		}
		return "", "", "has two @ signs"
	}
	switch {
	case len(left) == 0:
		return "", "", reasonNoLocal
	case len(right) == 0:
		return "", "", "needs a domain after the @"
	case index(left, space) >= 0 && !bracketed:
		return "", "", "needs < and > around the address: Dave Doe <dave@example.org>"
	case index(left, space) >= 0:
		return "", "", "has a space before the @"
	case index(right, space) >= 0:
		return "", "", "has a space after the @"
	case len(left) > 1 && index(left, quoted) >= 0:
		return "", "", "needs its quotes around all that is before the @"
	case len(right) > 1 || right[0].kind == quoted:
		return "", "", "has something after the @ that is not a domain"
	}
	if left[0].kind == word {
		if reason := dotAtom(left[0].text); reason != "" {
			return "", "", reason
		}
	}
	// RFC 6532 section 3.1 asks for this form, so that equal looks are equal.
	local = norm.NFC.String(left[0].text)
	if reason := checkLocal(local); reason != "" {
		return "", "", reason
	}
	domain, reason = readDomain(right[0].text)
	return local, domain, reason
}

// readPhrase reads a group's name.
func readPhrase(s string) (name, reason string) {
	tokens, reason := lex(s)
	if reason != "" {
		return "", reason
	}
	return phrase(tokens), ""
}

// phrase returns what tokens say as a display name: quoted strings as they
// are, encoded-words of RFC 2047 outside them decoded, comments left out.
func phrase(tokens []token) string {
	var name, run strings.Builder
	flush := func() {
		name.WriteString(decodeWords(run.String()))
		run.Reset()
	}
	tokens = strip(tokens)
	if len(tokens) == 0 {
		return ""
	}
	for _, t := range tokens {
		if t.kind == quoted {
			flush()
			name.WriteString(t.text)
		} else {
			run.WriteString(t.raw)
		}
	}
	flush()
	s := name.String()
	if tokens[0].kind != quoted {
		s = strings.TrimLeft(s, " ")
	}
	if tokens[len(tokens)-1].kind != quoted {
		s = strings.TrimRight(s, " ")
	}
	return s
}

// decodeWords decodes encoded-words and narrows white space to single blanks.
// What can't be decoded stays as it is.
func decodeWords(s string) string {
	var decoder mime.WordDecoder
	if decoded, err := decoder.DecodeHeader(s); err == nil {
		s = strings.ToValidUTF8(decoded, "\uFFFD")
	}
	var b strings.Builder
	blank := false
	for _, r := range s {
		if unicode.IsSpace(r) || unicode.IsControl(r) {
			blank = true
			continue
		}
		if blank {
			b.WriteByte(' ')
			blank = false
		}
		b.WriteRune(r)
	}
	if blank {
		b.WriteByte(' ')
	}
	return b.String()
}

// lastComment is the name in the old form dave@example.org (Dave Doe).
func lastComment(tokens []token) string {
	for i := len(tokens) - 1; i >= 0; i-- {
		if tokens[i].kind == comment {
			return strings.TrimSpace(decodeWords(tokens[i].text))
		}
	}
	return ""
}

// lex cuts a piece into tokens.
func lex(s string) (tokens []token, reason string) {
	if !utf8.ValidString(s) {
		return nil, "is not valid UTF-8"
	}
	tokens = make([]token, 0, 12) // enough for most, and this runs on every key
	afterAt := false
	for i := 0; i < len(s); {
		from := i
		r, w := utf8.DecodeRuneInString(s[i:])
		t := token{}
		switch {
		case unicode.IsSpace(r):
			t.kind = space
			i += w
		case unicode.IsControl(r):
			return nil, "has a control character in it"
		case r == '"':
			t.kind = quoted
			var closed bool
			if i, closed = skipQuoted(s, i); !closed {
				return nil, "has a quotation mark that is not closed"
			}
			t.text, reason = unescape(s[from+1 : i-1])
		case r == '(':
			t.kind = comment
			var closed bool
			if i, closed = skipComment(s, i); !closed {
				return nil, "has a ( without a )"
			}
			t.text, reason = unescape(s[from+1 : i-1])
		case r == '[' && afterAt:
			end := strings.IndexByte(s[i:], ']')
			if end < 0 {
				return nil, "has a [ without a ]"
			}
			t.kind = literal
			i += end + 1
			t.text = s[from:i]
		case r == '@', r == '<', r == '>':
			t.kind = kind(r)
			i += w
		default:
			t.kind = word
			for i < len(s) && !endsWord(s[i:]) {
				i += width(s, i)
			}
			t.text = s[from:i]
		}
		if reason != "" {
			return nil, reason
		}
		t.raw = s[from:i]
		afterAt = t.kind == at || afterAt && (t.kind == space || t.kind == comment)
		tokens = append(tokens, t)
	}
	return tokens, ""
}

func endsWord(s string) bool {
	r, _ := utf8.DecodeRuneInString(s)
	return unicode.IsSpace(r) || unicode.IsControl(r) || strings.ContainsRune(`"(@<>`, r)
}

// unescape removes the backslashes of quoted pairs.
func unescape(s string) (text, reason string) {
	var b strings.Builder
	escaped := false
	for _, r := range s {
		if r == '\\' && !escaped {
			escaped = true
			continue
		}
		escaped = false
		if r == '\t' {
			r = ' '
		}
		if unicode.IsControl(r) {
			return "", "has a control character in it"
		}
		b.WriteRune(r)
	}
	return b.String(), ""
}

// strip returns tokens without comments and without space around them.
func strip(tokens []token) []token {
	if index(tokens, comment) >= 0 {
		tokens = slices.DeleteFunc(slices.Clone(tokens), func(t token) bool { return t.kind == comment })
	}
	for len(tokens) > 0 && tokens[0].kind == space {
		tokens = tokens[1:]
	}
	for len(tokens) > 0 && tokens[len(tokens)-1].kind == space {
		tokens = tokens[:len(tokens)-1]
	}
	return tokens
}

func index(tokens []token, k kind) int {
	for i, t := range tokens {
		if t.kind == k {
			return i
		}
	}
	return -1
}
