package sandbox

import (
	"crypto/hmac"
	"crypto/md5"
	"crypto/rand"
	"encoding/hex"
	"strings"
)

// authPlain is RFC 4616. Nobody may act for somebody else.
func authPlain(e *exchange) (string, error) {
	message, err := e.ask("")
	if err != nil {
		return "", err
	}
	parts := strings.Split(message, "\x00")
	if len(parts) != 3 {
		return "", errExchange
	}
	if parts[0] != "" && parts[0] != parts[1] {
		return "", errRefused
	}
	return e.verify(parts[1], parts[2])
}

// authLogin is what Microsoft made and everybody followed.
func authLogin(e *exchange) (string, error) {
	user, err := e.ask("Username:")
	if err != nil {
		return "", err
	}
	password, err := e.ask("Password:")
	if err != nil {
		return "", err
	}
	return e.verify(user, password)
}

// authExternal is RFC 4422 appendix A: the client's certificate says who it is.
func authExternal(e *exchange) (string, error) {
	authorize, err := e.ask("")
	if err != nil {
		return "", err
	}
	name := e.s.link.state().VerifiedChains[0][0].Subject.CommonName
	if e.s.opts.User != "" && name != e.s.opts.User || authorize != "" && authorize != name {
		return "", errRefused
	}
	return name, nil
}

// authCRAM is RFC 2195.
func authCRAM(e *exchange) (string, error) {
	challenge := "<" + rand.Text() + "@" + hostname + ">"
	response, err := e.ask(challenge)
	if err != nil {
		return "", err
	}
	i := strings.LastIndexByte(response, ' ')
	if i < 0 {
		return "", errExchange
	}
	mac := hmac.New(md5.New, []byte(e.s.opts.Password))
	mac.Write([]byte(challenge))
	user, digest := response[:i], response[i+1:]
	if user != e.s.opts.User || !same(digest, hex.EncodeToString(mac.Sum(nil))) {
		return "", errRefused
	}
	return user, nil
}

// authXOAuth2 is what Google made: a refusal comes as a challenge, which the
// client has to answer with nothing to hear the reply.
func authXOAuth2(e *exchange) (string, error) {
	message, err := e.ask("")
	if err != nil {
		return "", err
	}
	fields, ok := strings.CutSuffix(message, "\x01\x01")
	user, token, both := strings.Cut(fields, "\x01")
	user, hasUser := strings.CutPrefix(user, "user=")
	if !ok || !both || !hasUser {
		return "", errExchange
	}
	return e.bearer(user, token, `{"status":"401","schemes":"bearer","scope":"https://mail.example.org/"}`, "")
}

// authBearer is RFC 7628.
func authBearer(e *exchange) (string, error) {
	message, err := e.ask("")
	if err != nil {
		return "", err
	}
	fields, ok := strings.CutSuffix(message, "\x01\x01")
	parts := strings.Split(fields, "\x01")
	header, found := strings.CutPrefix(parts[0], "n,a=")
	user, comma := strings.CutSuffix(header, ",")
	if !ok || !found || !comma {
		return "", errExchange
	}
	token := ""
	for _, part := range parts[1:] {
		switch key, value, _ := strings.Cut(part, "="); key {
		case "auth":
			token = part
		case "host", "port":
			if value == "" {
				return "", errExchange
			}
		default:
			return "", errExchange
		}
	}
	return e.bearer(unescapeName(user), token, `{"status":"invalid_token","scope":"mail"}`, "\x01")
}

// bearer checks an "auth=" field. A refusal is told in JSON, and the client has
// to answer that with one certain response.
func (e *exchange) bearer(user, auth, refusal, answer string) (string, error) {
	opts := e.s.opts
	if user != "" && (opts.User == "" || user == opts.User) && same(auth, "auth=Bearer "+opts.Token) {
		return user, nil
	}
	response, err := e.ask(refusal)
	if err == nil && response != answer {
		e.s.violation("bad answer to a refused token")
	}
	if err != nil {
		return "", err
	}
	return "", errRefused
}

// unescapeName undoes the escapes of a name in GS2 (RFC 5801 section 4).
func unescapeName(s string) string {
	return strings.NewReplacer("=2C", ",", "=3D", "=").Replace(s)
}
