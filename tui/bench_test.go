package tui

import (
	"fmt"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"

	"sendoff/smtp/message"
	"sendoff/tui/kit"
)

// BenchmarkKey is a key from Update to View and another that takes it back, in
// a draft of 10 000 lines, also with help lying over it.
func BenchmarkKey(b *testing.B) {
	for _, size := range [][2]int{{80, 24}, {220, 60}} {
		for _, dialog := range []bool{false, true} {
			b.Run(fmt.Sprintf("%dx%d/dialog=%v", size[0], size[1], dialog), func(b *testing.B) {
				m := writingApp(b, size[0], size[1])
				if dialog {
					m.help()
				}
				for b.Loop() {
					m.Update(tea.KeyPressMsg{Code: 'x', Text: "x"})
					m.View()
					m.Update(tea.KeyPressMsg{Code: tea.KeyBackspace})
					m.View()
				}
			})
		}
	}
}

// writingApp is a program with the cursor in the middle of a long draft.
func writingApp(b *testing.B, width, height int) *App {
	f := newFake()
	m := newApp(b.Context(), Options{Service: f, Clock: time.Now, Environ: []string{"LANG=C.UTF-8"}}, newPump())
	m.Update(tea.WindowSizeMsg{Width: width, Height: height})
	m.Update(tea.ColorProfileMsg{Profile: colorprofile.TrueColor})
	m.Update(m.loadAccounts("")())
	m.Update(loaded{DraftLoaded: kit.DraftLoaded{Fields: message.Draft{
		To: "bob@example.org, Carol <carol@b.example>", Subject: "Minutes of Tuesday", Focus: "body", Line: 5000,
		Body: strings.Repeat("Please tell me by Friday what I got wrong, and whom I have left out of all this.\n", 10_000),
	}}})
	return m
}
