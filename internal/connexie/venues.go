package connexie

import (
	"context"

	"github.com/eitje/connexie-worker/internal/domain"
)

// VenuesPage is one page of the account's venues.
type VenuesPage struct {
	// NotModified answers a request with an ETag: nothing in the whole list has
	// changed, and the page is empty.
	NotModified bool
	// ETag stands for the whole list. It comes with the first page, may be empty,
	// and is worth keeping only once the list was read to its end.
	ETag string
	// Next asks for the page that follows; empty on the last one.
	Next   string
	Venues []domain.Venue
	// Bad holds the items that could not be read (S15).
	Bad []BadRecord
}

type wireVenue struct {
	ID     member `json:"id"`
	Name   member `json:"name"`
	Active member `json:"active"`
}

var venueShape = shapeOf[wireVenue]()

// ListVenues reads one page. ModifiedSince is not for venues and must be zero.
func (a *Account) ListVenues(ctx context.Context, request PageRequest) (VenuesPage, error) {
	p, err := listPage(ctx, a, request, "list venues", "venues", readVenue)
	if err != nil {
		return VenuesPage{}, err
	}
	return VenuesPage{NotModified: p.notModified, ETag: p.etag, Next: p.next, Venues: p.items, Bad: p.bad}, nil
}

func readVenue(r *reading, raw []byte) (domain.Venue, string) {
	wire := venueShape.read(r, raw)
	venue := domain.Venue{ID: r.id(wire.ID), Name: r.text(wire.Name), Active: r.truth(wire.Active)}
	return venue, venue.ID
}
