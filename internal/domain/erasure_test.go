package domain_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/eitje/connexie-worker/internal/domain"
)

func TestErasure_N5_WhatStandsAgainstIt(t *testing.T) {
	t.Parallel()
	day := domain.NewDate(2026, time.November, 22)
	employed := &domain.Employment{Start: day.AddDays(-100)}
	endsToday := &domain.Employment{Start: day.AddDays(-100), End: day}
	endedYesterday := &domain.Employment{Start: day.AddDays(-100), End: day.AddDays(-1)}
	ended := &domain.Employment{Ended: true}
	for name, row := range map[string]struct {
		facts domain.ErasureFacts
		want  []domain.ErasureObstacle
		// forced tells whether force passes.
		forced bool
	}{
		"nothing":                            {domain.ErasureFacts{}, nil, true},
		"employed":                           {domain.ErasureFacts{Employment: employed, Linked: true, Active: true}, []domain.ErasureObstacle{domain.EraseEmployed}, true},
		"employed until today":               {domain.ErasureFacts{Employment: endsToday}, []domain.ErasureObstacle{domain.EraseEmployed}, true},
		"left yesterday":                     {domain.ErasureFacts{Employment: endedYesterday, Linked: true, Active: true}, nil, true},
		"ended":                              {domain.ErasureFacts{Employment: ended, Linked: true, Active: true}, nil, true},
		"linked and gone from Connexie":      {domain.ErasureFacts{Linked: true, Active: true}, nil, true},
		"a profile that Connexie never knew": {domain.ErasureFacts{Active: true}, []domain.ErasureObstacle{domain.EraseActive}, true},
		"one that was deactivated":           {domain.ErasureFacts{}, nil, true},
		"hours that payroll has not seen":    {domain.ErasureFacts{Employment: ended, Unexported: 3}, []domain.ErasureObstacle{domain.EraseUnexported}, true},
		"an ending under way":                {domain.ErasureFacts{Employment: ended, EndingOpen: true}, []domain.ErasureObstacle{domain.EraseEnding}, false},
		"an export under way":                {domain.ErasureFacts{Employment: ended, ExportOpen: true}, []domain.ErasureObstacle{domain.EraseExport}, false},
		"everything, what nobody forces first": {
			domain.ErasureFacts{Employment: employed, EndingOpen: true, ExportOpen: true, Unexported: 1},
			[]domain.ErasureObstacle{domain.EraseExport, domain.EraseEnding, domain.EraseEmployed, domain.EraseUnexported}, false,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			row.facts.Day = day
			found := domain.ErasureObstacles(row.facts)
			require.Equal(t, row.want, found)
			require.Equal(t, len(row.want) > 0, domain.ErasureRefused(found, false))
			require.Equal(t, !row.forced, domain.ErasureRefused(found, true))
		})
	}
}
