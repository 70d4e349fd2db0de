package otelldapi_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"

	"github.com/ldapi-go/ldapi"
	"github.com/ldapi-go/ldapi/ldapitest"
	"github.com/ldapi-go/ldapi/otelldapi"
)

func TestSpansOfACall(t *testing.T) {
	t.Parallel()
	inLab(t, func(t *testing.T, l *lab) {
		ctx, caller := l.tracer.Tracer("caller").Start(t.Context(), "job")
		_, _, err := l.client().AccessTokensApi.GetToken(ctx, ldapitest.ReaderTokenID).Execute()
		require.NoError(t, err)
		spans := l.spans.GetSpans()
		require.Len(t, spans, 2)
		attempt, call := spans[0], spans[1]

		require.Equal(t, "getToken", call.Name)
		require.Equal(t, trace.SpanKindInternal, call.SpanKind)
		require.Equal(t, caller.SpanContext().SpanID(), call.Parent.SpanID())
		require.Equal(t, codes.Unset, call.Status.Code)
		require.Equal(t, map[string]any{
			"ldapi.operation": "getToken", "ldapi.attempts": int64(1), "http.request.method": "GET",
			"url.template": "/api/v2/tokens/{id}", "server.address": "127.0.0.1", "server.port": int64(1),
			"http.response.status_code": int64(200),
		}, attributes(call.Attributes))

		require.Equal(t, "GET /api/v2/tokens/{id}", attempt.Name)
		require.Equal(t, trace.SpanKindClient, attempt.SpanKind)
		require.Equal(t, call.SpanContext.SpanID(), attempt.Parent.SpanID())
		require.Equal(t, codes.Unset, attempt.Status.Code)
		require.Equal(t, map[string]any{
			"ldapi.operation": "getToken", "http.request.method": "GET", "url.template": "/api/v2/tokens/{id}",
			"url.full": base + "/api/v2/tokens/{id}", "server.address": "127.0.0.1", "server.port": int64(1),
			"http.response.status_code": int64(200),
		}, attributes(attempt.Attributes))
		for _, span := range spans {
			require.Equal(t, "github.com/ldapi-go/ldapi/otelldapi", span.InstrumentationScope.Name)
			require.Equal(t, ldapi.Version, span.InstrumentationScope.Version)
			require.Contains(t, span.InstrumentationScope.SchemaURL, "https://opentelemetry.io/schemas/")
			require.Empty(t, span.Events)
		}
	})
}

// TestSpansOfARepeatedCall: a span for each attempt, one after the other, below one for the call.
func TestSpansOfARepeatedCall(t *testing.T) {
	t.Parallel()
	inLab(t, func(t *testing.T, l *lab) {
		l.server.Fail(ldapitest.Fault{Kind: ldapitest.FaultRetryAfter, Wait: 3 * time.Second})
		l.server.Fail(ldapitest.Fault{Kind: ldapitest.FaultStatus, Status: 503})
		_, _, err := l.client().AccountMembersApi.GetMembers(t.Context()).Execute()
		require.NoError(t, err)
		spans := l.spans.GetSpans()
		require.Len(t, spans, 4)
		call := spans[3]
		require.Equal(t, "getMembers", call.Name)
		require.Equal(t, codes.Unset, call.Status.Code, "it came to a good end")
		require.Equal(t, int64(3), attributes(call.Attributes)["ldapi.attempts"])
		require.GreaterOrEqual(t, spans[1].StartTime.Sub(spans[0].EndTime), 3*time.Second, "no attempt is in flight during a wait")
		for i, want := range []struct {
			status  int64
			resends any
			errors  any
			code    codes.Code
		}{{429, nil, "429", codes.Error}, {503, int64(1), "503", codes.Error}, {200, int64(2), nil, codes.Unset}} {
			have := attributes(spans[i].Attributes)
			require.Equal(t, call.SpanContext.SpanID(), spans[i].Parent.SpanID())
			require.Equal(t, want.status, have["http.response.status_code"])
			require.Equal(t, want.resends, have["http.request.resend_count"])
			require.Equal(t, want.errors, have["error.type"])
			require.Equal(t, want.code, spans[i].Status.Code)
			require.Empty(t, spans[i].Status.Description)
		}
	})
}

