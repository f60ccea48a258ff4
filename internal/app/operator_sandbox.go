package app

import (
	"context"
	"fmt"
	"net"
	"slices"

	"github.com/eitje/connexie-worker/internal/sandbox"
	"github.com/eitje/connexie-worker/internal/sandbox/seed"
)

// SandboxOptions are what a sandbox is filled with. Equal options give equal
// organisations, so that whoever seeds Eitje's side can make the same.
type SandboxOptions struct {
	Addr string
	Seed uint64
	// Organisations counts them; the first is that of the demonstration.
	Organisations int
	// People is how many each of the further ones has.
	People int
	// Today is the day that every date lies relative to, such as 2026-11-22; the
	// present day in Amsterdam where empty.
	Today string
}

// What a sandbox is filled with, and at most.
const (
	DefaultSandboxAddr          = "127.0.0.1:8085"
	DefaultSandboxSeed          = 1
	DefaultSandboxOrganisations = 3
	DefaultSandboxPeople        = 25

	maxSandboxOrganisations = 1000
	maxSandboxPeople        = 100_000
)

// smallNames are the names of the further organisations; after them they are
// numbered.
var smallNames = []string{"Lunchroom Noord", "Eetcafe De Linde", "Bar Zuid", "Bistro Kade"}

// Scenarios are the organisations on both sides.
func (o SandboxOptions) Scenarios() ([]seed.Scenario, error) {
	today, err := o.today()
	if err == nil {
		err = o.validate()
	}
	if err != nil {
		return nil, err
	}
	scenarios := []seed.Scenario{seed.Demo(o.Seed, today)}
	for i := range o.Organisations - 1 {
		name := fmt.Sprintf("Restaurant %d", i+1)
		if i < len(smallNames) {
			name = smallNames[i]
		}
		scenarios = append(scenarios, seed.Small(name, o.People, o.Seed, today))
	}
	return scenarios, nil
}

// today keeps far from the ends of the calendar: birth dates lie before it and
// contracts run on after it.
func (o SandboxOptions) today() (sandbox.Date, error) {
	if o.Today == "" {
		return sandbox.New(sandbox.Options{}).Today(), nil
	}
	today, err := sandbox.ParseDate(o.Today)
	if err != nil || today < "2000-01-01" || today > "2100-01-01" {
		return "", invalid("Give a date such as 2026-11-22.", "%q is not a calendar date of this century", shorten(o.Today))
	}
	return today, nil
}

func (o SandboxOptions) validate() error {
	switch {
	case o.Organisations < 1 || o.Organisations > maxSandboxOrganisations:
		return invalid("Give 3, for instance.", "organisations must be 1 to %d", maxSandboxOrganisations)
	case o.People < 1 || o.People > maxSandboxPeople:
		return invalid("Give 25, for instance.", "people must be 1 to %d", maxSandboxPeople)
	}
	return nil
}

// SandboxInfo tells what a sandbox serves and where. The tokens open invented data
// only.
type SandboxInfo struct {
	BaseURL       string                `json:"base_url"`
	AdminURL      string                `json:"admin_url"`
	Organisations []SandboxOrganisation `json:"organisations"`
}

// SandboxOrganisation is one organisation of a sandbox.
type SandboxOrganisation struct {
	AccountID string `json:"account_id"`
	Name      string `json:"name"`
	Token     string `json:"token"`
	People    int    `json:"people"`
	Venues    int    `json:"venues"`
	// OrganisationID is the organisation's id in Eitje, where it is seeded there.
	OrganisationID string `json:"organisation_id"`
}

// ServeSandbox serves a Connexie to try things on until the context ends; ready is
// told what it serves once it does. It needs nothing of the configuration.
func ServeSandbox(ctx context.Context, options SandboxOptions, ready func(SandboxInfo)) error {
	scenarios, err := options.Scenarios()
	if err != nil {
		return err
	}
	// A worker's database may remember the changes of a sandbox that was stopped.
	served := sandbox.New(sandbox.Options{StampOnLoad: true})
	info := SandboxInfo{}
	for _, scenario := range scenarios {
		if err := served.AddAccount(scenario.Account); err != nil {
			return err
		}
		info.Organisations = append(info.Organisations, SandboxOrganisation{
			AccountID: scenario.Account.ID, Name: scenario.Account.Name, Token: scenario.Account.Token,
			People: len(scenario.Account.Employees), Venues: len(scenario.Account.Venues),
			OrganisationID: scenario.Organisation.ID,
		})
	}
	err = served.Listen(ctx, options.Addr, func(addr net.Addr) {
		info.BaseURL, info.AdminURL = "http://"+reachable(addr)+"/v1", "http://"+reachable(addr)+"/sandbox/"
		ready(SandboxInfo{info.BaseURL, info.AdminURL, slices.Clone(info.Organisations)})
	})
	if err != nil {
		return &Problem{Kind: KindUnavailable, What: err.Error(), NextStep: "Choose another address with --addr, such as 127.0.0.1:0."}
	}
	return nil
}

// reachable is an address that a client on this machine can call.
func reachable(addr net.Addr) string {
	host, port, err := net.SplitHostPort(addr.String())
	if ip := net.ParseIP(host); err == nil && ip != nil && ip.IsUnspecified() {
		return net.JoinHostPort("localhost", port)
	}
	return addr.String()
}
