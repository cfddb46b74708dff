package submit

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io/fs"
	"net"
	"syscall"

	"sendoff/smtp"
	"sendoff/smtp/sasl"
)

var nonsense = Problem{
	Title: "the server does not speak SMTP as it should",
	Hint:  "check host and port: this may be another kind of server",
}

// explainCause explains trouble that no reply tells of.
func explainCause(e *smtp.Error) Problem {
	switch e.Class {
	case smtp.ClassTLS:
		return explainTLS(e)
	case smtp.ClassTimeout:
		return explainTimeout(e)
	case smtp.ClassNetwork:
		return explainNetwork(e)
	case smtp.ClassProtocol:
		return nonsense
	case smtp.ClassUnable:
		if errors.Is(e, sasl.ErrNoMechanism) {
			return Problem{
				Title: "the server offers no way to log in that this program knows",
				Hint:  `check host, port and tls: a server that is for sending offers a login; set auth = "none" if none is needed`,
			}
		}
		return explainLack(e)
	case smtp.ClassAuth:
		return Problem{Title: "the login can't be done", Hint: "check the account's user, password and auth"}
	}
	if e.Scope == smtp.ScopeAccount {
		return Problem{Title: "the account can't be used as it is", Hint: correctIt + "; its mail waits"}
	}
	return Problem{Title: "the mail can't be sent as it is", Hint: "it is kept; correct it and send again"}
}

// explainLack explains that the server does not offer what is needed.
func explainLack(e *smtp.Error) Problem {
	var missing *smtp.MissingError
	switch {
	case errors.As(e, &missing) && wishes[missing.Extension] != "":
		return Problem{
			Title: "the server does not do what you ask for this mail: " + wishes[missing.Extension],
			Hint:  "nothing was sent and the mail is kept; edit it and ask for less, or send it through another account",
		}
	case e.Scope != smtp.ScopeAccount && e.Scope != smtp.ScopeServer:
		return Problem{
			Title: "the server can't take this mail",
			Hint:  "it is kept; change it, or send it through another account",
		}
	case e.Stage == smtp.StageTLS, e.Stage == smtp.StageHello:
		return Problem{
			Title: "the server offers no encryption",
			Hint:  `nothing was sent; try tls = "implicit" with port 465, or ask the provider which port is for sending`,
		}
	}
	return Problem{Title: "the server lacks what this account needs", Hint: "check host, port and auth"}
}

// wishes says what a person asks for who needs an extension.
var wishes = map[string]string{
	"DSN":           "delivery reports",
	"FUTURERELEASE": "to hold it for a time",
	"DELIVERBY":     "to deliver it by a time",
	"MT-PRIORITY":   "a priority on the way",
	"REQUIRETLS":    "encryption all the way",
}

// explainTLS explains why an encrypted connection did not come about.
func explainTLS(e *smtp.Error) Problem {
	var name x509.HostnameError
	var unknown x509.UnknownAuthorityError
	var invalid x509.CertificateInvalidError
	var header tls.RecordHeaderError
	var pin *PinError
	switch {
	case errors.As(e, &pin):
		return Problem{
			Title: "the server has another key than the one you trust",
			Hint:  "nothing was sent; ask the server's owner whether the key was changed, and only then trust it: " + trustHint(e),
		}
	case errors.As(e, &name):
		return Problem{
			Title: "the certificate is for another server, not for " + clean(name.Host),
			Hint:  "nothing was sent; check the host: it must be a name in the certificate",
		}
	case errors.As(e, &unknown):
		return Problem{
			Title: "the server's certificate is signed by somebody this machine does not trust",
			Hint:  "nothing was sent; if the server is your own, set ca-file to the certificate it is signed with, or trust its key: " + trustHint(e),
		}
	case errors.As(e, &invalid) && invalid.Reason == x509.Expired:
		return Problem{
			Title: "the server's certificate is out of date",
			Hint:  "nothing was sent; check the clock of this machine, or tell the server's owner",
		}
	case errors.As(e, &invalid):
		return Problem{
			Title: "the server's certificate is not valid",
			Hint:  "nothing was sent; tell the server's owner",
		}
	case errors.As(e, &header):
		return Problem{
			Title: "the server does not speak TLS on this port",
			Hint:  `nothing was sent; set tls = "starttls" with port 587, or tls = "implicit" with port 465`,
		}
	}
	return Problem{
		Title: "no encrypted connection came about",
		Hint:  `nothing was sent; check tls and port: "implicit" goes with 465, "starttls" with 587`,
	}
}

