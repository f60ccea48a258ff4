package connexie_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/govalues/decimal"
	"github.com/stretchr/testify/require"

	"github.com/eitje/connexie-worker/internal/connexie"
	"github.com/eitje/connexie-worker/internal/domain"
)

// edits are raw JSON values by member; an empty one takes the member out.
type edits map[string]string

func personOf(change edits) string {
	return object(edits{
		"id": `"emp_1"`, "email": `"jan@example.nl"`, "first_name": `"Jan"`, "infix": `"van der"`, "last_name": `"Berg"`,
		"date_of_birth": `"1999-02-28"`, "phone": `"0612345678"`,
		"address": `{"street":"Kade","house_number":"1a","postal_code":"1012 AB","city":"Amsterdam","country":"NL"}`,
		"bsn":     `"123456782"`, "iban": `"NL91ABNA0417164300"`,
		"employment": `{"status":"active","start_date":"2024-01-01","end_date":null}`,
		"contracts":  `[` + contractOf(nil) + `]`, "modified_at": `"2026-11-22T10:00:00Z"`,
	}, change)
}

func contractOf(change edits) string {
	return object(edits{
		"id": `"con_1"`, "type": `"fixed_hours"`, "start_date": `"2024-01-01"`, "end_date": `"2026-12-31"`,
		"hours_per_week": `"24.00"`, "hourly_wage": `"15.2500"`, "job_title": `"Kok"`,
		"venue_id": `"ven_1"`, "additional_venue_ids": `["ven_2","ven_2"]`,
	}, change)
}

func object(members, change edits) string {
	maps.Copy(members, change)
	var text []string
	for _, name := range slices.Sorted(maps.Keys(members)) {
		if members[name] != "" {
			text = append(text, fmt.Sprintf("%q:%s", name, members[name]))
		}
	}
	return "{" + strings.Join(text, ",") + "}"
}

func TestConnexie_PersonIsReadWhole(t *testing.T) {
	t.Parallel()
	got, err := serve(t, replyJSON(personOf(nil))).GetEmployee(t.Context(), "emp_1")
	require.NoError(t, err)
	require.Equal(t, domain.Person{
		ID: "emp_1", Email: "jan@example.nl", FirstName: "Jan", Infix: domain.Sent("van der"), LastName: "Berg",
		DateOfBirth: domain.Sent(domain.NewDate(1999, 2, 28)), Phone: domain.Sent("0612345678"),
		Street: domain.Sent("Kade"), HouseNumber: domain.Sent("1a"), PostalCode: domain.Sent("1012 AB"),
		City: domain.Sent("Amsterdam"), Country: domain.Sent("NL"),
		Employment: domain.Employment{Start: domain.NewDate(2024, 1, 1)},
		Contracts: []domain.Contract{{
			ID: "con_1", Type: domain.FixedHours, Start: domain.NewDate(2024, 1, 1), End: domain.NewDate(2026, 12, 31),
			HoursPerWeek: number("24.00"), HourlyWage: number("15.2500"), JobTitle: "Kok",
			VenueID: "ven_1", AdditionalVenueIDs: []string{"ven_2", "ven_2"},
		}},
		ModifiedAt: time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC),
	}, got)
}

func number(text string) decimal.NullDecimal {
	return decimal.NullDecimal{Decimal: decimal.MustParse(text), Valid: true}
}

