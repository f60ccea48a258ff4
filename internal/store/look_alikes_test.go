package store_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/eitje/connexie-worker/internal/domain"
	"github.com/eitje/connexie-worker/internal/store"
	"github.com/eitje/connexie-worker/internal/testkit"
)

// A name and a phone number have the same key in SQL and in Go, whatever they are made
// of: the planner and the comparison would disagree otherwise.
func TestNameKeyAndPhoneKey_S22_AreTheSameInSQLAndInGo(t *testing.T) {
	t.Parallel()
	db := testkit.New(t)
	character := rapid.OneOf(
		rapid.Rune(),
		rapid.RuneFrom([]rune("aAzZ09@.ÀÖ×ØÞßàÿıİKſΣς٣")),
		rapid.RuneFrom([]rune("0031+31 6-()/")),
		rapid.RuneFrom([]rune(" \t\n\v\f\r\u0085\u00a0\u1680\u180e\u2000\u200a\u200b\u2028\u2029\u202f\u205f\u3000\ufeff")),
	).Filter(func(r rune) bool { return r != 0 })
	text := rapid.OneOf(
		rapid.StringOf(character), rapid.StringOfN(character, 100, 200, -1),
		rapid.StringMatching(`[(]?(\+|00)?(31)?[)]?[ -]?(\(0\)|0)?[0-9 ]{5,12}`),
	)
	rapid.Check(t, func(rt *rapid.T) {
		texts := rapid.SliceOfN(text, 3, 60).Draw(rt, "texts")
		var names, phones []string
		require.NoError(rt, db.Pool.QueryRow(t.Context(), `
			select array_agg(eitje.name_key(text, 'X y', text) order by position), array_agg(eitje.phone_key(text) order by position)
			  from unnest($1::text[]) with ordinality as a(text, position)`, texts).Scan(&names, &phones))
		for i, text := range texts {
			require.Equal(rt, domain.NameKey(text, "X y", text), names[i], "the name key of %q", text)
			require.Equal(rt, domain.PhoneKey(text), phones[i], "the phone key of %q", text)
		}
	})
}

// A team member whose name no index could hold can still be kept.
func TestNameKey_S22_AnEndlessNameIsKept(t *testing.T) {
	t.Parallel()
	db := testkit.New(t)
	organisation := db.Organisation(t)
	db.Exec(t, `
		insert into eitje.team_members (id, organisation_id, first_name, date_of_birth, phone)
		select $1, $2, string_agg(md5(i::text), ''), '1990-02-28', string_agg(i::text, '') from generate_series(1, 2000) i`,
		testkit.ID(t), organisation)
}

// alikeWorld is an organisation whose person p1 would be created: the facts about them.
type alikeWorld struct {
	*testkit.DB
	organisation, connection string
}

func newAlikeWorld(t *testing.T) alikeWorld {
	t.Helper()
	db := testkit.New(t)
	organisation := db.Organisation(t)
	w := alikeWorld{DB: db, organisation: organisation, connection: db.Connection(t, organisation).ID}
	person := wholePerson()
	person.Phone = domain.Sent("+31 6 1234 5678")
	_, err := db.Store.SavePage(t.Context(), store.MirrorPage{ConnectionID: w.connection, People: []domain.Person{person}})
	require.NoError(t, err)
	return w
}

func (w alikeWorld) profile(t *testing.T, organisation, firstName, born, phone string) string {
	t.Helper()
	id := testkit.ID(t)
	w.Exec(t, `
		insert into eitje.team_members (id, organisation_id, first_name, last_name, date_of_birth, phone, email)
		values ($1, $2, $3, 'De Two', $4, $5, $1::uuid || '@example.nl')`, id, organisation, firstName, born, phone)
	return id
}

func (w alikeWorld) facts(t *testing.T) domain.Facts {
	t.Helper()
	facts, err := w.Store.Facts(t.Context(), store.Scope{ConnectionID: w.connection, Day: today}, []string{"p1"})
	require.NoError(t, err)
	require.Len(t, facts, 1)
	return facts[0]
}

func TestFacts_S22_LookAlikesAreUnlinkedProfilesOfTheOrganisationAlone(t *testing.T) {
	t.Parallel()
	w := newAlikeWorld(t)
	byName := w.profile(t, w.organisation, "ONE", "1990-02-28", "")
	byPhone := w.profile(t, w.organisation, "Other", "1970-01-01", "06-12345678")
	byBoth := w.profile(t, w.organisation, "one", "1990-02-28", "0612345678")
	inactive := w.profile(t, w.organisation, "one", "1990-02-28", "")
	w.Exec(t, `update eitje.team_members set active = false where id = $1`, inactive)
	w.profile(t, w.organisation, "one", "1990-03-28", "0612345679")
	archived := w.profile(t, w.organisation, "one", "1990-02-28", "0612345678")
	w.Exec(t, `update eitje.team_members set archived_at = now() where id = $1`, archived)
	linked := w.profile(t, w.organisation, "one", "1990-02-28", "0612345678")
	w.Link(t, w.connection, linked, "p2")
	w.profile(t, w.Organisation(t), "one", "1990-02-28", "0612345678")

	facts := w.facts(t)
	require.Equal(t, []string{byName, byPhone, byBoth, inactive}, facts.LookAlikes)
	require.False(t, facts.LikelyDuplicatesWait)
	w.Exec(t, `update connexie.connections set likely_duplicates_wait = true where id = $1`, w.connection)
	require.True(t, w.facts(t).LikelyDuplicatesWait)
}

func TestFacts_S22_WhomTheAddressMatchesOrTheLinkNamesHasNoLookAlikes(t *testing.T) {
	t.Parallel()
	w := newAlikeWorld(t)
	alike := w.profile(t, w.organisation, "one", "1990-02-28", "0612345678")
	w.Exec(t, `update eitje.team_members set email = 'A@example.nl' where id = $1`, alike)
	require.Empty(t, w.facts(t).LookAlikes, "matched by the e-mail address")
	w.Link(t, w.connection, alike, "p1")
	w.profile(t, w.organisation, "one", "1990-02-28", "0612345678")
	require.Empty(t, w.facts(t).LookAlikes, "linked")
}

// A number that a whole staff shares tells nothing of anybody and costs little.
func TestFacts_S22_ASharedPhoneNamesTenAtMost(t *testing.T) {
	t.Parallel()
	w := newAlikeWorld(t)
	for range 12 {
		w.profile(t, w.organisation, "Other", "1970-01-01", "0612345678")
	}
	require.Len(t, w.facts(t).LookAlikes, 10)
}
