package app

import (
	"context"
	"errors"
	"slices"

	"github.com/eitje/connexie-worker/internal/connexie"
	"github.com/eitje/connexie-worker/internal/secrets"
	"github.com/eitje/connexie-worker/internal/store"
)

// connection opens one connection's token and asks Connexie whose it is.
func (d *doctor) connection(ctx context.Context, opener *accounts, connection store.Connection) {
	name := "connection " + connection.ID
	activate := "Set a new token: starter activate --organisation " + connection.OrganisationID + " --token-file -"
	ctx, cancel := context.WithTimeout(ctx, callBound)
	defer cancel()
	account, sealed, err := opener.Account(ctx, connection.ID)
	if err != nil {
		d.unopened(name, activate, err)
		return
	}
	info, err := account.GetAccount(ctx)
	var failure *connexie.Error
	switch {
	case errors.As(err, &failure) && failure.Code == connexie.CodeInvalidToken:
		d.note(CheckFailed, name, activate, "Connexie refuses the token (C8)")
	case err != nil:
		d.note(CheckFailed, name, "Look whether CONNEXIE_BASE_URL is right, then ask Connexie's support.", "%v", err)
	case info.ID != connection.AccountID:
		d.note(CheckFailed, name, activate, "the token belongs to account %s, the connection to %s", info.ID, connection.AccountID)
	case !slices.Contains(info.Permissions, connexie.PermissionReadEmployees):
		d.note(CheckFailed, name, "Grant the token the permission employees.read in Connexie.", "the token may not read people")
	case connection.State == store.ConnectionNeedsToken:
		d.note(CheckWarn, name, activate+"; the next night finds out by itself as well", "Connexie takes the token again")
	case d.keys.NeedsRotation(secrets.Sealed(sealed)):
		d.note(CheckWarn, name, "Keep the old key in ENCRYPTION_KEYS until the token is set anew.", "account %s answers; its token is sealed with the older key %s", info.ID, sealed.KeyID)
	default:
		d.ok(name, "account %s answers", info.ID)
	}
}

// callBound is above the client's own timeout with its wait for a turn.
const callBound = 2 * engineBound

// unopened tells why there is no token to ask with.
func (d *doctor) unopened(name, activate string, err error) {
	var (
		unknown *secrets.UnknownKeyError
		altered *secrets.AuthenticationError
	)
	switch {
	case errors.Is(err, store.ErrNotFound):
		d.note(CheckFailed, name, activate, "there is no token")
	case errors.As(err, &unknown):
		d.note(CheckFailed, name, "Add the key to the end of ENCRYPTION_KEYS again. Or: "+activate, "the token is sealed with key %s, which the key ring lacks", unknown.KeyID)
	case errors.As(err, &altered):
		d.note(CheckFailed, name, activate, "the token does not open with key %s", altered.KeyID)
	default:
		d.note(CheckFailed, name, "Look at the database.", "%v", err)
	}
}
