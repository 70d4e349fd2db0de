package otelldapi

import (
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"

	"github.com/ldapi-go/ldapi"
)

// Option is a setting of [Options].
type Option func(*config)

type config struct {
	tracers    trace.TracerProvider
	meters     metric.MeterProvider
	propagator propagation.TextMapPropagator
}

// WithTracerProvider makes spans with p; the default is the global provider. nil is ignored.
func WithTracerProvider(p trace.TracerProvider) Option {
	return func(c *config) {
		if p != nil {
			c.tracers = p
		}
	}
}

// WithMeterProvider makes metrics with p; the default is the global provider. nil is ignored.
func WithMeterProvider(p metric.MeterProvider) Option {
	return func(c *config) {
		if p != nil {
			c.meters = p
		}
	}
}

// WithPropagator sends the context of attempts to the server with p; the default is the global propagator. nil is ignored.
// A propagator of baggage sends all baggage to LaunchDarkly, whatever it contains.
func WithPropagator(p propagation.TextMapPropagator) Option {
	return func(c *config) {
		if p != nil {
			c.propagator = p
		}
	}
}

// Options returns the options that make a client trace and measure its calls. If they are passed before other middleware they surround
// it, otherwise they are surrounded. Clients may share them.
func Options(opts ...Option) []ldapi.Option {
	c := config{tracers: otel.GetTracerProvider(), meters: otel.GetMeterProvider(), propagator: otel.GetTextMapPropagator()}
	for _, opt := range opts {
		if opt != nil {
			opt(&c)
		}
	}
	t := newTelemetry(c)
	return []ldapi.Option{ldapi.WithMiddleware(t.aroundCall), ldapi.WithAttemptMiddleware(t.aroundAttempt)}
}
