package otelldapi

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"
	"go.opentelemetry.io/otel/semconv/v1.43.0/httpconv"

	"github.com/ldapi-go/ldapi"
)

// instruments are the metrics.
type instruments struct {
	requests httpconv.ClientRequestDuration
	calls    metric.Float64Histogram
	attempts metric.Int64Histogram
	waits    metric.Float64Histogram
	quotas   metric.Int64Gauge
}

func newInstruments(p metric.MeterProvider) instruments {
	meter := p.Meter(scope, metric.WithInstrumentationVersion(ldapi.Version), metric.WithSchemaURL(semconv.SchemaURL))
	var i instruments
	var errs [5]error
	i.requests, errs[0] = httpconv.NewClientRequestDuration(meter,
		metric.WithExplicitBucketBoundaries(0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10))
	i.calls, errs[1] = meter.Float64Histogram("ldapi.client.operation.duration", metric.WithUnit("s"),
		metric.WithDescription("Duration of calls, with all attempts and waits."),
		metric.WithExplicitBucketBoundaries(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120))
	i.attempts, errs[2] = meter.Int64Histogram("ldapi.client.operation.attempts", metric.WithUnit("{attempt}"),
		metric.WithDescription("How many times the request of a call was sent."),
		metric.WithExplicitBucketBoundaries(0, 1, 2, 3, 4, 5, 10))
	i.waits, errs[3] = meter.Float64Histogram("ldapi.client.wait.duration", metric.WithUnit("s"),
		metric.WithDescription("How long an attempt was held back."),
		metric.WithExplicitBucketBoundaries(0.001, 0.01, 0.1, 0.5, 1, 2.5, 5, 10, 30))
	i.quotas, errs[4] = meter.Int64Gauge("ldapi.client.quota.remaining", metric.WithUnit("{request}"),
		metric.WithDescription("What the latest response said is left of a quota."))
	if err := errors.Join(errs[:]...); err != nil {
		otel.Handle(err)
	}
	return i
}

func (i *instruments) measureCall(ctx context.Context, took time.Duration, attempts int, attributes []attribute.KeyValue) {
	set := metric.WithAttributeSet(attribute.NewSet(attributes...))
	i.calls.Record(ctx, took.Seconds(), set)
	i.attempts.Record(ctx, int64(attempts), set)
}

func (i *instruments) measureAttempt(ctx context.Context, took time.Duration, attributes []attribute.KeyValue) {
	i.requests.RecordSet(ctx, took.Seconds(), attribute.NewSet(attributes...))
}

func (i *instruments) measureWait(ctx context.Context, waited time.Duration, again bool, e endpoint) {
	reason := "pace"
	if again {
		reason = "retry"
	}
	i.waits.Record(ctx, waited.Seconds(), metric.WithAttributes(append(e.attributes(), attribute.String("ldapi.wait.reason", reason))...))
}

// measureQuotas records the remaining quotas that a response reports.
func (i *instruments) measureQuotas(ctx context.Context, resp *http.Response, e endpoint) {
	if resp == nil {
		return
	}
	for _, quota := range []struct{ name, header string }{
		{"route", "X-Ratelimit-Route-Remaining"}, {"global", "X-Ratelimit-Global-Remaining"}, {"token", "X-Ratelimit-Auth-Token-Remaining"},
	} {
		left, err := strconv.ParseInt(strings.TrimSpace(resp.Header.Get(quota.header)), 10, 64)
		if err != nil {
			continue
		}
		attributes := append(e.server(), attribute.String("ldapi.quota", quota.name))
		if quota.name == "route" {
			attributes = append(attributes, e.resource()...)
		}
		i.quotas.Record(ctx, left, metric.WithAttributes(attributes...))
	}
}
