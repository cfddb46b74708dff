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
		"rule": {"a\n\n***\n\nb", "a\n\n" + strings.Repeat("-", 40) + "\n\nb\n"},
		"html is text": {
			"a <tag> <b>*bold*</b>\n\n<script>x()</script>\n\n<div>\nc\n\n</div>\n\n<?php d ?> <!DOCTYPE e>",
			"a <tag> <b>*bold*</b>\n\n<script>x()</script>\n\n<div> c\n\n</div>\n\n<?php d ?> <!DOCTYPE e>\n",
		},
		"comments":    {"a <!-- b --> c\n\n<!-- d\n\ne -->\nf\n\n<!-- g --> h\n\n<!--> k\n-->\n\n    <!-- l -->\n\n<!-- i\n\nj", "a  c\n\nf\n\nh\n\nk -->\n\n    <!-- l -->\n\n<!-- i\n\nj\n"},
		"definitions": {"[note]: later\n\n[1]: https://example.org\n[1]: other\n[2]: two\n\nsee [1]\n\n> [q]: u \"a\n> b\"\n> c", "[note]: later\n\n[1]: other\n\n[2]: two\n\nsee 1 <https://example.org>\n\n> [q]: u \"a b\"\n>\n> c\n"},
		"signs":       {"5 \\* 3 &amp; `a\\* &amp;` \\<x> &copy;", "5 * 3 & `a\\* &amp;` <x> ©\n"},
		"long rows":   {"|a|b|\n|-|-|\n|1|2|three|  \n|4|\n|5|6|", "a  b\n-  -------\n1  2|three\n4\n5  6\n"},
		"signature":   {"Hello\n-- \n*Ann*\nOffice", "Hello\n\n-- \n*Ann*\nOffice\n"},
		"signed only": {"-- \nAnn\n", "-- \nAnn\n"},
		"image":       {"![a cat](cat.png) ![](b.png)", "[image: a cat] [image:]\n"},
		"nothing":     {"", "\n"},
	}
	for name, tt := range tests {
		if diff := cmp.Diff(tt.want, render(t, tt.source).Text); diff != "" {
			t.Errorf("%s: (-want +got)\n%s", name, diff)
		}
	}
}

func TestHTML(t *testing.T) {
	t.Parallel()
	doc := render(t, "# T\n\n|a|b|\n|-|-|\n|1|2|\n\n- x\n\n> q\n\n```\n<code>\n```\n\n[l](https://example.org) ~~s~~ <i>raw</i> <!-- aside --> [js](javascript:alert(1))\n-- \nA & B\n<me>")
	if doc.Comments != 1 {
		t.Errorf("it tells of %d comments", doc.Comments)
	}
	for _, want := range []string{
		"<h1>T</h1>", "<th>a</th>", "<td>2</td>", "<li>x</li>", "<blockquote>\n<p>q</p>", "<pre><code>&lt;code&gt;\n</code></pre>",
		`<a href="https://example.org">l</a>`, "<del>s</del>", "&lt;i&gt;raw&lt;/i&gt;", "<p>-- <br>\nA &amp; B<br>\n&lt;me&gt;</p>", `<meta charset="utf-8">`,
	} {
		if !strings.Contains(doc.HTML, want) {
			t.Errorf("the page lacks %q:\n%s", want, doc.HTML)
		}
	}
	for _, bad := range []string{"<i>", "javascript:", "<h2>", "<!--", "aside"} {
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

// FuzzNothingLost: without comments, titles and names of languages, each word is
// in both forms, whatever signs stand around it.
func FuzzNothingLost(f *testing.F) {
	signs := []string{"", " ", "\n", "\n\n", "<", ">", "</", "/>", "<?", "|", "|-|-|\n", "[", "]", "]: ", "\\", "# ", "> ", "- ", "    ", "*", "&", ";", "<!", "<![CDATA[", "<pre>", "==="}
	f.Add([]byte{4, 5, 2, 9, 9, 2, 10, 9, 9, 9, 2, 11, 13, 3})
	f.Add([]byte{11, 13, 3, 16, 11, 13, 2, 11, 12, 3, 24, 3, 22, 23, 8})
	f.Fuzz(func(t *testing.T, order []byte) {
		source, words := "", 0
		for _, b := range order[:min(len(order), 100)] {
			source += fmt.Sprintf("%sx%dx", signs[int(b)%len(signs)], words)
			words++
		}
		doc := render(t, source)
		for i := range words {
			if word := fmt.Sprintf("x%dx", i); !strings.Contains(doc.Text, word) || !strings.Contains(doc.HTML, word) {
				t.Fatalf("%s is lost of %q: %q\n%s", word, source, doc.Text, doc.HTML)
			}
		}
	})
}
