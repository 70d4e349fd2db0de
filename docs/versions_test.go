package docs

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestModulesNeedTheSameGo: a user of one module can use them all. tools is for those who work on the SDK.
func TestModulesNeedTheSameGo(t *testing.T) {
	var files []string
	for _, pattern := range []string{"../go.mod", "../*/go.mod", "../*/*/go.mod"} {
		found, err := filepath.Glob(pattern)
		require.NoError(t, err)
		files = append(files, found...)
	}
	version := regexp.MustCompile(`(?m)^go (\d+\.\d+)`)
	var oldest string
	checked := 0
	for _, file := range files {
		if strings.HasPrefix(filepath.ToSlash(file), "../tools/") {
			continue
		}
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		found := version.FindSubmatch(text)
		require.NotNil(t, found, file)
		if oldest == "" {
			oldest = string(found[1])
		}
		assert.Equal(t, oldest, string(found[1]), file)
		checked++
	}
	assert.GreaterOrEqual(t, checked, 5, "modules")
	readme, err := os.ReadFile("../README.md")
	require.NoError(t, err)
	assert.Contains(t, string(readme), "Go "+oldest+" or later")
}
