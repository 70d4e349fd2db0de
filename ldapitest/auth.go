package ldapitest

import (
	"net/http"
	"strings"
	"time"
)

const (
	currentVersion = 20240415
	// lastUnpagedVersion is the newest version in which getTokens has no pages and members can be filtered by accessCheck.
	lastUnpagedVersion = 20220603
)

// knownVersions are the values of LD-API-Version. "beta" opts in to resources that are in beta.
var knownVersions = map[string]int{
	"20240415": currentVersion,
	"20220603": lastUnpagedVersion,
	"20210729": 20210729,
	"20191212": 20191212,
	"20160426": 20160426,
	"beta":     currentVersion,
}

// authenticate finds out who calls, from a raw secret or a Bearer one, and notes the use of the token.
func (a *account) authenticate(h http.Header, now time.Time) (*caller, error) {
	secret := h.Get("Authorization")
	scheme, token, found := strings.Cut(secret, " ")
	oauth := found && strings.EqualFold(scheme, "Bearer")
	if oauth {
		secret = token
	}
	if secret == "" {
		return nil, standardError(http.StatusUnauthorized)
	}
	t := a.tokenBySecret(secret, now)
	if t == nil {
		return nil, standardError(http.StatusUnauthorized)
	}
	t.LastUsed = now
	c := a.callerOf(t)
	c.oauth = oauth
	return c, nil
}

// apiVersion is the version of the header, else the default of the token. Two headers that differ are a mistake of the client.
func apiVersion(h http.Header, fallback int) (int, error) {
	values := h.Values("LD-API-Version")
	if len(values) == 0 || values[0] == "" {
		return fallback, nil
	}
	for _, v := range values[1:] {
		if v != values[0] {
			return 0, badRequest("LD-API-Version: more than one value")
		}
	}
	version, ok := knownVersions[values[0]]
	if !ok {
		return 0, badRequest("LD-API-Version: unknown version %q", values[0])
	}
	return version, nil
}

// beta reports whether the request opts in to resources in beta.
func (c *call) beta() bool { return c.header.Get("LD-API-Version") == "beta" }
