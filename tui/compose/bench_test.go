package compose

import (
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"

	"sendoff/smtp/message"
	"sendoff/tui/kit"
)

// BenchmarkKey is a key in the middle of a text, and the frame after it.
func BenchmarkKey(b *testing.B) {
	for name, lines := range map[string]int{"100": 100, "900": 900, "10000": 10_000} {
		s := begun()
		s.SetSize(80, 20)
		s.Update(kit.DraftLoaded{Fields: message.Draft{
			To: "a@x.example, b@x.example", Focus: "body", Line: lines / 2,
			Body: strings.Repeat("Please tell me by Friday what I got wrong, and whom I have left out of all this.\n", lines),
		}})
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				s.Update(tea.KeyPressMsg{Code: 'x', Text: "x"})
				s.View()
				s.Bindings()
				s.Status()
				s.Update(tea.KeyPressMsg{Code: tea.KeyBackspace})
				s.View()
				s.Bindings()
				s.Status()
			}
		})
	}
}
