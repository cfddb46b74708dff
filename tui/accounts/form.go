package accounts

import (
	"slices"
	"strconv"
	"strings"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"sendoff/config"
	"sendoff/config/secret"
	"sendoff/smtp/address"
	"sendoff/tui/editor"
	"sendoff/tui/keys"
	"sendoff/tui/kit"
	"sendoff/tui/text"
	"sendoff/tui/widget"
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
	rowAuth
	rowUser
	rowPassword
	rowSecret
	rowPassphrase // hidden unless the place wants one
	rowAgain      // hidden unless that is a new one
	rowCount
)

var labels = [rowCount]string{
	"Your name", "Address", "Account", "Server", "Security", "Port", "CA file", "Login", "User", "Password", "Kept in",
	"Passphrase", "Once more",
}

var hints = [rowCount]string{
	"As others see it beside your address.",
	"The address your mail comes from.",
	"A short word for the account, such as work.",
	"The provider calls it outgoing or SMTP server.",
	"TLS is usual; STARTTLS on older servers.",
	"465 for TLS, 587 for STARTTLS.",
	"Mostly empty. For a server of your own: the file with the certificate to trust.",
	"Automatic takes the best way the server offers.",
	"Mostly the whole address.",
	"Many providers want an app password here. It never shows.",
	"",
	"It opens the encrypted file. You type it once for each run, or use sendoff unlock.",
	"The same again: nobody can open the file without it.",
}

var securities = []string{config.TLSImplicit, config.TLSStart, config.TLSNone}

var ports = map[string]string{config.TLSImplicit: "465", config.TLSStart: "587", config.TLSNone: "25"}

// logins says what the values of config.Account.Auth are that are no names of
// mechanisms.
var logins = map[string]string{
	config.AuthAuto: "automatic", config.AuthNone: "none", config.AuthExternal: "by certificate",
}

// labelWidth is the column of names.
const labelWidth = 13

// form asks for an account: a new one, or what is to change about one.
type form struct {
	pen    widget.Pen
	keys   keys.Form
	base   config.Account // what it was; the zero value for a new one
	before string         // its name; empty for a new one
	lines  [rowCount]*editor.Editor
	guess  [rowCount]string // what the address was taken to mean
	row    int

	stores  []kit.SecretStore
	chosen  bool // the place was chosen, or it is known what it was
	tls     int
	auths   []string
	auth    int
	store   int
	saving  bool
	trouble string
}

func newForm(env kit.Env, stores []kit.SecretStore) *form {
	f := &form{pen: widget.Pen{Styles: env.Styles, Method: env.Cells}, keys: env.Keys.Form, auths: mechanisms("")}
	for i := range f.lines {
		if i != rowTLS && i != rowAuth && i != rowSecret { // those are chosen
			f.lines[i] = editor.NewLine(env.Keys.Text, env.Styles, env.Cells)
		}
	}
	f.set(rowPort, "465")
	f.setStores(stores)
	return f
}

// propose fills in what is known of a new account, and goes to what is not.
func (f *form) propose(a config.Account) {
	if a.Address == "" {
		return
	}
	f.set(rowAddress, a.Address)
	f.row = rowAddress
	f.leave()
	f.row = rowFullName
	if a.Host == "" {
		return
	}
	f.set(rowHost, a.Host)
	f.set(rowPort, strconv.Itoa(a.Port))
	f.set(rowUser, a.User)
	f.tls = max(0, slices.Index(securities, a.TLS))
	f.row = rowPassword
}

// editForm shows an account as it is. Its name stays: mail in the outbox goes
// by it.
func editForm(env kit.Env, stores []kit.SecretStore, a config.Account) *form {
	f := newForm(env, nil)
	f.base, f.before = a, a.Name
	for row, value := range map[int]string{
		rowFullName: a.FullName, rowAddress: a.Address, rowName: a.Name, rowHost: a.Host,
		rowPort: strconv.Itoa(a.Port), rowCA: a.CAFile, rowUser: a.User,
	} {
		f.set(row, value)
	}
	if a.User == a.Address {
		f.guess[rowUser] = a.User
	}
	f.tls = max(0, slices.Index(securities, a.TLS))
	f.auths = mechanisms(a.Auth)
	f.auth = max(0, slices.Index(f.auths, a.Auth))
	f.setStores(stores)
	return f
}

