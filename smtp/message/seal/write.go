package seal

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"io"
	"strings"

	"sendoff/smtp/message"
)

// Write builds a mail as the plan says. It takes no more memory than
// message.Build. Trouble with the programs is an *Error; else its errors are those
// of Build.
func (p *Plan) Write(ctx context.Context, w io.Writer, m *message.Message) error {
	payload := func(w io.Writer) error { return message.Payload(w, m, p.Encrypt) }
	// What is wrong with a field is found before a program runs.
	if err := message.Outer(w, m, p.Encrypt); err != nil {
		return err
	}
	switch {
	case !p.Encrypt:
		return p.signed(ctx, w, payload, m.Boundary())
	case p.tools.Kind == PGP:
		return p.encrypted(ctx, w, payload, m.Boundary())
	case p.Sign:
		return p.enveloped(ctx, w, func(w io.Writer) error { return p.signed(ctx, w, payload, m.Boundary()) })
	}
	return p.enveloped(ctx, w, payload)
}

// ErrChanged is a mail that was not the same when it was written as when it was
// signed.
var ErrChanged = errors.New("an attachment changed while the mail was signed; send it again")

// signed writes a multipart/signed (RFC 1847 section 2.1). The payload is made
// twice, so that it need not be kept anywhere.
func (p *Plan) signed(ctx context.Context, w io.Writer, payload func(io.Writer) error, boundary string) error {
	var signature bytes.Buffer
	first, second := sha256.New(), sha256.New()
	args := []string{"--detach-sign", "--local-user", p.signer}
	if p.tools.Kind == PGP {
		args = append(args, "--armor")
	} else {
		args = append(args, "--base64")
	}
	said, err := p.feed(ctx, args, first, payload, crlf{&signature})
	if err != nil {
		return err
	}
	micalg, err := p.micalg(said)
	if err != nil {
		return err
	}
	protocol, file, about := "application/pgp-signature", "signature.asc", ""
	if p.tools.Kind == SMIME {
		protocol, file, about = "application/pkcs7-signature", "smime.p7s", "Content-Transfer-Encoding: base64\r\n"
	}
	if _, err := fmt.Fprintf(w, "Content-Type: multipart/signed; micalg=%s;\r\n protocol=\"%s\";\r\n boundary=\"%s\"\r\n\r\n--%[3]s\r\n",
		micalg, protocol, boundary); err != nil {
		return err
	}
	if err := payload(io.MultiWriter(w, second)); err != nil {
		return err
	}
	if !bytes.Equal(first.Sum(nil), second.Sum(nil)) {
		return ErrChanged
	}
	_, err = fmt.Fprintf(w, "\r\n--%[1]s\r\nContent-Type: %[2]s; name=\"%[3]s\"\r\n"+
		"Content-Disposition: attachment; filename=\"%[3]s\"\r\n%[4]s\r\n%[5]s\r\n--%[1]s--\r\n",
		boundary, protocol, file, about, signature.Bytes())
	return err
}

// micalg names the hash that a signature was made with (RFC 3156 section 5, RFC
// 8551 section 3.5.3.2).
func (p *Plan) micalg(said status) (string, error) {
	words := said.find("SIG_CREATED")
	if len(words) < 3 {
		return "", said.need(p.tools.Kind.Program(), "SIG_CREATED")
	}
	// RFC 9580 section 9.5.
	hashes := map[string]string{"1": "md5", "2": "sha1", "3": "ripemd160", "8": "sha256", "9": "sha384", "10": "sha512", "11": "sha224"}
	name, known := hashes[words[2]]
	switch {
	case !known:
		return "", &Error{Program: p.tools.Kind.Program(), Reason: Failed, Detail: "it signed with a hash that mail has no name for"}
	case p.tools.Kind == PGP:
		return "pgp-" + name, nil
	}
	return strings.Replace(name, "sha", "sha-", 1), nil
}

// encrypted writes a multipart/encrypted, signed within if that is planned (RFC
// 3156 sections 4 and 6.2).
func (p *Plan) encrypted(ctx context.Context, w io.Writer, payload func(io.Writer) error, boundary string) error {
	if _, err := fmt.Fprintf(w, "Content-Type: multipart/encrypted;\r\n protocol=\"application/pgp-encrypted\";\r\n boundary=\"%[1]s\"\r\n\r\n"+
		"--%[1]s\r\nContent-Type: application/pgp-encrypted\r\nContent-Disposition: attachment\r\n\r\nVersion: 1\r\n\r\n"+
		"--%[1]s\r\nContent-Type: application/octet-stream; name=\"encrypted.asc\"\r\n"+
		"Content-Disposition: inline; filename=\"encrypted.asc\"\r\n\r\n", boundary); err != nil {
		return err
	}
	args := p.recipients("--encrypt", "--armor")
	if p.Sign {
		args = append(args, "--sign", "--local-user", p.signer)
	}
	said, err := p.feed(ctx, args, nil, payload, crlf{w})
	if err == nil {
		err = said.need(p.tools.Kind.Program(), "END_ENCRYPTION")
	}
	if err == nil && p.Sign {
		err = said.need(p.tools.Kind.Program(), "SIG_CREATED")
	}
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(w, "\r\n--%s--\r\n", boundary)
	return err
}

// enveloped writes an application/pkcs7-mime (RFC 8551 section 3.3).
func (p *Plan) enveloped(ctx context.Context, w io.Writer, payload func(io.Writer) error) error {
	if _, err := io.WriteString(w, "Content-Type: application/pkcs7-mime; smime-type=enveloped-data;\r\n name=\"smime.p7m\"\r\n"+
		"Content-Disposition: attachment; filename=\"smime.p7m\"\r\nContent-Transfer-Encoding: base64\r\n\r\n"); err != nil {
		return err
	}
	_, err := p.feed(ctx, p.recipients("--encrypt", "--base64"), nil, payload, crlf{w})
	return err
}

func (p *Plan) recipients(args ...string) []string {
	for _, key := range p.open {
		args = append(args, "--recipient", key)
	}
	for _, key := range p.hidden {
		args = append(args, "--hidden-recipient", key)
	}
	return args
}

// feed runs the program on a payload, whose octets also go into sum unless that
// is nil. The payload's own trouble comes before the program's.
func (p *Plan) feed(ctx context.Context, args []string, sum hash.Hash, payload func(io.Writer) error, out io.Writer) (status, error) {
	read, write := io.Pipe()
	made := make(chan error, 1)
	go func() {
		var to io.Writer = write
		if sum != nil {
			to = io.MultiWriter(write, sum)
		}
		err := payload(to)
		_ = write.CloseWithError(err) // always nil
		made <- err
	}()
	said, err := p.tools.run(ctx, args, read, out)
	_ = read.CloseWithError(errStopped) // always nil
	if bad := <-made; bad != nil && !errors.Is(bad, errStopped) {
		err = bad
	}
	return said, err
}

// errStopped ends a payload that its program reads no further.
var errStopped = errors.New("the program stopped reading")

// crlf makes every line end CRLF.
type crlf struct{ w io.Writer }

// Write writes p, and counts what was taken of it.
func (c crlf) Write(p []byte) (int, error) {
	out := bytes.ReplaceAll(bytes.ReplaceAll(p, []byte("\r"), nil), []byte("\n"), []byte("\r\n"))
	if _, err := c.w.Write(out); err != nil {
		return 0, err
	}
	return len(p), nil
}
