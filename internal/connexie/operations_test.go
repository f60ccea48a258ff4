package connexie_test

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/eitje/connexie-worker/internal/connexie"
	"github.com/eitje/connexie-worker/internal/domain"
)

func TestNew_NamesEveryProblem(t *testing.T) {
	t.Parallel()
	_, err := connexie.New(connexie.Options{BaseURL: "api.connexie.example", RequestsPerSecond: -1, Timeout: -time.Second})
	require.EqualError(t, err, "make the Connexie client: base URL: must begin with https:// or http:// and a host\n"+
		"requests per second: must lie above 0 and at most 1000000\ntimeout: must not be negative")

	for _, base := range []string{
		"", "/v1", "ftp://host/v1", "https://", "http://user:hunter2@host/v1", "https://host/v1?key=hunter2", "https://host/v1#hunter2", "https://hunter2 host",
	} {
		_, err := connexie.New(connexie.Options{BaseURL: base})
		require.ErrorContains(t, err, "base URL: ", base)
		require.NotContains(t, err.Error(), "hunter2")
	}
	for _, base := range []string{"https://api.connexie.example/v1", "https://api.connexie.example/v1/", "http://127.0.0.1:8099/v1"} {
		_, err := connexie.New(connexie.Options{BaseURL: base})
		require.NoError(t, err)
	}
}

func TestConnexie_C1_AccountIsReadOrRefused(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ body, reason string }{
		"permission of tomorrow": {`{"id":"acc_1","name":"Bar","permissions":["shifts.read"]}`, ""},
		"no permissions":         {`{"id":"acc_1","name":"","permissions":[]}`, ""},
		"no id":                  {`{"name":"Bar","permissions":[]}`, "id: missing"},
		"prose as permission":    {`{"id":"acc_1","name":"Bar","permissions":["imports.write","all of them"]}`, "permissions[1]: not a word of the contract"},
		"permissions missing":    {`{"id":"acc_1","name":"Bar"}`, "permissions: missing"},
		"too many permissions":   {`{"id":"acc_1","name":"Bar","permissions":[` + strings.Repeat(`"a",`, 100) + `"a"]}`, "permissions: too many"},
		"another document":       {`[]`, "not an object"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := serve(t, replyJSON(test.body)).GetAccount(t.Context())
			if test.reason == "" {
				require.NoError(t, err)
				require.Equal(t, "acc_1", got.ID)
				return
			}
			require.Equal(t, connexie.CodeProtocol, failure(t, err).Code)
			require.Equal(t, test.reason, failure(t, err).Reason)
		})
	}
}

func TestConnexie_E2_EndEmploymentAsItGoesOut(t *testing.T) {
	t.Parallel()
	for reason, body := range map[string]string{
		"":                  `{"end_date":"2026-11-30"}`,
		"eigen verzoek \"!": `{"end_date":"2026-11-30","reason":"eigen verzoek \"!"}`,
	} {
		account := serve(t, func(w http.ResponseWriter, r *http.Request) {
			sent, err := io.ReadAll(r.Body)
			if err != nil || r.Method != http.MethodPut || r.URL.Path != "/v1/employees/emp_1/employment-end" ||
				r.Header.Get("Content-Type") != "application/json" || string(sent) != body {
				http.Error(w, "not as asked for", http.StatusTeapot)
				return
			}
			replyJSON(personOf(nil))(w, r)
		})
		got, err := account.EndEmployment(t.Context(), "emp_1", connexie.EmploymentEnd{
			Day: domain.NewDate(2026, 11, 30), Reason: reason,
		})
		require.NoError(t, err)
		require.Equal(t, "emp_1", got.ID)
	}
}

func TestConnexie_X9_UnreadablePeriodIsNeverLeftOut(t *testing.T) {
	t.Parallel()
	period := func(change edits) string {
		return object(edits{
			"id": `"per_1"`, "venue_id": `"ven_1"`, "start_date": `"2026-11-01"`, "end_date": `"2026-11-30"`, "status": `"open"`,
		}, change)
	}
	tests := map[string]struct{ body, reason string }{
		"no items":      {`{}`, "items: missing"},
		"items null":    {`{"items":null}`, "items: not an array"},
		"status":        {`{"items":[` + period(nil) + `,` + period(edits{"status": `"closed"`}) + `]}`, "items[1].status: not a word of the contract"},
		"no status":     {`{"items":[` + period(edits{"status": ""}) + `]}`, "items[0].status: missing"},
		"open end":      {`{"items":[` + period(edits{"end_date": "null"}) + `]}`, "items[0].end_date: null"},
		"backwards":     {`{"items":[` + period(edits{"end_date": `"2026-10-31"`}) + `]}`, "items[0].end_date: before the start"},
		"another venue": {`{"items":[` + period(edits{"venue_id": `"ven_2"`}) + `]}`, "items[0].venue_id: another venue than was asked for"},
		"not an object": {`{"items":["open"]}`, "items[0]: not an object"},
		"too many":      {`{"items":[` + strings.Repeat(period(nil)+",", 4000) + period(nil) + `]}`, "items: too many"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := serve(t, replyJSON(test.body)).ListPayrollPeriods(t.Context(), connexie.PayrollPeriodsRequest{
				VenueID: "ven_1", From: domain.NewDate(2026, 11, 1), To: domain.NewDate(2026, 11, 1),
			})
			require.Equal(t, connexie.CodeProtocol, failure(t, err).Code)
			require.Equal(t, test.reason, failure(t, err).Reason)
		})
	}
}