// mechanisms lists the ways to log in that a form can set up, and the one that
// is in use.
func mechanisms(used string) []string {
	return slices.DeleteFunc(config.Mechanisms(), func(name string) bool {
		return name == config.AuthExternal && used != name
	})
}

// setStores says where the password can be kept. The first place that can be
// used is the one proposed; an account keeps the one it has.
func (f *form) setStores(stores []kit.SecretStore) {
	if len(stores) == 0 {
		return
	}
	used := f.base.Secret
	if f.chosen {
		used = f.place().Name
	}
	f.stores = slices.DeleteFunc(slices.Clone(stores), func(s kit.SecretStore) bool { return !choosable(s) && s.Name != used })
	has := func(s kit.SecretStore) bool { return s.Name == used }
	if used != "" && !slices.ContainsFunc(f.stores, has) {
		f.stores = append(f.stores, kit.SecretStore{Name: used, Title: used, Usable: true})
	}
	f.store, f.chosen = max(0, slices.IndexFunc(f.stores, has)), true
}

// choosable tells that a place can be proposed. A variable can be set later.
func choosable(s kit.SecretStore) bool { return s.Usable || s.Name == config.SecretEnv }

// place is where the password is to be kept; the zero value if that is not
// known yet.
func (f *form) place() kit.SecretStore {
	if f.store >= len(f.stores) {
		return kit.SecretStore{}
	}
	return f.stores[f.store]
}

// press returns done with the account when the person saves a complete form,
// and closed when nothing is to be changed.
func (f *form) press(msg tea.KeyPressMsg) (a config.Account, password secret.Secret, done, closed bool) {
	switch {
	case f.saving:
	case key.Matches(msg, f.keys.Cancel):
		return a, password, false, true
	case key.Matches(msg, f.keys.Save), f.row == f.last() && msg.Code == tea.KeyEnter:
		f.leave()
		a, password, done = f.save()
		return a, password, done, false
	case key.Matches(msg, f.keys.Next):
		f.step(1)
	case key.Matches(msg, f.keys.Previous):
		f.step(-1)
	case f.lines[f.row] == nil && key.Matches(msg, f.keys.Choose):
		f.choose(1)
	case f.lines[f.row] == nil && key.Matches(msg, f.keys.ChooseBack):
		f.choose(-1)
	default:
		f.update(msg)
	}
	return a, password, false, false
}

// step goes to another row, past those that have no meaning.
func (f *form) step(by int) {
	f.leave()
	f.row = (f.row + by + rowCount) % rowCount
	for f.idle(f.row) != "" {
		f.row = (f.row + by + rowCount) % rowCount
	}
}

// last is the last row that is there.
func (f *form) last() int {
	last := rowCount - 1
	for f.hidden(last) {
		last--
	}
	return last
}

// hidden tells that a row is not there, because the place for the password
// wants nothing.
func (f *form) hidden(row int) bool {
	wants := kit.NoPassphrase
	if (config.Account{Auth: f.auths[f.auth]}).TakesPassword() && !(f.before != "" && f.base.Secret == f.place().Name && f.lines[rowPassword].Empty()) {
		wants = f.place().Passphrase
	}
	return row == rowPassphrase && wants == kit.NoPassphrase || row == rowAgain && wants != kit.NewPassphrase
}

// idle says why nothing can be entered in a row; empty if something can.
func (f *form) idle(row int) string {
	login := config.Account{Auth: f.auths[f.auth]}
	switch {
	case f.hidden(row):
		return "hidden"
	case row == rowName && f.before != "":
		return f.before + "  (mail in the outbox goes by this name)"
	case (row == rowUser || row == rowPassword || row == rowSecret) && !login.TakesPassword():
		return "not needed for this login"
	case row == rowCA && securities[f.tls] == config.TLSNone:
		return "not needed without TLS"
	}
	return ""
}

func (f *form) update(msg tea.Msg) {
	f.trouble = ""
	if line := f.lines[f.row]; line != nil {
		line.Update(msg)
	}
}

func (f *form) choose(by int) {
	f.trouble = ""
	around := func(i, n int) int { return (i + by + n) % max(1, n) }
	switch f.row {
	case rowTLS:
		usual := f.lines[rowPort].Text() == ports[securities[f.tls]]
		f.tls = around(f.tls, len(securities))
		if usual {
			f.set(rowPort, ports[securities[f.tls]])
		}
	case rowAuth:
		f.auth = around(f.auth, len(f.auths))
	case rowSecret:
		f.store = around(f.store, len(f.stores))
	}
}

