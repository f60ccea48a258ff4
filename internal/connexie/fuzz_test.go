package connexie_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/govalues/decimal"
	"github.com/stretchr/testify/require"

	"github.com/eitje/connexie-worker/internal/connexie"
	"github.com/eitje/connexie-worker/internal/domain"
)

// inMemory answers every request with the body, without a network.
type inMemory []byte

func (body inMemory) RoundTrip(request *http.Request) (*http.Response, error) {
	return &http.Response{
		StatusCode: http.StatusOK, ProtoMajor: 1, ProtoMinor: 1, Request: request,
		Header:        http.Header{"Content-Type": {"application/json"}},
		ContentLength: int64(len(body)), Body: io.NopCloser(bytes.NewReader(body)),
	}, nil
}

func answering(t testing.TB, body []byte) *connexie.Account {
	t.Helper()
	client, err := connexie.New(connexie.Options{BaseURL: "https://api.connexie.example/v1", Transport: inMemory(body)})
	require.NoError(t, err)
	return client.For(tokenOf(t, secret))
}

// FuzzConnexie_S15_People holds that no page of people makes the client panic,
// that everyone whom it lets through keeps what the rules rely on, and that they
// come back the same when they are written and read once more.
func FuzzConnexie_S15_People(f *testing.F) {
	f.Add([]byte(page(personOf(nil))))
	f.Add([]byte(page(personOf(edits{"address": "null", "phone": "null", "contracts": "[]"}))))
	f.Add([]byte(`{"items":[1,null,"x",[],{}],"next_cursor":"\u0041"}`))
	f.Add([]byte(`{"items":[` + strings.Repeat(`{"contracts":[`, 50)))
	for _, change := range badPeople() {
		if body := page(personOf(change)); len(body) < 4096 {
			f.Add([]byte(body))
		}
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		got, err := answering(t, body).ListEmployees(t.Context(), connexie.PageRequest{})
		if err != nil {
			failure(t, err)
			return
		}
		for _, bad := range got.Bad {
			require.NotEmpty(t, bad.Reason)
			require.Less(t, bad.Position, len(got.People)+len(got.Bad))
		}
		for _, person := range got.People {
			requireReadable(t, person)
			again, err := answering(t, wirePerson(t, person)).GetEmployee(t.Context(), person.ID)
			require.NoError(t, err)
			require.Equal(t, person, again)
		}
	})
}

// requireReadable states what every person that the client returns keeps.
func requireReadable(t *testing.T, person domain.Person) {
	t.Helper()
	require.Regexp(t, `^[A-Za-z0-9_-]{1,64}$`, person.ID)
	require.NotEmpty(t, strings.TrimSpace(person.FirstName+person.LastName))
	require.False(t, person.ModifiedAt.IsZero())
	require.False(t, person.Employment.Start.IsZero())
	requireOrdered(t, person.Employment.Start, person.Employment.End)
	texts := []string{person.Email, person.FirstName, person.LastName, person.Infix.Value, person.Phone.Value}
	for _, part := range parts(person) {
		texts = append(texts, part.Value)
	}
	seen := make(map[string]bool)
	for _, contract := range person.Contracts {
		require.False(t, seen[contract.ID], "an id comes twice")
		seen[contract.ID] = true
		for _, id := range append([]string{contract.ID, contract.VenueID}, contract.AdditionalVenueIDs...) {
			require.Regexp(t, `^[A-Za-z0-9_-]{1,64}$`, id)
		}
		require.True(t, contract.Type.Valid())
		require.False(t, contract.Start.IsZero())
		requireOrdered(t, contract.Start, contract.End)
		requireBounded(t, contract.HoursPerWeek, "168")
		requireBounded(t, contract.HourlyWage, "99999.9999")
		texts = append(texts, contract.JobTitle)
	}
	for _, text := range texts {
		require.True(t, utf8.ValidString(text))
		require.NotContains(t, text, "\x00")
		require.LessOrEqual(t, utf8.RuneCountInString(text), 320)
	}
}

func requireOrdered(t *testing.T, start, end domain.Date) {
	t.Helper()
	require.True(t, end.IsZero() || !end.Before(start))
}

func requireBounded(t *testing.T, value decimal.NullDecimal, limit string) {
	t.Helper()
	if value.Valid {
		require.False(t, value.Decimal.IsNeg())
		require.LessOrEqual(t, value.Decimal.Scale(), 4)
		require.LessOrEqual(t, value.Decimal.Cmp(decimal.MustParse(limit)), 0)
	}
}

