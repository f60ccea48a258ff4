package store_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/eitje/connexie-worker/internal/domain"
	"github.com/eitje/connexie-worker/internal/testkit"
)

// An address has the same key in SQL and in Go, whatever it is made of: matching
// (S4) and planning would disagree otherwise.
func TestEmailKey_S4_IsTheSameInSQLAndInGo(t *testing.T) {
	t.Parallel()
	db := testkit.New(t)
	// PostgreSQL's text holds any character but NUL.
	character := rapid.OneOf(
		rapid.Rune(),
		rapid.RuneFrom([]rune("aAzZ09@.ÀÖ×ØÞßàÿıİKſΣς")),
		rapid.RuneFrom([]rune(" \t\n\v\f\r\u0085\u00a0\u1680\u180e\u2000\u200a\u200b\u2028\u2029\u202f\u205f\u3000\ufeff")),
	).Filter(func(r rune) bool { return r != 0 })
	rapid.Check(t, func(rt *rapid.T) {
		addresses := rapid.SliceOfN(rapid.StringOf(character), 1, 50).Draw(rt, "addresses")
		keys, err := sqlEmailKeys(t, db, addresses)
		require.NoError(rt, err)
		for i, address := range addresses {
			require.Equal(rt, domain.EmailKey(address), keys[i], "the key of %q", address)
		}
	})
}

func TestEmailKey_S4_EveryCharacterOfTheFirstPlane(t *testing.T) {
	t.Parallel()
	db := testkit.New(t)
	var addresses []string
	for r := rune(1); r <= 0xffff; r++ {
		if r < 0xd800 || r > 0xdfff { // surrogates are no characters
			addresses = append(addresses, string(r)+"x"+string(r))
		}
	}
	keys, err := sqlEmailKeys(t, db, addresses)
	require.NoError(t, err)
	for i, address := range addresses {
		if keys[i] != domain.EmailKey(address) {
			t.Errorf("the key of %q is %q in SQL and %q in Go", address, keys[i], domain.EmailKey(address))
		}
	}
}

func sqlEmailKeys(t testing.TB, db *testkit.DB, addresses []string) ([]string, error) {
	t.Helper()
	var keys []string
	err := db.Pool.QueryRow(t.Context(), `
		select array_agg(eitje.email_key(address) order by position)
		  from unnest($1::text[]) with ordinality as a(address, position)`, addresses).Scan(&keys)
	return keys, err
}

func TestEmailKey_S3_ABlankAddressHasNone(t *testing.T) {
	t.Parallel()
	db := testkit.New(t)
	organisation := db.Organisation(t)
	for _, blank := range []string{"", " ", "\t\n", strings.Repeat("\u00a0", 3)} {
		id := testkit.ID(t)
		db.Exec(t, `insert into eitje.team_members (id, organisation_id, email) values ($1, $2, $3)`, id, organisation, blank)
		require.True(t, testkit.Value[bool](t, db, `select email_key is null from eitje.team_members where id = $1`, id))
	}
}
