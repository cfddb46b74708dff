package accounts

import (
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"

	tea "charm.land/bubbletea/v2"

	"sendoff/config"
	"sendoff/config/provider"
	"sendoff/config/secret"
	"sendoff/smtp/address"
	"sendoff/tui/kit"
	"sendoff/tui/text"
)

// The rows of the form.
const (
	rowFullName = iota
	rowAddress
	rowName
	rowHost
	rowTLS
	rowPort
	rowCA
	rowProxy
	rowProxyPassword
	rowProxySecret
	rowProxyProgram
	rowWay
	rowAuth
	rowUser
	rowCert
	rowKey
	rowIssuer
	rowClient
	rowClientSecret
	rowPassword
	rowSecret
	rowProgram
	rowFile
	rowPassphrase
	rowAgain
)

var securities = []string{config.TLSImplicit, config.TLSStart, config.TLSNone}

var ports = map[string]string{config.TLSImplicit: "465", config.TLSStart: "587", config.TLSNone: "25"}

// form asks for an account: a new one, or what is to change about one.
type form struct {
	sheet
	base    config.Account // what it was; the zero value for a new one
	before  string         // its name; empty for a new one
	trusted config.Account // with the key that was trusted while a new one was tested
	guess   map[int]string // what the address was taken to mean
	known   provider.Table // those whose demands are known; nil until they are needed
	issuer  string         // who gives tokens, as was found; empty if nobody was

	all      []kit.SecretStore // where passwords can be kept
	stores   []kit.SecretStore // those to choose among
	forProxy []kit.SecretStore // and for the password of the proxy, none first
	chosen   bool              // the place was chosen, or it is known what it was
	auths    []string          // mechanisms to choose among
	saving   bool

	program, proxyProgram string // of base, as a line shows them
	trial                 string // what came of trying the program
}

func newForm(env kit.Env, stores []kit.SecretStore) *form {
	f := &form{sheet: newSheet(env, nil), guess: map[int]string{}}
	choice := func(label, hint string, words ...string) row { return row{label: label, hint: hint, words: words} }
	masked := func(label, hint string) row {
		r := f.line(label, hint)
		r.mask = true
		return r
	}
	f.rows = []row{
		rowFullName:      f.line("Your name", "As others see it beside your address."),
		rowAddress:       f.line("Address", "The address your mail comes from."),
		rowName:          f.line("Account", "A short word for the account, such as work."),
		rowHost:          f.line("Server", "The provider calls it outgoing or SMTP server."),
		rowTLS:           choice("Security", "TLS is usual; STARTTLS on older servers.", "TLS", "STARTTLS", "not encrypted"),
		rowPort:          f.line("Port", "465 for TLS, 587 for STARTTLS."),
		rowCA:            f.line("CA file", "Mostly empty. For a server of your own: the file with the certificate to trust."),
		rowProxy:         f.line("Proxy", "Mostly empty. socks5://host:port or http://host:port; user@host if it asks."),
		rowProxyPassword: masked("Its password", "Of the user there. It goes to the proxy as the proxy wants it: unencrypted."),
		rowProxySecret:   choice("Kept in", "Where the password of the proxy is."),
		rowProxyProgram:  f.line("Program", "With its arguments. It prints the proxy's password as its first line."),
		rowWay:           choice("Sign in by", "What the provider wants: mostly a password, or an app password.", wayWords...),
		rowAuth:          choice("Mechanism", "Automatic takes the best way the server offers."),
		rowUser:          f.line("User", "Mostly the whole address."),
		rowCert:          f.line("Certificate", "The file with your certificate, in PEM form."),
		rowKey:           f.line("Its key", "The file with its key; empty if the first file has that too."),
		rowIssuer:        f.line("Tokens from", "google, microsoft, fastmail ... or the https:// address of an issuer."),
		rowClient:        f.line("Client id", "Of a program you register there: the provider lets in only those it knows."),
		rowClientSecret:  f.line("Its secret", "Mostly empty. Some providers give one with the id; it is no secret then."),
		rowPassword:      masked("Password", "Many providers want an app password here. It never shows."),
		rowSecret:        choice("Kept in", ""),
		rowProgram:       f.line("Program", "With its arguments. Its first line counts."),
		rowFile:          f.line("File", "A path, or a name in the folder that systemd gives. Its first line counts."),
		rowPassphrase:    masked("Passphrase", "It opens the encrypted file. You type it once for each run, or use sendoff unlock."),
		rowAgain:         masked("Once more", "The same again: nobody can open the file without it."),
	}
	f.set(rowPort, "465")
	f.setStores(stores)
	return f
}

