package wire

import (
	"net"
	"net/url"
	"strings"
)

// WithoutUser cuts the user information, the query and the fragment out of a URL that may be none.
func WithoutUser(raw string) string {
	rest, scheme := raw, ""
	if i := strings.Index(raw, "://"); i >= 0 {
		scheme, rest = raw[:i+3], raw[i+3:]
	}
	if i := strings.LastIndex(rest, "@"); i >= 0 {
		rest = rest[i+1:]
	}
	rest, _, _ = strings.Cut(rest, "?")
	rest, _, _ = strings.Cut(rest, "#")
	return scheme + rest
}

// ParseBase reads the base URL of a server, without a trailing "/" and "/api/v2". The reason describes the problem of
// it, and repeats nothing: there may be a password in it.
func ParseBase(raw string) (*url.URL, string) {
	u, err := url.Parse(strings.TrimSuffix(strings.TrimRight(raw, "/"), "/api/v2"))
	switch {
	case err != nil, u.Scheme != "http" && u.Scheme != "https", u.Host == "", u.Opaque != "":
		return nil, "is not an absolute http or https URL"
	case u.User != nil:
		return nil, "must not carry a user name or password"
	case u.RawQuery != "" || u.ForceQuery || u.Fragment != "":
		return nil, "must not carry a query or fragment"
	}
	u.Path, u.RawPath = strings.TrimRight(u.Path, "/"), strings.TrimRight(u.RawPath, "/")
	return u, ""
}

// CheckPath reports an error for paths that do not lead where they seem to.
func CheckPath(path string) string {
	plain, err := url.PathUnescape(path)
	switch {
	case !strings.HasPrefix(path, "/") || strings.HasPrefix(path, "//"):
		return `must start with one "/"`
	case strings.ContainsAny(path, "?#"):
		return "must not carry a query or fragment"
	case err != nil, strings.IndexFunc(plain, IsControl) >= 0, (&url.URL{Path: plain, RawPath: path}).EscapedPath() != path:
		return "is not a URL path"
	}
	for _, segment := range strings.Split(plain, "/") {
		if segment == "." || segment == ".." {
			return "must not contain dot segments"
		}
	}
	return ""
}

// IsLoopback reports whether u names this machine: localhost or a loopback address.
func IsLoopback(u *url.URL) bool {
	host := CanonicalHost(u.Hostname())
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// CanonicalHost returns host with its ASCII letters in lower case. net/http compares hosts byte by byte, for instance when it
// decides whether to use a proxy.
func CanonicalHost(host string) string {
	return strings.Map(func(r rune) rune {
		if 'A' <= r && r <= 'Z' {
			return r + 'a' - 'A'
		}
		return r
	}, host)
}

// SameOrigin reports whether a and b have the same scheme, host and port.
func SameOrigin(a, b *url.URL) bool {
	return a.Scheme == b.Scheme && CanonicalHost(a.Hostname()) == CanonicalHost(b.Hostname()) && port(a) == port(b)
}

func port(u *url.URL) string {
	if p := u.Port(); p != "" {
		return p
	}
	if u.Scheme == "https" {
		return "443"
	}
	return "80"
}
