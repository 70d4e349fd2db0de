//go:build unix

package main

import (
	"context"
	"io"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

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
