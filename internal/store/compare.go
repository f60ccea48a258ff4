package store

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/eitje/connexie-worker/internal/domain"
)

// NamePeople compares the mirror with Eitje in one statement and names, in the
// order of their ids, the people who could need anything: who is not linked and
// may be imported (S3 to S7), also by somebody's decision, whose data, contracts or venues differ (S8, S17,
// S18), whose profile must be activated (S11), and whose standing or notifications
// are no longer what they should be (N1). It may name too many people and never too
// few: a property test holds it against the planner. On a quiet night it names
// nobody. People missing from the last complete reading are not named (S14).
func (s *Store) NamePeople(ctx context.Context, connectionID string, day domain.Date) ([]string, error) {
	var ids []string
	err := s.withTx(ctx, func(tx pgx.Tx) (err error) {
		if err := joinWholeSets(ctx, tx); err != nil {
			return err
		}
		ids, err = column[string](ctx, tx, "compare the people of connection "+connectionID, comparePeople,
			args{"connection_id": connectionID, "day": day, "standing_causes": standingCauses()})
		return err
	})
	return ids, err
}

func standingCauses() []string {
	causes := []string{}
	for _, cause := range domain.StandingCauses() {
		causes = append(causes, string(cause))
	}
	return causes
}

// closedAfterExport tells of a held contract h that is gone from Connexie's list
// whether it is as it must stay: closed on a day up to which it was exported. It looks
// up by keys whatever a transaction settles about joins, and is asked of such
// contracts alone: joined, it would read the lines of all exports every night.
const closedAfterExport = `coalesce(h.end_date <= (
	                select max(l.day) from connexie.export_lines l
	                 where l.team_member_id = h.team_member_id and l.contract_id = h.connexie_contract_id
	                   and ` + heldByConnexie + `), false)`

