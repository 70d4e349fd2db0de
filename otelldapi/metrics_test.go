package otelldapi_test

import (
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	"go.opentelemetry.io/otel/trace"

	"github.com/ldapi-go/ldapi"
	"github.com/ldapi-go/ldapi/ldapitest"
	"github.com/ldapi-go/ldapi/otelldapi"
)

const (
	getTokens = "http.request.method=GET%s ldapi.operation=getTokens%s server.address=127.0.0.1 server.port=1 url.template=/api/v2/tokens"
	onServer  = "server.address=127.0.0.1 server.port=1"
)

// line writes the attributes of getTokens, with an outcome and a reason between them.
func line(outcome, reason, value string) string {
	return strings.Replace(strings.Replace(getTokens, "%s", outcome, 1), "%s", reason, 1) + ": " + value
}

// TestMetrics: a call that waits three seconds for the server, after an attempt of two.
func TestMetrics(t *testing.T) {
	t.Parallel()
	inLab(t, func(t *testing.T, l *lab) {
		l.server.Fail(ldapitest.Fault{Kind: ldapitest.FaultRetryAfter, Wait: 3 * time.Second})
		_, _, err := l.client().AccessTokensApi.GetTokens(t.Context()).Execute()
		require.NoError(t, err)
		all := l.metrics(t)
		require.Len(t, all, 5)
		for name, unit := range map[string]string{
			"http.client.request.duration": "s", "ldapi.client.operation.duration": "s", "ldapi.client.operation.attempts": "{attempt}",
			"ldapi.client.wait.duration": "s", "ldapi.client.quota.remaining": "{request}",
		} {
			require.Equal(t, unit, all[name].Unit, name)
			require.NotEmpty(t, all[name].Description, name)
		}
		require.ElementsMatch(t, []string{
			"error.type=429 " + line(" http.response.status_code=429", "", "2s in 1"),
			line(" http.response.status_code=200", "", "2s in 1"),
		}, points(t, all["http.client.request.duration"]))
		require.Equal(t, []string{line(" http.response.status_code=200", "", "2 in 1")}, points(t, all["ldapi.client.operation.attempts"]))

		waits := all["ldapi.client.wait.duration"].Data.(metricdata.Histogram[float64]).DataPoints
		require.Len(t, waits, 2)
		require.Contains(t, points(t, all["ldapi.client.wait.duration"]), line("", " ldapi.wait.reason=pace", "0s in 1"))
		for _, wait := range waits {
			if reason, _ := wait.Attributes.Value("ldapi.wait.reason"); reason.AsString() == "retry" {
				require.InDelta(t, 3.5, wait.Sum, 0.5, "three seconds and some by chance")
				calls := all["ldapi.client.operation.duration"].Data.(metricdata.Histogram[float64]).DataPoints
				require.Len(t, calls, 1)
				require.InDelta(t, 4+wait.Sum, calls[0].Sum, 0.001, "attempts and waits together")
			}
		}
	}, ldapitest.WithLatency(2*time.Second), ldapitest.WithRateLimit(100, 0, 0))
}

func TestQuotas(t *testing.T) {
	t.Parallel()
	inLab(t, func(t *testing.T, l *lab) {
		client := l.client()
		for range 3 {
			_, _, err := client.AccessTokensApi.GetTokens(t.Context()).Execute()
			require.NoError(t, err)
		}
		_, _, err := client.AccessTokensApi.GetToken(t.Context(), ldapitest.ReaderTokenID).Execute()
		require.NoError(t, err)
		require.ElementsMatch(t, []string{
			"http.request.method=GET ldapi.quota=route " + onServer + " url.template=/api/v2/tokens: 7",
			"http.request.method=GET ldapi.quota=route " + onServer + " url.template=/api/v2/tokens/{id}: 9",
			"ldapi.quota=global " + onServer + ": 16",
		}, points(t, l.metrics(t)["ldapi.client.quota.remaining"]))
	}, ldapitest.WithRateLimit(10, 20, time.Minute))
}