func (f *form) set(row int, value string) {
	f.lines[row].SetText(value)
	f.lines[row].ToEnd()
}

func (f *form) value(row int) string { return strings.TrimSpace(f.lines[row].Text()) }

// leave fills in what an address mostly means, where the person put nothing
// else.
func (f *form) leave() {
	if f.row != rowAddress {
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

// save makes the account, or moves to what is wrong.
func (f *form) save() (config.Account, secret.Secret, bool) {
	missing := func(row int) (config.Account, secret.Secret, bool) {
		return f.wrong(row, strings.ToLower(labels[row])+" is missing")
	}
	if f.value(rowAddress) == "" {
		return missing(rowAddress)
	}
	if _, err := address.Parse(f.value(rowAddress)); err != nil {
		return f.wrong(rowAddress, text.Clean(err.Error()))
	}
	for _, row := range []int{rowName, rowHost} {
		if f.value(row) == "" {
			return missing(row)
		}
	}
	port, err := strconv.Atoi(f.value(rowPort))
	if err != nil {
		return f.wrong(rowPort, "the port is a number: 465 for TLS, 587 for STARTTLS")
	}
	a := f.base
	a.Name, a.Address, a.FullName = f.value(rowName), f.value(rowAddress), f.value(rowFullName)
	a.Host, a.Port, a.TLS, a.Auth = f.value(rowHost), port, securities[f.tls], f.auths[f.auth]
	a.CAFile = f.value(rowCA)
	if a.TLS == config.TLSNone {
		a.CAFile = ""
	} else {
		a.Cleartext = false
	}
	var password secret.Secret
	if a.TakesPassword() {
		if row, what := f.credentials(&a, &password); what != "" {
			return f.wrong(row, what)
		}
	} else {
		a.User, a.Secret, a.Password, a.PasswordCommand, a.CredentialFile = "", "", "", nil, ""
	}
	a = a.Complete()
	if err := a.Check(); err != nil {
		f.trouble = text.Clean(err.Error())
		return a, password, false
	}
	f.saving, f.trouble = true, ""
	return a, password, true
}

// credentials puts into a how it logs in, or says in which row what is wrong.
func (f *form) credentials(a *config.Account, password *secret.Secret) (row int, what string) {
	store := f.place()
	*password = secret.New(f.lines[rowPassword].Text())
	unchanged := f.before != "" && f.base.Secret == store.Name
	switch {
	case store.Name == "":
		return rowSecret, "there is no place for the password"
	case !choosable(store) && !(unchanged && password.Empty()):
		return rowSecret, store.Title + " can't be used: " + text.Clean(store.Why)
	case password.Empty() && keeps(store.Name) && f.before == "":
		return rowPassword, "the password is missing"
	case !f.hidden(rowPassphrase) && f.lines[rowPassphrase].Empty():
		return rowPassphrase, "the passphrase is missing"
	case !f.hidden(rowAgain) && f.lines[rowAgain].Text() != f.lines[rowPassphrase].Text():
		return rowAgain, "these are two different passphrases"
	case !password.Empty() && !keeps(store.Name) && store.Name != config.SecretAsk:
		return rowPassword, "leave this empty: the password comes from where it is kept"
	}
	a.User, a.Secret = f.value(rowUser), store.Name
	if a.Secret != config.SecretCommand {
		a.PasswordCommand = nil
	}
	if a.Secret != config.SecretConfig {
		a.Password = ""
	}
	if a.Secret != config.SecretFile {
		a.CredentialFile = ""
	}
	return 0, ""
}

// keeps tells that a place takes a password from us.
func keeps(place string) bool { return place == config.SecretKeyring || place == config.SecretVault }

// passphrase is what opens the place for the password; empty if it is open.
func (f *form) passphrase() secret.Secret {
	if f.hidden(rowPassphrase) {
		return secret.Secret{}
	}
	return secret.New(f.lines[rowPassphrase].Text())
}

func (f *form) wrong(row int, what string) (config.Account, secret.Secret, bool) {
	f.row, f.trouble = row, what
	return config.Account{}, secret.Secret{}, false
}
