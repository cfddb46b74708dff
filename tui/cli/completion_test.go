//go:build unix

package cli

import (
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
	for shell, script := range map[string]string{
		"bash": `
			. /usr/share/bash-completion/bash_completion
			. <(sendoff completion bash)
			COMP_WORDS=(sendoff account test '') COMP_CWORD=3 COMP_LINE='sendoff account test ' COMP_POINT=21 COMP_TYPE=9
			__start_sendoff
			printf '%s\n' "${COMPREPLY[@]}"
			COMP_WORDS=(sendoff outb) COMP_CWORD=1 COMP_LINE='sendoff outb' COMP_POINT=12
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
			zpty -r shell line '*outbox*'; print -r -- "$line"`,
		"fish": `
			sendoff completion fish | source
			complete -C 'sendoff account test '
			complete -C 'sendoff outb'`,
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
			cmd := exec.Command(shell, path)
			cmd.Dir = folder
			cmd.Env = append(s.environ(), "HOME="+folder, "TERM=dumb")
			out, err := cmd.CombinedOutput()
			if err != nil || !strings.Contains(string(out), "work") || !strings.Contains(string(out), "outbox") {
				t.Errorf("%v\n%s", err, out)
			}
		})
	}
}
