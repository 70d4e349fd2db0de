package ldapi

import (
	"context"
	"net/url"
)

// Operation tells which operation of the API a request belongs to. None of its fields holds an id or a value of the
// caller, so it is fit for span names, metrics and logs; only Route of APIClient.Do is the path that its caller gave.
type Operation struct {
	// ID is the name in the API description, such as "getToken"; "do" for APIClient.Do.
	ID string
	// Service is the service's name, such as "AccessTokensApi"; empty for APIClient.Do.
	Service string
	// Method is the HTTP method, such as "GET".
	Method string
	// Route is the path template, such as "/api/v2/tokens/{id}".
	Route string
}

// String gives ID, method and route.
func (o Operation) String() string { return o.ID + " " + o.Method + " " + o.Route }

// OperationFromContext tells which operation a request belongs to, given the request's context. It is there in every
// request that the SDK sends, for transports, tracing and metrics.
func OperationFromContext(ctx context.Context) (Operation, bool) {
	if op, ok := ctx.Value(operationKey{}).(*operation); ok {
		return op.Operation, true
	}
	return Operation{}, false
}

type operationKey struct{}

// operation is what the pipeline needs to know of an operation.
type operation struct {
	Operation
	server  string // key in Configuration.OperationServers
	content string // Content-Type of its requests; empty for those without a body
	success int    // documented status of success; 0 for APIClient.Do
}

// service is what the implementations of the services are made of.
type service struct{ client *core }

// Params is what a request asks for: what its builder's methods were told. Fakes of the service interfaces read it.
type Params struct {
	// Path holds the path parameters by name, not escaped.
	Path map[string]string
	// Query holds the query parameters that are set, not escaped.
	Query url.Values
	// Body is the body as the builder was given it, a model or a slice of models; nil when there is none.
	Body any
}

// contextOf lets nil stand for the background, as the stock client does.
func contextOf(ctx context.Context) context.Context {
	if ctx == nil {
		return context.Background()
	}
	return ctx
}
