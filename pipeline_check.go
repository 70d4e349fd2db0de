package ldapi

import (
	"net/http"
	"net/url"
	"strings"
)

// checkStatus turns every non-2xx status into an error.
func checkStatus(next handler) handler {
	return func(c *call, req *http.Request) (*http.Response, error) {
		resp, err := next(c, req)
		if err != nil {
			return resp, err
		}
		return resp, c.statusError(resp)
	}
}

func (c *call) statusError(resp *http.Response) error {
	switch {
	case c.isRejection(resp):
		return c.newError(resp, nil, c.op.rejection, strings.TrimPrefix(c.op.rejection.Error(), "ldapi: "))
	case isSuccess(resp.StatusCode), resp.StatusCode == http.StatusNotFound && c.alreadyDeleted:
		return nil
	case resp.StatusCode/100 == 3 && resp.StatusCode != http.StatusNotModified:
		return c.newError(resp, nil, ErrRedirect, redirectTarget(resp))
	default:
		return c.newError(resp, nil, nil, "")
	}
}

// isRejection reports whether resp rejects the request with a status of success.
func (c *call) isRejection(resp *http.Response) bool {
	return c.op.rejection != nil && resp.StatusCode == c.op.rejected
}

// redirectTarget describes the target of a redirect, without query and user information, which may
// be secrets.
func redirectTarget(resp *http.Response) string {
	target, err := resp.Location()
	if err != nil {
		return "not followed: it has no valid target"
	}
	shown := url.URL{Scheme: target.Scheme, Host: target.Host, Path: target.Path}
	return "not followed to " + shown.String()
}
