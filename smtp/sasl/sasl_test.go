package sasl

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestChoose(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		wanted  string
		offered []string
		want    []string
	}{
		"strongest first":       {"", []string{"LOGIN", "PLAIN"}, []string{"PLAIN", "LOGIN"}},
		"any case":              {"Auto", []string{"login", "Plain"}, []string{"PLAIN", "LOGIN"}},
		"the one named":         {"login", []string{"LOGIN", "PLAIN"}, []string{"LOGIN"}},
		"the one named, absent": {"login", []string{"PLAIN"}, nil},
		"parts of names":        {"", []string{"PLAIN-CLIENTTOKEN", "XLOGIN"}, nil},
		"nothing":               {"", nil, nil},
		"unknown":               {"telepathy", []string{"TELEPATHY"}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			chosen, err := Choose(Login{Mechanism: test.wanted, User: "bob", Password: "x"}, test.offered, nil)
			var got []string
			for _, m := range chosen {
				got = append(got, m.Name())
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Error(diff)
			}
			if (err == nil) != (test.want != nil) {
				t.Errorf("got error %v", err)
			}
			if err != nil && test.wanted != "telepathy" && !errors.Is(err, ErrNoMechanism) {
				t.Errorf("got error %v", err)
			}
		})
	}
	if _, err := Choose(Login{User: "bob", Password: "a\x00b"}, []string{"PLAIN"}, nil); err == nil {
		t.Error("a NUL passed")
	}
}

func TestPrintsNoSecret(t *testing.T) {
	t.Parallel()
	login := Login{Mechanism: "auto", User: "bob", Password: "sesame17", Token: "sesame18"}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%d", "%x"} {
		for _, value := range []any{login, &login, []Login{login}, struct{ L *Login }{&login}} {
			if got := fmt.Sprintf(verb, value); strings.Contains(got, "sesame") || strings.Contains(got, "736573") {
				t.Errorf("%s prints %s", verb, got)
			}
		}
	}
}
