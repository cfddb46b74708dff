package cli

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"sendoff/config"
	"sendoff/tui/text"
)

func (p *program) accountList() *cobra.Command {
	return &cobra.Command{
		Use:   "list [NAME]",
		Short: "List the accounts, or one of them",
		Args:  atMostOne("the name of an account"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return p.listAccounts(cmd.Context())
			}
			room, err := p.room()
			if err != nil {
				return err
			}
			a, err := room.Account(args[0])
			if err != nil {
				return err
			}
			return p.listAccounts(cmd.Context(), a.Name)
		},
	}
}

// accountJSON is an account as scripts see it.
type accountJSON struct {
	Name     string `json:"name"`
	Address  string `json:"address"`
	FullName string `json:"full_name"`
	Host     string `json:"host"`
	Port     int    `json:"port"`
	TLS      string `json:"tls"`
	Auth     string `json:"auth"`
	User     string `json:"user"`
	Secret   string `json:"secret"`
	CAFile   string `json:"ca_file,omitempty"`
	Proxy    string `json:"proxy,omitempty"`
	Window   int    `json:"window,omitempty"` // 0 suits the queue
	Default  bool   `json:"default"`
	Password string `json:"password,omitempty"` // where it is and whether it is there; never the password
	Waits    string `json:"waits,omitempty"`    // why its mail waits

	Identities []identityJSON `json:"identities,omitempty"`
	Rules      []ruleJSON     `json:"rules,omitempty"` // those that choose it
}

// ruleJSON is a rule as scripts see it.
type ruleJSON struct {
	Number int      `json:"number"` // in their order, from 1: the first that matches counts
	From   []string `json:"from,omitempty"`
	To     []string `json:"to,omitempty"`
	Sender string   `json:"sender,omitempty"`
}

func accountOf(a config.Account, isDefault bool, password string) accountJSON {
	v := accountJSON{
		Name: a.Name, Address: a.Address, FullName: a.FullName, Host: a.Host, Port: a.Port, TLS: a.TLS, Auth: a.Auth, User: a.User,
		Secret: a.Secret, CAFile: a.CAFile, Proxy: a.Proxy, Window: a.Window, Default: isDefault, Password: password,
	}
	for _, i := range a.Identities {
		v.Identities = append(v.Identities, identityJSON{i.Address, i.FullName, i.ReplyTo, i.Bcc, i.Recipients})
	}
	return v
}

// rulesOf are the rules that choose an account.
func rulesOf(account string, rules []config.Rule) (all []ruleJSON) {
	for n, r := range rules {
		if r.Account == account {
			all = append(all, ruleJSON{n + 1, r.From, r.To, r.Sender})
		}
	}
	return all
}

// listAccounts prints the accounts of some names, or all.
func (p *program) listAccounts(ctx context.Context, names ...string) error {
	listed := func(name string) bool { return len(names) == 0 || slices.Contains(names, name) }
	room, err := p.room()
	if err != nil {
		return err
	}
	accounts, standard, _, err := room.Accounts(ctx)
	if err != nil {
		return err
	}
	rules, err := room.Rules()
	if err != nil {
		return err
	}
	var rows [][]string
	for _, info := range accounts {
		a := info.Account
		if !listed(a.Name) {
			continue
		}
		if p.json {
			v := accountOf(a, a.Name == standard, info.Secret)
			v.Rules, v.Waits = rulesOf(a.Name, rules), info.Waits
			if err := p.object(v); err != nil {
				return err
			}
			continue
		}
		var marks []string
		if a.Name == standard {
			marks = append(marks, "default")
		}
		if info.Waits != "" {
			marks = append(marks, "its mail waits: "+info.Waits)
		}
		rows = append(rows, []string{a.Name, a.Address, a.Host + ":" + strconv.Itoa(a.Port), a.TLS, info.Secret, strings.Join(marks, "; ")})
	}
	if len(accounts) == 0 && !p.json {
		p.tell(`no account is set up; add one with "sendoff account add"`)
	}
	if err := p.accountRows(rows); err != nil || p.json {
		return err
	}
	return p.showRules(slices.DeleteFunc(rules, func(r config.Rule) bool { return !listed(r.Account) }))
}

// accountRows prints a row for each account, or, where a terminal has no room
// for that, two: who, and where.
func (p *program) accountRows(rows [][]string) error {
	across, widest := p.columns(), 0
	for _, row := range rows {
		width := 0
		for _, cell := range row {
			width += 2 + text.CodePoints.Width(text.Clean(cell))
		}
		widest = max(widest, width)
	}
	if across == 0 || widest <= across {
		return p.table(rows)
	}
	for _, row := range rows {
		if err := p.table([][]string{{row[0], row[1], row[5]}}); err != nil {
			return err
		}
		if err := p.line("  %s, %s", row[2], row[3]); err != nil {
			return err
		}
		if err := p.line("  %s", row[4]); err != nil {
			return err
		}
	}
	return nil
}

// showRules prints the rules in the order in which they count.
func (p *program) showRules(rules []config.Rule) error {
	for _, r := range rules {
		said := "mail"
		if len(r.From) > 0 {
			said += " from " + strings.Join(r.From, " or ")
		}
		if len(r.To) > 0 {
			said += " to " + strings.Join(r.To, " or ")
		}
		said += " goes through " + r.Account
		if r.Sender != "" {
			said += ", from " + r.Sender
		}
		if err := p.line("%s", said); err != nil {
			return err
		}
	}
	return nil
}
