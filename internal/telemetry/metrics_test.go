package telemetry_test

import (
	"context"
	"testing"
	"time"

	dto "github.com/prometheus/client_model/go"
	"github.com/stretchr/testify/require"
	"go.uber.org/zap"

	"github.com/eitje/connexie-worker/internal/telemetry"
)

func newMetrics(t *testing.T, logger *zap.Logger) *telemetry.Metrics {
	t.Helper()
	metrics, err := telemetry.NewMetrics("worker", logger)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, metrics.Close(context.WithoutCancel(t.Context()))) })
	return metrics
}

func family(t *testing.T, metrics *telemetry.Metrics, name string) *dto.MetricFamily {
	t.Helper()
	families, err := metrics.Registry.Gather()
	require.NoError(t, err)
	for _, found := range families {
		if found.GetName() == name {
			return found
		}
	}
	require.Failf(t, "no such metric", "%s", name)
	return nil
}

func TestMetrics_TemporalCountersOnlyRise(t *testing.T) {
	t.Parallel()
	metrics := newMetrics(t, zap.NewNop())

	handler := metrics.TemporalHandler().WithTags(map[string]string{"task_queue": "connexie"})
	handler.Counter("temporal_workflow_completed").Inc(3)

	found := family(t, metrics, "temporal_workflow_completed_total")
	require.Equal(t, dto.MetricType_COUNTER, found.GetType())
	require.InDelta(t, 3, found.GetMetric()[0].GetCounter().GetValue(), 0)
	require.Equal(t, "task_queue", found.GetMetric()[0].GetLabel()[0].GetName())
}

func TestMetrics_DurationsHaveBucketsOfSeconds(t *testing.T) {
	t.Parallel()
	metrics := newMetrics(t, zap.NewNop())

	metrics.TemporalHandler().Timer("temporal_request_latency").Record(20 * time.Millisecond)

	buckets := family(t, metrics, "temporal_request_latency_seconds").GetMetric()[0].GetHistogram().GetBucket()
	require.InDelta(t, .001, buckets[0].GetUpperBound(), 0)
	for _, bucket := range buckets {
		require.Equal(t, bucket.GetUpperBound() >= .02, bucket.GetCumulativeCount() == 1, "bucket %v", bucket)
	}
}

func TestMetrics_ABadInstrumentIsLoggedAndLeftOut(t *testing.T) {
	t.Parallel()
	log := record(t, "warn")
	metrics := newMetrics(t, log.Logger)

	require.NotPanics(t, func() { metrics.TemporalHandler().Counter("not a name").Inc(1) })

	require.Equal(t, "a metric of the Temporal SDK is left out", log.entry(t)["message"])
}

func TestMetrics_TwoProcessesInOneDoNotCollide(t *testing.T) {
	t.Parallel()
	newMetrics(t, zap.NewNop()).TemporalHandler().Counter("temporal_request").Inc(1)
	newMetrics(t, zap.NewNop()).TemporalHandler().Counter("temporal_request").Inc(1)
}
