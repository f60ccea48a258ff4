package config_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/eitje/connexie-worker/internal/config"
)

func TestLoadWorker_N5_TermsHaveDefaultsAndLimits(t *testing.T) {
	setenv(t, goodWorker)
	worker, err := config.LoadWorker()
	require.NoError(t, err)
	require.Equal(t, config.Retention{
		MirrorDays: 90, RunsDays: 90, PreviewsDays: 7, LinesDays: 400, ChangesDays: 400, NotificationsDays: 180, ErasedDays: 400,
	}, worker.Retention)

	setenv(t, goodWorker, map[string]string{
		"RETENTION_MIRROR_DAYS": "6", "RETENTION_RUNS_DAYS": "0", "RETENTION_PREVIEWS_DAYS": "-1", "RETENTION_LINES_DAYS": "61",
		"RETENTION_CHANGES_DAYS": "29", "RETENTION_NOTIFICATIONS_DAYS": "soon", "RETENTION_ERASED_DAYS": "3661",
	})
	_, err = config.LoadWorker()
	require.Equal(t, map[string]string{
		"RETENTION_MIRROR_DAYS": "must be 7 to 3660", "RETENTION_RUNS_DAYS": "must be 7 to 3660",
		"RETENTION_PREVIEWS_DAYS": "must be 1 to 3660", "RETENTION_LINES_DAYS": "must be 62 to 3660",
		"RETENTION_CHANGES_DAYS": "must be 30 to 3660", "RETENTION_NOTIFICATIONS_DAYS": "must be a whole number",
		"RETENTION_ERASED_DAYS": "must be 62 to 3660",
	}, problems(t, err))
}
