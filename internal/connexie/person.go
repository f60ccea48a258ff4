package connexie

import (
	"github.com/govalues/decimal"

	"github.com/eitje/connexie-worker/internal/domain"
)

// Bounds of one record. A person with more contracts, or a contract with more
// venues, is a mistake of Connexie rather than a career.
const (
	maxContracts        = 500
	maxAdditionalVenues = 500
)

// Bounds of two amounts, far beyond any real one: a week has 168 hours.
var (
	maxHoursPerWeek = decimal.MustParse("168")
	maxHourlyWage   = decimal.MustParse("99999.9999")
)

// The wire structs declare what the integration needs of a person and no more:
// citizen service number and bank account are not among it (N2).

type wireEmployee struct {
	ID          member `json:"id"`
	Email       member `json:"email"`
	FirstName   member `json:"first_name"`
	Infix       member `json:"infix"`
	LastName    member `json:"last_name"`
	DateOfBirth member `json:"date_of_birth"`
	Phone       member `json:"phone"`
	Address     member `json:"address"`
	Employment  member `json:"employment"`
	Contracts   member `json:"contracts"`
	ModifiedAt  member `json:"modified_at"`
}

type wireAddress struct {
	Street      member `json:"street"`
	HouseNumber member `json:"house_number"`
	PostalCode  member `json:"postal_code"`
	City        member `json:"city"`
	Country     member `json:"country"`
}

type wireEmployment struct {
	Status    member `json:"status"`
	StartDate member `json:"start_date"`
	EndDate   member `json:"end_date"`
}

type wireContract struct {
	ID                 member `json:"id"`
	Type               member `json:"type"`
	StartDate          member `json:"start_date"`
	EndDate            member `json:"end_date"`
	HoursPerWeek       member `json:"hours_per_week"`
	HourlyWage         member `json:"hourly_wage"`
	JobTitle           member `json:"job_title"`
	VenueID            member `json:"venue_id"`
	AdditionalVenueIDs member `json:"additional_venue_ids"`
}

var (
	employeeShape   = shapeOf[wireEmployee]()
	addressShape    = shapeOf[wireAddress]()
	employmentShape = shapeOf[wireEmployment]()
	contractShape   = shapeOf[wireContract]()
)

func readPerson(r *reading, raw []byte) (domain.Person, string) {
	wire := employeeShape.read(r, raw)
	person := domain.Person{
		ID:          r.id(wire.ID),
		Email:       r.email(wire.Email),
		FirstName:   r.text(wire.FirstName),
		Infix:       r.textField(wire.Infix),
		LastName:    r.text(wire.LastName),
		DateOfBirth: r.dateField(wire.DateOfBirth),
		Phone:       r.textField(wire.Phone),
		Employment:  r.employment(wire.Employment),
		Contracts:   r.contracts(wire.Contracts),
		ModifiedAt:  r.instant(wire.ModifiedAt),
	}
	r.address(wire.Address, &person)
	if blank(person.FirstName) && blank(person.LastName) {
		r.fail(wire.LastName, "blank, and first_name too")
	}
	return person, person.ID
}

// address fills in the parts. An address that is null clears each of them, one
// that is absent sends none (S8).
func (r *reading) address(m member, person *domain.Person) {
	switch m.kind() {
	case kindAbsent:
	case kindNull:
		gone := domain.Sent("")
		person.Street, person.HouseNumber, person.PostalCode = gone, gone, gone
		person.City, person.Country = gone, gone
	case kindObject:
		var inner reading
		wire := addressShape.read(&inner, m.raw)
		person.Street = inner.textField(wire.Street)
		person.HouseNumber = inner.textField(wire.HouseNumber)
		person.PostalCode = inner.textField(wire.PostalCode)
		person.City = inner.textField(wire.City)
		person.Country = inner.textField(wire.Country)
		r.adopt(m, inner)
	default:
		r.fail(m, "not an object")
	}
}

func (r *reading) employment(m member) domain.Employment {
	if m.kind() == kindAbsent {
		r.fail(m, "missing")
		return domain.Employment{}
	}
	var inner reading
	wire := employmentShape.read(&inner, m.raw)
	employment := domain.Employment{
		Ended: inner.oneOf(wire.Status, employmentStatuses) == employmentEnded,
		Start: inner.date(wire.StartDate),
		End:   inner.optionalDate(wire.EndDate),
	}
	inner.ordered(wire.EndDate, employment.Start, employment.End)
	r.adopt(m, inner)
	return employment
}

const employmentEnded = "ended"

var employmentStatuses = []string{"active", employmentEnded}

func (r *reading) contracts(m member) []domain.Contract {
	var (
		contracts []domain.Contract
		seen      = make(map[string]bool)
	)
	for i, raw := range elements(r.array(m)) {
		if i == maxContracts {
			r.fail(m, "too many")
			break
		}
		var inner reading
		contract := inner.contract(raw)
		if seen[contract.ID] {
			inner.fail(member{name: "id"}, "the same as of another contract")
		}
		seen[contract.ID] = true
		r.adoptItem(m, i, inner)
		contracts = append(contracts, contract)
	}
	return contracts
}

func (r *reading) contract(raw []byte) domain.Contract {
	wire := contractShape.read(r, raw)
	contract := domain.Contract{
		ID:                 r.id(wire.ID),
		Type:               r.contractType(wire.Type),
		Start:              r.date(wire.StartDate),
		End:                r.optionalDate(wire.EndDate),
		HoursPerWeek:       r.optionalDecimal(wire.HoursPerWeek, maxHoursPerWeek),
		HourlyWage:         r.optionalDecimal(wire.HourlyWage, maxHourlyWage),
		JobTitle:           r.optionalText(wire.JobTitle),
		VenueID:            r.id(wire.VenueID),
		AdditionalVenueIDs: r.ids(wire.AdditionalVenueIDs),
	}
	r.ordered(wire.EndDate, contract.Start, contract.End)
	return contract
}

func (r *reading) contractType(m member) domain.ContractType {
	text, ok := r.required(m)
	contractType := domain.ContractType(text)
	if ok && !contractType.Valid() {
		r.fail(m, "not a word of the contract")
	}
	return contractType
}

// ids reads an optional array of identifiers, repetitions included.
func (r *reading) ids(m member) []string {
	if m.nothing() {
		return nil
	}
	var ids []string
	for i, raw := range elements(r.array(m)) {
		if i == maxAdditionalVenues {
			r.fail(m, "too many")
			break
		}
		var inner reading
		ids = append(ids, inner.id(member{raw: raw}))
		r.adoptItem(m, i, inner)
	}
	return ids
}

// ordered faults an end before its start.
func (r *reading) ordered(end member, from, to domain.Date) {
	if !to.IsZero() && to.Before(from) {
		r.fail(end, "before the start")
	}
}
