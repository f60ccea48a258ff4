package store_test

import (
	"context"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/stretchr/testify/require"

	"github.com/eitje/connexie-worker/internal/store"
	"github.com/eitje/connexie-worker/internal/testkit"
)

// secret stands for a name, an e-mail address or a wage.
const secret = "jansen@example.com"

func TestErrors_N4_NothingOfARowIsShown(t *testing.T) {
	t.Parallel()
	db := testkit.New(t)
	organisation := db.Organisation(t)
	statements := map[string]string{
		"23505": `insert into eitje.organisations (id, name) values ('` + organisation + `', '` + secret + `')`,
		"23514": `insert into eitje.contracts (id, team_member_id, type, start_date) values (gen_random_uuid(), gen_random_uuid(), '` + secret + `', '2026-01-01')`,
		"23502": `insert into eitje.organisations (id, name) values (gen_random_uuid(), null)`,
		"22P02": `select '` + secret + `'::uuid`,
		"22007": `select '` + secret + `'::date`,
		"P0001": `do $$ begin raise exception '` + secret + `'; end $$`,
	}
	for code, statement := range statements {
		_, err := db.Pool.Exec(t.Context(), statement)
		require.Error(t, err)
		folded := store.Fold(err)
		require.Contains(t, folded.Error(), code)
		require.NotContains(t, folded.Error(), secret)
		require.Equal(t, code[:2] == "22" || code[:2] == "23", store.IsDataError(folded), code)
		require.False(t, store.IsRetryable(folded), code)
		var raw *pgconn.PgError
		require.NotErrorAs(t, folded, &raw, "the original is out of reach")
	}
}

func TestErrors_N4_AValueThatCannotBeSentIsNotShown(t *testing.T) {
	t.Parallel()
	db := testkit.New(t)
	_, err := db.Pool.Exec(t.Context(), `select $1::int`, []string{secret})
	require.Error(t, err)
	require.NotContains(t, store.Fold(err).Error(), secret)

	var number int
	err = db.Pool.QueryRow(t.Context(), `select '`+secret+`'::text`).Scan(&number)
	require.Error(t, err)
	require.NotContains(t, store.Fold(err).Error(), secret)
}

func TestErrors_WhatPassesByItselfIsRetryable(t *testing.T) {
	t.Parallel()
	for _, code := range []string{"40001", "40P01", "08006", "57P01", "53300"} {
		require.True(t, store.IsRetryable(store.Fold(&pgconn.PgError{Code: code})), code)
	}
	db := testkit.New(t)
	_, err := db.Pool.Exec(t.Context(), `select pg_terminate_backend(pg_backend_pid())`)
	require.True(t, store.IsRetryable(store.Fold(err)), "a connection that the server ended: %v", err)
	require.ErrorIs(t, store.Fold(context.Canceled), context.Canceled)
}

func TestOpen_AnErrorNamesTheServerAndNotThePassword(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	for name, url := range map[string]string{
		"nobody listens": "postgres://worker:" + secret + "@127.0.0.1:1/connexie",
		"no URL":         "postgres://worker:" + secret + "@:x:y/%zz",
		"nothing":        "host=127.0.0.1 port=1 password=" + secret + " bogus",
	} {
		_, err := store.Open(ctx, url, 1)
		require.Error(t, err, name)
		require.NotContains(t, err.Error(), "jansen", name)
	}
}
