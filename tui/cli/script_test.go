//go:build unix

package cli

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"runtime/debug"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// TestMain makes this test binary the program when it is called by its name.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"sendoff": runProgram, "sendmail": runProgram, "mailq": runProgram, "newaliases": runProgram,
	})
}

// runProgram is main.
func runProgram() {
	ctx, stop := Signals()
	defer stop()
	build, _ := debug.ReadBuildInfo()
	os.Exit(Main(ctx, Env{ //nolint:forbidigo // this is main
		Name:    os.Args[0],
		Args:    os.Args[1:],
		Stdin:   os.Stdin,
		Stdout:  os.Stdout,
		Stderr:  os.Stderr,
		Environ: os.Environ,
		Lookup:  os.LookupEnv,
		Unset:   os.Unsetenv,
		Build:   build,
	}))
}

// noRest keeps the race detector from resting a second at the end of each of
// hundreds of short programs.
const noRest = "atexit_sleep_ms=0"

func TestScripts(t *testing.T) {
	t.Parallel()
	runScripts(t, "testdata/script", nil)
}

// runScripts runs the scripts of a folder, on a bare machine but for what prepare
// adds.
func runScripts(t *testing.T, dir string, prepare func(*testscript.Env)) {
	testscript.Run(t, testscript.Params{
		Dir:                 dir,
		RequireUniqueNames:  true,
		RequireExplicitExec: true,
		Setup: func(env *testscript.Env) error {
			// A bare machine: no desktop, no bus, no keyring.
			env.Setenv("HOME", env.WorkDir)
			env.Setenv("SENDOFF_HOME", env.WorkDir+"/home")
			env.Setenv("DBUS_SESSION_BUS_ADDRESS", "disabled:")
			env.Setenv("DISPLAY", "")
			env.Setenv("TERM", "xterm")
			env.Setenv("TZ", "UTC")
			env.Setenv("GORACE", noRest)
			if prepare != nil {
				prepare(env)
			}
			return nil
		},
		Condition: func(cond string) (bool, error) {
			if cond == "root" {
				return os.Geteuid() == 0, nil
			}
			return false, fmt.Errorf("unknown condition %q", cond)
		},
		Cmds: map[string]func(ts *testscript.TestScript, neg bool, args []string){
			"exits":  exits,
			"last":   last,
			"serve":  serve,
			"babble": babble,
		},
	})
}

// exits runs a program and compares its exit code. Whatever the program
// writes, no escape sequence is among it.
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE PROGRAM [ARG...]")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	got := 0
	if err := ts.Exec(args[1], args[2:]...); err != nil {
		var exit *exec.ExitError
		if !errors.As(err, &exit) {
			ts.Fatalf("%v", err)
		}
		got = exit.ExitCode()
	}
	if got != want {
		ts.Fatalf("exit code %d, want %d", got, want)
	}
	for _, stream := range []string{"stdout", "stderr"} {
		if text := ts.ReadFile(stream); strings.ContainsAny(text, "\x1b\u009b\a") {
			ts.Fatalf("%s holds terminal commands: %q", stream, text)
		}
	}
}

// last compares fields of the JSON object on the last line of stdout: last
// state=sent recipients.0.code=250. A field without a value must be there.
func last(ts *testscript.TestScript, neg bool, args []string) {
	lines := strings.Split(strings.TrimSpace(ts.ReadFile("stdout")), "\n")
	line := lines[len(lines)-1]
	var object any
	if err := json.Unmarshal([]byte(line), &object); err != nil {
		ts.Fatalf("the last line is no JSON: %v\n%s", err, line)
	}
	for _, arg := range args {
		path, want, compare := strings.Cut(arg, "=")
		got, ok := dig(object, strings.Split(path, "."))
		if !ok {
			ts.Fatalf("%s is missing in %s", path, line)
		}
		if compare && (fmt.Sprint(got) == want) == neg {
			ts.Fatalf("%s is %v in %s", path, got, line)
		}
	}
}

// dig follows a path through decoded JSON.
func dig(v any, path []string) (any, bool) {
	for _, step := range path {
		switch at := v.(type) {
		case map[string]any:
			var ok bool
			if v, ok = at[step]; !ok {
				return nil, false
			}
		case []any:
			i, err := strconv.Atoi(step)
			if err != nil || i >= len(at) {
				return nil, false
			}
			v = at[i]
		default:
			return nil, false
		}
	}
	return v, true
}

// serve runs sendoff sandbox in the background until the script ends, and
// tells the script how to reach it.
func serve(ts *testscript.TestScript, neg bool, args []string) {
	if neg {
		ts.Fatalf("serve can't fail")
	}
	cmd := exec.Command("sendoff", append([]string{"sandbox", "--json"}, args...)...)
	cmd.Dir = ts.MkAbs(".")
	stderr := &strings.Builder{}
	cmd.Stderr = stderr
	out, err := cmd.StdoutPipe()
	ts.Check(err)
	ts.Check(cmd.Start())
	lines := bufio.NewReader(out)
	line, err := lines.ReadString('\n')
	if err != nil {
		_ = cmd.Wait()
		ts.Fatalf("sendoff sandbox: %v\n%s", err, stderr)
	}
	ts.Defer(func() {
		ts.Check(cmd.Process.Signal(os.Interrupt))
		_, _ = lines.WriteTo(&strings.Builder{})
		if err := cmd.Wait(); err != nil {
			ts.Fatalf("sendoff sandbox: %v\n%s", err, stderr)
		}
	})
	var listening struct {
		StartTLS string `json:"starttls"`
		TLS      string `json:"tls"`
		CAFile   string `json:"ca_file"`
	}
	ts.Check(json.Unmarshal([]byte(line), &listening))
	for name, address := range map[string]string{"STARTTLS_PORT": listening.StartTLS, "TLS_PORT": listening.TLS} {
		_, port, err := net.SplitHostPort(address)
		ts.Check(err)
		ts.Setenv(name, port)
	}
	ts.Setenv("CA", listening.CAFile)
}

// babble runs a server that says its argument to everybody, and tells the
// script its port.
func babble(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: babble TEXT")
	}
	text, err := strconv.Unquote(`"` + args[0] + `"`)
	ts.Check(err)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	ts.Check(err)
	ts.Defer(func() { _ = l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			_, _ = conn.Write([]byte(text))
			_ = conn.Close()
		}
	}()
	_, port, err := net.SplitHostPort(l.Addr().String())
	ts.Check(err)
	ts.Setenv("BABBLE_PORT", port)
}
