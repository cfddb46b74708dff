package message_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"sendoff/smtp/message"
)

func TestWishesCheck(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		wishes message.Wishes
		want   string // a part of the error; empty for none
	}{
		{message.Wishes{}, ""},
		{message.Wishes{Notify: "never", Return: "headers", Priority: -9, Importance: "low"}, ""},
		{message.Wishes{Notify: "success,failure,delay", Return: "full", Priority: 9, Importance: "high", RequireTLS: true}, ""},
		{message.Wishes{Notify: "sometimes"}, "Notify: sometimes is none of"},
		{message.Wishes{Notify: "success,"}, "is none of"},
		{message.Wishes{Notify: "delay,never"}, "says never and more"},
		{message.Wishes{Notify: "delay,delay"}, "names delay twice"},
		{message.Wishes{Return: "body"}, "Return: body is neither"},
		{message.Wishes{Priority: 10}, "Priority: 10 is not between"},
		{message.Wishes{Importance: "1"}, "Importance: 1 is neither"},
	} {
		err := c.wishes.Check()
		var field *message.FieldError
		switch {
		case c.want == "" && err != nil:
			t.Errorf("%+v: %v", c.wishes, err)
		case c.want != "" && (!errors.As(err, &field) || !strings.Contains(err.Error(), c.want)):
			t.Errorf("%+v: %v, want %q", c.wishes, err, c.want)
		}
	}
}

// TestWishesOfDraft follows wishes from a draft on disk into the header.
func TestWishesOfDraft(t *testing.T) {
	t.Parallel()
	draft := message.Draft{
		From: "me@example.org", To: "ann@example.org", Body: "x",
		Headers: []message.Header{{Name: "x-priority", Value: "2"}},
		Wishes: message.Wishes{
			Notify: "success", HoldUntil: time.Date(2030, 1, 2, 3, 4, 5, 0, time.UTC), Importance: "high", Receipt: true,
		},
	}
	kept, err := json.Marshal(draft)
	if err != nil {
		t.Fatal(err)
	}
	var again message.Draft
	if err := json.Unmarshal(kept, &again); err != nil || again.Wishes != draft.Wishes {
		t.Errorf("%s came back as %+v, %v", kept, again.Wishes, err)
	}
	m, err := again.Message(nil)
	if err != nil {
		t.Fatal(err)
	}
	m.Date, m.ID = time.Unix(0, 0), "1@example.org"
	var b strings.Builder
	if err := message.Build(&b, m); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(b.String(), "\r\nImportance: high\r\n") || !strings.Contains(b.String(), "\r\nDisposition-Notification-To: me@example.org\r\n") || strings.Contains(b.String(), "X-Priority: 1") {
		t.Errorf("built\n%s", b.String())
	}
	if plain, err := json.Marshal(message.Draft{Subject: "x"}); err != nil || string(plain) != `{"subject":"x"}` {
		t.Errorf("no wishes are %s, %v", plain, err)
	}
	draft.Wishes.Notify = "now"
	if _, err := draft.Message(nil); !errors.As(err, new(*message.FieldError)) {
		t.Errorf("a wish that can't be: %v", err)
	}
}
