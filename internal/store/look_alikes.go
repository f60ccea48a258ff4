package store

import (
	"context"
	"slices"

	"github.com/eitje/connexie-worker/internal/domain"
)

// maxLookAlikes is how many profiles of one name and birth date, or of one phone, are
// looked at, as a statement says it: a number that a whole staff shares tells nothing of anybody.
const maxLookAlikes = "10"

// placeLookAlikes tells of the people whom their e-mail address matches with nobody
// which unlinked profiles look like them (S22). Each name and each phone is looked up
// once, however many people share it; where everybody is linked, nothing is asked.
func placeLookAlikes(ctx context.Context, q querier, connectionID string, facts []domain.Facts) error {
	var names, births, phones []string
	for _, fact := range facts {
		if !mayBeCreated(fact) {
			continue
		}
		if key := nameAndBirth(fact.Person); key != (nameKey{}) {
			names, births = append(names, key.name), append(births, key.birth)
		}
		if key := domain.PhoneKey(fact.Person.Phone.Value); key != "" {
			phones = append(phones, key)
		}
	}
	if len(names)+len(phones) == 0 {
		return nil
	}
	found, err := findLookAlikes(ctx, q, connectionID, names, births, phones)
	if err != nil {
		return err
	}
	for i, fact := range facts {
		if mayBeCreated(fact) {
			facts[i].LookAlikes = found.of(fact.Person)
			facts[i].LikelyDuplicatesWait = found.wait
		}
	}
	return nil
}

func mayBeCreated(fact domain.Facts) bool { return fact.Profile == nil && len(fact.Candidates) == 0 }

// nameKey is a name with a birth date; zero where either is missing.
type nameKey struct{ name, birth string }

func nameAndBirth(person domain.Person) nameKey {
	name := domain.NameKey(person.FirstName, person.Infix.Value, person.LastName)
	if name == "" || person.DateOfBirth.Value.IsZero() {
		return nameKey{}
	}
	return nameKey{name, person.DateOfBirth.Value.String()}
}

// lookAlikes are unlinked profiles by what people may have in common with them.
type lookAlikes struct {
	byName  map[nameKey][]string
	byPhone map[string][]string
	wait    bool
}

func (l lookAlikes) of(person domain.Person) []string {
	ids := slices.Concat(l.byName[nameAndBirth(person)], l.byPhone[domain.PhoneKey(person.Phone.Value)])
	slices.Sort(ids)
	return slices.Compact(ids)
}

func findLookAlikes(
	ctx context.Context, q querier, connectionID string, names, births, phones []string,
) (lookAlikes, error) {
	const query = `
		with connection as (
			select organisation_id, likely_duplicates_wait as wait from connexie.connections where id = @connection_id)
		select k.name, k.birth, '' as phone, t.id, c.wait
		  from connection c
		 cross join (select distinct name, birth from unnest(@names::text[], @births::text[]) as k(name, birth)) k
		 cross join lateral (
			   select same.id
			     from (select id, organisation_id from eitje.team_members
			            where name_key = k.name and date_of_birth = k.birth::date and archived_at is null offset 0) same
			    where same.organisation_id = c.organisation_id
			      and not exists (select from connexie.links l where l.team_member_id = same.id offset 0)
			    order by same.id limit ` + maxLookAlikes + `) t
		union all
		select '', '', k.phone, t.id, c.wait
		  from connection c
		 cross join (select distinct phone from unnest(@phones::text[]) as k(phone)) k
		 cross join lateral (
			   select same.id
			     from (select id, organisation_id from eitje.team_members
			            where phone_key = k.phone and archived_at is null offset 0) same
			    where same.organisation_id = c.organisation_id
			      and not exists (select from connexie.links l where l.team_member_id = same.id offset 0)
			    order by same.id limit ` + maxLookAlikes + `) t`
	type row struct {
		Name  string
		Birth string
		Phone string
		ID    string
		Wait  bool
	}
	rows, err := collect[row](ctx, q, "find look-alikes", query, args{
		"connection_id": connectionID, "names": names, "births": births, "phones": phones,
	})
	found := lookAlikes{byName: make(map[nameKey][]string), byPhone: make(map[string][]string)}
	for _, r := range rows {
		found.wait = r.Wait
		if r.Phone != "" {
			found.byPhone[r.Phone] = append(found.byPhone[r.Phone], r.ID)
			continue
		}
		key := nameKey{r.Name, r.Birth}
		found.byName[key] = append(found.byName[key], r.ID)
	}
	return found, err
}
