//go:build unix

package cli

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestShellsComplete asks the shells themselves what they would offer.
func TestShellsComplete(t *testing.T) {
	t.Parallel()
	s := &station{t: t, home: t.TempDir()}
	s.run(0, "account", "add", "work", "--address", "me@example.org", "--host", "127.0.0.1", "--auth", "none")
	s.run(0, "account", "identity", "add", "work", "press@example.org")
	s.run(0, "send", "--queue", "--to", "bob@example.org", "--subject", "Zebra", "--body", "text")
	for shell, script := range map[string]string{
		"bash": `
			. /usr/share/bash-completion/bash_completion
			. <(sendoff completion bash)
			COMP_WORDS=(sendoff account test '') COMP_CWORD=3 COMP_LINE='sendoff account test ' COMP_POINT=21 COMP_TYPE=9
			__start_sendoff
			printf '%s\n' "${COMPREPLY[@]}"
			COMP_WORDS=(sendoff outb) COMP_CWORD=1 COMP_LINE='sendoff outb' COMP_POINT=12
			__start_sendoff
			printf '%s\n' "${COMPREPLY[@]}"
			COMP_WORDS=(sendoff outbox show '') COMP_CWORD=3 COMP_LINE='sendoff outbox show ' COMP_POINT=20
			__start_sendoff
			printf 'show %s\n' "${COMPREPLY[@]}"
			COMP_WORDS=(sendoff account identity edit work '') COMP_CWORD=5 COMP_LINE='sendoff account identity edit work ' COMP_POINT=35
			__start_sendoff
			printf 'edit %s\n' "${COMPREPLY[@]}"
			COMP_WORDS=(sendoff help trou) COMP_CWORD=2 COMP_LINE='sendoff help trou' COMP_POINT=17
			__start_sendoff
			printf '%s\n' "${COMPREPLY[@]}"
			COMP_WORDS=(sendoff send --from p) COMP_CWORD=3 COMP_LINE='sendoff send --from p' COMP_POINT=21
			__start_sendoff
			printf '%s\n' "${COMPREPLY[@]}"`,
		"zsh": `
			autoload -Uz compinit && compinit -u
			sendoff completion zsh >_sendoff && . ./_sendoff
			zmodload zsh/zpty
			zpty shell zsh -fi
			zpty -w shell "PS1=; PATH='$PATH' SENDOFF_HOME='$SENDOFF_HOME' GORACE='$GORACE'; autoload -Uz compinit; compinit -u; . $PWD/_sendoff; bindkey '^I' complete-word; print re''ady"
			zpty -r shell line '*ready*'
			zpty -w -n shell $'sendoff account test \t'
			zpty -r shell line '*work*'; print -r -- "$line"
			zpty -w -n shell $'\x15sendoff outb\t'
			zpty -r shell line '*outbox*'; print -r -- "$line"
			zpty -w -n shell $'\x15sendoff outbox show \t'
			zpty -r shell line '*show 1*'; print -r -- "$line"
			zpty -w -n shell $'\x15sendoff account identity edit work \t'
			zpty -r shell line '*edit work press@example.org*'; print -r -- "${line/*edit work /edit }"
			zpty -w -n shell $'\x15sendoff help trou\t'
			zpty -r shell line '*troubleshooting*'; print -r -- "$line"
			zpty -w -n shell $'\x15sendoff send --attach minu\t'
			zpty -r shell line '*minutes.pdf*'; print -r -- "$line"
			zpty -w -n shell $'\x15sendoff send --from p\t'
			zpty -r shell line '*press@example.org*'; print -r -- "$line"`,
		"fish": `
			sendoff completion fish | source
			complete -C 'sendoff account test '
			complete -C 'sendoff outb'
			echo show (complete -C 'sendoff outbox show ')
			echo edit (complete -C 'sendoff account identity edit work ')
			complete -C 'sendoff help trou'
			complete -C 'sendoff send --attach minu'
			complete -C 'sendoff send --from p'`,
	} {
		t.Run(shell, func(t *testing.T) {
			t.Parallel()
			needs(t, shell)
			if _, err := os.Stat("/usr/share/bash-completion/bash_completion"); err != nil && shell == "bash" {
				lacks(t, "bash-completion installed")
			}
			folder := t.TempDir()
			path := filepath.Join(folder, "script")
			if err := os.WriteFile(path, []byte(script), 0o600); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(folder, "minutes.pdf"), nil, 0o600); err != nil {
				t.Fatal(err)
			}
			cmd := exec.Command(shell, path)
			cmd.Dir = folder
			cmd.Env = append(s.environ(), "HOME="+folder, "TERM=dumb")
			out, err := cmd.CombinedOutput()
			for _, offered := range []string{"work", "outbox", "show 1", "edit press@example.org", "troubleshooting", "minutes.pdf"} {
				if shell == "bash" && offered == "minutes.pdf" {
					continue // readline finds files, not the function
				}
				if err != nil || !strings.Contains(string(out), offered) {
					t.Errorf("%v, %s is not offered\n%s", err, offered, out)
				}
			}
		})
	}
}

// TestPowerShellScriptIsWhole reads the script for PowerShell, which is not at
// hand to run it, as far as to see that all that opens in it closes.
func TestPowerShellScriptIsWhole(t *testing.T) {
	t.Parallel()
	s := &station{t: t, home: t.TempDir()}
	script := s.run(0, "completion", "powershell")
	if err := closes(script); err != nil {
		t.Error(err)
	}
	for _, broken := range []string{"if ($x) {", "$x = 'a", "$x = \"a`\"", "f(1]", "}"} {
		if closes(broken) == nil {
			t.Errorf("%q passes for whole", broken)
		}
	}
	for _, part := range []string{"Register-ArgumentCompleter -CommandName 'sendoff'", "[System.Management.Automation.CompletionResult]"} {
		if !strings.Contains(script, part) {
			t.Errorf("%q is not in it", part)
		}
	}
}

// closes tells whether brackets and quotes of a PowerShell script pair up, comments
// left out (about_Quoting_Rules, about_Comments).
func closes(script string) error {
	var open []rune
	quote, comment := rune(0), false
	runes := []rune(script)
	for i := 0; i < len(runes); i++ {
		r := runes[i]
		switch {
		case comment:
			comment = r != '\n'
		case quote != 0 && r == '`' && quote == '"':
			i++
		case quote != 0:
			if r == quote {
				quote = 0
			}
		case r == '`':
			i++
		case r == '#':
			comment = true
		case r == '\'' || r == '"':
			quote = r
		case strings.ContainsRune("([{", r):
			open = append(open, r)
		case strings.ContainsRune(")]}", r):
			pair := map[rune]rune{')': '(', ']': '[', '}': '{'}[r]
			if len(open) == 0 || open[len(open)-1] != pair {
				return fmt.Errorf("%q at %d closes nothing", r, i)
			}
			open = open[:len(open)-1]
		}
	}
	if len(open) > 0 || quote != 0 {
		return fmt.Errorf("%q and quote %q stay open", string(open), quote)
	}
	return nil
}
