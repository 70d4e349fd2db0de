package otelldapi_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"strings"

	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.opentelemetry.io/otel/trace"

	"github.com/ldapi-go/ldapi"
	"github.com/ldapi-go/ldapi/ldapitest"
	"github.com/ldapi-go/ldapi/otelldapi"
)

// traced is a handler that adds the trace to each log record.
type traced struct{ slog.Handler }

func (h traced) Handle(ctx context.Context, r slog.Record) error {
	if span := trace.SpanContextFromContext(ctx); span.IsValid() {
		r.AddAttrs(slog.String("trace_id", span.TraceID().String()))
	}
	return h.Handler.Handle(ctx, r)
}

// A call is traced and logged, and its log records have the ID of the trace. Your program has an exporter of its own in place of
// spans, os.Stderr in place of log, and LD_ACCESS_TOKEN in place of server.
func Example_traceAndLog() {
	server := ldapitest.NewServer()
	defer server.Close()
	server.Fail(ldapitest.Fault{Kind: ldapitest.FaultBareRateLimit})
	spans, log := tracetest.NewInMemoryExporter(), &bytes.Buffer{}

	provider := sdktrace.NewTracerProvider(sdktrace.WithSyncer(spans))
	options := append(otelldapi.Options(otelldapi.WithTracerProvider(provider)), // before all others
		ldapi.WithLogger(slog.New(traced{slog.NewJSONHandler(log, nil)})),
		ldapi.WithRetry(ldapi.RetryPolicy{MinWait: 1, MaxWait: 1}), // nanoseconds: this is no real server
		ldapi.WithBaseURL(server.URL), ldapi.WithAccessToken(ldapitest.AdminToken))
	_, err := ldapi.New(options...).AccountMembersApi.GetMembers(context.Background()).Collect()

	id := spans.GetSpans()[0].SpanContext.TraceID().String()
	fmt.Println(len(spans.GetSpans()), "spans, error:", err)
	fmt.Println(strings.Contains(log.String(), `"msg":"ldapi retry"`), strings.Contains(log.String(), id))
	// Output:
	// 3 spans, error: <nil>
	// true true
}
