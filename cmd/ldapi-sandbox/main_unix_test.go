//go:build unix

package main

import (
	"bytes"
	"os"
	"os/exec"
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
