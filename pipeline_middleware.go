package ldapi

import (
	"errors"
	"net/http"
)

// callMiddleware runs the caller's middleware around the whole call.
func callMiddleware(next handler) handler {
	return func(c *call, req *http.Request) (*http.Response, error) {
		return c.through(c.cfg.settings.middleware, next, req)
	}
}

// attemptMiddleware runs the caller's middleware around an attempt.
func attemptMiddleware(next handler) handler {
	return func(c *call, req *http.Request) (*http.Response, error) {
		return c.through(c.cfg.settings.attemptMiddleware, next, req)
	}
}

// through passes req to middleware, the first outermost, and then to next. Responses that
// middleware created are buffered and checked like others.
func (c *call) through(middleware []Middleware, next handler, req *http.Request) (*http.Response, error) {
	if len(middleware) == 0 {
		return next(c, req)
	}
	rt := RoundTrip(func(req *http.Request) (*http.Response, error) { return next(c, req) })
	for i := len(middleware) - 1; i >= 0; i-- {
		if middleware[i] != nil {
			rt = middleware[i](rt)
		}
	}
	resp, err := rt(req)
	switch {
	case err != nil:
		return resp, err
	case resp == nil:
		return nil, c.failure(errors.New("middleware returned neither response nor error"))
	}
	if resp, err = c.buffer(resp, req); err != nil {
		return resp, err
	}
	return resp, c.statusError(resp)
}
