package ldapi_test

import (
	"os"
	"regexp"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/ldapi-go/ldapi"
	"github.com/ldapi-go/ldapi/ldapitest"
)

// TestUserAgentCarriesTheVersion in the request as it arrives.
func TestUserAgentCarriesTheVersion(t *testing.T) {
	t.Parallel()
	server := ldapitest.NewTestServer(t)
	_, _, err := server.Client().AccessTokensApi.GetTokens(t.Context()).Execute()
	require.NoError(t, err)
	require.Equal(t, "ldapi-go/"+ldapi.Version, server.Requests()[0].Header.Get("User-Agent"))
}

// TestDocumentsNameThisVersion: the README names no other version, and it is the newest of the changelog.
func TestDocumentsNameThisVersion(t *testing.T) {
	t.Parallel()
	require.Regexp(t, `^\d+\.\d+\.\d+(-[0-9a-z.]+)?$`, ldapi.Version)

	readme, err := os.ReadFile("README.md")
	require.NoError(t, err)
	for _, m := range regexp.MustCompile(`(?:ldapi(?:-go)?[@/ ]v?|\bversion |\bv)(\d+\.\d+\.\d+[-0-9a-z.]*)`).FindAllStringSubmatch(string(readme), -1) {
		require.Equal(t, ldapi.Version, m[1], "README.md: %s", m[0])
	}

	changelog, err := os.ReadFile("CHANGELOG.md")
	require.NoError(t, err)
	headings := regexp.MustCompile(`(?m)^## \[?v?(Unreleased|\d\S*?)\]?(?: .*)?$`).FindAllStringSubmatch(string(changelog), -1)
	require.NotEmpty(t, headings)
	for _, m := range headings {
		if m[1] != "Unreleased" {
			require.Equal(t, ldapi.Version, m[1], "CHANGELOG.md: the newest version")
			break
		}
	}
}
