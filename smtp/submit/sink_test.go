package submit_test

import (
	"bufio"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// sinkRole has this program be the server of forgetful, with the extensions
// that it names; by TLS if sinkKey names a file with its certificate and key.
const sinkRole, sinkKey = "SENDOFF_TEST_SINK", "SENDOFF_TEST_SINK_KEY"

func TestMain(m *testing.M) {
	if extensions, ok := os.LookupEnv(sinkRole); ok {
		fmt.Fprintln(os.Stderr, serveForgetful(strings.Fields(extensions), os.Getenv(sinkKey)))
		os.Exit(1)
	}
	os.Exit(m.Run())
}

// forgetful starts a server that takes every mail as fast as it can, and keeps
// none. It is a process of its own, as servers are: what it costs no client
// pays. It speaks TLS if key names a file as certified makes it. It returns its
// address.
func forgetful(b *testing.B, extensions []string, key string) string {
	b.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), sinkRole+"="+strings.Join(extensions, " "), sinkKey+"="+key)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait() // it was killed
	})
	address, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		b.Fatal(err)
	}
	return strings.TrimSpace(address)
}

// certified makes a file with a key and a certificate for 127.0.0.1, and returns
// its path.
func certified(b *testing.B) string {
	b.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		b.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		b.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		b.Fatal(err)
	}
	path := filepath.Join(b.TempDir(), "server.pem")
	file := slices.Concat(
		pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}),
		pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private}))
	if err := os.WriteFile(path, file, 0o600); err != nil {
		b.Fatal(err)
	}
	return path
}

// serveForgetful is forgetful's process. It prints its address.
func serveForgetful(extensions []string, key string) error {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Println(listener.Addr())
	if key != "" {
		pair, err := tls.LoadX509KeyPair(key, key)
		if err != nil {
			return err
		}
		listener = tls.NewListener(listener, &tls.Config{Certificates: []tls.Certificate{pair}})
	}
	for {
		conn, err := listener.Accept()
		if err != nil {
			return err
		}
		go func() {
			defer conn.Close()
			_ = forget(conn, extensions) // the client tells what it misses
		}()
	}
}

func forget(conn net.Conn, extensions []string) error {
	r, w := bufio.NewReaderSize(conn, 64<<10), bufio.NewWriter(conn)
	_, _ = w.WriteString("220 sink\r\n")
	for content := false; ; {
		if r.Buffered() == 0 {
			if err := w.Flush(); err != nil {
				return err
			}
		}
		line, err := r.ReadSlice('\n')
		if err != nil {
			return err
		}
		if content {
			if string(line) != ".\r\n" {
				continue
			}
			content = false
			_, _ = w.WriteString("250 ok\r\n")
			continue
		}
		verb, rest, _ := strings.Cut(strings.TrimSpace(string(line)), " ")
		reply := "250 ok\r\n"
		switch verb {
		case "EHLO":
			reply = "250-sink\r\n250-" + strings.Join(extensions, "\r\n250-") + "\r\n250 SIZE\r\n"
		case "DATA":
			content, reply = true, "354 go on\r\n"
		case "BDAT":
			size, _, _ := strings.Cut(rest, " ")
			n, err := strconv.Atoi(size)
			if err != nil {
				return err
			}
			if _, err := r.Discard(n); err != nil {
				return err
			}
		}
		_, _ = w.WriteString(reply)
	}
}