// propose fills in what is known of a new account, and goes to what is not.
func (f *form) propose(a config.Account, by way, issuer string) {
	if a.Address == "" {
		return
	}
	f.touched = true // the address was typed
	f.set(rowAddress, a.Address)
	f.at = rowAddress
	f.leave()
	f.at = rowFullName
	f.rows[rowWay].at = int(by)
	f.chooseWay()
	f.issuer = issuer
	f.set(rowIssuer, issuer)
	if issuer == "" {
		f.set(rowIssuer, a.OAuth)
	}
	f.settle()
	if a.Host == "" {
		return
	}
	f.set(rowHost, a.Host)
	f.set(rowPort, strconv.Itoa(a.Port))
	f.set(rowUser, a.User)
	f.rows[rowTLS].at = max(0, slices.Index(securities, a.TLS))
	f.settle()
	for _, row := range []int{rowPassword, rowCert, rowIssuer, rowClient, rowProgram, rowSecret, rowName} {
		if r := f.rows[row]; !r.gone && (r.line == nil || r.line.Empty() && !(row == rowClient && issuer != "")) {
			f.at = row
			return
		}
	}
}

// editForm shows an account as it is. Its name stays: mail in the outbox goes
// by it.
func editForm(env kit.Env, stores []kit.SecretStore, a config.Account) *form {
	f := newForm(env, nil)
	f.base, f.before = a, a.Name
	for row, value := range map[int]string{
		rowFullName: a.FullName, rowAddress: a.Address, rowName: a.Name, rowHost: a.Host,
		rowPort: strconv.Itoa(a.Port), rowCA: a.CAFile, rowUser: a.User, rowCert: a.ClientCert, rowKey: a.ClientKey,
		rowIssuer: a.OAuth, rowClient: a.OAuthClientID, rowClientSecret: a.OAuthClientSecret,
		rowProgram: config.JoinCommand(a.PasswordCommand), rowFile: a.CredentialFile,
		rowProxy: a.Proxy, rowProxyProgram: config.JoinCommand(a.ProxyCommand),
	} {
		f.set(row, value)
	}
	f.program = strings.TrimSpace(f.rows[rowProgram].line.Text())
	f.rows[rowName].fixed = text.Clean(a.Name) + "  (mail in the outbox goes by this name)"
	if a.User == a.Address {
		f.guess[rowUser] = a.User
	}
	f.rows[rowTLS].at = max(0, slices.Index(securities, a.TLS))
	f.rows[rowWay].at = int(wayOf(a))
	f.setStores(stores)
	f.rows[rowAuth].at = max(0, slices.Index(f.auths, a.Auth))
	return f
}

func (f *form) way() way { return way(f.rows[rowWay].at) }

// mechanisms lists the ways to log in that have names of their own.
func mechanisms(by way) []string {
	if by == byToken {
		return []string{config.AuthOAuthBearer, config.AuthXOAuth2}
	}
	return slices.DeleteFunc(config.Mechanisms(), func(name string) bool {
		a := config.Account{Auth: name}
		return !a.TakesPassword() || a.TakesToken()
	})
}

// setStores says where the password can be kept. The first place that can be
// used is the one proposed; an account keeps the one it has.
func (f *form) setStores(stores []kit.SecretStore) {
	f.all = stores
	f.settle()
}

