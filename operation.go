package ldapi

import (
	"context"
	"net/url"
)

// Operation identifies an operation of the API. Its fields hold no IDs and no values of the caller,
// so it is fit for span names, metrics and logs; only for [APIClient.Do] is Route the path that the
// caller passed.
type Operation struct {
	// ID is the name in the API description, such as "getToken", or "do" for [APIClient.Do].
	ID string
	// Service is the name of the service, such as "AccessTokensApi". It is empty for
	// [APIClient.Do].
	Service string
	// Method is the HTTP method, such as "GET".
	Method string
	// Route is the path template, such as "/api/v2/tokens/{id}".
	Route string
}

// String returns ID, method and route.
func (o Operation) String() string { return o.ID + " " + o.Method + " " + o.Route }

// OperationFromContext returns the [Operation] that a request belongs to, from the context of the
// request. Every request of this package carries it, for transports, tracing and metrics.
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
	server    string // key in Configuration.OperationServers
	content   string // Content-Type of its requests; empty for those without a body
	version   string // LD-API-Version that its service needs, or ""
	safe      bool   // it only reads, although it is a POST
	success   int    // documented status of success; 0 for APIClient.Do
	rejected  int    // status of success with which the API rejects a request, or 0
	rejection error  // its sentinel
}

// service is the implementation of every service.
type service struct{ client *clientState }

// Params is what the methods of a request were called with. Fakes of the service interfaces read
// it.
type Params struct {
	// Path holds the path parameters by name, not escaped.
	Path map[string]string
	// Query holds the query parameters that are set, not escaped.
	Query url.Values
	// Body is the body: a model, a slice of models, or the [io.Reader] of a file. It is nil if there is none.
	Body any
}

// contextOf returns ctx, or the background context if ctx is nil, as in the stock client.
func contextOf(ctx context.Context) context.Context {
	if ctx == nil {
		return context.Background()
	}
	return ctx
}
