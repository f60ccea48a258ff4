package telemetry_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
)

const address = "jan@example.nl"

type person struct {
	ID         string `json:"id"`
	FirstName  string `json:"first_name"`
	HourlyWage string `json:"hourly_wage"`
	Note       string `json:"note"`
}

func (p person) MarshalLogObject(encoder zapcore.ObjectEncoder) error {
	encoder.AddString("id", p.ID)
	encoder.AddString("first_name", p.FirstName)
	encoder.AddString("note", p.Note)
	return nil
}

type stringer string

func (s stringer) String() string { return string(s) }

// brokenError panics on a nil pointer, as many do.
type brokenError struct{ text string }

func (e *brokenError) Error() string { return e.text }

func TestRedact_N4_DeniedKeys(t *testing.T) {
	t.Parallel()
	for _, key := range []string{
		"email", "Email", "user_email", "token", "api_token", "hourly_wage", "hourlyWage", "HourlyWage", "hourly-wage",
		"name", "first_name", "lastName", "infix", "phone", "bsn", "iban", "date_of_birth", "birthDate", "street",
		"postal_code", "password", "authorization", "Authorization", "secret", "api_key",
	} {
		t.Run(key, func(t *testing.T) {
			t.Parallel()
			log := record(t, "info")
			log.Info("x", zap.String(key, "value"))
			log.Info("x", zap.Int(key, 123456782))
			log.Info("x", zap.Any(key, []string{"value"}))
			log.Info("x", zap.Any(key, map[string]string{"k": "value"}))
			log.With(zap.String(key, "value")).Info("x")
			for _, entry := range log.entries(t) {
				require.Equal(t, "[redacted]", entry[key])
			}
		})
	}
}

func TestRedact_KeepsKeysOfIdsAndCounts(t *testing.T) {
	t.Parallel()
	for _, key := range []string{
		"connection_id", "team_member_id", "Namespace", "TaskQueue", "WorkflowType", "UpdateName", "workflow_name",
		"venue_id", "addr", "tokens", "count", "Error", "StackTrace", "message_id",
	} {
		t.Run(key, func(t *testing.T) {
			t.Parallel()
			log := record(t, "info")
			log.Info("x", zap.String(key, "value"))
			require.Equal(t, "value", log.entry(t)[key])
		})
	}
}

func TestRedact_N4_EveryKindOfField(t *testing.T) {
	t.Parallel()
	jan := person{ID: "p1", FirstName: "Jan", HourlyWage: "14.20", Note: "mail " + address}
	var nobody *brokenError
	for name, row := range map[string]struct {
		field zap.Field
		want  any
	}{
		"string":         {zap.String("k", "to "+address), "to [redacted]"},
		"byte string":    {zap.ByteString("k", []byte(address)), "[redacted]"},
		"binary":         {zap.Binary("k", []byte(address)), "[14 bytes]"},
		"stringer":       {zap.Stringer("k", stringer(address)), "[redacted]"},
		"no stringer":    {zap.Stringer("k", nil), "[cannot be shown]"},
		"error":          {zap.NamedError("k", fmt.Errorf("wrap: %w", errors.New(address))), "wrap: [redacted]"},
		"joined error":   {zap.NamedError("k", errors.Join(errors.New("a"), errors.New(address))), "a\n[redacted]"},
		"nil error":      {zap.NamedError("k", nobody), "[cannot be shown]"},
		"strings":        {zap.Strings("k", []string{"a", address}), []any{"a", "[redacted]"}},
		"errors":         {zap.Errors("k", []error{errors.New(address)}), []any{map[string]any{"error": "[redacted]"}}},
		"object":         {zap.Object("k", jan), map[string]any{"id": "p1", "first_name": "[redacted]", "note": "mail [redacted]"}},
		"dictionary":     {zap.Dict("k", zap.String("email", "x"), zap.Int("n", 1)), map[string]any{"email": "[redacted]", "n": 1.0}},
		"map":            {zap.Any("k", map[string]any{address: "a", "wage": 14.2}), map[string]any{"[redacted]": "a", "wage": "[redacted]"}},
		"function":       {zap.Any("k", func() {}), "[cannot be shown]"},
		"struct":         {zap.Reflect("k", struct{ P person }{jan}), map[string]any{"P": redactedJan}},
		"slice":          {zap.Any("k", []any{jan, &jan, nil}), []any{redactedJan, redactedJan, nil}},
		"int":            {zap.Int("k", 3), 3.0},
		"bool":           {zap.Bool("k", true), true},
		"float":          {zap.Float64("k", 0.5), 0.5},
		"duration":       {zap.Duration("k", time.Second), "1s"},
		"many durations": {zap.Durations("k", []time.Duration{time.Second}), []any{"1s"}},
		"nil":            {zap.Any("k", nil), nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			log := record(t, "info")
			log.Info("x", row.field)
			require.Equal(t, row.want, log.entry(t)["k"])
		})
	}
}

var redactedJan = map[string]any{"id": "p1", "first_name": "[redacted]", "hourly_wage": "[redacted]", "note": "mail [redacted]"}

func TestRedact_N4_InlinedObject(t *testing.T) {
	t.Parallel()
	log := record(t, "info")

	log.Info("x", zap.Inline(person{ID: "p1", FirstName: "Jan", Note: address}))

	entry := log.entry(t)
	require.Equal(t, "p1", entry["id"])
	require.Equal(t, "[redacted]", entry["first_name"])
	require.Equal(t, "[redacted]", entry["note"])
}

func TestRedact_N4_NamespaceDoesNotHideKeys(t *testing.T) {
	t.Parallel()
	log := record(t, "info")

	log.With(zap.Namespace("person")).Info("x", zap.String("email", "x"), zap.String("id", "p1"))

	require.Equal(t, map[string]any{"email": "[redacted]", "id": "p1"}, log.entry(t)["person"])
}

func TestRedact_N4_Message(t *testing.T) {
	t.Parallel()
	log := record(t, "info")

	log.Sugar().Infof("skipped %s", address)

	require.Equal(t, "skipped [redacted]", log.entry(t)["message"])
}

func TestRedact_LeavesTheCallersFieldsAlone(t *testing.T) {
	t.Parallel()
	log := record(t, "info")
	fields := []zap.Field{zap.String("email", address), zap.String("k", address)}

	log.Info("x", fields...)

	require.Equal(t, []zap.Field{zap.String("email", address), zap.String("k", address)}, fields)
}

// FuzzRedact_N4 puts an address into every place of an entry, under any key.
func FuzzRedact_N4(f *testing.F) {
	f.Add("key", "text")
	f.Add("WorkerID2", "\x00\xff")
	f.Fuzz(func(t *testing.T, key, text string) {
		if key == "WorkerID" {
			return
		}
		log := record(t, "info")
		hidden := text + " " + address
		log.With(zap.String(key, hidden)).Info(hidden,
			zap.NamedError(key, errors.New(hidden)),
			zap.Any(key, map[string]any{hidden: []any{hidden, person{Note: hidden}}}),
			zap.Strings(key, []string{hidden}),
		)
		require.NotContains(t, log.out.String(), address)
		log.entry(t) // one line, and valid JSON
	})
}

func BenchmarkRedact_PlainEntry(b *testing.B) {
	log, err := discard()
	require.NoError(b, err)
	b.ReportAllocs()
	for b.Loop() {
		log.Info("page read", zap.String("connection_id", "0199f3a2-1c2d-7e3f-8a4b-5c6d7e8f9a0b"), zap.Int("page", 20))
	}
}