func TestConnexie_S8_AbsentNullAndEmptyAreToldApart(t *testing.T) {
	t.Parallel()
	cleared, kept := domain.Sent(""), domain.Field[string]{}
	tests := map[string]struct {
		change edits
		check  func(*require.Assertions, domain.Person)
	}{
		"absent sends nothing": {edits{"infix": "", "phone": "", "date_of_birth": "", "email": ""}, func(is *require.Assertions, p domain.Person) {
			is.Equal(kept, p.Infix)
			is.Equal(kept, p.Phone)
			is.Equal(domain.Field[domain.Date]{}, p.DateOfBirth)
			is.Empty(p.Email)
		}},
		"null clears": {edits{"infix": "null", "phone": "null", "date_of_birth": "null", "email": "null"}, func(is *require.Assertions, p domain.Person) {
			is.Equal(cleared, p.Infix)
			is.Equal(cleared, p.Phone)
			is.Equal(domain.Sent(domain.Date{}), p.DateOfBirth)
			is.Empty(p.Email)
		}},
		"empty counts as null": {edits{"infix": `""`, "phone": `""`, "date_of_birth": `""`, "email": `""`}, func(is *require.Assertions, p domain.Person) {
			is.Equal(cleared, p.Infix)
			is.Equal(cleared, p.Phone)
			is.Equal(domain.Sent(domain.Date{}), p.DateOfBirth)
			is.Empty(p.Email)
		}},
		"other letters are another member": {edits{"phone": "", "Phone": "null", "Email": `"x@y.nl"`, "ID": `"emp_9"`}, func(is *require.Assertions, p domain.Person) {
			is.Equal(kept, p.Phone)
			is.Equal("jan@example.nl", p.Email)
			is.Equal("emp_1", p.ID)
		}},
		"address absent sends nothing": {edits{"address": ""}, func(is *require.Assertions, p domain.Person) {
			is.Equal([]domain.Field[string]{kept, kept, kept, kept, kept}, parts(p))
		}},
		"address null clears its parts": {edits{"address": "null"}, func(is *require.Assertions, p domain.Person) {
			is.Equal([]domain.Field[string]{cleared, cleared, cleared, cleared, cleared}, parts(p))
		}},
		"address part by part": {edits{"address": `{"street":null,"city":"Utrecht","country":""}`}, func(is *require.Assertions, p domain.Person) {
			is.Equal([]domain.Field[string]{cleared, kept, kept, domain.Sent("Utrecht"), cleared}, parts(p))
		}},
		"contract members": {edits{"contracts": `[` + contractOf(edits{
			"end_date": "", "hours_per_week": `""`, "hourly_wage": "null", "job_title": "", "additional_venue_ids": "null",
		}) + `]`}, func(is *require.Assertions, p domain.Person) {
			is.Equal(domain.Contract{
				ID: "con_1", Type: domain.FixedHours, Start: domain.NewDate(2024, 1, 1), VenueID: "ven_1",
			}, p.Contracts[0])
		}},
		"no contracts": {edits{"contracts": "[]"}, func(is *require.Assertions, p domain.Person) { is.Empty(p.Contracts) }},
		"ended employment": {edits{"employment": `{"status":"ended","start_date":"2020-01-01","end_date":"2020-01-01"}`}, func(is *require.Assertions, p domain.Person) {
			is.Equal(domain.Employment{Ended: true, Start: domain.NewDate(2020, 1, 1), End: domain.NewDate(2020, 1, 1)}, p.Employment)
		}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := serve(t, replyJSON(personOf(test.change))).GetEmployee(t.Context(), "emp_1")
			require.NoError(t, err)
			test.check(require.New(t), got)
		})
	}
}

func parts(p domain.Person) []domain.Field[string] {
	return []domain.Field[string]{p.Street, p.HouseNumber, p.PostalCode, p.City, p.Country}
}

func TestConnexie_S15_ReasonNamesTheMember(t *testing.T) {
	t.Parallel()
	for reason, change := range badPeople() {
		t.Run(reason, func(t *testing.T) {
			t.Parallel()
			body := personOf(change)
			got, err := serve(t, replyJSON(page(body))).ListEmployees(t.Context(), connexie.PageRequest{})
			require.NoError(t, err)
			require.Empty(t, got.People)
			require.Len(t, got.Bad, 1)
			require.Equal(t, cutComment(reason), got.Bad[0].Reason)

			if got.Bad[0].ID == "" {
				return
			}
			_, err = serve(t, replyJSON(body)).GetEmployee(t.Context(), got.Bad[0].ID)
			require.Equal(t, connexie.CodeBadRecord, failure(t, err).Code)
			require.Equal(t, cutComment(reason), failure(t, err).Reason)
		})
	}
}

