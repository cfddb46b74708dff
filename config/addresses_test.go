package config_test

import (
	"strings"
	"testing"

	"sendoff/config"
)

func TestAddressesRefuses(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		`command = ["khard", "email"]`: `2:11: command does not say where it takes what is typed; add "%s" to its arguments`,
		`command = [""]`:               "2:11: command must be a program",
		`vcard = ["a", ""]`:            "2:9: vcard must be paths, and one is empty",
		`abook = "x"`:                  "2:9: abook must be a list of texts",
		`vcards = ["x"]`:               `2:1: unknown key "vcards"; did you mean "vcard"?`,
	} {
		_, err := config.Parse("c", []byte("[addresses]\n"+text))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %s", text, err, want)
		}
	}
	c, err := config.Parse("c", nil)
	if err != nil || !c.Addresses.History || !c.Addresses.Usual || c.Addresses.Named() {
		t.Errorf("without a word: %+v, %v", c.Addresses, err)
	}
}
