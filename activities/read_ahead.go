package activities

import (
	"context"

	"github.com/eitje/connexie-worker/internal/connexie"
)

// fetchedPage is a page of people as Connexie answered, or why it did not.
type fetchedPage struct {
	page connexie.PeoplePage
	err  error
}

// readAhead fetches at most a number of pages, each while the one before is being
// saved, so that Connexie and the database are not idle in turn. No more than one page
// waits. The channel closes after the last page, after one that failed, and when the
// context ends. stop waits for the call that is under way and throws its page away:
// whoever goes on later asks for it again.
func (r *reader) readAhead(
	ctx context.Context, request connexie.PageRequest, limit int,
) (pages <-chan fetchedPage, stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	fetched := make(chan fetchedPage)
	go func() {
		defer close(fetched)
		for range limit {
			page, err := r.account.ListEmployees(ctx, request)
			select {
			case fetched <- fetchedPage{page: page, err: err}:
			case <-ctx.Done():
				return
			}
			if err != nil || page.NotModified || page.Next == "" {
				return
			}
			request.Cursor = page.Next
		}
	}()
	return fetched, func() {
		cancel()
		for range fetched { // until the goroutine has ended
		}
	}
}