// badPeople lists what makes a person unreadable, by the reason; what follows a
// "#" tells rows of one reason apart.
func badPeople() map[string]edits {
	people := map[string]edits{
		"id: missing":                 {"id": ""},
		"id: null":                    {"id": "null"},
		"id: not a string":            {"id": "12"},
		"id: not an id # empty":       {"id": `""`},
		"id: not an id # space":       {"id": `"emp 1"`},
		"id: not an id # slash":       {"id": `"emp/1"`},
		"id: not an id # accent":      {"id": `"émp"`},
		"id: not an id # 65":          {"id": `"` + strings.Repeat("a", 65) + `"`},
		"first_name: missing":         {"first_name": ""},
		"first_name: null":            {"first_name": "null"},
		"last_name: missing":          {"last_name": ""},
		"last_name: not a string":     {"last_name": `["Berg"]`},
		"first_name: too long":        {"first_name": `"` + strings.Repeat("é", 201) + `"`},
		"first_name: not UTF-8":       {"first_name": "\"Jan\xff\""},
		"employment: missing":         {"employment": ""},
		"employment: not an object":   {"employment": "null"},
		"employment.status: missing":  {"employment": `{"start_date":"2024-01-01"}`},
		"contracts: missing":          {"contracts": ""},
		"contracts: not an array":     {"contracts": "null"},
		"contracts[0]: not an object": {"contracts": "[null]"},
		"contracts: too many":         {"contracts": "[" + manyContracts(501) + "]"},
		"modified_at: missing":        {"modified_at": ""},
		"email: not a string":         {"email": "1"},
		"email: too long":             {"email": `"` + strings.Repeat("a", 321) + `"`},
		"address: not an object":      {"address": `"Kade 1"`},
		"address.city: not a string":  {"address": `{"city":12}`},
		"address.city: comes twice":   {"address": `{"city":"A","city":"B"}`},
		"phone: not a string":         {"phone": "612345678"},
		"infix: not a string":         {"infix": `{"van":"der"}`},

		"last_name: blank, and first_name too":                {"first_name": `""`, "last_name": `" "`},
		"first_name: holds a control character # NUL":         {"first_name": `"J\u0000n"`},
		"first_name: holds a control character # line":        {"first_name": `"Jan\nPiet"`},
		"first_name: holds a damaged character # surrogate":   {"first_name": `"J\ud800n"`},
		"first_name: holds a damaged character # replacement": {"first_name": `"J` + "\uFFFD" + `n"`},
		"email: holds a control character":                    {"email": `"a\u0000@b.nl"`},
		"address.street: holds a control character":           {"address": `{"street":"Kade\u0007"}`},
		"date_of_birth: not a calendar date # none":           {"date_of_birth": `"1999-02-29"`},
		"date_of_birth: not a calendar date # zeros":          {"date_of_birth": `"0000-00-00"`},
		"date_of_birth: not a calendar date # Dutch":          {"date_of_birth": `"28-02-1999"`},
		"date_of_birth: not a calendar date # instant":        {"date_of_birth": `"1999-02-28T00:00:00Z"`},
		"date_of_birth: not a calendar date # blank":          {"date_of_birth": `" "`},
		"date_of_birth: not a string":                         {"date_of_birth": "19990228"},
		"employment.status: not a word of the contract":       {"employment": `{"status":"Active","start_date":"2024-01-01"}`},
		"employment.start_date: not a calendar date":          {"employment": `{"status":"active","start_date":""}`},
		"employment.end_date: before the start":               {"employment": `{"status":"active","start_date":"2024-01-02","end_date":"2024-01-01"}`},
		"modified_at: not an RFC 3339 instant # day":          {"modified_at": `"2026-11-22"`},
		"modified_at: not an RFC 3339 instant # zone":         {"modified_at": `"2026-11-22T10:00:00"`},
		"modified_at: not an RFC 3339 instant # zero":         {"modified_at": `"0001-01-01T00:00:00Z"`},
		"modified_at: not an RFC 3339 instant # beyond":       {"modified_at": `"9999-12-31T23:59:59-01:00"`},
		"modified_at: not an RFC 3339 instant # before it":    {"modified_at": `"0000-06-01T00:00:00Z"`},
		"id: comes twice": {"id": `"emp_1","id":"emp_1"`},
		"contracts[1].id: the same as of another contract": {"contracts": `[` + contractOf(nil) + `,` + contractOf(nil) + `]`},
	}
	for reason, change := range badContracts() {
		people["contracts[0]."+reason] = edits{"contracts": `[` + contractOf(change) + `]`}
	}
	return people
}

