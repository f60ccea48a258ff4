package sandbox

import "time"

// Permission is what a token may do.
type Permission string

// The permissions of the contract.
const (
	EmployeesRead   Permission = "employees.read"
	EmploymentWrite Permission = "employment.write"
	ImportsWrite    Permission = "imports.write"
)

// Account is one Connexie account as it is put into the sandbox.
type Account struct {
	ID             string
	Name           string
	Token          string // "" is an account without a token, as after a revocation
	Permissions    []Permission
	Venues         []Venue
	WageCodes      []WageCode
	PayrollPeriods []PayrollPeriod
	Employees      []Employee
}

// Venue is a venue of an account.
type Venue struct {
	ID     string `json:"id"`
	Name   string `json:"name"`
	Active bool   `json:"active"`
}

// WageCode is a wage or hour code; Kind and Unit are words of the contract.
type WageCode struct {
	Code        string `json:"code"`
	Description string `json:"description"`
	Kind        string `json:"kind"`
	Unit        string `json:"unit"`
}

// PayrollPeriod is a venue's payroll period; Status is open, running or run.
type PayrollPeriod struct {
	ID        string `json:"id"`
	VenueID   string `json:"venue_id"`
	StartDate Date   `json:"start_date"`
	EndDate   Date   `json:"end_date"`
	Status    string `json:"status"`
}

// Employee is one person. ModifiedAt is kept by the sandbox: it rises with
// every change; zero on the way in means now.
type Employee struct {
	ID          string            `json:"id"`
	Email       Optional[string]  `json:"email,omitzero"`
	FirstName   string            `json:"first_name"`
	Infix       Optional[string]  `json:"infix,omitzero"`
	LastName    string            `json:"last_name"`
	DateOfBirth Optional[Date]    `json:"date_of_birth,omitzero"`
	Phone       Optional[string]  `json:"phone,omitzero"`
	Address     Optional[Address] `json:"address,omitzero"`
	BSN         Optional[string]  `json:"bsn,omitzero"`
	IBAN        Optional[string]  `json:"iban,omitzero"`
	Employment  Employment        `json:"employment"`
	Contracts   []Contract        `json:"contracts"`
	ModifiedAt  time.Time         `json:"modified_at"`
}

// Address is where a person lives. An empty member is left out of the answer.
type Address struct {
	Street      string `json:"street,omitempty"`
	HouseNumber string `json:"house_number,omitempty"`
	PostalCode  string `json:"postal_code,omitempty"`
	City        string `json:"city,omitempty"`
	Country     string `json:"country,omitempty"`
}

// Employment is the whole time with the employer. Where there is an end date
// the sandbox derives Status from it and from the day it is.
type Employment struct {
	Status    string         `json:"status"`
	StartDate Date           `json:"start_date"`
	EndDate   Optional[Date] `json:"end_date,omitzero"`
}

// The states of an employment.
const (
	EmploymentActive = "active"
	EmploymentEnded  = "ended"
)

// Contract is one contract; hours and wage are decimals as the contract of the
// API writes them.
type Contract struct {
	ID                 string           `json:"id"`
	Type               string           `json:"type"`
	StartDate          Date             `json:"start_date"`
	EndDate            Optional[Date]   `json:"end_date,omitzero"`
	HoursPerWeek       Optional[string] `json:"hours_per_week,omitzero"`
	HourlyWage         Optional[string] `json:"hourly_wage,omitzero"`
	JobTitle           Optional[string] `json:"job_title,omitzero"`
	VenueID            string           `json:"venue_id"`
	AdditionalVenueIDs []string         `json:"additional_venue_ids,omitempty"`
}

// The types of a contract; flex is the zero-hours contract.
const (
	Flex         = "flex"
	FixedHours   = "fixed_hours"
	SelfEmployed = "self_employed"
	Payroll      = "payroll"
)

// HourImport is one import as Connexie holds it: a draft's lines are those of
// its parts, a committed import's those on days that no later import took over.
type HourImport struct {
	ID          string      `json:"id"`
	VenueID     string      `json:"venue_id"`
	PeriodStart Date        `json:"period_start"`
	PeriodEnd   Date        `json:"period_end"`
	Kinds       []string    `json:"kinds"`
	Status      string      `json:"status"`
	LineCount   int         `json:"line_count"`
	Totals      []CodeTotal `json:"totals"`
	CommittedAt *time.Time  `json:"committed_at"`
	// IdempotencyKey is what it was opened with. The contract does not send it;
	// only HourImports tells.
	IdempotencyKey string `json:"idempotency_key,omitempty"`
}

// The states of an import.
const (
	ImportDraft     = "draft"
	ImportCommitted = "committed"
	ImportReplaced  = "replaced"
	ImportDiscarded = "discarded"
)

// CodeTotal is what the lines of one code add up to, a decimal.
type CodeTotal struct {
	Code     string `json:"code"`
	Quantity string `json:"quantity"`
}

// LedgerLine is one line that counts for payroll: of a committed import, on a
// day that no later import took over. Quantity is as it was sent.
type LedgerLine struct {
	ImportID   string `json:"import_id"`
	Reference  string `json:"reference"`
	VenueID    string `json:"venue_id"`
	EmployeeID string `json:"employee_id"`
	ContractID string `json:"contract_id"`
	Date       Date   `json:"date"`
	Code       string `json:"code"`
	Quantity   string `json:"quantity"`
}