// comparePeople reads as the planner asks, one common table expression a question:
//
//	venue_use   which Connexie venues are connected, and to what (C2 to C5)
//	covering    how many contracts cover the day, and why none does (S3, S17)
//	placement   the contract whose venues place a person
//	places      those venues, one a row
//	present     at which of them the linked profile works
//	placed      whether one of them is used, and what the profile lacks (S18)
//	differing   profiles whose contracts are not those of Connexie (S8); one that is
//	            gone there stays, once it is closed, where exported lines name it
//	rivals      how many unlinked people share an e-mail key (S6)
//	owners      the profiles that have an e-mail key (S4, S6)
//	waiting     the organisation, where look-alikes are to wait (S22)
//	strangers   its unlinked profiles
//	namesakes   those of one name and birth date (S22)
//	phones      those of one phone
//	alike       the unlinked people who look like some of them
//	known       the candidates kept with a dispute
//	on_hold     who is exempt on the day (S21)
//	decided     what somebody decided about whom, and whether the profile that was
//	            chosen can be linked (S6)
//	leaving     whose employment is being ended (S12)
//	judged      everyone with what should stand of them
const comparePeople = `
with venue_use as (
	select v.connexie_venue_id,
	       array_agg(m.venue_id) filter (where m.venue_id is not null) as mapped,
	       bool_and(v.set_inactive or not v.active)                    as inactive
	  from connexie.venues v
	  left join connexie.venue_mappings m using (connection_id, connexie_venue_id)
	 where v.connection_id = @connection_id
	 group by v.connexie_venue_id),
contracts as (
	select pc.*,
	       pc.start_date <= @day and coalesce(pc.end_date >= @day, true) as covers
	  from connexie.person_contracts pc
	 where pc.connection_id = @connection_id),
covering as (
	select connexie_id,
	       count(*) filter (where covers) as number,
	       bool_or(start_date <= @day)    as past,
	       bool_or(start_date > @day)     as future
	  from contracts
	 group by connexie_id),
placement as (
	select distinct on (connexie_id) connexie_id, venue_id, additional_venue_ids
	  from contracts
	 order by connexie_id,
	       case when covers then 0 when start_date < @day then 1 else 2 end,
	       abs(start_date - @day),
	       case when start_date <= @day then contract_id end collate "C" desc,
	       contract_id collate "C"),
places as (
	select connexie_id, venue_id::text as venue from placement
	union all
	select connexie_id, unnest(additional_venue_ids) from placement where additional_venue_ids <> '{}'),
present as (
	select distinct l.connexie_id, m.connexie_venue_id::text as venue
	  from connexie.links l
	  join eitje.team_member_venues tv using (team_member_id)
	  join connexie.venue_mappings m on m.connection_id = @connection_id and m.venue_id = tv.venue_id
	 where l.connection_id = @connection_id and m.connexie_venue_id is not null),
placed as (
	select p.connexie_id,
	       bool_or(u.mapped is not null and not u.inactive)        as used,
	       bool_and(coalesce(u.inactive, false))                   as all_inactive,
	       bool_or(u.mapped is not null and not u.inactive
	               and h.connexie_id is null)                      as lacks_venue
	  from places p
	  left join venue_use u on u.connexie_venue_id = p.venue
	  left join present h on h.connexie_id = p.connexie_id and h.venue = p.venue
	 group by p.connexie_id),
differing as (
	select distinct coalesce(w.team_member_id, h.team_member_id) as team_member_id
	  from (select l.team_member_id, c.*
	          from contracts c join connexie.links l using (connection_id, connexie_id)) w
	  full join (select c.*
	               from eitje.contracts c
	               join connexie.links l using (team_member_id)
	              where l.connection_id = @connection_id and c.connexie_contract_id is not null) h
	    on h.team_member_id = w.team_member_id and h.connexie_contract_id = w.contract_id
	  left join venue_use u on u.connexie_venue_id = w.venue_id
	 where h.id is null
	    or case when w.contract_id is null then not ` + closedAfterExport + `
	            else (w.type, w.start_date, w.end_date, w.hours_per_week, w.hourly_wage, coalesce(w.job_title, ''))
	                 is distinct from
	                 (h.type, h.start_date, h.end_date, h.hours_per_week, h.hourly_wage, coalesce(h.job_title, ''))
	              or case when u.mapped is null then h.venue_id is not null
	                      else coalesce(h.venue_id <> all(u.mapped), true) end
	       end),
unlinked as (
	select p.connexie_id, p.email_key
	  from connexie.people p
	 where p.connection_id = @connection_id and p.missing_since is null
	   and not exists (select from connexie.links l
	                    where l.connection_id = p.connection_id and l.connexie_id = p.connexie_id)),
rivals as (
	select email_key, count(*) as number from unlinked where email_key is not null group by email_key),
owners as (
	select t.email_key,
	       bool_or(l.connexie_id is not null)                               as taken,
	       array_agg(t.id order by t.id) filter (where l.connexie_id is null) as candidates
	  from eitje.team_members t
	  join connexie.connections c on c.organisation_id = t.organisation_id and c.id = @connection_id
	  left join connexie.links l on l.team_member_id = t.id
	 where t.archived_at is null and t.email_key in (select email_key from rivals)
	 group by t.email_key),
waiting as (
	select organisation_id from connexie.connections where id = @connection_id and likely_duplicates_wait),
strangers as (
	select t.id, t.name_key, t.date_of_birth, t.phone_key
	  from waiting w
	  join eitje.team_members t using (organisation_id)
	  left join connexie.links l on l.team_member_id = t.id
	 where t.archived_at is null and l.connexie_id is null),
namesakes as (
	select name_key, date_of_birth, (array_agg(id order by id))[:` + maxLookAlikes + `] as ids
	  from strangers where name_key is not null and date_of_birth is not null
	 group by name_key, date_of_birth),
phones as (
	select phone_key, (array_agg(id order by id))[:` + maxLookAlikes + `] as ids
	  from strangers where phone_key is not null
	 group by phone_key),
alike as (
	select p.connexie_id,
	       array(select distinct id from unnest(n.ids || f.ids) as found(id) order by id) as ids
	  from unlinked u
	  join connexie.people p on p.connection_id = @connection_id and p.connexie_id = u.connexie_id
	  left join namesakes n on n.name_key = eitje.name_key(p.first_name, p.infix, p.last_name)
	                       and n.date_of_birth = p.date_of_birth
	  left join phones f on f.phone_key = eitje.phone_key(p.phone)
	 where exists (select from waiting) and (n.ids is not null or f.ids is not null)),
causes as (
	select subject, array_agg(cause order by cause) as open
	  from connexie.notifications
	 where connection_id = @connection_id and closed_at is null and cause = any(@standing_causes)
	 group by subject),
known as (
	select connexie_id, array_agg(team_member_id order by team_member_id) as candidates
	  from connexie.dispute_candidates
	 where connection_id = @connection_id
	 group by connexie_id),
on_hold as (
	select distinct connexie_id
	  from connexie.holds
	 where connection_id = @connection_id and lifted_at is null and until >= @day),
decided as (
	select d.connexie_id, d.decision, d.email_key, d.candidates,
	       t.id is not null and l.connexie_id is null as linkable
	  from connexie.dispute_decisions d
	  left join eitje.team_members t
	    on t.id = d.team_member_id and t.archived_at is null
	   and t.organisation_id = (select organisation_id from connexie.connections where id = @connection_id)
	  left join connexie.links l on l.team_member_id = t.id
	 where d.connection_id = @connection_id and d.replaced_at is null),
leaving as (
	select connexie_id from connexie.endings where connection_id = @connection_id and closed_at is null),
judged as (
	select p.*, g.connexie_id is not null as leaving, l.team_member_id, t.id is not null as linked,
	       not p.employment_ended and coalesce(p.employment_end >= @day, true) as employed,
	       coalesce(cv.number, 0) as covering,
	       case when cv.connexie_id is null then 'no_contract'
	            when cv.past and cv.future then 'contract_gap'
	            when cv.future then 'contract_not_started'
	            else 'contract_ended' end as uncovered_reason,
	       case when pl.connexie_id is null or pl.used then null
	            when pl.all_inactive then 'venue_inactive'
	            else 'venue_undecided' end as venue_reason,
	       coalesce(pl.lacks_venue, false) as lacks_venue,
	       case when o.taken then 'email_of_linked_profile'
	            when r.number > 1 then 'shared_email'
	            when cardinality(o.candidates) > 1 then 'several_candidates'
	            when o.candidates is null and a.ids is not null then 'likely_duplicate' end as dispute_reason,
	       ho.connexie_id is not null as on_hold,
	       case when dd.email_key is distinct from p.email_key then null
	            when dd.decision = 'link' then case when dd.linkable then 'link' else 'gone' end
	            when dd.decision = 'create' and x.candidates <@ dd.candidates then 'create'
	            when dd.decision = 'skip' and x.candidates = dd.candidates then 'skip' end as decision,
	       x.candidates, coalesce(k.candidates, '{}') as known_candidates,
	       t.active, t.email_key as login_key,
	       t.first_name as t_first_name, t.infix as t_infix, t.last_name as t_last_name,
	       t.date_of_birth as t_date_of_birth, t.phone as t_phone, t.street as t_street,
	       t.house_number as t_house_number, t.postal_code as t_postal_code, t.city as t_city,
	       t.country as t_country, d.team_member_id is not null as contracts_differ
	  from connexie.people p
	  left join connexie.links l using (connection_id, connexie_id)
	  left join eitje.team_members t on t.id = l.team_member_id
	  left join covering cv using (connexie_id)
	  left join placed pl using (connexie_id)
	  left join differing d on d.team_member_id = l.team_member_id
	  left join rivals r on r.email_key = p.email_key
	  left join owners o on o.email_key = p.email_key
	  left join alike a using (connexie_id)
	  left join known k using (connexie_id)
	  left join on_hold ho using (connexie_id)
	  left join decided dd using (connexie_id)
	  left join leaving g using (connexie_id)
	 cross join lateral (
	       select coalesce(o.candidates, case when not coalesce(o.taken or r.number > 1, false) then a.ids end, '{}')
	           as candidates) x
	 where p.connection_id = @connection_id and p.missing_since is null),
expected as (
	select j.*,
	       case when on_hold then 'on_hold'
	            when problem is not null then 'bad_record'
	            when linked then case when venue_reason is null then 'linked' else 'skipped' end
	            when not employed or covering = 0 or venue_reason is not null or email_state <> 'valid' then 'skipped'
	            when decision = 'skip' then 'skipped'
	            when decision = 'gone' then 'disputed'
	            when decision is not null then null
	            when dispute_reason is not null then 'disputed' end as situation,
	       case when on_hold then ''
	            when problem is not null then 'unreadable'
	            when linked then coalesce(venue_reason, '')
	            when not employed then 'employment_ended'
	            when covering = 0 then uncovered_reason
	            when venue_reason is not null then venue_reason
	            when email_state <> 'valid' then 'email_' || email_state
	            when decision = 'skip' then 'decided_to_skip'
	            when decision = 'gone' then 'decided_profile_gone'
	            else dispute_reason end as reason
	  from judged j),
noticed as (
	select e.*,
	       array_remove(array[
	           case when situation = 'bad_record' then 'bad_record' end,
	           case when situation = 'linked' and covering > 1 then 'contracts_overlap' end,
	           case when situation = 'disputed' then 'disputed' end,
	           case when situation = 'skipped' and reason = 'email_blank' then 'email_blank' end,
	           case when situation = 'linked' and email_key <> coalesce(login_key, '') then 'email_differs' end,
	           case when situation = 'skipped' and reason = 'email_invalid' then 'email_invalid' end,
	           case when situation = 'linked' and active and not employed and not leaving then 'employment_ended_in_connexie' end
	       ], null) as wanted_causes
	  from expected e)
select n.connexie_id
  from noticed n
  left join connexie.person_standings s using (connection_id, connexie_id)
  left join causes c on c.subject = n.connexie_id
 where n.situation is null
    or (n.situation, n.reason) is distinct from (s.situation, s.reason)
    or not n.wanted_causes <@ coalesce(c.open, '{}')
    or n.situation not in ('bad_record', 'on_hold') and not coalesce(c.open, '{}') <@ n.wanted_causes
    or n.known_candidates <> case when n.situation = 'disputed' then n.candidates else '{}' end
    or n.situation = 'linked' and (
           n.employed and not n.active
        or n.contracts_differ
        or n.lacks_venue
        or coalesce(n.first_name, '') <> coalesce(n.t_first_name, '')
        or coalesce(n.last_name, '') <> coalesce(n.t_last_name, '')
        or 'infix' = any(n.sent) and coalesce(n.infix, '') <> coalesce(n.t_infix, '')
        or 'date_of_birth' = any(n.sent) and n.date_of_birth is distinct from n.t_date_of_birth
        or 'phone' = any(n.sent) and coalesce(n.phone, '') <> coalesce(n.t_phone, '')
        or 'street' = any(n.sent) and coalesce(n.street, '') <> coalesce(n.t_street, '')
        or 'house_number' = any(n.sent) and coalesce(n.house_number, '') <> coalesce(n.t_house_number, '')
        or 'postal_code' = any(n.sent) and coalesce(n.postal_code, '') <> coalesce(n.t_postal_code, '')
        or 'city' = any(n.sent) and coalesce(n.city, '') <> coalesce(n.t_city, '')
        or 'country' = any(n.sent) and coalesce(n.country, '') <> coalesce(n.t_country, ''))
 order by n.connexie_id`
