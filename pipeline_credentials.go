package ldapi

import (
	"fmt"
	"maps"
	"net/http"

	"github.com/ldapi-go/ldapi/internal/wire"
)

// resolveCredential gets the credential at the start of an attempt.
func resolveCredential(next handler) handler {
	return func(c *call, req *http.Request) (*http.Response, error) {
		s, given := c.cfg.credential(c.ctx)
		if !given && c.cfg.settings.source != nil {
			token, err := c.cfg.settings.source(req.Context())
			if err != nil {
				return nil, c.failure(fmt.Errorf("token source: %w", err))
			}
			if p := checkCredential(token); p != nil {
				return nil, c.refusal(p.Parameter, p.Reason)
			}
			s = newSecret(token)
		}
		c.authorization = s
		return next(c, req)
	}
}

// setAuthorization sets the Authorization header on a copy of the request that only net/http sees,
// and refuses to send it in cleartext.
func setAuthorization(next handler) handler {
	return func(c *call, req *http.Request) (*http.Response, error) {
		if req.URL.Scheme != "https" && !c.cfg.settings.insecureHTTP {
			if !wire.IsLoopback(req.URL) {
				return nil, c.insecure("http to a host that is not loopback needs WithInsecureHTTP")
			}
			if c.usesProxy(req) {
				return nil, c.insecure("http to a loopback host through a proxy needs WithInsecureHTTP")
			}
		}
		sent := *req // with headers of its own: a cookie jar adds to them
		sent.Header = maps.Clone(req.Header)
		if c.authorization != nil {
			sent.Header["Authorization"] = []string{c.authorization.text()}
		}
		return next(c, &sent)
	}
}

func (c *call) insecure(reason string) error {
	return fmt.Errorf("%w: %w", ErrInsecureURL, c.refusal("server URL", reason))
}

// usesProxy reports whether the client would send req to a proxy.
func (c *call) usesProxy(req *http.Request) bool {
	rt := c.httpClient().Transport
	if rt == nil {
		rt = http.DefaultTransport
	}
	transport, ok := rt.(*http.Transport)
	if !ok || transport.Proxy == nil {
		return false
	}
	proxy, err := transport.Proxy(req)
	return proxy != nil || err != nil
}
