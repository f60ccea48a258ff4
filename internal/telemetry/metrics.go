package telemetry

import (
	"context"
	"fmt"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"go.opentelemetry.io/otel/attribute"
	otelprometheus "go.opentelemetry.io/otel/exporters/prometheus"
	"go.opentelemetry.io/otel/metric"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/resource"
	"go.temporal.io/sdk/client"
	temporalotel "go.temporal.io/sdk/contrib/opentelemetry"
	"go.uber.org/zap"
)

// secondsBuckets are the upper bounds of every duration: from a local query to
// the longest slice of an activity. OpenTelemetry's own bounds are meant for
// milliseconds and would put everything into the first bucket.
var secondsBuckets = []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30, 60, 120, 300}

// Metrics is one process's registry, with a meter that writes to it. Safe for
// concurrent use.
//
// A label must have a small, fixed set of values: never an id (N4, and memory).
type Metrics struct {
	// Registry is what /metrics shows; it holds the Go runtime and the process
	// from the start.
	Registry *prometheus.Registry

	provider *sdkmetric.MeterProvider
	logger   *zap.Logger
}

// NewMetrics makes the metrics of the process called service ("worker"). Close
// them at the end.
func NewMetrics(service string, logger *zap.Logger) (*Metrics, error) {
	registry := prometheus.NewRegistry()
	registry.MustRegister(
		collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
	)
	exporter, err := otelprometheus.New(
		otelprometheus.WithRegisterer(registry),
		otelprometheus.WithoutScopeInfo(), // three labels on every series that say the same
	)
	if err != nil {
		return nil, fmt.Errorf("make the Prometheus exporter: %w", err)
	}
	provider := sdkmetric.NewMeterProvider(
		sdkmetric.WithReader(exporter),
		sdkmetric.WithResource(resource.NewSchemaless(attribute.String("service.name", service))),
		sdkmetric.WithView(sdkmetric.NewView(
			sdkmetric.Instrument{Kind: sdkmetric.InstrumentKindHistogram, Unit: "s"},
			sdkmetric.Stream{Aggregation: sdkmetric.AggregationExplicitBucketHistogram{Boundaries: secondsBuckets}},
		)),
	)
	return &Metrics{Registry: registry, provider: provider, logger: logger}, nil
}

// Meter returns the meter for instruments of ours; name is the package that owns
// them.
func (m *Metrics) Meter(name string) metric.Meter {
	return m.provider.Meter(name)
}

// TemporalHandler returns what client.Options.MetricsHandler wants. An instrument
// that cannot be made is logged and left out: the default would end the process.
func (m *Metrics) TemporalHandler() client.MetricsHandler {
	return temporalotel.NewMetricsHandler(temporalotel.MetricsHandlerOptions{
		Meter:                m.Meter("temporal-sdk-go"),
		UseMonotonicCounters: true,
		OnError: func(err error) {
			m.logger.Warn("a metric of the Temporal SDK is left out", zap.Error(err))
		},
	})
}

// Close stops collecting. What was registered with Registry directly stays
// readable.
func (m *Metrics) Close(ctx context.Context) error {
	if err := m.provider.Shutdown(ctx); err != nil {
		return fmt.Errorf("stop collecting metrics: %w", err)
	}
	return nil
}
