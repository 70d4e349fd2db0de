package otelldapi

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"go.opentelemetry.io/otel/attribute"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"

	"github.com/ldapi-go/ldapi"
)

// endpoint is where a request goes, without anything that is the caller's.
type endpoint struct {
	operation string
	method    string
	route     string // empty when it is not known to be free of ids
	scheme    string
	host      string // with the port, if it is not the scheme's
	address   string
	port      int
}

func endpointOf(req *http.Request) endpoint {
	op, _ := ldapi.OperationFromContext(req.Context())
	e := endpoint{
		operation: cmp.Or(op.ID, "do"), method: req.Method,
		scheme: req.URL.Scheme, host: req.URL.Host, address: req.URL.Hostname(),
	}
	if op.Service != "" { // the route of APIClient.Do is a path of the caller
		e.route = op.Route
	}
	if !slices.Contains(knownMethods, e.method) {
		e.method = "_OTHER"
	}
	if e.port, _ = strconv.Atoi(req.URL.Port()); e.port == 0 {
		e.port = 443
		if e.scheme == "http" {
			e.port = 80
		}
	}
	return e
}

// knownMethods are those of RFC 9110 and RFC 5789.
var knownMethods = []string{
	http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete,
	http.MethodConnect, http.MethodOptions, http.MethodTrace,
}

// attributes identify the operation and the server. The slice is the caller's to append to.
func (e endpoint) attributes() []attribute.KeyValue {
	all := append(e.server(), attribute.String("ldapi.operation", e.operation))
	return append(all, e.resource()...)
}

func (e endpoint) server() []attribute.KeyValue {
	return []attribute.KeyValue{semconv.ServerAddress(e.address), semconv.ServerPort(e.port)}
}

func (e endpoint) resource() []attribute.KeyValue {
	all := []attribute.KeyValue{semconv.HTTPRequestMethodKey.String(e.method)}
	if e.route != "" {
		all = append(all, semconv.URLTemplate(e.route))
	}
	return all
}

// requestName is the name of an attempt's span.
func (e endpoint) requestName() string {
	method := e.method
	if method == "_OTHER" {
		method = "HTTP"
	}
	if e.route == "" {
		return method
	}
	return method + " " + e.route
}

// url returns the part of the URL that may be reported.
func (e endpoint) url() string { return e.scheme + "://" + e.host + e.route }

// outcome returns how a call or an attempt ended.
func outcome(resp *http.Response, err error) []attribute.KeyValue {
	var all []attribute.KeyValue
	if resp != nil {
		all = append(all, semconv.HTTPResponseStatusCode(resp.StatusCode))
	}
	if err != nil {
		all = append(all, semconv.ErrorTypeKey.String(errorType(err)))
	}
	return all
}

// errorType returns the kind of an error, one of a few words that do not depend on its text.
func errorType(err error) string {
	var status *ldapi.GenericOpenAPIError
	var argument *ldapi.ArgumentError
	var transport *url.Error
	switch {
	case errors.Is(err, context.Canceled):
		return "canceled"
	case errors.Is(err, context.DeadlineExceeded):
		return "timeout"
	case errors.Is(err, ldapi.ErrRedirect):
		return "redirect"
	case errors.Is(err, ldapi.ErrResponseTooLarge):
		return "response_too_large"
	case errors.As(err, &status) && status.StatusCode() > 0:
		return strconv.Itoa(status.StatusCode())
	case errors.Is(err, ldapi.ErrRateLimited):
		return "rate_limited"
	case errors.Is(err, ldapi.ErrInsecureURL):
		return "insecure_url"
	case errors.As(err, &argument):
		return "invalid_argument"
	case errors.As(err, &transport):
		return "transport"
	default:
		return "_OTHER"
	}
}
