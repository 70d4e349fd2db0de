package otelldapi_test

import (
	"context"
	"fmt"

	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"github.com/ldapi-go/ldapi"
	"github.com/ldapi-go/ldapi/ldapitest"
	"github.com/ldapi-go/ldapi/otelldapi"
)

// A program that has set the global providers needs no arguments. This one passes its own, to show the spans:
// an attempt that met a busy server, and one that did not.
func ExampleOptions() {
	server := ldapitest.NewServer()
	defer server.Close()
	server.Fail(ldapitest.Fault{Kind: ldapitest.FaultBareRateLimit})

	spans := tracetest.NewInMemoryExporter()
	provider := sdktrace.NewTracerProvider(sdktrace.WithSyncer(spans))
	options := append(otelldapi.Options(otelldapi.WithTracerProvider(provider)),
		ldapi.WithBaseURL(server.URL), ldapi.WithAccessToken(ldapitest.AdminToken),
		ldapi.WithRetry(ldapi.RetryPolicy{MinWait: 1, MaxWait: 1})) // nanoseconds: this is no real server
	client := ldapi.New(options...)

	_, _, err := client.AccessTokensApi.GetToken(context.Background(), ldapitest.ReaderTokenID).Execute()
	for _, span := range spans.GetSpans() { // in the order in which they ended
		fmt.Println(span.Name, span.Status.Code)
	}
	fmt.Println(err)
	// Output:
	// GET /api/v2/tokens/{id} Error
	// GET /api/v2/tokens/{id} Unset
	// getToken Unset
	// <nil>
}
