//go:build !race

// Package footprint measures what importing the SDK costs a program.
package footprint

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/ldapi-go/ldapi"
	"github.com/ldapi-go/ldapi/internal/inventory"
)

const withSDK = `package main

import (
	"context"
	"fmt"
	"log"
	"os"

	"github.com/ldapi-go/ldapi"
)

func main() {
	client := ldapi.New(ldapi.WithAccessToken(os.Getenv("LD_ACCESS_TOKEN")))
	members, _, err := client.AccountMembersApi.GetMembers(context.Background()).Limit(20).Execute()
	if err != nil {
		log.Fatal(err)
	}
	for _, m := range members.Items {
		fmt.Println(m.Email, m.Role)
	}
}
`

const bare = `package main

import (
	"encoding/json"
	"fmt"
	"log"
	"net/http"
	"os"
)

func main() {
	req, err := http.NewRequest(http.MethodGet, "https://app.launchdarkly.com/api/v2/members?limit=20", nil)
	if err != nil {
		log.Fatal(err)
	}
	req.Header.Set("Authorization", os.Getenv("LD_ACCESS_TOKEN"))
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		log.Fatal(err)
	}
	defer resp.Body.Close()
	var members struct{ Items []struct{ Email, Role string } }
	if err := json.NewDecoder(resp.Body).Decode(&members); err != nil {
		log.Fatal(err)
	}
	for _, m := range members.Items {
		fmt.Println(m.Email, m.Role)
	}
}
`

// TestBinarySize: a program that lists members is at most 500 KiB larger than the same on net/http and encoding/json.
func TestBinarySize(t *testing.T) {
	t.Parallel()
	large, small := stripped(t, withSDK), stripped(t, bare)
	t.Logf("stripped: %d bytes with the SDK, %d without, %d KiB more", large, small, (large-small)/1024)
	require.LessOrEqual(t, large-small, int64(500*1024))
}

// stripped builds a program and returns the size of the binary.
func stripped(t *testing.T, source string) int64 {
	t.Helper()
	binary := filepath.Join(t.TempDir(), "program")
	run(t, buildCommand(t, source, binary, "-trimpath", "-ldflags=-s -w"))
	info, err := os.Stat(binary)
	require.NoError(t, err)
	return info.Size()
}

// buildCommand is the command that builds a program as if it were part of the module, without writing to the module.
func buildCommand(t testing.TB, source, binary string, flags ...string) *exec.Cmd {
	t.Helper()
	root, err := filepath.Abs("../..")
	require.NoError(t, err)
	dir := t.TempDir()
	program, spec := filepath.Join(dir, "main.txt"), filepath.Join(dir, "overlay.json")
	require.NoError(t, os.WriteFile(program, []byte(source), 0o600))
	overlay, err := json.Marshal(map[string]any{"Replace": map[string]string{filepath.Join(root, "test", "footprint", "program", "main.go"): program}})
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(spec, overlay, 0o600))
	cmd := exec.Command("go", append(append([]string{"build"}, flags...), "-overlay", spec, "-o", binary, "./test/footprint/program")...)
	cmd.Dir = root
	return cmd
}

func run(t testing.TB, cmd *exec.Cmd) {
	t.Helper()
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, "%s", out)
}

// BenchmarkColdBuild measures the CPU time of building each program when nothing but the standard library was built before:
// medians of the iterations (-benchtime 9x).
func BenchmarkColdBuild(b *testing.B) {
	standard := b.TempDir() // a build cache with the standard library in it
	cmd := exec.Command("go", "build", "std")
	cmd.Env = append(os.Environ(), "GOCACHE="+standard)
	run(b, cmd)
	var large, small []float64
	for b.Loop() {
		large, small = append(large, coldBuild(b, standard, withSDK)), append(small, coldBuild(b, standard, bare))
	}
	slices.Sort(large)
	slices.Sort(small)
	with, without := large[len(large)/2], small[len(small)/2]
	b.ReportMetric(with, "cpu-s-with-sdk")
	b.ReportMetric(without, "cpu-s-without")
	b.ReportMetric(with-without, "cpu-s-more")
}

// coldBuild builds a program with a copy of a build cache, and returns the seconds of CPU that it took.
func coldBuild(b *testing.B, cache, source string) float64 {
	b.Helper()
	dir := b.TempDir()
	own := filepath.Join(dir, "cache")
	require.NoError(b, os.CopyFS(own, os.DirFS(cache)))
	cmd := buildCommand(b, source, filepath.Join(dir, "program"))
	cmd.Env = append(os.Environ(), "GOCACHE="+own)
	run(b, cmd)
	require.NoError(b, os.RemoveAll(dir))
	return (cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()).Seconds()
}

// TestSourceSize: the source of the root package, generated code included, stays under 24 kB for each of its operations.
func TestSourceSize(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("../../*.go")
	require.NoError(t, err)
	var total int64
	for _, f := range files {
		if strings.HasSuffix(f, "_test.go") {
			continue
		}
		info, err := os.Stat(f)
		require.NoError(t, err)
		total += info.Size()
	}
	t.Logf("source of the root package: %d bytes", total)
	require.Greater(t, total, int64(100_000))
	require.Less(t, total, int64(len(inventory.Operations(ldapi.New()))*24_000))
}
