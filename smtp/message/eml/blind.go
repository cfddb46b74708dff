package eml

import "strings"

// Unblinded returns a mail without the fields of its header that name who got
// it unseen by the others, Bcc and Resent-Bcc, as the sender's own copy has
// them (RFC 5322 section 3.6.3). All else stays as it is.
func Unblinded(mail string) string {
	var b strings.Builder
	drop := false
	for line := range strings.Lines(mail) {
		if strings.TrimRight(line, "\r\n") == "" {
			break
		}
		if line[0] != ' ' && line[0] != '\t' {
			name, _, _ := strings.Cut(line, ":")
			name = strings.TrimRight(name, " \t")
			drop = strings.EqualFold(name, "Bcc") || strings.EqualFold(name, "Resent-Bcc")
		}
		if !drop {
			b.WriteString(line)
		}
		mail = mail[len(line):]
	}
	return b.String() + mail
}
