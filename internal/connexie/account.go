package connexie

import (
	"context"
	"net/http"
)

// Permissions that a token can have.
const (
	PermissionReadEmployees   = "employees.read"
	PermissionWriteEmployment = "employment.write"
	PermissionWriteImports    = "imports.write"
)

// AccountInfo is the Connexie account that a token belongs to.
type AccountInfo struct {
	ID   string
	Name string
	// Permissions is in the order that Connexie sent; it may hold ones that are
	// not known here.
	Permissions []string
}

type wireAccount struct {
	ID          member `json:"id"`
	Name        member `json:"name"`
	Permissions member `json:"permissions"`
}

var accountShape = shapeOf[wireAccount]()

// maxPermissions bounds a list that has three entries today.
const maxPermissions = 100

// GetAccount checks the token (C1): CodeInvalidToken where Connexie refuses it.
func (a *Account) GetAccount(ctx context.Context) (AccountInfo, error) {
	got, err := a.do(ctx, call{
		op:     "get account",
		method: http.MethodGet,
		path:   []string{"account"},
		accept: []int{http.StatusOK},
	})
	if err != nil {
		return AccountInfo{}, err
	}
	var r reading
	account := readAccount(&r, got.body)
	if r.failed() {
		return AccountInfo{}, got.breaks(r.reason())
	}
	return account, nil
}

func readAccount(r *reading, raw []byte) AccountInfo {
	wire := accountShape.read(r, raw)
	account := AccountInfo{ID: r.id(wire.ID), Name: r.text(wire.Name)}
	for i, raw := range elements(r.array(wire.Permissions)) {
		if i == maxPermissions {
			r.fail(wire.Permissions, "too many")
			break
		}
		var inner reading
		account.Permissions = append(account.Permissions, inner.word(member{raw: raw}))
		r.adoptItem(wire.Permissions, i, inner)
	}
	return account
}
