package presend

import (
	"strings"
	"unicode"
)

// beginnings are how words begin that speak of an attachment.
var beginnings = strings.Fields(`
attach enclos
angehängt anhäng anhang anhänge anbei beigefügt beiliegend
joint pièce-jointe jointe
adjunt anex
allegat
bijlage bijgevoegd
bifog bilag
vedhæft vedlagt vedlegg
liitte liite
załącz
přílo přilo prílo
прикреп прилага прилож вложен
вкладен додаток додатк додаю
συνημμέν επισυνάπτ
csatol mellékel
ataş ataș ilişik ekteki
lampir terlampir
privit
מצורף מצורפ
مرفق مرفقات پیوست
संलग्न
`)

// pieces are the same in writing without blanks between words.
var pieces = []string{"添付", "附件", "附上", "附檔", "附档", "첨부", "แนบ"}

// not are words that begin alike and mean something else.
var not = []string{"anexar", "jointly", "joints", "attaché", "attachés", "anhänger", "anhängerin"}

// mentions returns the word in which a text speaks of an attachment; empty if
// there is none.
func mentions(text string) string {
	for _, p := range pieces {
		if strings.Contains(text, p) {
			return p
		}
	}
	words := strings.FieldsFunc(text, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsMark(r) && r != '-' })
	for i, written := range words {
		word := strings.ToLower(written)
		for _, b := range beginnings {
			if !strings.HasPrefix(word, b) || contains(not, word) {
				continue
			}
			// "Joint" is French for it only behind "ci" or "pièce".
			if strings.HasPrefix(word, "joint") && !(i > 0 && strings.HasPrefix(strings.ToLower(words[i-1]), "pièce")) {
				continue
			}
			return written
		}
		if strings.HasPrefix(word, "ci-joint") {
			return written
		}
	}
	return ""
}

func contains(list []string, s string) bool {
	for _, x := range list {
		if x == s {
			return true
		}
	}
	return false
}
