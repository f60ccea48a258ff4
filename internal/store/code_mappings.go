package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/eitje/connexie-worker/internal/domain"
)

// CodeMapping says under which of Connexie's codes a kind of work goes out.
type CodeMapping struct {
	// Kind is hours, meal or allowance.
	Kind string
	// Type is the organisation's own word for a meal or an allowance; empty for
	// hours.
	Type string
	Code string
	// Gone tells that Connexie no longer has the code activated; to be read, not set.
	Gone bool
}

// SetCodeMapping chooses the code of a kind, in place of the one before (C6, C7).
// The error is ErrCodeUnknown where Connexie has not activated the code, and
// ErrCodeUnfit where the code is not for this kind, hours are given a type, or a meal or
// an allowance is given none.
func (s *Store) SetCodeMapping(
	ctx context.Context, connectionID string, mapping CodeMapping, by string, now time.Time,
) error {
	mapping.Type = domain.KeyOfCode(domain.LineKind(mapping.Kind), mapping.Type).Type
	err := s.withTx(ctx, func(tx pgx.Tx) error {
		if err := checkCode(ctx, tx, connectionID, mapping); err != nil {
			return err
		}
		if err := writeCodeMapping(ctx, tx, connectionID, mapping, by, now); err != nil {
			return err
		}
		return syncCodeNotices(ctx, tx, connectionID, now)
	})
	if err != nil {
		return fmt.Errorf("set the code of %s of connection %s: %w", mapping.Kind, connectionID, err)
	}
	return nil
}

// checkCode keeps the code from vanishing until the transaction ends.
func checkCode(ctx context.Context, tx pgx.Tx, connectionID string, mapping CodeMapping) error {
	const query = `
		select kind from connexie.wage_codes
		 where connection_id = @connection_id and code = @code and gone_at is null
		   for share`
	kind, err := value[string](ctx, tx, "find the code", query,
		args{"connection_id": connectionID, "code": mapping.Code})
	switch {
	case errors.Is(err, ErrNotFound):
		return fmt.Errorf("%s: %w", mapping.Code, ErrCodeUnknown)
	case err != nil:
		return err
	case kind != mapping.Kind:
		return fmt.Errorf("%s is a code for %s: %w", mapping.Code, kind, ErrCodeUnfit)
	case mapping.Kind == "hours" && mapping.Type != "":
		return fmt.Errorf("hours have one code and no types: %w", ErrCodeUnfit)
	case mapping.Kind != "hours" && mapping.Type == "":
		return fmt.Errorf("a code for a %s needs its type: %w", mapping.Kind, ErrCodeUnfit)
	}
	return nil
}

func writeCodeMapping(
	ctx context.Context, tx pgx.Tx, connectionID string, mapping CodeMapping, by string, now time.Time,
) error {
	const query = `
		insert into connexie.code_mappings as kept (connection_id, kind, type, code, decided_at, decided_by)
		values (@connection_id, @kind, @type, @code, @now, @by)
		on conflict (connection_id, kind, type) do update
		   set code = excluded.code, decided_at = excluded.decided_at, decided_by = excluded.decided_by
		 where kept.code <> excluded.code`
	_, err := execute(ctx, tx, "keep the decision", query, args{
		"connection_id": connectionID, "kind": mapping.Kind, "type": mapping.Type, "code": mapping.Code,
		"now": now, "by": by,
	})
	return err
}

// CodeMappings lists the codes chosen.
func (s *Store) CodeMappings(ctx context.Context, connectionID string) ([]CodeMapping, error) {
	return codeMappings(ctx, s.pool, connectionID)
}

func codeMappings(ctx context.Context, db querier, connectionID string) ([]CodeMapping, error) {
	const query = `
		select m.kind, m.type, m.code, c.gone_at is not null as gone
		  from connexie.code_mappings m
		  join connexie.wage_codes c using (connection_id, code)
		 where m.connection_id = @connection_id
		 order by m.kind, m.type`
	return collect[CodeMapping](ctx, db, "list the codes of connection "+connectionID, query,
		args{"connection_id": connectionID})
}

// syncCodeNotices announces each code that is in use and has vanished (C6).
func syncCodeNotices(ctx context.Context, tx pgx.Tx, connectionID string, now time.Time) error {
	mappings, err := codeMappings(ctx, tx, connectionID)
	if err != nil {
		return err
	}
	var wanted []domain.Notice
	for _, mapping := range mappings {
		if mapping.Gone {
			wanted = append(wanted, domain.CodeVanishedNotice(mapping.Code))
		}
	}
	return keepNotices(ctx, tx, connectionID, domain.CauseCodeVanished, wanted, now)
}
