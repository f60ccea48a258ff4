package main

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/eitje/connexie-worker/internal/app"
)

func sandboxCommand(t *terminal) *cobra.Command {
	options := app.SandboxOptions{}
	command := &cobra.Command{
		Use:   "sandbox",
		Short: "Serve a Connexie to try things on, filled with invented people",
		Long: `sandbox serves a Connexie that keeps strictly to its contract, filled with invented
organisations: the first has every awkward case of the rule book, the others a realistic
mix. Equal seed, number and day give equal people. Faults can be switched on, and data
changed, under /sandbox/.

It runs until Ctrl-C, keeps everything in memory, and needs no configuration. Its
tokens open invented data only.`,
		Example: `  starter sandbox
  starter sandbox --addr 127.0.0.1:0 --organisations 1 --json
  CONNEXIE_BASE_URL=http://127.0.0.1:8085/v1 worker`,
		Args: cobra.NoArgs,
		RunE: t.does(func(ctx context.Context) error {
			return app.ServeSandbox(ctx, options, func(info app.SandboxInfo) {
				t.result(info, func() { t.showSandbox(info) })
			})
		}),
	}
	f := command.Flags()
	f.StringVar(&options.Addr, "addr", app.DefaultSandboxAddr, "where to listen, host:port; port 0 takes a free one")
	f.Uint64Var(&options.Seed, "seed", app.DefaultSandboxSeed, "which invented people")
	f.IntVar(&options.Organisations, "organisations", app.DefaultSandboxOrganisations, "how many organisations")
	f.IntVar(&options.People, "people", app.DefaultSandboxPeople, "how many people each organisation but the first has")
	f.StringVar(&options.Today, "today", "", "day that every date lies relative to (default: today in Amsterdam)")
	return command
}

func (t *terminal) showSandbox(info app.SandboxInfo) {
	t.say("A Connexie to try things on, until Ctrl-C.")
	t.table("", row{"organisation", "account", "people", "venues", "token"}, sandboxRows(info)...)
	token, account := info.Organisations[0].Token, info.Organisations[0].AccountID
	t.say(`
CONNEXIE_BASE_URL=%[1]s

Look and change, also while it is used:
  curl -s -H 'Authorization: Bearer %[3]s' '%[1]s/employees?limit=2'
  curl -s %[2]s                      # everything that can be changed
  curl -s %[2]saccounts/%[4]s/employees/emp_0001
  curl -s -X PATCH %[2]saccounts/%[4]s/employees/emp_0001 -d '{"phone":"+31600000001"}'
  curl -s %[2]saccounts/%[4]s/ledger   # hours that count for payroll
  curl -s %[2]sfaults -d '{"kind":"status","status":503,"operation":"listEmployees","times":3}'`,
		info.BaseURL, info.AdminURL, token, account)
}

func sandboxRows(info app.SandboxInfo) []row {
	var rows []row
	for _, organisation := range info.Organisations {
		rows = append(rows, row{
			organisation.Name, organisation.AccountID, organisation.People, organisation.Venues, organisation.Token,
		})
	}
	return rows
}