// wirePerson writes a person as the contract does, independently of the client.
func wirePerson(t *testing.T, person domain.Person) []byte {
	t.Helper()
	wire := map[string]any{
		"id": person.ID, "email": person.Email, "first_name": person.FirstName, "last_name": person.LastName,
		"modified_at": person.ModifiedAt, "contracts": []any{},
		"employment": map[string]any{
			"status":     map[bool]string{false: "active", true: "ended"}[person.Employment.Ended],
			"start_date": person.Employment.Start, "end_date": person.Employment.End,
		},
	}
	address := make(map[string]any)
	for i, name := range []string{"street", "house_number", "postal_code", "city", "country"} {
		send(address, name, parts(person)[i])
	}
	if len(address) > 0 {
		wire["address"] = address
	}
	send(wire, "infix", person.Infix)
	send(wire, "phone", person.Phone)
	send(wire, "date_of_birth", person.DateOfBirth)
	var contracts []any
	for _, c := range person.Contracts {
		contracts = append(contracts, map[string]any{
			"id": c.ID, "type": c.Type, "start_date": c.Start, "end_date": c.End,
			"hours_per_week": c.HoursPerWeek, "hourly_wage": c.HourlyWage, "job_title": c.JobTitle,
			"venue_id": c.VenueID, "additional_venue_ids": c.AdditionalVenueIDs,
		})
	}
	if contracts != nil {
		wire["contracts"] = contracts
	}
	body, err := json.Marshal(wire)
	require.NoError(t, err)
	return body
}

func send[T comparable](wire map[string]any, name string, field domain.Field[T]) {
	if field.Sent {
		wire[name] = field.Value
	}
}

// FuzzMembers holds the splitting of JSON to encoding/json.
func FuzzMembers(f *testing.F) {
	f.Add([]byte(` { "a" : 1 , "b":[1,"]",{"}":"\""}] ,"\u0063":null,"":{} } `))
	f.Add([]byte(`[1, "a,]", [], {"x":[1]} ,true]`))
	f.Add([]byte(`{"a":"\\","a":"\\\""}`))
	f.Add([]byte(`{"a":`))
	f.Add([]byte(`[[[`))
	f.Fuzz(func(t *testing.T, data []byte) {
		trimmed := bytes.TrimLeft(data, " \t\r\n")
		split := splitAny(trimmed)
		if !json.Valid(data) {
			return // only bounds are promised
		}
		var (
			object map[string]json.RawMessage
			array  []json.RawMessage
		)
		switch {
		case trimmed[0] == '{':
			require.NoError(t, json.Unmarshal(data, &object))
			require.Equal(t, fmt.Sprintf("%q", object), fmt.Sprintf("%q", split.members))
		case trimmed[0] == '[':
			require.NoError(t, json.Unmarshal(data, &array))
			require.Equal(t, fmt.Sprintf("%q", array), fmt.Sprintf("%q", split.elements))
		}
	})
}

type split struct {
	members  map[string]json.RawMessage
	elements []json.RawMessage
}

func splitAny(data []byte) split {
	found := split{members: make(map[string]json.RawMessage)}
	for quoted, value := range connexie.Members(data) {
		var name string
		if json.Unmarshal(quoted, &name) == nil {
			found.members[name] = value
		}
	}
	for _, value := range connexie.Elements(data) {
		found.elements = append(found.elements, value)
	}
	return found
}

// BenchmarkPeople compares reading the longest page with what encoding/json needs
// for the same body and plain structs.
func BenchmarkPeople(b *testing.B) {
	people := make([]string, 500)
	for i := range people {
		people[i] = personOf(edits{"id": fmt.Sprintf(`"emp_%d"`, i)})
	}
	body := []byte(page(strings.Join(people, ",")))
	b.Run("client", func(b *testing.B) {
		client, err := connexie.New(connexie.Options{
			BaseURL: "https://api.connexie.example/v1", Transport: inMemory(body), RequestsPerSecond: 1e6,
		})
		require.NoError(b, err)
		account := client.For(tokenOf(b, secret))
		b.SetBytes(int64(len(body)))
		b.ReportAllocs()
		for b.Loop() {
			_, _ = account.ListEmployees(b.Context(), connexie.PageRequest{})
		}
	})
	b.Run("plain structs", func(b *testing.B) {
		b.SetBytes(int64(len(body)))
		b.ReportAllocs()
		for b.Loop() {
			var plain struct {
				Items []struct {
					ID        string
					Email     *string
					FirstName string  `json:"first_name"`
					Infix     *string `json:"infix"`
					LastName  string  `json:"last_name"`
					Birth     *string `json:"date_of_birth"`
					Phone     *string
					Address   *struct {
						Street, City, Country string
						HouseNumber           string `json:"house_number"`
						PostalCode            string `json:"postal_code"`
					}
					Contracts []struct {
						ID, Type string
						Start    string   `json:"start_date"`
						End      *string  `json:"end_date"`
						Hours    *string  `json:"hours_per_week"`
						Wage     *string  `json:"hourly_wage"`
						Title    *string  `json:"job_title"`
						Venue    string   `json:"venue_id"`
						Venues   []string `json:"additional_venue_ids"`
					}
				}
			}
			_ = json.Unmarshal(body, &plain)
		}
	})
}
