// Package markdown makes the two forms of a mail that was written in
// markdown: HTML, and a text for those who read plain mail.
//
// The language is CommonMark with tables, struck-out text and bare links. HTML
// in it is a text like any other, so that no word is lost, and nothing quoted
// from a stranger becomes part of the page; only its comments are left out. For
// the same reason an image within a quote is never fetched from
// the author's disk: the path may be the stranger's.
package markdown

import (
	"bytes"
	"fmt"
	"html"
	"net/url"
	"strings"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/text"
)

// Document is a source in its two forms.
type Document struct {
	Text   string   // LF line ends, a paragraph a line
	HTML   string   // a whole page
	Images []string // paths as written, each once; the page has Source of its place

	// Comments is how many comments, between <!-- and -->, neither form has.
	Comments int
}

// style is all that the page says of its looks: the reader's own fonts and
// colours stay.
const style = `table{border-collapse:collapse}th,td{border:1px solid #999;padding:.2em .6em}` +
	`blockquote{margin:0 0 0 .5em;padding-left:.7em;border-left:2px solid #999}` +
	`pre{overflow:auto}img{max-width:100%}`

// Render makes both forms of source. source says what the page refers to an
// image of the author's as: the n-th of Document.Images, from 0. What follows
// the signature mark, a line "-- ", is taken as it is.
func Render(written string, source func(n int) string) (Document, error) {
	body, signature, signed := cutSignature(strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(written))
	src := []byte(body)
	md := goldmark.New(goldmark.WithParser(keeping()), goldmark.WithExtensions(extension.Table, extension.Strikethrough, extension.Linkify))
	root := md.Parser().Parse(text.NewReader(src))
	comments := restore(root, src)
	images := ownImages(root, source)

	var page bytes.Buffer
	page.WriteString("<!DOCTYPE html>\n<html>\n<head>\n<meta charset=\"utf-8\">\n<style>" + style + "</style>\n</head>\n<body>\n")
	plain := (&printer{source: src}).print(root)
	if err := md.Renderer().Render(&page, src, root); err != nil {
		return Document{}, fmt.Errorf("write the text as HTML: %w", err)
	}
	if signed {
		lines := strings.ReplaceAll(html.EscapeString(signature), "\n", "<br>\n")
		page.WriteString("<p>-- <br>\n" + lines + "</p>\n")
		plain = strings.TrimLeft(plain+"\n\n-- \n"+signature, "\n")
	}
	page.WriteString("</body>\n</html>\n")
	return Document{Text: plain + "\n", HTML: page.String(), Images: images, Comments: comments}, nil
}

// cutSignature takes the signature off, which is no markdown: its mark would
// make a heading of the line above.
func cutSignature(s string) (body, signature string, found bool) {
	const mark = "-- \n"
	if rest, ok := strings.CutPrefix(s, mark); ok {
		return "", strings.TrimRight(rest, "\n"), true
	}
	i := strings.LastIndex(s, "\n"+mark)
	if i < 0 {
		return s, "", false
	}
	return s[:i+1], strings.TrimRight(s[i+1+len(mark):], "\n"), true
}

// ownImages finds the images that are files of the author, and points them at
// their parts.
func ownImages(root ast.Node, source func(int) string) []string {
	var paths []string
	place := map[string]int{}
	ast.Walk(root, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		image, ok := n.(*ast.Image)
		if !ok || !entering {
			return ast.WalkContinue, nil
		}
		path, local := localPath(string(image.Destination))
		switch {
		case !local:
		case within(image, ast.KindBlockquote):
			image.Destination = nil
		default:
			i, known := place[path]
			if !known {
				i = len(paths)
				place[path] = i
				paths = append(paths, path)
			}
			image.Destination = []byte(source(i))
		}
		return ast.WalkContinue, nil
	})
	return paths
}

// localPath reads what an image refers to as a path, unless it is a URL.
func localPath(destination string) (path string, local bool) {
	if scheme, _, ok := strings.Cut(destination, ":"); ok && len(scheme) > 1 && !strings.ContainsAny(scheme, `/\. `) {
		return "", false // a single letter is a drive of Windows
	}
	if destination == "" || strings.HasPrefix(destination, "//") || strings.HasPrefix(destination, "#") {
		return "", false
	}
	if decoded, err := url.PathUnescape(destination); err == nil {
		destination = decoded
	}
	return destination, true
}

func within(n ast.Node, kind ast.NodeKind) bool {
	for p := n.Parent(); p != nil; p = p.Parent() {
		if p.Kind() == kind {
			return true
		}
	}
	return false
}
