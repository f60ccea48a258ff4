package endtoend

import (
	"encoding/hex"
	"regexp"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/client"

	"github.com/eitje/connexie-worker/internal/sandbox"
)

// requirePrivate searches every table, the histories and the log for what must not
// be there.
func (o *organisation) requirePrivate(t *testing.T, runs ...client.WorkflowRun) {
	t.Helper()
	o.requireSecretsInNoTable(t)
	for _, run := range runs {
		o.requireImpersonal(t, "the history of "+run.GetID(), readable(t, o.history(t, run)))
	}
	o.requireImpersonal(t, "the log", o.logs.String())
}

// requirePrivateExports searches the log, and all that is told of exports in sentences
// (N4).
func (o *organisation) requirePrivateExports(t *testing.T) {
	t.Helper()
	o.requireImpersonal(t, "the log", o.logs.String())
	told := list(t, o.system, pgx.RowTo[string], `
		select coalesce(problem, '') || counts::text from connexie.exports where connection_id = $1
		union all
		select coalesce(v.problem, '') from connexie.export_venues v join connexie.exports x on x.id = export_id where connection_id = $1
		union all
		select coalesce(l.problem, '') from connexie.export_lines l join connexie.exports x on x.id = export_id where connection_id = $1
		union all
		select subject || ' ' || next_step from connexie.notifications where connection_id = $1`, o.connection)
	o.requireImpersonal(t, "what is told of exports", strings.Join(told, "\n"))
}

// secrets are what is kept nowhere at all: BSN, bank account and token (N2, N3).
func (o *organisation) secrets() []string {
	secrets := []string{o.Account.Token, hex.EncodeToString([]byte(o.Account.Token))}
	for i := range o.Account.Employees {
		employee := &o.Account.Employees[i]
		secrets = append(secrets, text(employee.BSN), text(employee.IBAN))
	}
	return notEmpty(secrets)
}

// requireSecretsInNoTable reads every row of both schemas as text.
func (o *organisation) requireSecretsInNoTable(t *testing.T) {
	t.Helper()
	tables := list(t, o.system, pgx.RowTo[string],
		`select format('%I.%I', table_schema, table_name) from information_schema.tables
		  where table_schema in ('eitje', 'connexie', 'public') and table_type = 'BASE TABLE'`)
	require.Greater(t, len(tables), 20)
	for _, table := range tables {
		rows := strings.Join(list(t, o.system, pgx.RowTo[string], `select to_jsonb(r)::text from `+table+` r`), "\n")
		for _, secret := range o.secrets() {
			found := strings.Contains(rows, secret) // require.NotContains would print the rows
			require.False(t, found, "%s holds a BSN, a bank account or a token", table)
		}
	}
}

// wordPattern takes a text apart into what could be a name, a wage or a date, but
// leaves an instant in one piece.
var wordPattern = regexp.MustCompile(`[\p{L}\p{N}.:@+_-]+`)

// requireImpersonal searches a text for secrets and for anything about the
// organisation's people (N2, N3, N4).
func (o *organisation) requireImpersonal(t *testing.T, where, searched string) {
	t.Helper()
	for _, secret := range o.secrets() {
		found := strings.Contains(searched, secret)
		require.False(t, found, "%s holds a BSN, a bank account or a token", where)
	}
	words := map[string]bool{}
	for _, word := range wordPattern.FindAllString(searched, -1) {
		words[strings.ToLower(strings.Trim(word, ".:"))] = true
	}
	for i := range o.Account.Employees {
		for _, private := range personal(&o.Account.Employees[i]) {
			require.False(t, words[strings.ToLower(private)], "%s tells of %s: %q",
				where, o.Account.Employees[i].ID, private)
		}
	}
}

// personal is what tells of a person: names, addresses, wages, the day of birth
// (N4).
func personal(employee *sandbox.Employee) []string {
	home, _ := employee.Address.Get()
	words := []string{
		strings.TrimSpace(text(employee.Email)), employee.FirstName, employee.LastName, text(employee.DateOfBirth),
		text(employee.Phone), home.City,
	}
	for _, contract := range employee.Contracts {
		words = append(words, text(contract.HourlyWage))
	}
	return notEmpty(words)
}

func notEmpty(texts []string) []string {
	var kept []string
	for _, text := range texts {
		if text != "" {
			kept = append(kept, text)
		}
	}
	return kept
}
