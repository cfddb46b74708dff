package provider

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/pelletier/go-toml/v2"

	"sendoff/config"
)

// Parse reads a table and refuses what would lead mail or a password astray:
// clear text, port 25, STARTTLS on an unusual port, names that are none,
// domains that two providers claim, and demands without help.
func Parse(text string) (Table, error) {
	var file struct {
		Provider Table `toml:"provider"`
	}
	d := toml.NewDecoder(strings.NewReader(text)).DisallowUnknownFields()
	if err := d.Decode(&file); err != nil {
		var unknown *toml.StrictMissingError
		if errors.As(err, &unknown) {
			line, _ := unknown.Errors[0].Position()
			err = fmt.Errorf("line %d: unknown key %q", line, strings.Join(unknown.Errors[0].Key(), "."))
		}
		return nil, fmt.Errorf("read the table of providers: %w", err)
	}
	owner := make(map[string]string) // of a domain, an MX or an ID
	for i, p := range file.Provider {
		if err := p.check(); err != nil {
			return nil, fmt.Errorf("provider %d, %q: %w", i+1, p.ID, err)
		}
		claims := []string{"id " + p.ID}
		for _, d := range p.Domains {
			claims = append(claims, "domain "+d)
		}
		for _, m := range p.MX {
			claims = append(claims, "mx "+m)
		}
		for _, c := range claims {
			if other, taken := owner[c]; taken {
				return nil, fmt.Errorf("provider %d, %q: %s is already that of %q", i+1, p.ID, c, other)
			}
			owner[c] = p.ID
		}
	}
	return file.Provider, nil
}

func (p Provider) check() error {
	switch {
	case p.ID == "" || p.Name == "":
		return errors.New("it has no id or no name")
	case !slices.Contains([]Source{Directories, Directory, Documents}, p.Source):
		return fmt.Errorf("%q is no source", p.Source)
	case p.Checked == (toml.LocalDate{}):
		return errors.New("it does not say when it was checked")
	case p.Help != "" && !strings.HasPrefix(p.Help, "https://"):
		return fmt.Errorf("%q is no page to send people to", p.Help)
	case p.Relay != (len(p.Domains)+len(p.MX) == 0):
		return errors.New("it must have either domains, or MX, or be a relay")
	}
	for _, name := range slices.Concat(p.Domains, p.MX) {
		if !hostname(name) {
			return fmt.Errorf("%q is no domain", name)
		}
	}
	if p.WithoutSMTP != "" {
		if len(p.Servers) > 0 {
			return errors.New("it has servers, and says that it has no SMTP")
		}
		if p.Help == "" {
			return errHelpless
		}
		return nil
	}
	if err := p.checkSecret(); err != nil {
		return err
	}
	if len(p.Servers) == 0 {
		return errors.New("it has no server")
	}
	for _, s := range p.Servers {
		if err := s.check(); err != nil {
			return fmt.Errorf("server %s port %d: %w", s.Host, s.Port, err)
		}
	}
	return nil
}

func (p Provider) checkSecret() error {
	if !slices.Contains([]Secret{Password, AppPassword, AppWith2FA, Separate, OAuth}, p.Secret) {
		return fmt.Errorf("%q is no kind of password", p.Secret)
	}
	if (p.Secret != Password || p.Enable) && p.Help == "" {
		return errHelpless
	}
	return nil
}

var errHelpless = errors.New("it demands something and names no page that helps")

func (s Server) check() error {
	ip, err := netip.ParseAddr(s.Host)
	local := err == nil && ip.IsLoopback()
	if !local && !hostname(s.Host) {
		return errors.New("the host is no name")
	}
	ports := map[string][]int{
		config.TLSImplicit: {465},
		config.TLSStart:    {587, 2525},
	}[s.TLS]
	switch {
	case len(ports) == 0:
		return fmt.Errorf("tls can't be %q here", s.TLS)
	case !slices.Contains(ports, s.Port) && !local:
		return fmt.Errorf("this is no usual port for %s", s.TLS)
	}
	return nil
}

// hostname tells whether s is a whole domain name in lower case and ASCII
// (RFC 1123 section 2.1).
func hostname(s string) bool {
	labels := strings.Split(s, ".")
	for _, l := range labels {
		odd := strings.Trim(l, "abcdefghijklmnopqrstuvwxyz0123456789-") != ""
		if l == "" || len(l) > 63 || odd || l[0] == '-' || l[len(l)-1] == '-' {
			return false
		}
	}
	ending := strings.Trim(labels[len(labels)-1], "0123456789-")
	return len(labels) > 1 && ending != "" && len(s) <= 253
}
