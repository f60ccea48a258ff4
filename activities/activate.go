package activities

import (
	"context"
	"errors"

	"github.com/eitje/connexie-worker/internal/connexie"
	"github.com/eitje/connexie-worker/internal/store"
)

// ActivationInput names the connection to activate.
type ActivationInput struct {
	ConnectionID string `json:"connection_id"`
	RequestedBy  string `json:"requested_by"`
	// PreviewFirst has the connection wait, paused, until somebody has looked (C2).
	PreviewFirst bool `json:"preview_first,omitempty"`
}

// TokenCheck is what Connexie said of a token.
type TokenCheck struct {
	// Accepted tells that the connection is active from now on, or paused where somebody
	// looks first.
	Accepted bool `json:"accepted"`
	// Problem says in one word why not: token_refused or other_account.
	Problem string `json:"problem,omitempty"`
}

// The problems of a token check.
const (
	ProblemTokenRefused = "token_refused"
	ProblemOtherAccount = "other_account"
)

// CheckToken asks Connexie whose token the connection has, before anything else is
// fetched (C1), and makes the connection active. A token that is empty or refused
// leaves it inactive, with a notification; one of another account than the
// connection was made with is refused and changes nothing (C8). Checking again
// changes nothing.
//
// Errors: ConnexieRateLimited, ConnexieUnavailable, ConnexieProtocol, InvalidInput
// (no such connection), Database.
func (a *Reading) CheckToken(ctx context.Context, in ActivationInput) (TokenCheck, error) {
	return a.checkToken(ctx, in, false)
}

// checkToken is CheckToken, or a probe of the night's own.
func (a *Reading) checkToken(ctx context.Context, in ActivationInput, probe bool) (TokenCheck, error) {
	connection, err := a.Store.Connection(ctx, in.ConnectionID)
	switch {
	case errors.Is(err, store.ErrNotFound):
		return TokenCheck{}, invalidInput("there is no connection %s; make one with: starter activate", in.ConnectionID)
	case err != nil:
		return TokenCheck{}, fromStore(err)
	case connection.State == store.ConnectionRemoved:
		return TokenCheck{}, invalidInput("%v: starter activate", store.ErrRemoved)
	}
	account, token, err := a.account(ctx, in.ConnectionID, a.Accounts.AccountToCheck)
	if refused(err) {
		return TokenCheck{Problem: ProblemTokenRefused}, nil
	}
	if err != nil {
		return TokenCheck{}, err
	}
	return a.check(ctx, in.ConnectionID, account, store.Activation{
		Checked: token, By: in.RequestedBy, Paused: in.PreviewFirst, Probe: probe,
	})
}

// check asks Connexie about one token and draws the conclusion.
func (a *Reading) check(
	ctx context.Context, connectionID string, account Account, asked store.Activation,
) (TokenCheck, error) {
	info, err := account.GetAccount(ctx)
	if err != nil {
		err = a.noteRefusal(ctx, connectionID, asked.Checked, fromConnexie("check the token of connection "+connectionID, err))
		if refused(err) {
			return TokenCheck{Problem: ProblemTokenRefused}, nil
		}
		return TokenCheck{}, err
	}
	asked.AccountID = info.ID
	_, err = a.Store.Activate(ctx, connectionID, asked, a.Now())
	switch {
	case errors.Is(err, store.ErrOtherAccount):
		return TokenCheck{Problem: ProblemOtherAccount}, nil
	case errors.Is(err, store.ErrRemoved):
		return TokenCheck{}, invalidInput("%v", err)
	case err != nil:
		return TokenCheck{}, fromStore(err)
	}
	return TokenCheck{Accepted: true}, nil
}

func refused(err error) bool { return typeOf(err) == ErrorTokenRefused }

// CatalogueResult counts what an activation found and decided by itself.
type CatalogueResult struct {
	Venues    int `json:"venues"`
	WageCodes int `json:"wage_codes"`
	// Connected counts the venues of equal name that were connected; Undecided
	// those of either side that somebody must decide about (C3).
	Connected int `json:"connected"`
	Undecided int `json:"undecided"`
}

// FetchCatalogue fetches venues and wage codes and connects venues of equal name
// (C2). What was decided before stays. Errors as of ReadPeople.
func (a *Reading) FetchCatalogue(ctx context.Context, in ActivationInput) (CatalogueResult, error) {
	account, token, err := a.account(ctx, in.ConnectionID, a.Accounts.Account)
	if err != nil {
		return CatalogueResult{}, err
	}
	lists := catalogue{Reading: a, connectionID: in.ConnectionID, account: account}
	if err := lists.refresh(ctx); err != nil {
		return CatalogueResult{}, a.noteRefusal(ctx, in.ConnectionID, token, err)
	}
	result, err := a.draft(ctx, in)
	return result, fromStore(err)
}

func (a *Reading) draft(ctx context.Context, in ActivationInput) (result CatalogueResult, err error) {
	if result.Connected, err = a.Store.DraftVenueMappings(ctx, in.ConnectionID, in.RequestedBy, a.Now()); err != nil {
		return result, err
	}
	if _, result.Undecided, err = a.Store.EveryVenueDecided(ctx, in.ConnectionID); err != nil {
		return result, err
	}
	venues, err := a.Store.Venues(ctx, in.ConnectionID)
	if err != nil {
		return result, err
	}
	codes, err := a.Store.WageCodes(ctx, in.ConnectionID)
	result.Venues, result.WageCodes = len(venues), len(codes)
	return result, err
}

var _ Account = (*connexie.Account)(nil)