// settle has each row be there that has a meaning, and none other.
func (f *form) settle() {
	by := f.way()
	if auths := mechanisms(by); !slices.Equal(auths, f.auths) {
		f.auths, f.rows[rowAuth].at, f.rows[rowAuth].words = auths, 0, nil
		for _, name := range auths {
			if name != config.AuthAuto {
				name = strings.ToUpper(name)
			}
			f.rows[rowAuth].words = append(f.rows[rowAuth].words, strings.Replace(name, config.AuthAuto, "automatic", 1))
		}
	}
	f.settleStores()
	f.settleProxy()
	secretly := by == byPassword || by == byToken || by == byOAuth
	place := f.place()
	wants := kit.NoPassphrase
	kept := f.before != "" && f.base.Secret == place.Name && f.rows[rowPassword].line.Empty() && !f.signsIn()
	if secretly && !kept {
		wants = place.Passphrase
	}
	if p := f.proxyPlace(); p.Name == config.SecretVault && (f.base.ProxySecret != p.Name || !f.rows[rowProxyPassword].line.Empty()) {
		wants = p.Passphrase
	}
	user := f.proxyUser()
	for row, there := range map[int]bool{
		rowCA:            securities[f.rows[rowTLS].at] != config.TLSNone,
		rowAuth:          by == byPassword || by == byToken,
		rowUser:          secretly,
		rowCert:          by == byCertificate || f.base.ClientCert != "",
		rowKey:           by == byCertificate || f.base.ClientCert != "",
		rowIssuer:        by == byOAuth,
		rowClient:        by == byOAuth,
		rowClientSecret:  by == byOAuth,
		rowPassword:      by == byPassword && (place.Name == "" || keeps(place.Name) || place.Name == config.SecretAsk),
		rowSecret:        secretly,
		rowProgram:       secretly && place.Name == config.SecretCommand,
		rowFile:          secretly && place.Name == config.SecretFile,
		rowProxyPassword: user && keeps(f.proxyPlace().Name),
		rowProxySecret:   user,
		rowProxyProgram:  user && f.proxyPlace().Name == config.SecretCommand,
		rowPassphrase:    wants != kit.NoPassphrase,
		rowAgain:         wants == kit.NewPassphrase,
	} {
		f.rows[row].gone = !there
	}
}

// settleStores lists the places that suit the way to sign in.
func (f *form) settleStores() {
	if len(f.all) == 0 {
		return
	}
	used, by := f.base.Secret, f.way()
	if f.chosen {
		used = f.place().Name
	}
	f.stores = slices.DeleteFunc(slices.Clone(f.all), func(s kit.SecretStore) bool {
		return !choosable(s) && s.Name != used || by == byOAuth && !keeps(s.Name)
	})
	has := func(s kit.SecretStore) bool { return s.Name == used }
	if used != "" && used == f.base.Secret && by == wayOf(f.base) && !slices.ContainsFunc(f.stores, has) {
		f.stores = append(f.stores, kit.SecretStore{Name: used, Title: used, Usable: true})
	}
	r := &f.rows[rowSecret]
	r.words = nil
	for _, s := range f.stores {
		r.words = append(r.words, text.Clean(s.Title))
	}
	r.at, f.chosen = max(0, slices.IndexFunc(f.stores, has)), true
}

// settleProxy lists the places for the password of the proxy.
func (f *form) settleProxy() {
	if len(f.all) == 0 {
		return
	}
	r := &f.rows[rowProxySecret]
	used := f.base.ProxySecret
	if len(f.forProxy) > 0 {
		used = f.proxyPlace().Name
	}
	f.forProxy = append([]kit.SecretStore{{Title: "there is none"}}, slices.DeleteFunc(slices.Clone(f.all), func(s kit.SecretStore) bool {
		return s.Name == config.SecretFile || !choosable(s) && s.Name != used
	})...)
	has := func(s kit.SecretStore) bool { return s.Name == used }
	if !slices.ContainsFunc(f.forProxy, has) {
		f.forProxy = append(f.forProxy, kit.SecretStore{Name: used, Title: used})
	}
	r.words = nil
	for _, s := range f.forProxy {
		r.words = append(r.words, text.Clean(s.Title))
	}
	r.at = slices.IndexFunc(f.forProxy, has)
}

// proxyPlace is where the password of the proxy is to be kept; the zero value
// for none.
func (f *form) proxyPlace() kit.SecretStore {
	if at := f.rows[rowProxySecret].at; at < len(f.forProxy) && f.proxyUser() {
		return f.forProxy[at]
	}
	return kit.SecretStore{}
}

