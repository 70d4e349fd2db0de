//go:build unix

package main

import (
	"bytes"
	"context"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/ldapi-go/ldapi/ldapitest"
)

// TestSignals: Windows has no signals that a process could send to another.
func TestSignals(t *testing.T) {
	t.Parallel()
	for _, signal := range []os.Signal{os.Interrupt, syscall.SIGTERM} {
		t.Run(signal.String(), func(t *testing.T) {
			t.Parallel()
			cmd := exec.CommandContext(t.Context(), os.Args[0], "-addr", "127.0.0.1:0", "-seed", "testdata/seed.json")
			cmd.Env = append(os.Environ(), asProcess+"=1")
			out, err := cmd.StdoutPipe()
			require.NoError(t, err)
			var stderr bytes.Buffer
			cmd.Stderr = &stderr
			require.NoError(t, cmd.Start())
			url, _ := announced(t, out)
			s := &sandbox{url: url}
			me, _, err := s.client().AccountMembersApi.GetMember(t.Context(), "me").Execute()
			require.NoError(t, err)
			require.Equal(t, ldapitest.AdminID, me.GetId())
			require.NoError(t, cmd.Process.Signal(signal))
			require.NoError(t, cmd.Wait(), "stderr: %s", &stderr)
			require.Contains(t, stderr.String(), "msg=stopping")
		})
	}
}

// TestSignalWhileTheSeedIsRead: the seed may be a pipe without a writer.
func TestSignalWhileTheSeedIsRead(t *testing.T) {
	t.Parallel()
	pipe := filepath.Join(t.TempDir(), "seed")
	require.NoError(t, syscall.Mkfifo(pipe, 0o600))
	writer, err := os.OpenFile(pipe, os.O_RDWR, 0) // keeps it open, and lets the reader end afterwards
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	var stderr buffer
	code := make(chan int, 1)
	go func() { code <- run(ctx, []string{"-addr", "127.0.0.1:0", "-seed", pipe}, io.Discard, &stderr) }()
	cancel()
	require.Equal(t, exitFailure, <-code)
	require.Contains(t, stderr.String(), "stopped before the seed was read")
	require.NoError(t, writer.Close())
}
