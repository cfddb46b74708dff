package post

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestTemplates(t *testing.T) {
	t.Parallel()
	r := open(t, Options{})
	if all, err := r.Templates(t.Context()); err != nil || len(all) != 0 {
		t.Errorf("without a folder %v, %v", all, err)
	}
	folder := r.TemplateFolder()
	if err := os.MkdirAll(filepath.Join(folder, "more"), 0o700); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"order":   "Subject: Order {{number}}\n\nDear {{name}}, {{number}}",
		"broken":  "no header\n\ntext",
		"long":    "Subject: x\n\n" + strings.Repeat("x", mostTemplate),
		".hidden": "Subject: x\n\n",
		"order~":  "Subject: x\n\n",
	} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	all, err := r.Templates(t.Context())
	if err != nil || len(all) != 3 || all[0].Name != "broken" || all[1].Name != "long" || all[2].Name != "order" {
		t.Fatalf("%+v, %v", all, err)
	}
	if all[0].Err == nil || all[1].Err == nil || all[2].Err != nil {
		t.Errorf("%v, %v, %v", all[0].Err, all[1].Err, all[2].Err)
	}
	if order := all[2]; order.Fields.Subject != "Order {{number}}" || !slices.Equal(order.Open, []string{"number", "name"}) {
		t.Errorf("%+v", order)
	}
}
