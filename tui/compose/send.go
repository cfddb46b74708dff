package compose

import (
	"strings"
	"time"

	"sendoff/smtp/address"
	"sendoff/smtp/message"
	"sendoff/smtp/submit"
	"sendoff/tui/dialog"
	"sendoff/tui/kit"
	"sendoff/tui/text"
)

// step is how far sending has come.
type step int

const (
	writing step = iota
	looking      // at the attachments, one last time
	queuing      // the program has the mail
)

// later asks when the mail is to go out, and sends it for then.
func (s *Screen) later() kit.Intent {
	return dialog.AskWhen(s.env.Now, "Send it later", func(at time.Time) kit.Intent {
		s.at = at
		return s.send()
	})
}

// send hands the mail over, or says what it lacks and goes there.
func (s *Screen) send() kit.Intent {
	switch {
	case s.sending != writing || !s.complete():
		return nil
	case len(s.files.list) > 0:
		s.sending = looking
		return s.look()
	}
	return s.queue()
}

func (s *Screen) queue() kit.Intent {
	s.sending = queuing
	return kit.Send{Draft: s.draft, Fields: s.Draft(), At: s.at}
}

// complete checks everything that can be checked here.
func (s *Screen) complete() bool {
	if _, ok := s.from.account(); !ok {
		return s.lacks(inFrom, "there is no account to send it with; "+s.env.Keys.Global.Accounts.Help().Key+" adds one")
	}
	if s.from.typed != "" {
		if _, err := address.Parse(s.from.typed); err != nil {
			return s.lacks(inFrom, text.Clean(err.Error()))
		}
	}
	recipients := 0
	for _, p := range []place{inTo, inCc, inBcc, inReplyTo} {
		list := s.lists[p]
		if e, found := list.Problem(true); found {
			s.lacks(p, text.Clean(e.Err.Error()))
			list.Select(e)
			return false
		}
		for _, e := range list.Entries() {
			if p != inReplyTo {
				recipients += len(e.Mailboxes)
			}
		}
	}
	if recipients == 0 {
		return s.lacks(inTo, "whom is it to? there is no recipient yet")
	}
	if err := message.CheckHeaders(s.headers.list); err != nil {
		return s.lacks(inHeaders, wrongHeader(err)+"; "+s.keys.Fields.Help().Key+" shows it")
	}
	if i := s.files.broken(); i >= 0 {
		s.files.at = i
		file := s.files.list[i]
		return s.lacks(inFiles, text.Clean(file.name())+": "+reason(file.Err)+"; "+s.keys.Detach.Help().Key+" removes it")
	}
	return s.says()
}

// says checks that the mail says something.
func (s *Screen) says() bool {
	if strings.TrimSpace(s.subject.Text()) == "" && s.wordless() && len(s.files.list) == 0 {
		return s.lacks(inSubject, "it has neither subject nor text")
	}
	return true
}

// lacks tells what is wrong, and goes there. It returns false.
func (s *Screen) lacks(p place, what string) bool {
	s.goTo(p)
	s.status = kit.Status{Text: what, Trouble: true}
	return false
}

// notQueued tells why the mail is still here.
func (s *Screen) notQueued(msg kit.Queued) {
	s.sending = writing
	if msg.Err != nil {
		s.trouble(msg.Err)
	}
}

func (s *Screen) trouble(err error) {
	s.status = kit.Status{Text: submit.Explain(err).String(), Trouble: true}
}