// explainTimeout explains waiting in vain.
func explainTimeout(e *smtp.Error) Problem {
	var proxy *ProxyError
	if errors.As(e, &proxy) {
		return explainNetwork(e)
	}
	switch {
	case errors.Is(e, smtp.ErrStalled):
		return Problem{Title: "the connection stalled while the mail was sent", Hint: "the server does not have it; check the network; " + again}
	case errors.Is(e, smtp.ErrTooSlow):
		return Problem{
			Title: "the connection is too slow to send this mail",
			Hint:  "the server does not have it; try another network; " + again,
		}
	}
	switch e.Stage {
	case smtp.StageResolve:
		return Problem{Title: "the name service did not answer", Hint: "check the network; " + again}
	case smtp.StageConnect:
		return Problem{
			Title: "the server can't be reached: no answer",
			Hint:  "check host and port; many networks block the ports for mail, so try another network, or port 587 in place of 465",
		}
	case smtp.StageGreeting:
		return Problem{
			Title: "the server took the connection and said nothing",
			Hint:  `check tls and port: a server for "implicit" waits for TLS, one for "starttls" speaks first`,
		}
	}
	return Problem{Title: "the server stopped answering", Hint: again}
}

// explainNetwork explains why there is no way to the server.
func explainNetwork(e *smtp.Error) Problem {
	var dns *net.DNSError
	var proxy *ProxyError
	switch {
	case errors.As(e, &proxy) && proxy.Login:
		return Problem{
			Title: "the proxy " + clean(proxy.Proxy) + " wants a user and a password, or others",
			Hint:  "check the user in the account's proxy, and proxy-secret, which says where the password is; " + again,
		}
	case errors.As(e, &proxy):
		return Problem{
			Title: "the proxy " + clean(proxy.Proxy) + " leads to no server",
			Hint:  "check the account's proxy, and that it runs and lets you through; " + again,
		}
	case errors.Is(e, syscall.EADDRNOTAVAIL):
		return Problem{Title: "this machine has not got the address to connect from", Hint: "check the account's bind; " + again}
	case errors.As(e, &dns) && dns.IsNotFound:
		return Problem{
			Title: "there is no server called " + clean(dns.Name),
			Hint:  "check the host, and that you are online",
		}
	case errors.As(e, &dns):
		return Problem{Title: "the name of the server can't be looked up", Hint: "you may be offline; " + again}
	case errors.Is(e, syscall.ECONNREFUSED):
		return Problem{Title: "the server is there, but nothing listens on this port", Hint: "check port and tls; " + again}
	case errors.Is(e, syscall.ENETUNREACH), errors.Is(e, syscall.EHOSTUNREACH):
		return Problem{Title: "there is no way to the server from here", Hint: "you may be offline; " + again}
	case errors.Is(e, fs.ErrPermission):
		return Problem{Title: "this machine does not let the program connect", Hint: "check its firewall"}
	case e.Stage == smtp.StageResolve, e.Stage == smtp.StageConnect:
		return Problem{Title: "the server can't be reached", Hint: "check host and port; " + again}
	case e.Stage == smtp.StageTLS:
		return Problem{
			Title: "the server cut the connection instead of encrypting it",
			Hint:  `check tls and port: "implicit" goes with 465, "starttls" with 587`,
		}
	}
	return Problem{Title: "the connection to the server broke", Hint: again}
}
