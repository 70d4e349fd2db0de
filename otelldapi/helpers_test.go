package otelldapi_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	"go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"github.com/ldapi-go/ldapi"
	"github.com/ldapi-go/ldapi/ldapitest"
	"github.com/ldapi-go/ldapi/otelldapi"
)

// base is the URL of servers in memory.
const base = "http://127.0.0.1:1"

// lab is a server in memory and the telemetry of its clients, in a synctest bubble: waits cost nothing.
type lab struct {
	server *ldapitest.Server
	spans  *tracetest.InMemoryExporter
	tracer *trace.TracerProvider
	reader *metric.ManualReader
	meter  *metric.MeterProvider
}

func inLab(t *testing.T, run func(t *testing.T, l *lab), opts ...ldapitest.Option) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		spans, reader := tracetest.NewInMemoryExporter(), metric.NewManualReader()
		run(t, &lab{
			server: ldapitest.NewTestServer(t, append(opts, ldapitest.WithInMemory())...),
			spans:  spans, tracer: trace.NewTracerProvider(trace.WithSyncer(spans)),
			reader: reader, meter: metric.NewMeterProvider(metric.WithReader(reader)),
		})
	})
}

// client returns a client of the server that is traced and measured.
func (l *lab) client(opts ...ldapi.Option) *ldapi.APIClient {
	return l.server.Client(append(l.options(), opts...)...)
}

func (l *lab) options(opts ...otelldapi.Option) []ldapi.Option {
	return otelldapi.Options(append([]otelldapi.Option{
		otelldapi.WithTracerProvider(l.tracer), otelldapi.WithMeterProvider(l.meter),
	}, opts...)...)
}

// attributes returns attributes as a map, for comparison.
func attributes(all []attribute.KeyValue) map[string]any {
	m := map[string]any{}
	for _, kv := range all {
		m[string(kv.Key)] = kv.Value.AsInterface()
	}
	return m
}

// metrics returns the metrics by name.
func (l *lab) metrics(t *testing.T) map[string]metricdata.Metrics {
	t.Helper()
	var all metricdata.ResourceMetrics
	require.NoError(t, l.reader.Collect(t.Context(), &all))
	byName := map[string]metricdata.Metrics{}
	for _, scope := range all.ScopeMetrics {
		require.Equal(t, "github.com/ldapi-go/ldapi/otelldapi", scope.Scope.Name)
		require.Equal(t, ldapi.Version, scope.Scope.Version)
		for _, m := range scope.Metrics {
			byName[m.Name] = m
		}
	}
	return byName
}

// points writes the points of a metric as lines: its attributes, and sum and count or the value.
func points(t *testing.T, m metricdata.Metrics) []string {
	t.Helper()
	var lines []string
	add := func(set attribute.Set, format string, args ...any) {
		var words []string
		for _, kv := range set.ToSlice() { // sorted by key
			words = append(words, string(kv.Key)+"="+kv.Value.String())
		}
		lines = append(lines, strings.Join(words, " ")+": "+fmt.Sprintf(format, args...))
	}
	switch data := m.Data.(type) {
	case metricdata.Histogram[float64]:
		for _, p := range data.DataPoints {
			add(p.Attributes, "%v in %d", time.Duration(p.Sum*float64(time.Second)).Round(time.Millisecond), p.Count)
		}
	case metricdata.Histogram[int64]:
		for _, p := range data.DataPoints {
			add(p.Attributes, "%d in %d", p.Sum, p.Count)
		}
	case metricdata.Gauge[int64]:
		for _, p := range data.DataPoints {
			add(p.Attributes, "%d", p.Value)
		}
	default:
		t.Fatalf("%s is a %T", m.Name, data)
	}
	return lines
}

// everything writes all telemetry.
func (l *lab) everything(t *testing.T) string {
	t.Helper()
	var b strings.Builder
	for _, span := range l.spans.GetSpans() {
		fmt.Fprintf(&b, "%+v\n", span)
	}
	metrics, err := json.Marshal(l.metrics(t))
	require.NoError(t, err)
	b.Write(metrics)
	return b.String()
}
