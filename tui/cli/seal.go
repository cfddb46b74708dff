package cli

import (
	"github.com/spf13/pflag"

	"sendoff/smtp/message"
)

// sealFlags say whether a mail is signed and encrypted.
type sealFlags struct {
	sign, noSign, encrypt, noEncrypt bool
	crypto                           string
}

const sealHelp = `--sign and --encrypt have your own gpg do so, or gpgsm with --crypto smime; an
account or identity can say that it is usual. Each recipient needs a key that gpg
trusts, or nothing is sent. The subject is encrypted too. Bcc stays hidden with
pgp, and is not possible with smime.`

func (f *sealFlags) register(flags *pflag.FlagSet) {
	flags.BoolVar(&f.sign, "sign", false, "sign the mail")
	flags.BoolVar(&f.noSign, "no-sign", false, "don't sign it, though that is usual for the sender")
	flags.BoolVar(&f.encrypt, "encrypt", false, "encrypt it to its recipients and to the sender")
	flags.BoolVar(&f.noEncrypt, "no-encrypt", false, "don't encrypt it, though that is usual for the sender")
	flags.StringVar(&f.crypto, "crypto", "", "`HOW`: pgp or smime (default as the sender's)")
	among(flags, "crypto", "pgp", "smime")
}

// into puts the decisions into a draft.
func (f *sealFlags) into(d *message.Draft, given func(flag string) bool) error {
	for _, c := range []struct {
		flag    string
		yes, no bool
		to      *message.Choice
	}{{"sign", f.sign, f.noSign, &d.Sign}, {"encrypt", f.encrypt, f.noEncrypt, &d.Encrypt}} {
		switch {
		case c.yes && c.no:
			return usagef("--%s and --no-%[1]s contradict each other", c.flag)
		case c.yes:
			*c.to = message.Yes
		case c.no, given(c.flag):
			*c.to = message.No
		}
	}
	d.Crypto = f.crypto
	return nil
}
