package discover

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"net/url"
	"strings"
	"unicode"

	"sendoff/config"
)

// parsePACC reads a user agent configuration: its server for submission, which
// is reached with implicit TLS alone. Both drafts may still change; what is not
// known is passed over.
func parsePACC(text []byte) ([]Server, error) {
	var doc struct {
		Protocols struct {
			SMTP struct {
				Host string `json:"host"`
				Port int    `json:"port"`
			} `json:"smtp"`
		} `json:"protocols"`
		Authentication struct {
			OAuth struct {
				Issuer string `json:"issuer"`
			} `json:"oauth-public"`
			Password *bool `json:"password"`
		} `json:"authentication"`
	}
	if err := json.Unmarshal(text, &doc); err != nil {
		return nil, errors.New("it can't be read")
	}
	smtp := doc.Protocols.SMTP
	if smtp.Host == "" {
		return nil, nil
	}
	issuer := doc.Authentication.OAuth.Issuer
	return []Server{{
		Account:    config.Account{Host: smtp.Host, Port: smtp.Port, TLS: config.TLSImplicit},
		Issuer:     secure(issuer),
		NoPassword: issuer != "" && doc.Authentication.Password != nil && !*doc.Authentication.Password,
	}}, nil
}

// secure returns an issuer as an HTTPS URL; empty if it is none.
func secure(issuer string) string {
	if issuer != "" && !strings.Contains(issuer, "://") {
		issuer = "https://" + issuer
	}
	u, err := url.Parse(issuer)
	if err != nil || u.Scheme != "https" || u.Host == "" || u.User != nil || strings.ContainsFunc(issuer, unicode.IsControl) {
		return ""
	}
	return issuer
}

// parseAutoconfig reads the servers for sending of a clientConfig, with the
// parts of address in the place of what stands for them.
func parseAutoconfig(text []byte, address string) ([]Server, error) {
	var doc struct {
		XMLName  xml.Name `xml:"clientConfig"`
		Provider []struct {
			Outgoing []struct {
				Type   string   `xml:"type,attr"`
				Host   string   `xml:"hostname"`
				Port   int      `xml:"port"`
				Socket string   `xml:"socketType"`
				User   string   `xml:"username"`
				Auth   []string `xml:"authentication"`
			} `xml:"outgoingServer"`
		} `xml:"emailProvider"`
		OAuth struct {
			Issuer string `xml:"issuer"`
		} `xml:"oAuth2"`
	}
	if err := xml.NewDecoder(bytes.NewReader(text)).Decode(&doc); err != nil {
		return nil, errors.New("it can't be read")
	}
	at := strings.LastIndexByte(address, '@')
	fill := strings.NewReplacer(
		"%EMAILADDRESS%", address, "%EMAILLOCALPART%", address[:max(at, 0)], "%EMAILDOMAIN%", address[at+1:],
	)
	var servers []Server
	for _, p := range doc.Provider {
		for _, out := range p.Outgoing {
			tls := map[string]string{"SSL": config.TLSImplicit, "STARTTLS": config.TLSStart}[strings.TrimSpace(out.Socket)]
			if tls == "" || out.Type != "smtp" || out.Port == 25 {
				continue // without encryption, or not for submission
			}
			s := Server{Account: config.Account{
				Host: strings.TrimSpace(fill.Replace(out.Host)), Port: out.Port, TLS: tls,
				User: strings.TrimSpace(fill.Replace(out.User)),
			}}
			password, token := false, false
			for _, auth := range out.Auth {
				switch auth = strings.TrimSpace(auth); {
				case auth == "OAuth2":
					token = true
				case strings.HasPrefix(auth, "password"), auth == "plain", auth == "secure":
					password = true
				}
			}
			s.NoPassword = token && !password
			if token {
				s.Issuer = secure(strings.TrimSpace(doc.OAuth.Issuer))
			}
			servers = append(servers, s)
		}
	}
	return servers, nil
}