// proxyUser tells that the proxy is told who is there.
func (f *form) proxyUser() bool {
	u, err := url.Parse(f.value(rowProxy))
	return err == nil && u.User.Username() != ""
}

// choosable tells that a place can be proposed. A variable can be set later.
func choosable(s kit.SecretStore) bool { return s.Usable || s.Name == config.SecretEnv }

// place is where the password is to be kept; the zero value if that is not
// known yet.
func (f *form) place() kit.SecretStore {
	if at := f.rows[rowSecret].at; at < len(f.stores) {
		return f.stores[at]
	}
	return kit.SecretStore{}
}

// signsIn tells that a browser is needed before the account can be used.
func (f *form) signsIn() bool {
	return f.way() == byOAuth && (f.base.OAuth != f.value(rowIssuer) || f.base.OAuthClientID != f.value(rowClient))
}

// press takes a key. It returns what is wanted, and whether the form is done
// with.
func (f *form) press(msg tea.KeyPressMsg) (want kit.Intent, closed bool) {
	if f.saving {
		return nil, false
	}
	if f.tries(msg) {
		argv := f.command()
		if len(argv) == 0 {
			f.wrong(rowProgram, "the program is missing")
			return nil, false
		}
		return kit.TryCommand{Argv: argv}, false
	}
	from := f.at
	done := f.sheet.press(msg)
	if done == save || done == leaves {
		to := f.at
		f.at = from
		f.leave()
		f.at = to
	}
	f.trial = ""
	f.settle()
	if done == chooses {
		f.chose(from)
	}
	switch done {
	case cancel:
		ask := f.abandon()
		return ask, ask == nil
	case save:
		return f.save(), false
	}
	return nil, false
}

// chose fills in what follows from a choice that was made.
func (f *form) chose(row int) {
	f.settle()
	switch {
	case row == rowTLS && slices.Contains(slices.Collect(maps.Values(ports)), f.value(rowPort)): // as usual
		f.set(rowPort, ports[securities[f.rows[rowTLS].at]])
	case row == rowWay:
		f.chooseWay()
	case row == rowSecret && f.rows[rowProgram].line.Empty() && f.way() == byPassword:
		f.set(rowProgram, config.JoinCommand(f.place().Command))
	}
}

// chooseWay has the place suit a way to sign in that was just chosen.
func (f *form) chooseWay() {
	f.settle()
	program := func(s kit.SecretStore) bool { return s.Name == config.SecretCommand }
	if i := slices.IndexFunc(f.stores, program); i >= 0 && f.way() == byToken {
		f.rows[rowSecret].at = i
		f.settle()
	}
}

// paste takes a text that was pasted.
func (f *form) paste(msg tea.PasteMsg) {
	f.update(msg)
	f.settle()
}

// leave fills in what an address mostly means, where the person put nothing
// else.
func (f *form) leave() {
	if f.at != rowAddress {
		return
	}
	if _, err := address.Parse(f.value(rowAddress)); err != nil {
		return
	}
	_, domain, _ := strings.Cut(f.value(rowAddress), "@")
	short, _, _ := strings.Cut(domain, ".")
	for row, value := range map[int]string{
		rowName: short, rowHost: "smtp." + domain, rowUser: f.value(rowAddress),
	} {
		if f.value(row) == f.guess[row] && (f.before == "" || f.guess[row] != "") {
			f.set(row, value)
			f.guess[row] = value
		}
	}
}

// keeps tells that a place takes a password from us.
func keeps(place string) bool { return place == config.SecretKeyring || place == config.SecretVault }

// command is the program of the form. One that was not touched stays as it is,
// whatever a line can't show of it.
func (f *form) command() []string {
	if line := f.value(rowProgram); line != f.program {
		return config.SplitCommand(line)
	}
	return f.base.PasswordCommand
}

// passphrase is what opens the place for the password; empty if it is open.
func (f *form) passphrase() secret.Secret {
	if f.rows[rowPassphrase].gone {
		return secret.Secret{}
	}
	return secret.New(f.rows[rowPassphrase].line.Text())
}