func badContracts() map[string]edits {
	return map[string]edits{
		"id: missing":                {"id": ""},
		"id: not an id":              {"id": `"con 1"`},
		"type: missing":              {"type": ""},
		"type: null":                 {"type": "null"},
		"start_date: missing":        {"start_date": ""},
		"start_date: null":           {"start_date": "null"},
		"end_date: before the start": {"end_date": `"2023-12-31"`},
		"venue_id: missing":          {"venue_id": ""},
		"venue_id: null":             {"venue_id": "null"},
		"job_title: too long":        {"job_title": `"` + strings.Repeat("k", 201) + `"`},

		"type: not a word of the contract":             {"type": `"zero_hours"`},
		"type: not a word of the contract # case":      {"type": `"Flex"`},
		"start_date: not a calendar date":              {"start_date": `"2026-02-30"`},
		"hours_per_week: not a string":                 {"hours_per_week": "24"},
		"hours_per_week: not a decimal # exponent":     {"hours_per_week": `"2.4e1"`},
		"hours_per_week: not a decimal # comma":        {"hours_per_week": `"24,00"`},
		"hours_per_week: not a decimal # plus":         {"hours_per_week": `"+24"`},
		"hours_per_week: not a decimal # space":        {"hours_per_week": `" 24"`},
		"hours_per_week: not a decimal # no whole":     {"hours_per_week": `".5"`},
		"hours_per_week: not a decimal # no fraction":  {"hours_per_week": `"5."`},
		"hours_per_week: not a decimal # two points":   {"hours_per_week": `"5.0.0"`},
		"hours_per_week: not a decimal # other digits": {"hours_per_week": `"２４"`},
		"hours_per_week: not a decimal # infinity":     {"hours_per_week": `"Inf"`},
		"hours_per_week: more than four decimals":      {"hours_per_week": `"24.00000"`},
		"hours_per_week: negative":                     {"hours_per_week": `"-0"`},
		"hours_per_week: out of bounds":                {"hours_per_week": `"168.0001"`},
		"hours_per_week: out of bounds # endless":      {"hours_per_week": `"` + strings.Repeat("9", 500) + `"`},
		"hourly_wage: out of bounds":                   {"hourly_wage": `"100000"`},
		"additional_venue_ids: not an array":           {"additional_venue_ids": `"ven_2"`},
		"additional_venue_ids[1]: not an id":           {"additional_venue_ids": `["ven_2",""]`},
		"additional_venue_ids[0]: null":                {"additional_venue_ids": `[null]`},
		"additional_venue_ids: too many":               {"additional_venue_ids": `[` + strings.Repeat(`"v",`, 500) + `"v"]`},
	}
}

func manyContracts(count int) string {
	all := make([]string, count)
	for i := range all {
		all[i] = contractOf(edits{"id": fmt.Sprintf(`"con_%d"`, i)})
	}
	return strings.Join(all, ",")
}

func cutComment(reason string) string {
	reason, _, _ = strings.Cut(reason, " #")
	return reason
}

func TestConnexie_S3_WhiteSpaceAroundAnAddressIsTheRulesToJudge(t *testing.T) {
	t.Parallel()
	for _, email := range []string{" jan@example.nl\t", "\t\n", " ", "\u0085jan@example.nl", strings.Repeat("a", 300)} {
		quoted, err := json.Marshal(email)
		require.NoError(t, err)
		got, err := serve(t, replyJSON(personOf(edits{"email": string(quoted)}))).GetEmployee(t.Context(), "emp_1")
		require.NoError(t, err)
		require.Equal(t, email, got.Email)
	}
}

func TestConnexie_BoundsAreInclusive(t *testing.T) {
	t.Parallel()
	got, err := serve(t, replyJSON(personOf(edits{
		"first_name": `"` + strings.Repeat("é", 200) + `"`, "last_name": `""`,
		"contracts": `[` + contractOf(edits{"hours_per_week": `"168.0000"`, "hourly_wage": `"99999.9999"`, "end_date": `"2024-01-01"`}) + `]`,
	}))).GetEmployee(t.Context(), "emp_1")
	require.NoError(t, err)
	require.Len(t, got.Contracts, 1)
}

func TestConnexie_EscapedMemberNamesAreTheSame(t *testing.T) {
	t.Parallel()
	body := strings.NewReplacer(`"phone"`, `"\u0070hone"`, `"city"`, `"c\u0069ty"`, `"bsn"`, `"b\u0073n"`).Replace(personOf(nil))
	got, err := serve(t, replyJSON(body)).GetEmployee(t.Context(), "emp_1")
	require.NoError(t, err)
	require.Equal(t, domain.Sent("0612345678"), got.Phone)
	require.Equal(t, domain.Sent("Amsterdam"), got.City)
	requireNoTrace(t, got, "123456782")
}

func TestConnexie_AnotherPersonThanAskedFor(t *testing.T) {
	t.Parallel()
	_, err := serve(t, replyJSON(personOf(nil))).GetEmployee(t.Context(), "emp_2")
	require.Equal(t, connexie.CodeProtocol, failure(t, err).Code)
}