// TestNothingIsGivenAway: no input of the caller or the server appears in telemetry.
func TestNothingIsGivenAway(t *testing.T) {
	t.Parallel()
	const canary = "canary-17"
	inLab(t, func(t *testing.T, l *lab) {
		members, tokens := l.client().AccountMembersApi, l.client().AccessTokensApi
		ctx := ldapi.ContextWithHeader(ldapi.ContextWithAccessToken(t.Context(), "api-"+canary), "X-Note", canary)
		for range 2 { // refused for the token, and then as if it were good
			_, _, _ = tokens.GetToken(ctx, canary).Execute()
			_, _, _ = members.GetMembers(ctx).Filter("query:" + canary).Execute()
			_, _, _ = tokens.PostToken(ctx).AccessTokenPost(*ldapi.NewAccessTokenPost()).Execute()
			_, _, _ = members.PostMembers(ctx).NewMemberForm([]ldapi.NewMemberForm{*ldapi.NewNewMemberForm(canary)}).Execute()
			_, _ = l.client().Do(ctx, http.MethodGet, "/api/v2/"+canary, url.Values{"q": {canary}}, nil, nil)
			ctx = ldapi.ContextWithHeader(t.Context(), "X-Note", canary)
		}
		l.server.Fail(ldapitest.Fault{Kind: ldapitest.FaultStatus, Status: 418, Body: `{"code":"` + canary + `","message":"` + canary + `"}`,
			Header: http.Header{"X-Request-Id": {canary}, "X-Ratelimit-Route-Remaining": {canary}}})
		_, _, err := tokens.GetToken(ctx, canary).Execute()
		require.ErrorContains(t, err, canary)
		l.server.Fail(ldapitest.Fault{Kind: ldapitest.FaultRedirect, Location: "https://example.com/" + canary})
		_, _, err = tokens.GetToken(ctx, canary).Execute()
		require.ErrorContains(t, err, canary)
		require.Greater(t, len(l.spans.GetSpans()), 20)
		told := l.everything(t)
		require.NotContains(t, told, canary)
		require.NotContains(t, told, ldapitest.AdminToken)
		require.Contains(t, told, "getMembers")
	})
}

// TestOneForManyClients: goroutines and clients share the result of Options.
func TestOneForManyClients(t *testing.T) {
	t.Parallel()
	inLab(t, func(t *testing.T, l *lab) {
		options := l.options(nil, otelldapi.WithTracerProvider(nil), otelldapi.WithMeterProvider(nil), otelldapi.WithPropagator(nil))
		var all sync.WaitGroup
		for range 4 {
			client := l.server.Client(options...)
			for range 4 {
				all.Go(func() { _, _, _ = client.AccessTokensApi.GetTokens(t.Context()).Execute() })
			}
		}
		all.Wait()
		require.Len(t, l.spans.GetSpans(), 32)
		require.Equal(t, []string{line(" http.response.status_code=200", "", "16 in 16")},
			points(t, l.metrics(t)["ldapi.client.operation.attempts"]))
	})
}

// TestAttemptsWithoutTheirCall: if other middleware has lost the context of the call, the rest is still reported.
func TestAttemptsWithoutTheirCall(t *testing.T) {
	t.Parallel()
	inLab(t, func(t *testing.T, l *lab) {
		client := l.client(ldapi.WithMiddleware(func(next ldapi.RoundTrip) ldapi.RoundTrip {
			return func(req *http.Request) (*http.Response, error) { return next(req.WithContext(t.Context())) }
		}))
		_, _, err := client.AccessTokensApi.GetTokens(t.Context()).Execute()
		require.NoError(t, err)
		spans := l.spans.GetSpans()
		require.Len(t, spans, 2)
		require.False(t, spans[0].Parent.IsValid())
		require.Equal(t, base, attributes(spans[0].Attributes)["url.full"], "any part of the path may be an ID")
	})
}

// TestGlobalProviders are the default. Nothing else in these tests uses them.
func TestGlobalProviders(t *testing.T) {
	inLab(t, func(t *testing.T, l *lab) {
		otel.SetTracerProvider(l.tracer)
		otel.SetMeterProvider(l.meter)
		otel.SetTextMapPropagator(propagation.TraceContext{})
		defer otel.SetTextMapPropagator(propagation.NewCompositeTextMapPropagator())
		_, _, err := l.server.Client(otelldapi.Options()...).AccessTokensApi.GetTokens(t.Context()).Execute()
		require.NoError(t, err)
		spans := l.spans.GetSpans()
		require.Len(t, spans, 2)
		require.Len(t, l.metrics(t), 4, "there are no quotas")
		ctx := propagation.TraceContext{}.Extract(t.Context(), propagation.HeaderCarrier(l.server.Requests()[0].Header))
		require.Equal(t, spans[0].SpanContext.SpanID(), trace.SpanContextFromContext(ctx).SpanID())
	})
}
