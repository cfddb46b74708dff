package sasl

// external is the mechanism EXTERNAL (RFC 4422 appendix A): the server takes
// who the client is from its certificate.
type external struct{ asked bool }

func (*external) Name() string { return "EXTERNAL" }

func (*external) Start() ([]byte, error) { return []byte{}, nil }

// Next serves servers that overlook the initial response and ask for it.
func (m *external) Next(challenge []byte) ([]byte, error) {
	if m.asked || len(challenge) > 0 {
		return nil, errChallenge
	}
	m.asked = true
	return m.Start()
}

func (*external) Finish() error { return nil }
