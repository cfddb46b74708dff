package markdown_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sendoff/smtp/message/markdown"
)

func render(t *testing.T, source string) markdown.Document {
	t.Helper()
	doc, err := markdown.Render(source, func(n int) string { return fmt.Sprintf("cid:%d", n) })
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

func TestText(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ source, want string }{
		"paragraphs": {"one\ntwo\n\nthree  \nfour", "one two\n\nthree\nfour\n"},
		"headings":   {"# Title\n\n## Über 例\n\n### Third\ntext", "Title\n=====\n\nÜber 例\n-------\n\nThird\n\ntext\n"},
		"list":       {"- one\n- two\n  - below\n\n1. a\n2. b", "- one\n- two\n  - below\n\n1. a\n2. b\n"},
		"loose list": {"3) a\n\n   more\n\n4) b", "3) a\n\n   more\n\n4) b\n"},
		"quote":      {"> one\n>\n> > two\n\nthree", "> one\n>\n> > two\n\nthree\n"},
		"code":       {"```go\nx := 1\n\n\ty()\n```\n\n    indented", "    x := 1\n\n    \ty()\n\n    indented\n"},
		"emphasis":   {"*a* **b** `c d` ~~e~~", "*a* *b* `c d` ~e~\n"},
		"links":      {"[text](https://example.org/a) <https://example.org> https://example.net [x@example.org](mailto:x@example.org)", "text <https://example.org/a> https://example.org https://example.net <mailto:x@example.org>\n"},
		"table":      {"|Item|Price|\n|---|---:|\n|Tea|3|\n|茶碗|12|", "Item  Price\n----  -----\nTea       3\n茶碗     12\n"},
		"wide table": {
			"|Item|Price|Note|\n|---|---:|---|\n|Tea|3|a note that is rather long and goes on beyond what a line of a mail should have, by a lot|\n|a|1||\n|https://example.org/a/long/way/to/a/page/that/has/no/blank/in/it|2|x|",
			"Item                             Price  Note\n" +
				"-------------------------------  -----  --------------------------------\n" +
				"Tea                                  3  a note that is rather long and\n" +
				"                                        goes on beyond what a line of a\n" +
				"                                        mail should have, by a lot\n" +
				"a                                    1\n" +
				"https://example.org/a/long/way/to/a/page/that/has/no/blank/in/it\n" +
				"                                     2  x\n",
		},
		"long link in a table": {
			"|Page|Link|Hits|\n|---|---|---:|\n|the first page of all|https://example.org/a/page/that/has/no/blank|3|\n|b|short|12|\n|c|https://example.org/a/long/way/to/a/page/that/has/no/blank/in/it/at/all|2|",
			"Page                   Link                                         Hits\n" +
				"---------------------  -------------------------------------------  ----\n" +
				"the first page of all                                                  3\n" +
				"                       https://example.org/a/page/that/has/no/blank\n" +
				"b                      short                                          12\n" +
				"c                                                                      2\n" +
				"                       https://example.org/a/long/way/to/a/page/that/has/no/blank/in/it/at/all\n",
		},
		"word that gets its room": {
			"|Page and what it is about|Link|\n|---|---|\n|the first page of all|https://example.org/a/page/that/has/no/blank/in/it|",
			"Page and what it is   Link\nabout\n" +
				"--------------------  --------------------------------------------------\n" +
				"the first page of     https://example.org/a/page/that/has/no/blank/in/it\nall\n",
		},
		"rule":         {"a\n\n***\n\nb", "a\n\n" + strings.Repeat("-", 40) + "\n\nb\n"},
		"html is left": {"a <b>bold</b>\n\n<script>x()</script>\n\nc", "a bold\n\nc\n"},
		"signature":    {"Hello\n-- \n*Ann*\nOffice", "Hello\n\n-- \n*Ann*\nOffice\n"},
		"signed only":  {"-- \nAnn\n", "-- \nAnn\n"},
		"image":        {"![a cat](cat.png) ![](b.png)", "[image: a cat] [image:]\n"},
		"nothing":      {"", "\n"},
	}
	for name, tt := range tests {
		if diff := cmp.Diff(tt.want, render(t, tt.source).Text); diff != "" {
			t.Errorf("%s: (-want +got)\n%s", name, diff)
		}
	}
}

func TestHTML(t *testing.T) {
	t.Parallel()
	doc := render(t, "# T\n\n|a|b|\n|-|-|\n|1|2|\n\n- x\n\n> q\n\n```\n<code>\n```\n\n[l](https://example.org) ~~s~~ <i>raw</i> [js](javascript:alert(1))\n-- \nA & B\n<me>")
	for _, want := range []string{
		"<h1>T</h1>", "<th>a</th>", "<td>2</td>", "<li>x</li>", "<blockquote>\n<p>q</p>", "<pre><code>&lt;code&gt;\n</code></pre>",
		`<a href="https://example.org">l</a>`, "<del>s</del>", "<p>-- <br>\nA &amp; B<br>\n&lt;me&gt;</p>", `<meta charset="utf-8">`,
	} {
		if !strings.Contains(doc.HTML, want) {
			t.Errorf("the page lacks %q:\n%s", want, doc.HTML)
		}
	}
	for _, bad := range []string{"<i>", "javascript:", "<h2>"} {
		if strings.Contains(doc.HTML, bad) {
			t.Errorf("the page holds %q:\n%s", bad, doc.HTML)
		}
	}
}

func TestImages(t *testing.T) {
	t.Parallel()
	doc := render(t, "![a](cat.png) ![b](/tmp/my%20dog.jpg) ![a](cat.png)\n![web](https://example.org/x.png) ![c](cid:foreign)\n\n> ![stolen](/etc/passwd)\n> - ![stolen](~/.ssh/id_rsa)\n\n![w](C:\\x.png)")
	if diff := cmp.Diff([]string{"cat.png", "/tmp/my dog.jpg", `C:\x.png`}, doc.Images); diff != "" {
		t.Errorf("images: (-want +got)\n%s", diff)
	}
	if strings.Count(doc.HTML, `src="cid:0"`) != 2 || !strings.Contains(doc.HTML, `src="cid:1"`) || !strings.Contains(doc.HTML, "https://example.org/x.png") {
		t.Errorf("sources are wrong:\n%s", doc.HTML)
	}
	if strings.Contains(doc.HTML+doc.Text, "passwd") || strings.Contains(doc.HTML+doc.Text, "id_rsa") {
		t.Errorf("a quoted path is told:\n%s", doc.HTML)
	}
}

func FuzzRender(f *testing.F) {
	f.Add("# a\n\n|a|\n|-|\n|b|\n\n1. x\n   > y\n\n![a](b)\n-- \nsig")
	f.Fuzz(func(t *testing.T, source string) {
		doc, err := markdown.Render(source, func(int) string { return "cid:x" })
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(strings.ToLower(doc.HTML), "<script") {
			t.Fatalf("%q becomes a script:\n%s", source, doc.HTML)
		}
	})
}
