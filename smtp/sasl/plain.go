package sasl

// plain is the mechanism PLAIN (RFC 4616).
type plain struct {
	login Login
	asked bool
}

func (*plain) Name() string { return "PLAIN" }

func (m *plain) Start() ([]byte, error) {
	return []byte("\x00" + m.login.User + "\x00" + m.login.Password), nil
}

// Next serves servers that overlook the initial response and ask for it.
func (m *plain) Next(challenge []byte) ([]byte, error) {
	if m.asked || len(challenge) > 0 {
		return nil, errChallenge
	}
	m.asked = true
	return m.Start()
}

func (m *plain) Finish() error { return nil }

// byStep is the mechanism LOGIN. Servers word its two questions in many ways
// ("Username:", "User Name", nothing at all), so they are told apart by their
// order alone.
type byStep struct {
	login Login
	step  int
}

func (*byStep) Name() string { return "LOGIN" }

func (*byStep) Start() ([]byte, error) { return nil, nil }

func (m *byStep) Next([]byte) ([]byte, error) {
	m.step++
	switch m.step {
	case 1:
		return []byte(m.login.User), nil
	case 2:
		return []byte(m.login.Password), nil
	}
	return nil, errChallenge
}

func (m *byStep) Finish() error {
	if m.step < 2 {
		return errIncomplete
	}
	return nil
}
