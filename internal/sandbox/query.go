package sandbox

import (
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"time"
)

const (
	defaultLimit = 100
	maximumLimit = 500
)

// readQuery refuses what does not parse, parameters the operation does not
// have, and a parameter that comes twice.
func readQuery(raw string, allowed []string) (url.Values, *problem) {
	values, err := url.ParseQuery(raw)
	if err != nil {
		return nil, invalid("query", "not a query string")
	}
	for name, all := range values {
		if !slices.Contains(allowed, name) {
			return nil, invalid(name, "not a parameter of this operation")
		}
		if len(all) > 1 {
			return nil, invalid(name, "given more than once")
		}
	}
	return values, nil
}

// listQuery is what a page was asked with.
type listQuery struct {
	after         string
	first         bool // no cursor
	limit         int
	modifiedSince time.Time
}

func (c *call) listQuery() (listQuery, *problem) {
	query := listQuery{first: true, limit: defaultLimit}
	var wrong *problem
	if c.query.Has("limit") {
		if query.limit, wrong = parseLimit(c.query.Get("limit")); wrong != nil {
			return query, wrong
		}
	}
	if c.query.Has("modified_since") {
		if query.modifiedSince, wrong = parseInstant("modified_since", c.query.Get("modified_since")); wrong != nil {
			return query, wrong
		}
	}
	if !c.query.Has("cursor") {
		return query, nil
	}
	return c.resume(query)
}

// resume goes on behind a cursor, which carries the modified_since of the first
// page: the parameter may be left out then, but not differ.
func (c *call) resume(query listQuery) (listQuery, *problem) {
	at, wrong := c.sandbox.readCursor(c.query.Get("cursor"), c.account.id, c.operation.id, c.now)
	if wrong != nil {
		return query, wrong
	}
	if c.query.Has("modified_since") && !query.modifiedSince.Equal(at.ModifiedSince) {
		return query, invalid("modified_since", "differs from that of the first page")
	}
	query.first, query.after, query.modifiedSince = false, at.After, at.ModifiedSince
	return query, nil
}

func parseLimit(text string) (int, *problem) {
	limit, err := strconv.Atoi(text)
	if err != nil || limit < 1 || limit > maximumLimit || strconv.Itoa(limit) != text {
		return 0, invalid("limit", fmt.Sprintf("not a whole number from 1 to %d", maximumLimit))
	}
	return limit, nil
}

func parseInstant(name, text string) (time.Time, *problem) {
	instant, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		return time.Time{}, invalid(name, "not an RFC 3339 instant")
	}
	return instant.UTC(), nil
}

func (c *call) date(name string) (Date, *problem) {
	date, err := ParseDate(c.query.Get(name))
	if err != nil {
		return "", invalid(name, "required, a day as yyyy-mm-dd")
	}
	return date, nil
}
