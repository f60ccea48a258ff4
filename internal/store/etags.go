package store

import (
	"context"
	"errors"
	"time"
)

// List is one of Connexie's lists that are read with a conditional request.
type List string

// The lists whose ETag is kept.
const (
	ListPeople    List = "people"
	ListVenues    List = "venues"
	ListWageCodes List = "wage_codes"
)

// ETag is what a list was worth when it was last read completely under this page
// limit; empty where that has not happened, or where it may no longer be relied
// upon.
func (s *Store) ETag(ctx context.Context, connectionID string, list List, pageLimit int) (string, error) {
	const query = `
		select etag from connexie.list_etags
		 where connection_id = @connection_id and list = @list and page_limit = @page_limit`
	etag, err := value[string](ctx, s.pool, "get an etag of connection "+connectionID, query,
		args{"connection_id": connectionID, "list": list, "page_limit": pageLimit})
	if errors.Is(err, ErrNotFound) {
		return "", nil
	}
	return etag, err
}

// dropETags makes the next reading fetch everything: to be called in the
// transaction that takes away what a list had shown.
func dropETags(ctx context.Context, db querier, connectionID string, lists ...List) error {
	const query = `
		delete from connexie.list_etags
		 where connection_id = @connection_id and list = any(@lists::text[])`
	_, err := execute(ctx, db, "drop the etags of connection "+connectionID, query,
		args{"connection_id": connectionID, "lists": lists})
	return err
}

// keepETag notes what a list is worth that has just been read to its end. What was
// kept under another page limit goes: it stands for an older state of the list than
// the one stored now. An empty one is not kept: the list is read in full next time.
func keepETag(
	ctx context.Context, db querier, connectionID string, list List, pageLimit int, etag string, now time.Time,
) error {
	if etag == "" {
		return dropETags(ctx, db, connectionID, list)
	}
	const others = `
		delete from connexie.list_etags
		 where connection_id = @connection_id and list = @list and page_limit <> @page_limit`
	const keep = `
		insert into connexie.list_etags as kept (connection_id, list, page_limit, etag, kept_at)
		values (@connection_id, @list, @page_limit, @etag, @now)
		on conflict (connection_id, list, page_limit) do update
		   set etag = excluded.etag, kept_at = excluded.kept_at
		 where kept.etag <> excluded.etag`
	operation := "keep an etag of connection " + connectionID
	_, err := execute(ctx, db, operation, others,
		args{"connection_id": connectionID, "list": list, "page_limit": pageLimit})
	if err != nil {
		return err
	}
	_, err = execute(ctx, db, operation, keep, args{
		"connection_id": connectionID, "list": list, "page_limit": pageLimit, "etag": etag, "now": now,
	})
	return err
}
