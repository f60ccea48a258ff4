package sandbox

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"
)

func (c *call) listVenues() (*answer, error) {
	return c.list(func(a *account) *collection { return &a.venues })
}

func (c *call) listWageCodes() (*answer, error) {
	return c.list(func(a *account) *collection { return &a.wageCodes })
}

func (c *call) listEmployees() (*answer, error) {
	return c.list(func(a *account) *collection { return &a.people })
}

// page is one page of a list before it is encoded.
type page struct {
	first bool
	keys  []string
	items [][]byte
	next  string // "" on the last page
	etag  string // of the first page
}

// list answers one page of a list, or 304 where the reader's ETag of the first
// page still stands for the whole list.
func (c *call) list(pick func(*account) *collection) (*answer, error) {
	query, wrong := c.listQuery()
	if wrong != nil {
		return nil, wrong
	}
	var current page
	c.read(func(a *account) {
		list := pick(a)
		current = c.page(list, query)
		c.strikePage(&current, list, query)
	})
	if query.first && !c.contentStruck() && matchesETag(c.request.Header, current.etag) {
		return &answer{status: http.StatusNotModified, header: http.Header{"Etag": {current.etag}}}, nil
	}
	return current.answer(), nil
}

func (c *call) page(list *collection, query listQuery) page {
	records, more := list.page(query.after, query.limit, query.modifiedSince)
	current := page{first: query.first}
	for _, r := range records {
		current.keys = append(current.keys, r.key)
		current.items = append(current.items, r.raw)
	}
	if more {
		current.next = cursor{
			Account: c.account.id, List: c.operation.id, After: records[len(records)-1].key,
			ModifiedSince: query.modifiedSince, IssuedAt: c.now,
		}.encode()
	}
	if query.first {
		current.etag = c.etag(list.content, query)
	}
	return current
}

// etag stands for the whole list under these parameters: it changes with the
// content, the account, the limit and modified_since, and with nothing else.
func (c *call) etag(content digest, query listQuery) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%s\n%s\n%d\n%s\n%x", c.account.id, c.operation.id,
		query.limit, query.modifiedSince.Format(time.RFC3339Nano), content))
	return `"` + base64.RawURLEncoding.EncodeToString(sum[:16]) + `"`
}

func (p *page) answer() *answer {
	next := []byte("null")
	if p.next != "" {
		next = []byte(`"` + p.next + `"`) // base64 needs no escaping
	}
	size := len(`{"items":[],"next_cursor":}`) + len(next) + len(p.items)
	for _, item := range p.items {
		size += len(item)
	}
	var body bytes.Buffer
	body.Grow(size)
	body.WriteString(`{"items":[`)
	for i, item := range p.items {
		if i > 0 {
			body.WriteByte(',')
		}
		body.Write(item)
	}
	body.WriteString(`],"next_cursor":`)
	body.Write(next)
	body.WriteByte('}')
	response := answerBytes(http.StatusOK, body.Bytes())
	if p.first {
		response.header.Set("ETag", p.etag)
	}
	return response
}

// matchesETag compares weakly, as If-None-Match does (RFC 9110, 13.1.2).
func matchesETag(header http.Header, etag string) bool {
	for _, line := range header.Values("If-None-Match") {
		for candidate := range strings.SplitSeq(line, ",") {
			candidate = strings.TrimSpace(candidate)
			if candidate == "*" || strings.TrimPrefix(candidate, "W/") == etag {
				return true
			}
		}
	}
	return false
}

func (c *call) listPayrollPeriods() (*answer, error) {
	from, wrong := c.date("from")
	if wrong != nil {
		return nil, wrong
	}
	to, wrong := c.date("to")
	if wrong != nil {
		return nil, wrong
	}
	if to < from {
		return nil, invalid("to", "before from")
	}
	venue, known := c.query.Get("venue_id"), false
	touching := []PayrollPeriod{}
	c.read(func(a *account) {
		_, known = a.venues.get(venue)
		touching = a.periodsTouching(venue, from, to)
	})
	if !known {
		return nil, invalid("venue_id", "required, a venue of this account")
	}
	return answerOK(map[string]any{"items": touching}), nil
}

func decodePeriod(raw []byte) (period PayrollPeriod) {
	if err := json.Unmarshal(raw, &period); err != nil {
		panic(err) // store wrote it
	}
	return period
}
