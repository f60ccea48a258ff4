package store

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"time"

	"github.com/eitje/connexie-worker/internal/domain"
)

// mirrorRow is a person as one JSON row of the statement that saves a page.
type mirrorRow struct {
	ConnexieID      string            `json:"connexie_id"`
	Email           *string           `json:"email"`
	EmailState      domain.EmailState `json:"email_state"`
	FirstName       *string           `json:"first_name"`
	Infix           *string           `json:"infix"`
	LastName        *string           `json:"last_name"`
	DateOfBirth     domain.Date       `json:"date_of_birth"`
	Phone           *string           `json:"phone"`
	Street          *string           `json:"street"`
	HouseNumber     *string           `json:"house_number"`
	PostalCode      *string           `json:"postal_code"`
	City            *string           `json:"city"`
	Country         *string           `json:"country"`
	Sent            []string          `json:"sent"`
	EmploymentEnded bool              `json:"employment_ended"`
	EmploymentStart domain.Date       `json:"employment_start"`
	EmploymentEnd   domain.Date       `json:"employment_end"`
	ModifiedAt      time.Time         `json:"modified_at"`
	Fingerprint     string            `json:"fingerprint"`
	Contracts       []mirrorContract  `json:"contracts"`
}

type mirrorContract struct {
	ContractID         string              `json:"contract_id"`
	Type               domain.ContractType `json:"type"`
	Start              domain.Date         `json:"start_date"`
	End                domain.Date         `json:"end_date"`
	HoursPerWeek       *string             `json:"hours_per_week"`
	HourlyWage         *string             `json:"hourly_wage"`
	JobTitle           *string             `json:"job_title"`
	VenueID            string              `json:"venue_id"`
	AdditionalVenueIDs []string            `json:"additional_venue_ids"`
}

func mirrorRows(people []domain.Person) ([]mirrorRow, error) {
	rows := make([]mirrorRow, 0, len(people))
	for _, person := range people {
		row := newMirrorRow(person)
		fingerprint, err := json.Marshal(row)
		if err != nil {
			return nil, fmt.Errorf("encode person %s: %w", person.ID, err)
		}
		sum := sha256.Sum256(fingerprint)
		row.Fingerprint = hex.EncodeToString(sum[:])
		rows = append(rows, row)
	}
	return rows, nil
}

func newMirrorRow(p domain.Person) mirrorRow {
	row := mirrorRow{
		ConnexieID: p.ID, Email: orNull(p.Email), EmailState: domain.CheckEmail(p.Email),
		FirstName: orNull(p.FirstName), Infix: orNull(p.Infix.Value), LastName: orNull(p.LastName),
		DateOfBirth: p.DateOfBirth.Value, Phone: orNull(p.Phone.Value), Street: orNull(p.Street.Value),
		HouseNumber: orNull(p.HouseNumber.Value), PostalCode: orNull(p.PostalCode.Value),
		City: orNull(p.City.Value), Country: orNull(p.Country.Value), Sent: domain.SentMembers(p),
		EmploymentEnded: p.Employment.Ended, EmploymentStart: p.Employment.Start, EmploymentEnd: p.Employment.End,
		ModifiedAt: p.ModifiedAt, Contracts: []mirrorContract{},
	}
	for _, c := range p.Contracts {
		row.Contracts = append(row.Contracts, mirrorContract{
			ContractID: c.ID, Type: c.Type, Start: c.Start, End: c.End,
			HoursPerWeek: decimalOrNull(c.HoursPerWeek), HourlyWage: decimalOrNull(c.HourlyWage),
			JobTitle: orNull(c.JobTitle), VenueID: c.VenueID, AdditionalVenueIDs: c.Venues()[1:],
		})
	}
	return row
}
