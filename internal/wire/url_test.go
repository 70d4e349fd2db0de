package wire

import (
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestWithoutUser(t *testing.T) {
	t.Parallel()
	for raw, want := range map[string]string{
		"": "", "https://a/b": "https://a/b", "https://u:p@a": "https://a", "u:p@a": "a", "https://u:p@q@a": "https://a", "://@": "://",
	} {
		require.Equal(t, want, WithoutUser(raw), raw)
	}
}

func TestParseBase(t *testing.T) {
	t.Parallel()
	for raw, want := range map[string]string{
		"https://a": "https://a", "https://a/": "https://a", "https://a/api/v2/": "https://a", "https://a/x/api/v2": "https://a/x",
		"http://[::1]:8080": "http://[::1]:8080", "HTTPS://a": "https://a", "https://a/api/v2/api/v2": "https://a/api/v2",
	} {
		u, reason := ParseBase(raw)
		require.Empty(t, reason, raw)
		require.Equal(t, want, u.String(), raw)
		require.False(t, strings.HasSuffix(u.Path, "//"))
	}
	for _, raw := range []string{"", "a", "//a", "https://", "https:a", "mailto:a@b", "https://u:p@a", "https://@a", "https://a?", "ftp://a", "https://a b", "https://a?x", "https://a#x", "https://u@a", "https://a:b"} {
		u, reason := ParseBase(raw)
		require.Nil(t, u, raw)
		require.NotEmpty(t, reason, raw)
	}
}

// TestParseBaseRepeatsNothing: the problem is described without the URL, which may contain a password.
func TestParseBaseRepeatsNothing(t *testing.T) {
	t.Parallel()
	for _, raw := range []string{"https://u:hush@a", "hush", "https://a?hush", "https://a#hush", "https://hush b", "ftp://hush"} {
		_, reason := ParseBase(raw)
		require.NotEmpty(t, reason, raw)
		require.NotContains(t, reason, "hush", raw)
	}
}

func TestCheckPath(t *testing.T) {
	t.Parallel()
	for _, path := range []string{"/", "/a", "/a/", "/a/b%2Fc", "/%E2%82%AC", "/a..b", "/...", "/a:b@c"} {
		require.Empty(t, CheckPath(path), path)
	}
	for path, want := range map[string]string{
		"": "start with one", "a": "start with one", "//a/b": "start with one", "https://a/b": "start with one",
		"/a?b": "query or fragment", "/a#b": "query or fragment",
		"/%": "is not a URL path", "/%zz": "is not a URL path", "/a b": "is not a URL path", "/€": "is not a URL path",
		"/a%0Ab": "is not a URL path", "/a\nb": "is not a URL path", "/%7F": "is not a URL path",
		"/.": "dot segments", "/..": "dot segments", "/a/../b": "dot segments", "/a/./b": "dot segments", "/a/%2e%2E/b": "dot segments",
		"/a%2F..%2Fb": "dot segments",
	} {
		require.Contains(t, CheckPath(path), want, "%q", path)
	}
}

func TestIsLoopback(t *testing.T) {
	t.Parallel()
	for host, want := range map[string]bool{
		"127.0.0.1": true, "127.9.9.9:80": true, "[::1]": true, "[::1]:81": true, "localhost": true, "LOCALHOST:1": true,
		"[::ffff:127.0.0.1]": true, "0.0.0.0": false, "10.0.0.1": false, "[::2]": false, "localhost.": false,
		"127.0.0.1.example.com": false, "example.com": false, "": false,
	} {
		require.Equal(t, want, IsLoopback(&url.URL{Scheme: "http", Host: host}), host)
	}
}

func TestSameOrigin(t *testing.T) {
	t.Parallel()
	parse := func(raw string) *url.URL {
		u, err := url.Parse(raw)
		require.NoError(t, err)
		return u
	}
	for pair, want := range map[[2]string]bool{
		{"https://a/", "https://a:443/x"}: true, {"http://a/", "http://A:80/"}: true, {"https://[::1]/", "https://[::1]:443/"}: true,
		{"https://a/", "https://a:80/"}: false, {"http://a:443/", "https://a/"}: false, {"https://a/", "https://a./"}: false,
	} {
		require.Equal(t, want, SameOrigin(parse(pair[0]), parse(pair[1])), pair)
	}
}
