package connexie

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

const (
	// maxPageItems is the contract's longest page.
	maxPageItems = 500

	// maxCursor bounds an opaque cursor: it travels in a URL and in heartbeats.
	maxCursor = 2048
)

// PageRequest asks for one page of a list. Its zero value asks for the first one.
type PageRequest struct {
	// Cursor is Next of the page before; empty for the first page. It lives for ten
	// minutes, then CodeCursorExpired asks to begin again.
	Cursor string
	// Limit is the length of a page, 1 to 500; zero leaves it to Connexie.
	Limit int
	// ETag is that of an earlier complete reading with the same limit and token. It
	// goes out with the first page alone, so it may stay set for the others.
	ETag string
	// ModifiedSince leaves out who did not change; for people only. The zero time
	// asks for everyone.
	ModifiedSince time.Time
}

// BadRecord is an item of a list that could not be read and was set aside (S15).
type BadRecord struct {
	// ID is the record's own id; empty where that was not readable either.
	ID string
	// Position is the place in the page, counted from zero.
	Position int
	// Reason names the member and what is wrong with it, without the value:
	// "contracts[1].start_date: not a calendar date".
	Reason string
}

// page is one page of any list.
type page[T any] struct {
	notModified bool
	etag        string
	next        string
	items       []T
	bad         []BadRecord
}

// convert reads one record; the id is empty where it could not be read.
type convert[T any] func(r *reading, raw []byte) (value T, id string)

type wirePage struct {
	Items      member `json:"items"`
	NextCursor member `json:"next_cursor"`
}

var pageShape = shapeOf[wirePage]()

// call is the call that asks for the page.
func (p PageRequest) call(op, path string) (call, error) {
	c := call{op: op, method: http.MethodGet, path: []string{path}, accept: []int{http.StatusOK}}
	if fault := p.fault(path); fault != "" {
		return call{}, c.fails(CodeInvalidArgument, fault)
	}
	c.query = p.query()
	if p.conditional() {
		c.header = http.Header{"If-None-Match": {p.ETag}}
		c.accept = append(c.accept, http.StatusNotModified)
	}
	return c, nil
}

func (p PageRequest) conditional() bool { return p.Cursor == "" && p.ETag != "" }

func (p PageRequest) fault(path string) string {
	switch {
	case p.Limit < 0 || p.Limit > maxPageItems:
		return "the limit must lie between 1 and 500"
	case len(p.Cursor) > maxCursor:
		return "the cursor is too long"
	case p.ETag != "" && knownETag(p.ETag) == "":
		return "the ETag is malformed"
	case !p.ModifiedSince.IsZero() && path != employeesPath:
		return "only people can be listed by when they changed"
	}
	return ""
}

func (p PageRequest) query() url.Values {
	query := make(url.Values)
	if p.Cursor != "" {
		query.Set("cursor", p.Cursor)
	}
	if p.Limit > 0 {
		query.Set("limit", strconv.Itoa(p.Limit))
	}
	if !p.ModifiedSince.IsZero() {
		query.Set("modified_since", p.ModifiedSince.UTC().Format(time.RFC3339Nano))
	}
	return query
}

// readPage judges an answer to the request. A page that does not say whether more
// follows is an error: its silence must not be taken for the end (S14).
func readPage[T any](got answer, request PageRequest, read convert[T]) (page[T], error) {
	if got.status == http.StatusNotModified {
		return page[T]{notModified: true, etag: request.ETag}, nil
	}
	var r reading
	wire := pageShape.read(&r, got.body)
	items := r.array(wire.Items)
	result := page[T]{next: r.nextCursor(wire.NextCursor, request.Cursor)}
	if r.failed() {
		return page[T]{}, got.breaks(r.reason())
	}
	if request.Cursor == "" {
		result.etag = got.etag
	}
	for position, raw := range elements(items) {
		if position == maxPageItems {
			return page[T]{}, got.breaks("items: more than 500")
		}
		var r reading
		value, id := read(&r, raw)
		if r.failed() {
			result.bad = append(result.bad, BadRecord{ID: id, Position: position, Reason: r.reason()})
			continue
		}
		result.items = append(result.items, value)
	}
	return result, nil
}

// nextCursor is empty for the last page. A cursor that leads back to the page
// itself would be followed for ever.
func (r *reading) nextCursor(m member, current string) string {
	if m.kind() == kindNull {
		return ""
	}
	next, ok := r.required(m)
	switch {
	case !ok:
	case next == "":
		r.fail(m, "empty, neither null nor a cursor")
	case len(next) > maxCursor:
		r.fail(m, "too long")
	case next == current:
		r.fail(m, "leads to the same page")
	}
	return next
}

// listPage asks for one page of a list and reads it.
func listPage[T any](ctx context.Context, a *Account, request PageRequest, op, path string, read convert[T]) (page[T], error) {
	c, err := request.call(op, path)
	if err != nil {
		return page[T]{}, err
	}
	got, err := a.do(ctx, c)
	if err != nil {
		return page[T]{}, err
	}
	return readPage(got, request, read)
}