// failing is middleware that does not call the next step.
func failing(err error) ldapi.Middleware {
	return func(ldapi.RoundTrip) ldapi.RoundTrip {
		return func(*http.Request) (*http.Response, error) { return nil, err }
	}
}

func TestErrorTypes(t *testing.T) {
	t.Parallel()
	noRetry := ldapi.WithRetry(ldapi.NoRetry())
	for want, tc := range map[string]struct {
		fault ldapitest.Fault
		opts  []ldapi.Option
		calls string // whether it is the call or its attempt that fails, if not both
	}{
		"409":                {fault: ldapitest.Fault{Kind: ldapitest.FaultStatus, Status: 409}},
		"429":                {fault: ldapitest.Fault{Kind: ldapitest.FaultRetryAfter, Wait: time.Hour}},
		"timeout":            {fault: ldapitest.Fault{Kind: ldapitest.FaultSlowFirstByte, Wait: time.Minute}, opts: []ldapi.Option{noRetry}},
		"redirect":           {fault: ldapitest.Fault{Kind: ldapitest.FaultRedirect, Location: "https://example.com/"}},
		"transport":          {fault: ldapitest.Fault{Kind: ldapitest.FaultCloseBeforeResponse}, opts: []ldapi.Option{noRetry}},
		"response_too_large": {opts: []ldapi.Option{ldapi.WithMaxResponseBytes(10)}},
		"insecure_url":       {opts: []ldapi.Option{ldapi.WithBaseURL("http://ld.example.com")}},
		"canceled":           {opts: []ldapi.Option{ldapi.WithAttemptMiddleware(failing(context.Canceled))}},
		"_OTHER":             {opts: []ldapi.Option{ldapi.WithAttemptMiddleware(failing(io.ErrNoProgress))}},
		"invalid_argument": {calls: "call", opts: []ldapi.Option{
			ldapi.WithTokenSource(func(context.Context) (string, error) { return "", nil }),
		}},
	} {
		inLab(t, func(t *testing.T, l *lab) {
			if tc.fault.Kind != 0 {
				l.server.Fail(tc.fault)
			}
			_, _, err := l.client(tc.opts...).AccessTokensApi.GetToken(t.Context(), ldapitest.ReaderTokenID).Execute()
			require.Error(t, err, want)
			spans := l.spans.GetSpans()
			if tc.calls == "" {
				require.Len(t, spans, 2, want)
			}
			for _, span := range spans {
				require.Equal(t, want, attributes(span.Attributes)["error.type"])
				require.Equal(t, codes.Error, span.Status.Code)
				require.Empty(t, span.Status.Description, "texts may contain anything")
				require.Empty(t, span.Events)
			}
		})
	}
}

// TestErrorTypeOfARefusedWait: the second call is not sent at all, because its deadline comes before the quota's reset.
func TestErrorTypeOfARefusedWait(t *testing.T) {
	t.Parallel()
	inLab(t, func(t *testing.T, l *lab) {
		client := l.client()
		_, _, err := client.AccessTokensApi.GetTokens(t.Context()).Execute()
		require.NoError(t, err)
		l.spans.Reset()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, _, err = client.AccessTokensApi.GetTokens(ctx).Execute()
		require.ErrorIs(t, err, ldapi.ErrRateLimited)
		spans := l.spans.GetSpans()
		require.Len(t, spans, 1, "no attempt")
		have := attributes(spans[0].Attributes)
		require.Equal(t, "rate_limited", have["error.type"])
		require.Equal(t, int64(0), have["ldapi.attempts"])
		require.NotContains(t, have, "http.response.status_code")
	}, ldapitest.WithRateLimit(1, 0, 10*time.Second))
}

// TestDo: the path is the caller's, so it is not reported.
func TestDo(t *testing.T) {
	t.Parallel()
	inLab(t, func(t *testing.T, l *lab) {
		_, err := l.client().Do(t.Context(), "PROPFIND", "/api/v2/flags/hidden", nil, nil, nil)
		require.ErrorIs(t, err, ldapi.ErrNotFound)
		spans := l.spans.GetSpans()
		require.Equal(t, "HTTP", spans[0].Name)
		require.Equal(t, "do", spans[1].Name)
		have := attributes(spans[0].Attributes)
		require.Equal(t, "_OTHER", have["http.request.method"])
		require.Equal(t, base, have["url.full"])
		require.NotContains(t, have, "url.template")

		l.spans.Reset()
		_, err = l.client().Do(t.Context(), http.MethodGet, "/api/v2/tokens", nil, nil, nil)
		require.NoError(t, err)
		require.Equal(t, "GET", l.spans.GetSpans()[0].Name)
	})
}

