package foreign

import (
	"errors"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/pelletier/go-toml/v2"

	"sendoff/config"
	"sendoff/config/secret"
)

// readMsmtp reads a msmtprc: lines of a key and a value, below "defaults" or
// "account NAME [: PARENT,...]".
func readMsmtp(text string) ([]Found, error) {
	defaults := map[string]string{}
	accounts := map[string]map[string]string{}
	var order []string
	current := defaults
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		key, value, _ := strings.Cut(strings.Replace(line, "\t", " ", 1), " ")
		value = unquote(value)
		switch key {
		case "defaults":
			current = defaults
		case "account":
			name, parents, _ := strings.Cut(value, ":")
			name = strings.TrimSpace(name)
			current = maps.Clone(defaults)
			for parent := range strings.SplitSeq(parents, ",") {
				maps.Copy(current, accounts[strings.TrimSpace(parent)])
			}
			if _, known := accounts[name]; !known {
				order = append(order, name)
			}
			accounts[name] = current
		default:
			current[key] = value
		}
	}
	var all []Found
	for _, name := range order {
		s := accounts[name]
		if name == "default" {
			i := slices.IndexFunc(all, func(f Found) bool { return f.Account.Host == s["host"] && f.Account.Address == s["from"] })
			if i >= 0 { // "account default : work" says which one it is
				first := all[i]
				all = slices.Insert(slices.Delete(all, i, i+1), 0, first)
				continue
			}
		}
		f := Found{Account: config.Account{
			Name: name, Address: s["from"], Host: s["host"], User: s["user"], CAFile: s["tls_trust_file"],
			EHLOName: s["domain"], Bind: s["source_ip"], TLS: config.TLSNone,
		}}
		if s["tls"] == "on" || s["tls"] == "" && s["tls_starttls"] != "" {
			f.Account.TLS = config.TLSStart
			if s["tls_starttls"] == "off" {
				f.Account.TLS = config.TLSImplicit
			}
		}
		f.Account.Port, _ = strconv.Atoi(s["port"]) // what is no number is as usual
		if strings.HasPrefix(f.Account.CAFile, "/etc/ssl/") || f.Account.CAFile == "system" {
			f.Account.CAFile = "" // those of the system are used anyway
		}
		if s["auth"] == "off" || s["auth"] == "" && s["user"] == "" {
			f.Account.Auth = config.AuthNone
		}
		if s["proxy_host"] != "" {
			f.Account.Proxy = "socks5://" + s["proxy_host"] + ":" + s["proxy_port"]
		}
		if s["passwordeval"] != "" {
			f.Account.PasswordCommand = shell(s["passwordeval"])
		}
		f.Plain = secret.New(s["password"])
		all = append(all, f)
	}
	return all, nil
}

// readHimalaya reads its TOML: message.send.backend of each account.
func readHimalaya(text string) ([]Found, error) {
	type auth struct {
		Raw     string
		Cmd     string
		Command string
	}
	var file struct {
		DisplayName string `toml:"display-name"`
		Accounts    map[string]struct {
			Email       string
			Default     bool
			DisplayName string `toml:"display-name"`
			Message     struct {
				Send struct {
					Backend struct {
						Type       string
						Host       string
						Port       int
						Encryption struct{ Type string }
						Login      string
						Auth       auth
					}
				}
			}
		}
	}
	if err := toml.Unmarshal([]byte(text), &file); err != nil {
		return nil, errors.New("it can't be read as TOML") // the error would show a line, and a password
	}
	var all []Found
	for _, name := range slices.Sorted(maps.Keys(file.Accounts)) {
		s := file.Accounts[name]
		b := s.Message.Send.Backend
		if b.Type != "smtp" {
			continue
		}
		f := Found{Account: config.Account{
			Name: name, Address: s.Email, FullName: s.DisplayName, Host: b.Host, Port: b.Port, User: b.Login,
			TLS: map[string]string{"": config.TLSImplicit, "tls": config.TLSImplicit, "start-tls": config.TLSStart, "none": config.TLSNone}[b.Encryption.Type],
		}}
		if f.Account.FullName == "" {
			f.Account.FullName = file.DisplayName
		}
		if line := b.Auth.Cmd + b.Auth.Command; line != "" {
			f.Account.PasswordCommand = shell(line)
		}
		f.Plain = secret.New(b.Auth.Raw)
		if s.Default {
			all = slices.Insert(all, 0, f)
			continue
		}
		all = append(all, f)
	}
	return all, nil
}

// readAerc reads accounts.conf: sections of "key = value".
func readAerc(text string) ([]Found, error) {
	var all []Found
	var f *Found
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if strings.HasPrefix(line, "[") && strings.HasSuffix(line, "]") {
			all = append(all, Found{Account: config.Account{Name: strings.Trim(line, "[] ")}})
			f = &all[len(all)-1]
			continue
		}
		key, value, ok := strings.Cut(line, "=")
		if !ok || f == nil || line[0] == '#' || line[0] == ';' {
			continue
		}
		value = unquote(value)
		switch strings.TrimSpace(key) {
		case "from":
			f.Account.FullName, f.Account.Address = mailbox(value)
		case "outgoing-cred-cmd":
			f.Account.PasswordCommand = shell(value)
		case "outgoing":
			err := f.byURL(value, map[string]string{
				"smtps": config.TLSImplicit, "smtp+insecure": config.TLSNone, "smtp": config.TLSStart,
			})
			if err != nil {
				return nil, err
			}
		}
	}
	return slices.DeleteFunc(all, func(f Found) bool { return f.Account.Host == "" }), nil
}

// muttReader returns what reads the settings of mutt or of its fork: their one
// account has no name but the program's.
func muttReader(program string) func(string) ([]Found, error) {
	return func(text string) ([]Found, error) { return readMutt(program, text) }
}

// readMutt reads the lines of a muttrc that set what sending needs. What other
// files say, which it may source, stays out.
func readMutt(program, text string) ([]Found, error) {
	f := Found{Account: config.Account{Name: program}}
	for line := range strings.Lines(text) {
		rest, ok := strings.CutPrefix(strings.TrimSpace(line), "set ")
		if !ok {
			continue
		}
		key, value, _ := strings.Cut(rest, "=")
		value = unquote(value)
		switch strings.TrimSpace(key) {
		case "from":
			name, address := mailbox(value)
			f.Account.Address = address
			if name != "" {
				f.Account.FullName = name
			}
		case "realname", "real_name":
			f.Account.FullName = value
		case "smtp_url":
			if err := f.byURL(value, map[string]string{"smtps": config.TLSImplicit, "smtp": config.TLSStart}); err != nil {
				return nil, err
			}
		case "smtp_pass":
			if command, ok := strings.CutPrefix(value, "`"); ok {
				f.Account.PasswordCommand = shell(strings.TrimSuffix(command, "`"))
			} else {
				f.Plain = secret.New(value)
			}
		}
	}
	if f.Account.Host == "" {
		return nil, nil
	}
	return []Found{f}, nil
}
