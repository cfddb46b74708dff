package sasl

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/xdg-go/scram"
)

// maxIterations is the most work a server can ask for, about an eighth of a
// second; RFC 7677 recommends 4096, which is the least.
const maxIterations = 1 << 20

// scramMechanism is SCRAM (RFC 5802, RFC 7677), with -PLUS bound to the TLS
// connection by tls-exporter (RFC 9266).
type scramMechanism struct {
	login Login
	link  link
	talk  *scram.ClientConversation
	steps int
}

func newScram(login Login, l link) Mechanism { return &scramMechanism{login: login, link: l} }

func (m *scramMechanism) Name() string { return m.link.name }

func (m *scramMechanism) Start() ([]byte, error) {
	hash := scram.SHA256
	if strings.HasPrefix(m.link.name, "SCRAM-SHA-1") {
		hash = scram.SHA1
	}
	client, err := hash.NewClient(m.login.User, m.login.Password, "")
	if err != nil {
		// Not a string that SASLprep (RFC 4013) allows; servers that don't know
		// it either take it as it is.
		if client, err = hash.NewClientUnprepped(m.login.User, m.login.Password, ""); err != nil {
			return nil, errors.New("the user name or the password can't be used with SCRAM")
		}
	}
	switch plus := strings.HasSuffix(m.link.name, "-PLUS"); {
	case plus:
		binding, err := m.link.binding()
		if err != nil {
			return nil, fmt.Errorf("binding the login to the connection: %w", err)
		}
		m.talk = client.NewConversationWithChannelBinding(binding)
	case m.link.bindable() && !m.link.offersBinding():
		// Told that the client could bind, a server that does offer it knows
		// that somebody in the middle took the offer away.
		m.talk = client.NewConversationAdvertisingChannelBinding()
	default:
		m.talk = client.NewConversation()
	}
	return m.step("")
}

func (m *scramMechanism) Next(challenge []byte) ([]byte, error) {
	if m.steps == 1 {
		if err := checkIterations(string(challenge)); err != nil {
			return nil, err
		}
	}
	return m.step(string(challenge))
}

func (m *scramMechanism) step(challenge string) ([]byte, error) {
	m.steps++
	if m.steps > 3 {
		return nil, errChallenge
	}
	response, err := m.talk.Step(challenge)
	return []byte(response), err
}

// Finish insists on the server's proof that it knows the password too.
func (m *scramMechanism) Finish() error {
	if m.talk == nil || !m.talk.Valid() {
		return errUnproven
	}
	return nil
}

// checkIterations refuses a server that asks for endless work.
func checkIterations(challenge string) error {
	for field := range strings.SplitSeq(challenge, ",") {
		if count, ok := strings.CutPrefix(field, "i="); ok {
			if n, err := strconv.Atoi(count); err != nil || n > maxIterations {
				return errors.New("the server asks for too many iterations")
			}
		}
	}
	return nil
}

// binding returns what identifies the TLS connection.
func (l link) binding() (scram.ChannelBinding, error) {
	if l.tls == nil {
		return scram.ChannelBinding{}, errors.New("there is no TLS")
	}
	return scram.NewTLSExporterBinding(l.tls)
}

func (l link) bindable() bool {
	_, err := l.binding()
	return err == nil
}

func (l link) offersBinding() bool {
	return l.offers("SCRAM-SHA-256-PLUS") || l.offers("SCRAM-SHA-1-PLUS")
}
