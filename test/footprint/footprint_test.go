//go:build !race

// Package footprint measures what importing the SDK costs a program.
package footprint

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
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

// TestBinarySize: a program that lists members is at most 400 KiB larger than the same on net/http and encoding/json.
func TestBinarySize(t *testing.T) {
	t.Parallel()
	large, small := stripped(t, withSDK), stripped(t, bare)
	t.Logf("stripped: %d bytes with the SDK, %d without, %d KiB more", large, small, (large-small)/1024)
	require.LessOrEqual(t, large-small, int64(400*1024))
}

// stripped builds a program inside the module, without writing to it, and gives the size of the binary.
func stripped(t *testing.T, source string) int64 {
	t.Helper()
	root, err := filepath.Abs("../..")
	require.NoError(t, err)
	dir := t.TempDir()
	program, spec, binary := filepath.Join(dir, "main.txt"), filepath.Join(dir, "overlay.json"), filepath.Join(dir, "program")
	require.NoError(t, os.WriteFile(program, []byte(source), 0o600))
	overlay, err := json.Marshal(map[string]any{"Replace": map[string]string{filepath.Join(root, "test", "footprint", "program", "main.go"): program}})
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(spec, overlay, 0o600))
	cmd := exec.Command("go", "build", "-trimpath", "-ldflags=-s -w", "-overlay", spec, "-o", binary, "./test/footprint/program")
	cmd.Dir = root
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, "%s", out)
	info, err := os.Stat(binary)
	require.NoError(t, err)
	return info.Size()
}

// TestSourceSize: the source of the root package, generated code included, stays under 600 kB.
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
	require.Less(t, total, int64(600_000))
}
