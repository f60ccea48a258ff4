package workflows_test

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/eitje/connexie-worker/workflows"
)

// decodedInput is any input of a workflow or message.
type decodedInput interface{ DecodingProblems() []string }

func fuzzInput[T decodedInput](f *testing.F, seeds ...string) {
	f.Helper()
	for _, seed := range append(seeds, `{}`, `null`, `[]`, `""`, `{"":0}`, `{"a":1,"a":2}`, `{"\u0000":null}`, `{"unknown":{}}`) {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var input T
		if err := json.Unmarshal(data, &input); err != nil {
			require.False(t, json.Valid(data), "JSON of any kind is decoded, so that the validation can answer")
			return
		}
		requireNothingSilent(t, data, input)
		requireSameAgain(t, input)
	})
}

// requireNothingSilent is the oracle: whatever is no member of the input, by its exact
// name, must have been noted. The decoder of the standard library would take another
// case for the same.
func requireNothingSilent(t *testing.T, data []byte, input decodedInput) {
	t.Helper()
	var members map[string]any
	if json.Unmarshal(data, &members) != nil {
		require.NotEmpty(t, input.DecodingProblems(), "no object")
		return
	}
	known := memberNames(reflect.TypeOf(input))
	unknown := 0
	for name := range members {
		if !known[name] {
			unknown++
		}
	}
	require.GreaterOrEqual(t, len(input.DecodingProblems()), unknown)
}

func memberNames(of reflect.Type) map[string]bool {
	names := map[string]bool{}
	for field := range of.Fields() {
		if name, _, _ := strings.Cut(field.Tag.Get("json"), ","); name != "" {
			names[name] = true
		}
	}
	return names
}

// requireSameAgain holds that what was understood travels unchanged: the engine
// encodes an input again when a workflow continues as new.
func requireSameAgain[T decodedInput](t *testing.T, input T) {
	t.Helper()
	if len(input.DecodingProblems()) > 0 {
		return
	}
	first, err := json.Marshal(input)
	require.NoError(t, err)
	var again T
	require.NoError(t, json.Unmarshal(first, &again))
	require.Empty(t, again.DecodingProblems())
	second, err := json.Marshal(again)
	require.NoError(t, err)
	require.Equal(t, string(first), string(second))
}

func FuzzSyncTeamMembersInput(f *testing.F) {
	fuzzInput[workflows.SyncTeamMembersInput](f,
		`{"connection_id":"con-1","trigger":"nightly","requested_by":"u","mode":"preview","only_connexie_id":"p","night":"2026-11-22"}`,
		`{"Connection_Id":"con-1"}`, `{"night":""}`, `{"night":"0000-00-00"}`, `{"night":7}`)
}

func FuzzNightlySyncInput(f *testing.F) {
	fuzzInput[workflows.NightlySyncInput](f, `{"connection_ids":["a",null],"starts_per_second":1e-7}`, `{"connection_ids":null}`)
}

func FuzzActivateConnectionInput(f *testing.F) {
	fuzzInput[workflows.ActivateConnectionInput](f, `{"connection_id":"con-1","requested_by":"u","preview_first":true}`)
}

func FuzzRemoveConnectionInput(f *testing.F) {
	fuzzInput[workflows.RemoveConnectionInput](f, `{"connection_id":"con-1","requested_by":"u"}`)
}

func FuzzRequestSyncInput(f *testing.F) {
	fuzzInput[workflows.RequestSyncInput](f, `{"requested_by":"u","night":"2026-11-22"}`)
}

func FuzzDecideGuardInput(f *testing.F) {
	fuzzInput[workflows.DecideGuardInput](f, `{"decision":"allow","by":"u"}`)
}

func FuzzExportHoursInput(f *testing.F) {
	fuzzInput[workflows.ExportHoursInput](f,
		`{"connection_id":"con-1","from":"2026-11-01","to":"2026-11-30","kinds":["hours",null],"mode":"preview","acknowledge_unmapped":true,"requested_by":"u"}`,
		`{"kinds":"hours"}`, `{"from":"","to":7}`, `{"acknowledge_unmapped":"true"}`)
}

func FuzzCancelInput(f *testing.F) {
	fuzzInput[workflows.CancelInput](f, `{"reason":"x"}`)
}

func FuzzEndEmploymentInput(f *testing.F) {
	fuzzInput[workflows.EndEmploymentInput](f,
		`{"connection_id":"con-1","team_member_id":"tm-1","end_date":"2026-11-30","reason":"own_request","requested_by":"u"}`,
		`{"carried":{"run":{"ending_id":"e"},"standing":{"stage":"watching","counts":null},"rejects":null}}`, `{"carried":7}`, `{"end_date":""}`)
}

func FuzzConfirmEndInput(f *testing.F) { fuzzInput[workflows.ConfirmEndInput](f, `{"by":"u"}`) }

func FuzzChangeEndDateInput(f *testing.F) {
	fuzzInput[workflows.ChangeEndDateInput](f, `{"end_date":"2026-12-31","by":"u"}`, `{"end_date":7}`)
}

func FuzzWithdrawInput(f *testing.F) {
	fuzzInput[workflows.WithdrawInput](f, `{"by":"u","reason":"stays"}`, `{"reason":null}`)
}

func FuzzRepairDuplicateInput(f *testing.F) {
	fuzzInput[workflows.RepairDuplicateInput](f, `{"connection_id":"con-1","keep_id":"old-1","drop_id":"new-1","mode":"undo","requested_by":"u"}`)
}
