package ldapi

import (
	"bytes"
	"cmp"
	"context"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/ldapi-go/ldapi/internal/codec"
	"github.com/ldapi-go/ldapi/internal/inspect"
	"github.com/ldapi-go/ldapi/internal/wire"
)

const versionHeader = "Ld-Api-Version"

// buildRequest builds the HTTP request of a call: URL, body and headers.
func buildRequest(next handler) handler {
	return func(c *call, _ *http.Request) (*http.Response, error) {
		u, err := c.url()
		if err != nil {
			return nil, err
		}
		// By hand, because http.NewRequest would format the URL and parse it again: see BenchmarkCallDelete.
		req := (&http.Request{
			Method: c.op.Method, URL: u, Host: u.Host, Header: make(http.Header, 8),
			Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		}).WithContext(context.WithValue(c.ctx, operationKey{}, c.op))
		if err := c.encodeBody(req); err != nil {
			return nil, err
		}
		c.setHeaders(req)
		if err := c.checkVersion(req.Header.Get(versionHeader)); err != nil {
			return nil, err
		}
		return next(c, req)
	}
}

// checkVersion refuses arguments that the API version of the request does not support. Versions are dates; without one the
// token's default version decides.
func (c *call) checkVersion(version string) error {
	limit := c.args.version
	if limit.last == "" || version == "" || version <= limit.last {
		return nil
	}
	return c.refusal(limit.parameter, "needs API version "+limit.last+" or earlier; the call has "+strconv.Quote(version))
}

// url returns the base URL with the path and the query.
func (c *call) url() (*url.URL, error) {
	raw, err := c.cfg.ServerURLWithContext(c.ctx, c.op.server)
	if err != nil {
		return nil, c.refusal("server", strings.TrimPrefix(err.Error(), "ldapi: "))
	}
	base, reason := wire.ParseBase(raw)
	if reason != "" {
		return nil, c.refusal("server URL", reason)
	}
	u := *base
	if c.cfg.Host != "" || c.cfg.Scheme != "" {
		u.Host, u.Scheme = cmp.Or(c.cfg.Host, u.Host), cmp.Or(c.cfg.Scheme, u.Scheme)
		check, reason := wire.ParseBase(u.Scheme + "://" + u.Host)
		if reason != "" || check.Host != u.Host {
			return nil, c.refusal("Host or Scheme", "does not make an http or https URL")
		}
		u.Scheme = check.Scheme // in lower case
	}
	u.Host = wire.CanonicalHost(u.Host)
	path, escaped := c.path()
	u.Path, u.RawPath = base.Path+path, base.EscapedPath()+escaped
	u.RawQuery = encodeQuery(c.args.query)
	return &u, nil
}

// path returns the path of the call, plain and escaped. A parameter is always one segment.
func (c *call) path() (plain, escaped string) {
	escaped = cmp.Or(c.args.rawPath, c.op.Route)
	for _, arg := range c.args.path {
		escaped = strings.ReplaceAll(escaped, "{"+arg.name+"}", url.PathEscape(arg.value)) // which leaves no braces
	}
	plain, _ = url.PathUnescape(escaped)
	return plain, escaped
}

// encodeQuery encodes the query, ordered by name.
func encodeQuery(query []argument) string {
	if len(query) == 0 {
		return ""
	}
	query = slices.Clone(query)
	slices.SortStableFunc(query, func(x, y argument) int { return cmp.Compare(x.name, y.name) })
	var b strings.Builder
	for i, q := range query {
		if i > 0 {
			b.WriteByte('&')
		}
		b.WriteString(url.QueryEscape(q.name))
		b.WriteByte('=')
		b.WriteString(url.QueryEscape(q.value))
	}
	return b.String()
}

// encodeBody encodes the body, once for all attempts.
func (c *call) encodeBody(req *http.Request) error {
	if c.args.file != nil {
		return c.encodeForm(req)
	}
	if c.args.encode == nil {
		return nil
	}
	body, err := codec.Encode(c.args.encode)
	if err != nil {
		return c.refusal(c.args.bodyName, "cannot be written as JSON: "+err.Error())
	}
	c.body = body
	setRequestBody(req, body)
	return nil
}

// setRequestBody sets a body that can be sent again.
func setRequestBody(req *http.Request, body []byte) {
	req.ContentLength = int64(len(body))
	req.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(body)), nil }
	req.Body, _ = req.GetBody()
}

// setHeaders sets the headers in order of precedence, the weakest source first. A later one
// replaces an earlier one.
func (c *call) setHeaders(req *http.Request) {
	values := []string{"application/json", cmp.Or(c.cfg.UserAgent, defaultUserAgent)} // one allocation for both
	req.Header["Accept"], req.Header["User-Agent"] = values[:1:1], values[1:2:2]
	if c.op.content == "" && (c.args.encode != nil || writesJSON(c.op.Method)) {
		req.Header["Content-Type"] = []string{"application/json"}
	}
	_, fixed := c.ctx.Value(versionKey{}).(string) // also against DefaultHeader
	fixed = fixed || c.op.version != ""
	if !fixed {
		setHeader(req, versionHeader, c.apiVersion())
	}
	for _, name := range inspect.SortedKeys(c.cfg.DefaultHeader) {
		setHeader(req, name, c.cfg.DefaultHeader[name])
	}
	if fixed {
		setHeader(req, versionHeader, c.apiVersion())
	}
	c.setContextHeaders(req)
	if content := cmp.Or(c.contentType, c.op.content); content != "" {
		req.Header["Content-Type"] = []string{content}
	}
	if c.cfg.settings.methodOverride && (req.Method == http.MethodPatch || req.Method == http.MethodDelete) {
		req.Header.Set("X-Http-Method-Override", req.Method)
		req.Method = http.MethodPost
		if req.Header["Content-Type"] == nil {
			req.Header["Content-Type"] = []string{"application/json"}
		}
	}
}

// writesJSON reports whether the API requires a Content-Type for method, with and without a body.
func writesJSON(method string) bool {
	return method == http.MethodPost || method == http.MethodPatch || method == http.MethodPut
}

func (c *call) setContextHeaders(req *http.Request) {
	var inner []*contextHeader
	for h, _ := c.ctx.Value(headerKey{}).(*contextHeader); h != nil; h = h.outer {
		inner = append(inner, h)
	}
	for _, h := range slices.Backward(inner) {
		setHeader(req, h.key, h.value.text())
	}
}

// setHeader replaces a header. It does not set the credential, it sets Host on the request as
// net/http requires, and it removes the version header if the version is empty.
func setHeader(req *http.Request, name, value string) {
	switch canonical := http.CanonicalHeaderKey(name); {
	case canonical == "Authorization":
	case canonical == "Host":
		req.Host = value
	case canonical == versionHeader && value == "":
		delete(req.Header, canonical)
	default:
		req.Header[canonical] = []string{value}
	}
}
