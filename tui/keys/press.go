package keys

import (
	"strings"

	tea "charm.land/bubbletea/v2"
)

var modifiers = map[string]tea.KeyMod{"ctrl": tea.ModCtrl, "alt": tea.ModAlt, "shift": tea.ModShift}

// named are the keys that type nothing, and space.
var named = map[string]rune{
	"enter": tea.KeyEnter, "tab": tea.KeyTab, "esc": tea.KeyEscape, "backspace": tea.KeyBackspace,
	"delete": tea.KeyDelete, "up": tea.KeyUp, "down": tea.KeyDown, "left": tea.KeyLeft, "right": tea.KeyRight,
	"home": tea.KeyHome, "end": tea.KeyEnd, "pgup": tea.KeyPgUp, "pgdown": tea.KeyPgDown, "space": tea.KeySpace,
	"f1": tea.KeyF1, "f2": tea.KeyF2, "f3": tea.KeyF3, "f4": tea.KeyF4, "f5": tea.KeyF5, "f6": tea.KeyF6,
	"f7": tea.KeyF7, "f8": tea.KeyF8, "f9": tea.KeyF9, "f10": tea.KeyF10, "f11": tea.KeyF11, "f12": tea.KeyF12,
}

// Press returns the press of a key that is named as bindings name it.
func Press(name string) tea.KeyPressMsg {
	var k tea.KeyPressMsg
	for {
		word, rest, more := strings.Cut(name, "+")
		mod, ok := modifiers[word]
		if !more || !ok || rest == "" {
			break
		}
		k.Mod |= mod
		name = rest
	}
	code, ok := named[name]
	switch {
	case !ok:
		code = []rune(name)[0]
		if k.Mod == 0 {
			k.Text = name
		}
	case k.Mod == 0 && name == "space":
		k.Text = " "
	}
	k.Code = code
	return k
}
