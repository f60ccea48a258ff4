package domain

import "github.com/govalues/decimal"

// Change is one field that differs: what the audit keeps (S10) and a preview
// shows. Before and After are empty for "no value".
type Change struct {
	Object   Object `json:"object"`
	ObjectID string `json:"object_id,omitempty"`
	Field    string `json:"field"`
	Before   string `json:"before,omitempty"`
	After    string `json:"after,omitempty"`
}

// Object is what a change is about.
type Object string

// The objects of a change.
const (
	ObjectTeamMember Object = "team_member"
	ObjectContract   Object = "contract"
	ObjectVenue      Object = "venue"
	ObjectLink       Object = "link"
	ObjectDispute    Object = "dispute"
	ObjectEntries    Object = "entries"
	ObjectHold       Object = "hold"
)

// FieldCreated is the field of the one line that a created object leaves: there is
// nothing before it that a line per field could keep.
const FieldCreated = "created"

// FieldRemoved is the field of the line that tells of a contract that is gone; the
// lines beside it keep what it held.
const FieldRemoved = "removed"

// The fields of the lines that an erasure and its end leave (N5): of the person they
// tell nothing.
const (
	FieldErased = "erased"
	FieldLifted = "erasure_lifted"
)

// personalField is one member of the personal data: where Connexie sends it and
// where Eitje holds it. sent is false for a member that was absent (S8).
type personalField struct {
	name  string
	sent  func(Person) (string, bool)
	held  func(Profile) string
	write func(*Profile, Person)
}

func textField(name string, sent func(*Person) *Field[string], held func(*Profile) *string) personalField {
	return personalField{
		name:  name,
		sent:  func(p Person) (string, bool) { f := sent(&p); return f.Value, f.Sent },
		held:  func(p Profile) string { return *held(&p) },
		write: func(to *Profile, from Person) { *held(to) = sent(&from).Value },
	}
}

// personalFields is the personal data that Connexie overwrites (S8). The log-in
// e-mail is not among them: it is never written after creation.
var personalFields = []personalField{
	{
		name:  "first_name",
		sent:  func(p Person) (string, bool) { return p.FirstName, true },
		held:  func(p Profile) string { return p.FirstName },
		write: func(to *Profile, from Person) { to.FirstName = from.FirstName },
	},
	textField("infix", func(p *Person) *Field[string] { return &p.Infix }, func(p *Profile) *string { return &p.Infix }),
	{
		name:  "last_name",
		sent:  func(p Person) (string, bool) { return p.LastName, true },
		held:  func(p Profile) string { return p.LastName },
		write: func(to *Profile, from Person) { to.LastName = from.LastName },
	},
	{
		name:  "date_of_birth",
		sent:  func(p Person) (string, bool) { return p.DateOfBirth.Value.String(), p.DateOfBirth.Sent },
		held:  func(p Profile) string { return p.DateOfBirth.String() },
		write: func(to *Profile, from Person) { to.DateOfBirth = from.DateOfBirth.Value },
	},
	textField("phone", func(p *Person) *Field[string] { return &p.Phone }, func(p *Profile) *string { return &p.Phone }),
	textField("street", func(p *Person) *Field[string] { return &p.Street }, func(p *Profile) *string { return &p.Street }),
	textField("house_number", func(p *Person) *Field[string] { return &p.HouseNumber }, func(p *Profile) *string { return &p.HouseNumber }),
	textField("postal_code", func(p *Person) *Field[string] { return &p.PostalCode }, func(p *Profile) *string { return &p.PostalCode }),
	textField("city", func(p *Person) *Field[string] { return &p.City }, func(p *Profile) *string { return &p.City }),
	textField("country", func(p *Person) *Field[string] { return &p.Country }, func(p *Profile) *string { return &p.Country }),
}

// SentMembers lists the optional personal members that Connexie sent, by the names
// of the audit; the mirror keeps them beside the values.
func SentMembers(p Person) []string {
	sent := []string{}
	for _, field := range personalFields {
		if field.name == "first_name" || field.name == "last_name" {
			continue // always sent
		}
		if _, ok := field.sent(p); ok {
			sent = append(sent, field.name)
		}
	}
	return sent
}

// overwritePersonal writes what Connexie sent over the profile and returns what
// changed (S8).
func overwritePersonal(profile *Profile, person Person) []Change {
	var changes []Change
	for _, field := range personalFields {
		after, sent := field.sent(person)
		before := field.held(*profile)
		if !sent || before == after {
			continue
		}
		field.write(profile, person)
		changes = append(changes, Change{
			Object: ObjectTeamMember, ObjectID: profile.ID, Field: field.name, Before: before, After: after,
		})
	}
	return changes
}

// contractFields names the contract data that Connexie leads (S8), as text, and how an
// undo writes it back (S10).
var contractFields = []struct {
	name  string
	text  func(HeldContract) string
	write func(*HeldContract, string) error
}{
	{"connexie_contract_id", func(c HeldContract) string { return c.ConnexieID }, writeText(func(c *HeldContract) *string { return &c.ConnexieID })},
	{"type", func(c HeldContract) string { return string(c.Type) }, func(c *HeldContract, text string) error {
		c.Type = ContractType(text)
		return nil
	}},
	{"start_date", func(c HeldContract) string { return c.Start.String() }, writeDate(func(c *HeldContract) *Date { return &c.Start })},
	{"end_date", func(c HeldContract) string { return c.End.String() }, writeDate(func(c *HeldContract) *Date { return &c.End })},
	{"hours_per_week", func(c HeldContract) string { return decimalText(c.HoursPerWeek) }, writeDecimal(func(c *HeldContract) *decimal.NullDecimal { return &c.HoursPerWeek })},
	{"hourly_wage", func(c HeldContract) string { return decimalText(c.HourlyWage) }, writeDecimal(func(c *HeldContract) *decimal.NullDecimal { return &c.HourlyWage })},
	{"job_title", func(c HeldContract) string { return c.JobTitle }, writeText(func(c *HeldContract) *string { return &c.JobTitle })},
	{"venue_id", func(c HeldContract) string { return c.VenueID }, writeText(func(c *HeldContract) *string { return &c.VenueID })},
}

func diffContract(before, after HeldContract) []Change {
	var changes []Change
	for _, field := range contractFields {
		was, is := field.text(before), field.text(after)
		if was != is {
			changes = append(changes, Change{
				Object: ObjectContract, ObjectID: before.ID, Field: field.name, Before: was, After: is,
			})
		}
	}
	return changes
}

// decimalText writes equal decimals alike (7.5 and 7.50), so that they compare as
// text; an absent one is empty.
func decimalText(d decimal.NullDecimal) string {
	if !d.Valid {
		return ""
	}
	return d.Decimal.Trim(2).Pad(2).String()
}
