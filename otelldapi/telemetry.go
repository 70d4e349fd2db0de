package otelldapi

import (
	"context"
	"net/http"
	"sync"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/propagation"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"
	"go.opentelemetry.io/otel/trace"

	"github.com/ldapi-go/ldapi"
)

const scope = "github.com/ldapi-go/ldapi/otelldapi"

// telemetry is what [Options] installs.
type telemetry struct {
	tracer     trace.Tracer
	propagator propagation.TextMapPropagator
	instruments
}

func newTelemetry(c config) *telemetry {
	return &telemetry{
		tracer:     c.tracers.Tracer(scope, trace.WithInstrumentationVersion(ldapi.Version), trace.WithSchemaURL(semconv.SchemaURL)),
		propagator: c.propagator, instruments: newInstruments(c.meters),
	}
}

// aroundCall is the middleware around calls.
func (t *telemetry) aroundCall(next ldapi.RoundTrip) ldapi.RoundTrip {
	return func(req *http.Request) (*http.Response, error) {
		e := endpointOf(req)
		ctx, span := t.tracer.Start(req.Context(), e.operation, trace.WithAttributes(e.attributes()...))
		defer span.End()
		start := time.Now()
		p := &progress{idleSince: start}
		resp, err := next(req.WithContext(context.WithValue(ctx, progressKey{}, p)))
		end, attempts := outcome(resp, err), p.count()
		tell(span, err, append(end, attribute.Int("ldapi.attempts", attempts)))
		t.measureCall(ctx, time.Since(start), attempts, append(e.attributes(), end...))
		return resp, err
	}
}

// aroundAttempt is the middleware around attempts.
func (t *telemetry) aroundAttempt(next ldapi.RoundTrip) ldapi.RoundTrip {
	return func(req *http.Request) (*http.Response, error) {
		start := time.Now()
		p, ok := req.Context().Value(progressKey{}).(*progress)
		if !ok {
			p = &progress{idleSince: start}
		}
		earlier, waited := p.begin(start)
		e := endpointOf(req)
		attributes := append(e.attributes(), semconv.URLFull(e.url()))
		if earlier > 0 {
			attributes = append(attributes, semconv.HTTPRequestResendCount(earlier))
		}
		ctx, span := t.tracer.Start(req.Context(), e.requestName(),
			trace.WithAttributes(attributes...), trace.WithSpanKind(trace.SpanKindClient))
		defer span.End()
		t.measureWait(ctx, waited, earlier > 0, e)
		req = req.WithContext(ctx)
		t.propagator.Inject(ctx, propagation.HeaderCarrier(req.Header))
		resp, err := next(req)
		end := outcome(resp, err)
		tell(span, err, end)
		t.measureAttempt(ctx, time.Since(start), append(e.attributes(), end...))
		t.measureQuotas(ctx, resp, e)
		p.end(time.Now())
		return resp, err
	}
}

// tell sets the attributes of a span that are known at its end.
func tell(span trace.Span, err error, end []attribute.KeyValue) {
	span.SetAttributes(end...)
	if err != nil {
		span.SetStatus(codes.Error, "")
	}
}

// progress is what the attempts of a call share.
type progress struct {
	mu        sync.Mutex
	attempts  int
	idleSince time.Time
}

type progressKey struct{}

// begin returns the number of attempts before the one that begins, and for how long none was in flight.
func (p *progress) begin(now time.Time) (earlier int, waited time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	earlier = p.attempts
	p.attempts++
	return earlier, now.Sub(p.idleSince)
}

func (p *progress) end(now time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.idleSince = now
}

func (p *progress) count() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.attempts
}
