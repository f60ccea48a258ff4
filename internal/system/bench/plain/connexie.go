package plain

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// pageLimit is Connexie's longest page, which the worker asks for as well.
const pageLimit = "500"

// Person is someone in Connexie, as far as Eitje wants to know.
type Person struct {
	ID          string  `json:"id"`
	Email       *string `json:"email"`
	FirstName   string  `json:"first_name"`
	Infix       *string `json:"infix"`
	LastName    string  `json:"last_name"`
	DateOfBirth *string `json:"date_of_birth"`
	Phone       *string `json:"phone"`
	Address     struct {
		Street      string `json:"street"`
		HouseNumber string `json:"house_number"`
		PostalCode  string `json:"postal_code"`
		City        string `json:"city"`
		Country     string `json:"country"`
	} `json:"address"`
	Employment struct {
		Status string  `json:"status"`
		End    *string `json:"end_date"`
	} `json:"employment"`
	Contracts  []Contract `json:"contracts"`
	ModifiedAt time.Time  `json:"modified_at"`
}

// Contract is one contract of a person.
type Contract struct {
	ID           string   `json:"id"`
	Type         string   `json:"type"`
	Start        string   `json:"start_date"`
	End          *string  `json:"end_date"`
	HoursPerWeek *string  `json:"hours_per_week"`
	HourlyWage   *string  `json:"hourly_wage"`
	JobTitle     *string  `json:"job_title"`
	VenueID      string   `json:"venue_id"`
	MoreVenues   []string `json:"additional_venue_ids"`
}

// venues are all venues of the contract.
func (c Contract) venues() []string { return append([]string{c.VenueID}, c.MoreVenues...) }

// covers reports whether the contract is active on a day, written yyyy-mm-dd.
func (c Contract) covers(day string) bool {
	return c.Start <= day && (c.End == nil || *c.End >= day)
}

// emailKey is what two addresses must have in common to be the same.
func (p Person) emailKey() string { return strings.ToLower(p.email()) }

func (p Person) email() string {
	if p.Email == nil {
		return ""
	}
	return strings.TrimSpace(*p.Email)
}

// employed reports whether the employment is active on a day.
func (p Person) employed(day string) bool {
	return p.Employment.Status == "active" && (p.Employment.End == nil || *p.Employment.End >= day)
}

// importable reports whether somebody not yet linked may come in: employed under a
// contract, with an address.
func (p Person) importable(day string) bool {
	_, covered := p.covering(day)
	return covered && p.employed(day) && looksLikeEmail(p.email())
}

func (p Person) covering(day string) (Contract, bool) {
	for _, contract := range p.Contracts {
		if contract.covers(day) {
			return contract, true
		}
	}
	return Contract{}, false
}

func looksLikeEmail(address string) bool {
	name, host, found := strings.Cut(address, "@")
	return found && name != "" && strings.Contains(host, ".") && !strings.ContainsAny(address, " \t")
}

// Connexie is the API as one account's token sees it.
type Connexie struct {
	BaseURL string
	Token   string
}

// eachPage reads the people page by page.
func (c Connexie) eachPage(ctx context.Context, take func([]Person) error) error {
	for cursor := ""; ; {
		var page struct {
			Items []Person `json:"items"`
			Next  string   `json:"next_cursor"`
		}
		query := url.Values{"limit": {pageLimit}}
		if cursor != "" {
			query.Set("cursor", cursor)
		}
		if err := c.get(ctx, "/employees?"+query.Encode(), &page); err != nil {
			return err
		}
		if err := take(page.Items); err != nil || page.Next == "" {
			return err
		}
		cursor = page.Next
	}
}

// venueNames are the names of the account's venues by id.
func (c Connexie) venueNames(ctx context.Context) (map[string]string, error) {
	var page struct {
		Items []struct {
			ID   string `json:"id"`
			Name string `json:"name"`
		} `json:"items"`
	}
	names := map[string]string{}
	err := c.get(ctx, "/venues?limit="+pageLimit, &page)
	for _, venue := range page.Items {
		names[venue.ID] = venue.Name
	}
	return names, err
}

func (c Connexie) get(ctx context.Context, path string, into any) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, c.BaseURL+path, nil)
	if err != nil {
		return err
	}
	request.Header.Set("Authorization", "Bearer "+c.Token)
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer func() { _ = answer.Body.Close() }()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		return err
	}
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("connexie answers %d", answer.StatusCode)
	}
	return json.Unmarshal(body, into)
}
