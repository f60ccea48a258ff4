package activities

import (
	"context"
	"fmt"

	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/temporal"

	"github.com/eitje/connexie-worker/internal/connexie"
	"github.com/eitje/connexie-worker/internal/domain"
	"github.com/eitje/connexie-worker/internal/store"
)

// catalogue brings a connection's venues and wage codes up to date (C2).
type catalogue struct {
	*Reading
	connectionID string
	account      Account
}

func (r *reader) catalogue() catalogue {
	return catalogue{Reading: r.Reading, connectionID: r.run.ConnectionID, account: r.account}
}

// refresh reads both lists, each unless its ETag says that nothing changed.
func (c catalogue) refresh(ctx context.Context) error {
	if err := c.venues(ctx); err != nil {
		return err
	}
	return c.wageCodes(ctx)
}

func (c catalogue) venues(ctx context.Context) error {
	var venues []domain.Venue
	etag, changed, err := c.list(ctx, store.ListVenues, func(request connexie.PageRequest) (listPage, error) {
		page, err := c.account.ListVenues(ctx, request)
		venues = append(venues, page.Venues...)
		return listPage{page.NotModified, page.ETag, page.Next, page.Bad}, err
	})
	if err != nil || !changed {
		return err
	}
	_, err = c.Store.SaveVenues(ctx, c.complete(etag), venues, c.Now())
	return fromStore(err)
}

func (c catalogue) wageCodes(ctx context.Context) error {
	var codes []domain.WageCode
	etag, changed, err := c.list(ctx, store.ListWageCodes, func(request connexie.PageRequest) (listPage, error) {
		page, err := c.account.ListWageCodes(ctx, request)
		codes = append(codes, page.WageCodes...)
		return listPage{page.NotModified, page.ETag, page.Next, page.Bad}, err
	})
	if err != nil || !changed {
		return err
	}
	_, err = c.Store.SaveWageCodes(ctx, c.complete(etag), codes, c.Now())
	return fromStore(err)
}

func (c catalogue) complete(etag string) store.CompleteList {
	return store.CompleteList{ConnectionID: c.connectionID, PageLimit: pageLimit, ETag: etag}
}

type listPage struct {
	notModified bool
	etag        string
	next        string
	bad         []connexie.BadRecord
}

// list reads one list to its end. changed is false where Connexie answered 304. A
// record that cannot be read ends it: unlike a person (S15), a venue or code left
// out would look as if Connexie had withdrawn it.
func (c catalogue) list(
	ctx context.Context, list store.List, read func(connexie.PageRequest) (listPage, error),
) (etag string, changed bool, err error) {
	request := connexie.PageRequest{Limit: pageLimit}
	if request.ETag, err = c.Store.ETag(ctx, c.connectionID, list, pageLimit); err != nil {
		return "", false, fromStore(err)
	}
	for first := true; ; first = false {
		page, err := read(request)
		if err != nil {
			return "", false, fromConnexie("read the "+string(list)+" of connection "+c.connectionID, err)
		}
		// Two slow lists together outlast a heartbeat. There is no position yet that
		// a repetition could go on from.
		activity.RecordHeartbeat(ctx)
		if page.notModified {
			return "", false, nil
		}
		if len(page.bad) > 0 {
			return "", false, c.unreadable(list, page.bad[0])
		}
		if first {
			etag = page.etag
		}
		if page.next == "" {
			return etag, true, nil
		}
		request = connexie.PageRequest{Limit: pageLimit, Cursor: page.next}
	}
}

func (c catalogue) unreadable(list store.List, bad connexie.BadRecord) error {
	return temporal.NewNonRetryableApplicationError(fmt.Sprintf(
		"read the %s of connection %s: record %q: %s; report it to Connexie's support",
		list, c.connectionID, bad.ID, bad.Reason), ErrorProtocol, nil)
}
