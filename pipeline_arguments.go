package ldapi

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/ldapi-go/ldapi/internal/inspect"
	"github.com/ldapi-go/ldapi/internal/wire"
)

// checkArguments refuses calls that can never succeed, before anything is sent.
func checkArguments(next handler) handler {
	return func(c *call, req *http.Request) (*http.Response, error) {
		for _, problem := range []*ArgumentError{c.cfg.settings.problem, c.args.problem, c.credentialProblem(), c.headerProblem(), c.policyProblem()} {
			if problem != nil {
				return nil, c.refusal(problem.Parameter, problem.Reason)
			}
		}
		return next(c, req)
	}
}

// refusal returns the error of a call that is not sent because of an argument.
func (c *call) refusal(parameter, reason string) error {
	return &ArgumentError{Operation: c.op.ID, Parameter: parameter, Reason: c.presentable(reason)}
}

func (c *call) credentialProblem() *ArgumentError {
	s, ok := c.cfg.credential(c.ctx)
	if !ok {
		return nil
	}
	return checkCredential(s.text())
}

func checkCredential(value string) *ArgumentError {
	switch {
	case strings.TrimSpace(value) == "" || strings.TrimSpace(value) == "Bearer":
		return &ArgumentError{Parameter: "Authorization", Reason: "is empty"}
	case !wire.IsHeaderValue(value):
		return &ArgumentError{Parameter: "Authorization", Reason: "contains a character that is not allowed in a header"}
	}
	return nil
}

func (c *call) headerProblem() *ArgumentError {
	for _, name := range inspect.SortedKeys(c.cfg.DefaultHeader) {
		if isAuthorization(name) {
			continue
		}
		if p := checkHeader(name, c.cfg.DefaultHeader[name]); p != nil {
			return p
		}
	}
	for h, _ := c.ctx.Value(headerKey{}).(*contextHeader); h != nil; h = h.outer {
		if p := checkHeader(h.key, h.value.text()); p != nil {
			return p
		}
	}
	if p := checkHeader("User-Agent", c.cfg.UserAgent); p != nil {
		return p
	}
	return checkHeader(versionHeader, c.apiVersion())
}

func checkHeader(name, value string) *ArgumentError {
	switch {
	case !wire.IsToken(name):
		return &ArgumentError{Parameter: "header " + strconv.Quote(name), Reason: "is not a header name"}
	case !wire.IsHeaderValue(value):
		return &ArgumentError{Parameter: "header " + name, Reason: "contains a character that is not allowed in a header"}
	}
	return nil
}

func isAuthorization(name string) bool { return strings.EqualFold(name, "Authorization") }

// apiVersion returns the LD-API-Version of the call, or "".
func (c *call) apiVersion() string {
	if v, ok := c.ctx.Value(versionKey{}).(string); ok {
		return v
	}
	if c.op.version != "" {
		return c.op.version
	}
	if v := c.cfg.settings.apiVersion; v != nil {
		return *v
	}
	return defaultAPIVersion
}