func TestPorts(t *testing.T) {
	t.Parallel()
	for url, want := range map[string]int64{"https://ld.example.com": 443, "http://ld.example.com": 80, "https://ld.example.com:8443/x": 8443} {
		inLab(t, func(t *testing.T, l *lab) {
			client := l.client(ldapi.WithBaseURL(url), ldapi.WithAttemptMiddleware(failing(errors.New("far enough"))))
			_, _, err := client.AccessTokensApi.GetTokens(t.Context()).Execute()
			require.Error(t, err)
			have := attributes(l.spans.GetSpans()[0].Attributes)
			require.Equal(t, "ld.example.com", have["server.address"])
			require.Equal(t, want, have["server.port"])
		})
	}
}

// TestPropagation: the server learns of the attempt's span, and of none without a propagator.
func TestPropagation(t *testing.T) {
	t.Parallel()
	inLab(t, func(t *testing.T, l *lab) {
		l.server.Fail(ldapitest.Fault{Kind: ldapitest.FaultStatus, Status: 503})
		options := l.options(otelldapi.WithPropagator(propagation.TraceContext{}))
		_, _, err := l.server.Client(options...).AccessTokensApi.GetTokens(t.Context()).Execute()
		require.NoError(t, err)
		spans, requests := l.spans.GetSpans(), l.server.Requests()
		require.Len(t, requests, 2)
		for i, r := range requests {
			ctx := propagation.TraceContext{}.Extract(t.Context(), propagation.HeaderCarrier(r.Header))
			require.Equal(t, spans[i].SpanContext.SpanID(), trace.SpanContextFromContext(ctx).SpanID())
			require.Equal(t, spans[i].SpanContext.TraceID(), trace.SpanContextFromContext(ctx).TraceID())
		}
		_, _, err = l.client().AccessTokensApi.GetTokens(t.Context()).Execute()
		require.NoError(t, err)
		require.Empty(t, l.server.Requests()[2].Header["Traceparent"])
	})
}

// TestContextsHoldTheSpans: what runs below finds the span that it belongs to, log records too.
func TestContextsHoldTheSpans(t *testing.T) {
	t.Parallel()
	inLab(t, func(t *testing.T, l *lab) {
		var call, attempt trace.SpanID
		into := func(id *trace.SpanID) ldapi.Middleware {
			return func(next ldapi.RoundTrip) ldapi.RoundTrip {
				return func(req *http.Request) (*http.Response, error) {
					*id = trace.SpanContextFromContext(req.Context()).SpanID()
					return next(req)
				}
			}
		}
		client := l.client(ldapi.WithMiddleware(into(&call)), ldapi.WithAttemptMiddleware(into(&attempt)))
		_, _, err := client.AccessTokensApi.GetTokens(t.Context()).Execute()
		require.NoError(t, err)
		spans := l.spans.GetSpans()
		require.Equal(t, spans[0].SpanContext.SpanID(), attempt)
		require.Equal(t, spans[1].SpanContext.SpanID(), call)
	})
}

// TestSpansEndInAPanic of the caller's middleware.
func TestSpansEndInAPanic(t *testing.T) {
	t.Parallel()
	inLab(t, func(t *testing.T, l *lab) {
		client := l.client(ldapi.WithAttemptMiddleware(func(ldapi.RoundTrip) ldapi.RoundTrip { panic("far enough") }))
		require.Panics(t, func() { _, _, _ = client.AccessTokensApi.GetTokens(t.Context()).Execute() })
		require.Len(t, l.spans.GetSpans(), 1)
		client = l.client(ldapi.WithAttemptMiddleware(func(ldapi.RoundTrip) ldapi.RoundTrip {
			return func(*http.Request) (*http.Response, error) { panic("far enough") }
		}))
		require.Panics(t, func() { _, _, _ = client.AccessTokensApi.GetTokens(t.Context()).Execute() })
		require.Len(t, l.spans.GetSpans(), 3)
	})
}
