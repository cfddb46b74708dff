package sqlite_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"sendoff/smtp/outbox/sqlite"
)

// noDisk is the exit code of a test that can't mount a disk.
const noDisk = 77

// TestFullDiskAtEveryWrite fills a disk before whatever is written: that is said,
// the mail is as it was, and the same is done when there is room again. The disk is
// a small one in memory that only a process of its own sees. A kernel that lets
// nobody mount one is no reason to fail, also where all parts have to be there:
// nothing that could be installed is missing, and TestFullAtEveryWrite is left.
func TestFullDiskAtEveryWrite(t *testing.T) {
	if disk := os.Getenv("OUTBOX_TEST_DISK"); disk != "" {
		if err := syscall.Mount("tmpfs", disk, "tmpfs", 0, "size=8m"); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(noDisk)
		}
		fillAtEveryWrite(t, disk)
		return
	}
	t.Parallel()
	ways := []*syscall.SysProcAttr{{
		Cloneflags:  syscall.CLONE_NEWUSER | syscall.CLONE_NEWNS,
		UidMappings: []syscall.SysProcIDMap{{HostID: os.Getuid(), Size: 1}},
		GidMappings: []syscall.SysProcIDMap{{HostID: os.Getgid(), Size: 1}},
	}, {
		Unshareflags: syscall.CLONE_NEWNS, // root needs no more
	}}
	var why []string
	for _, way := range ways {
		cmd := exec.Command(os.Args[0], "-test.run=^TestFullDiskAtEveryWrite$", "-test.v")
		cmd.Env = append(os.Environ(), "OUTBOX_TEST_DISK="+t.TempDir())
		cmd.SysProcAttr = way
		out, err := cmd.CombinedOutput()
		var ended *exec.ExitError
		switch {
		case err != nil && !errors.As(err, &ended), ended != nil && ended.ExitCode() == noDisk:
			why = append(why, fmt.Sprintf("%v %s", err, out))
			continue
		case err != nil:
			t.Fatalf("%v\n%s", err, out)
		}
		if n := bytes.Count(out, []byte("    --- PASS: ")); n != len(everyWrite()) {
			t.Errorf("%d of %d writes met the full disk:\n%s", n, len(everyWrite()), out)
		}
		return
	}
	t.Skipf("no disk can be mounted here: %v", why)
}

func fillAtEveryWrite(t *testing.T, disk string) {
	ballast := filepath.Join(disk, "ballast")
	for name, write := range everyWrite() {
		t.Run(name, func(t *testing.T) {
			folder := filepath.Join(disk, strings.ReplaceAll(name, " ", "-"))
			s := open(t, filepath.Join(folder, "outbox.db"), sqlite.Options{})
			of := setScene(t, s, name)
			failsFull(t, s, of, func() error {
				if err := fillUp(ballast); !errors.Is(err, syscall.ENOSPC) {
					t.Fatal(err)
				}
				return write(t.Context(), s, of)
			})
			if err := os.Remove(ballast); err != nil {
				t.Fatal(err)
			}
			if err := write(t.Context(), s, of); err != nil {
				t.Errorf("with room again: %v", err)
			}
		})
	}
}

// fillUp writes a file until that fails.
func fillUp(path string) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	page := make([]byte, 4096)
	for err == nil {
		_, err = f.Write(page)
	}
	return errors.Join(err, f.Close())
}
