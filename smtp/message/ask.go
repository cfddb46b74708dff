package message

import (
	"cmp"
	"errors"
	"strconv"
	"strings"
	"time"
)

// Ask is w with the wish of a name as it was typed; without a value it is no
// longer asked for. moment reads a time.
func (w Wishes) Ask(name, value string, moment func(string) (time.Time, error)) (Wishes, error) {
	var err error
	typed := strings.ToLower(value)
	at := func() (t time.Time) {
		if typed != "" {
			t, err = moment(value)
		}
		return t.UTC().Round(0)
	}
	yes := func() bool {
		if typed != "" && typed != "yes" && typed != "no" {
			err = errors.New("say yes or no")
		}
		return typed == "yes"
	}
	switch strings.ToLower(name) {
	case "notify":
		w.Notify = strings.ReplaceAll(typed, " ", "")
	case "return":
		w.Return = typed
	case "envelope-id":
		w.EnvelopeID = value
	case "hold-until":
		w.HoldUntil = at()
	case "deliver-by":
		w.DeliverBy = at()
	case "priority":
		if w.Priority, err = strconv.Atoi(cmp.Or(typed, "0")); err != nil {
			err = errors.New("say a number from -9 to 9")
		}
	case "require-tls":
		w.RequireTLS = yes()
	case "read-receipt":
		w.Receipt = yes()
	case "importance":
		w.Importance = typed
	default:
		err = errors.New(strconv.Quote(name) + " can't be asked for")
	}
	if err != nil {
		return w, err
	}
	return w, w.Check()
}

// Asked lists the names and values by which Ask makes w of nothing, its times as
// in RFC 3339.
func (w Wishes) Asked() (list [][2]string) {
	moment := func(t time.Time) string {
		if t.IsZero() {
			return ""
		}
		return t.UTC().Format(time.RFC3339Nano)
	}
	yes := map[bool]string{true: "yes"}
	number := strconv.Itoa(w.Priority)
	if w.Priority == 0 {
		number = ""
	}
	for _, wish := range [][2]string{
		{"notify", w.Notify}, {"return", w.Return}, {"envelope-id", w.EnvelopeID},
		{"hold-until", moment(w.HoldUntil)}, {"deliver-by", moment(w.DeliverBy)}, {"priority", number},
		{"require-tls", yes[w.RequireTLS]}, {"read-receipt", yes[w.Receipt]}, {"importance", w.Importance},
	} {
		if wish[1] != "" {
			list = append(list, wish)
		}
	}
	return list
}

// Or is w with what usual asks for beyond it.
func (w Wishes) Or(usual Wishes) Wishes {
	return Wishes{
		Notify: cmp.Or(w.Notify, usual.Notify), Return: cmp.Or(w.Return, usual.Return), EnvelopeID: cmp.Or(w.EnvelopeID, usual.EnvelopeID),
		HoldUntil: cmp.Or(w.HoldUntil, usual.HoldUntil), DeliverBy: cmp.Or(w.DeliverBy, usual.DeliverBy), Priority: cmp.Or(w.Priority, usual.Priority),
		RequireTLS: w.RequireTLS || usual.RequireTLS, Importance: cmp.Or(w.Importance, usual.Importance), Receipt: w.Receipt || usual.Receipt,
	}
}
