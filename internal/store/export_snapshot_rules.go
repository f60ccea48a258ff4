package store

// freezeExport writes the lines, the venues and the skips of an export in one
// statement, one common table expression a question:
//
//	cells      what may go out under which type of contract (X3)
//	inactive   the Connexie venues that nothing goes to (C5)
//	places     where the entries of an Eitje venue go (C3, C4)
//	contracts  the contracts of everyone linked that Connexie's list shows too, as far as
//	           the person is known from it
//	hour_code  the code of worked hours, where they are exported (C7)
//	turns      the days of the period on which something changes for a person
//	standings  from turn to turn, the contract that counts, or why there is none (X2, S17)
//	entries    the entries of the period with the first rule that leaves one out
//	candidates one row for the hours, each meal and each allowance of an entry
//	judged     the same with the rule that leaves it out, if any
//	contents   the meals and allowances that the hash of an entry covers (X12)
//	numbered   the lines in their order, with the running total of a person's minutes (X5)
//	sent       the lines as written
//
// A person's standing is settled before the entries are looked at: people are few, and
// an entry then meets one row instead of a row a contract.
const freezeExport = `
with cells (contract_type, kinds) as (values
	('flex',          array['hours', 'meal', 'allowance']),
	('fixed_hours',   array['meal', 'allowance']),
	('self_employed', '{}'),
	('payroll',       '{}')),
inactive as (
	select connexie_venue_id
	  from connexie.venues
	 where connection_id = @connection_id and (set_inactive or not active or gone_at is not null)),
places as (
	select m.venue_id, m.connexie_venue_id, i.connexie_venue_id is not null as inactive
	  from connexie.venue_mappings m
	  left join inactive i using (connexie_venue_id)
	 where m.connection_id = @connection_id),
contracts as materialized (
	select l.team_member_id, c.connexie_contract_id::connexie.external_id as contract_id, c.start_date, c.end_date,
	       cells.kinds, i.connexie_venue_id is not null as venue_inactive
	  from connexie.links l
	  join eitje.contracts c using (team_member_id)
	  join cells on cells.contract_type = c.type
	  left join connexie.person_contracts p
	         on p.connection_id = l.connection_id and p.connexie_id = l.connexie_id
	        and p.contract_id = c.connexie_contract_id
	  left join inactive i on i.connexie_venue_id = p.venue_id
	  left join connexie.people k
	         on p.contract_id is null and k.connection_id = l.connection_id and k.connexie_id = l.connexie_id
	 where l.connection_id = @connection_id and c.connexie_contract_id is not null and k.connexie_id is null),
hour_code as (
	select code
	  from connexie.code_mappings
	 where connection_id = @connection_id and kind = 'hours' and 'hours' = any (@kinds::text[])),
turns as (
	select team_member_id, day, lead(day, 1, @to_day::date + 1) over (partition by team_member_id order by day) as until
	  from (select team_member_id, @from_day::date as day from connexie.links where connection_id = @connection_id
	        union
	        select team_member_id, start_date from contracts where start_date > @from_day and start_date <= @to_day
	        union
	        select team_member_id, end_date + 1 from contracts where end_date >= @from_day and end_date < @to_day) t),
standings as (
	select distinct on (t.team_member_id, t.day)
	       t.team_member_id, l.connexie_id, t.day, t.until, c.contract_id, c.kinds, c.venue_inactive,
	       case when t.day between c.start_date and coalesce(c.end_date, 'infinity') then null
	            when c.team_member_id is null then 'no_contract'
	            when bool_and(c.start_date > t.day) over same_day then 'contract_not_started'
	            when bool_or(c.start_date > t.day) over same_day then 'contract_gap'
	            else 'contract_ended' end as reason
	  from turns t
	  join connexie.links l on l.connection_id = @connection_id and l.team_member_id = t.team_member_id
	  left join contracts c on c.team_member_id = t.team_member_id
	window same_day as (partition by t.team_member_id, t.day)
	 order by t.team_member_id, t.day,
	       t.day between c.start_date and coalesce(c.end_date, 'infinity') desc,
	       c.start_date desc, c.contract_id collate "C" desc),
entries as materialized (
	select e.id, e.team_member_id, e.venue_id, e.day, e.starts_at, e.row_version, n.minutes,
	       s.connexie_id, s.contract_id, s.kinds, p.connexie_venue_id,
	       case when e.state = 'deleted' then 'deleted'
	            when e.state <> 'approved' then 'not_approved'
	            when e.kind <> 'worked' then e.kind
	            when (e.starts_at at time zone 'Europe/Amsterdam')::date <> e.day then 'day_differs'
	            when s.team_member_id is null then 'not_linked'
	            when s.reason is not null then s.reason
	            when p.venue_id is null then 'venue_undecided'
	            when p.connexie_venue_id is null then 'venue_not_used'
	            when p.inactive then 'venue_inactive'
	            when s.venue_inactive then 'contract_venue_inactive'
	            when n.minutes is null then 'no_end'
	            when n.minutes < 0 then 'negative_length'
	            when n.minutes = 0 then 'zero_length'
	            when n.minutes > @max_minutes::int then 'too_long' end as reason
	  from eitje.entries e
	 cross join lateral (select eitje.net_minutes(e.starts_at, e.ends_at, e.break_minutes, e.minutes) as minutes) n
	  left join standings s on s.team_member_id = e.team_member_id and s.day <= e.day and s.until > e.day
	  left join places p on p.venue_id = e.venue_id
	 where e.organisation_id = @organisation_id and e.day between @from_day and @to_day),
candidates as (
	select e.*, 'hours' as kind, '' as type, null::eitje.amount as quantity
	  from entries e
	 where 'hours' = any (@kinds::text[])
	union all
	select e.*, x.kind, x.type, x.quantity
	  from entries e
	  join eitje.entry_extras x on x.entry_id = e.id and x.kind || 's' = any (@kinds::text[])),
judged as materialized (
	select c.id, c.team_member_id, c.venue_id, c.day, c.starts_at, c.row_version, c.connexie_id, c.contract_id,
	       c.connexie_venue_id, c.kind, c.type, c.quantity, m.code,
	       case when 'hours' = any (c.kinds) and exists (select from hour_code) then c.minutes end as minutes,
	       case when c.reason is not null then c.reason
	            when c.kind <> all (c.kinds) then 'contract_type'
	            when c.kind = 'meal' and c.quantity <> trunc(c.quantity) then 'not_a_count'
	            when m.code is null then 'unmapped' end as reason
	  from candidates c
	  left join connexie.code_mappings m
	         on m.connection_id = @connection_id and m.kind = c.kind and m.type = btrim(c.type)),
contents as (
	select id, jsonb_agg(jsonb_build_array(kind, type, quantity) order by kind, type)::text as extras
	  from judged
	 where kind <> 'hours'
	 group by id),
numbered as (
	select j.*, x.extras,
	       row_number() over (order by connexie_venue_id collate "C", connexie_id collate "C", day,
	                                   starts_at nulls first, id, kind = 'allowance', kind = 'meal', type collate "C") as line,
	       sum(minutes) filter (where kind = 'hours')
	                    over (partition by connexie_venue_id collate "C", connexie_id collate "C"
	                          order by day, starts_at nulls first, id, kind = 'allowance', kind = 'meal', type collate "C"
	                           rows unbounded preceding) as total
	  from judged j
	  left join contents x using (id)
	 where reason is null),
sent as (
	insert into connexie.export_lines (export_id, line, connexie_venue_id, connexie_id, team_member_id, entry_id, day,
	       kind, type, code, minutes, quantity, entry_version, content_hash, contract_id)
	select @export_id, n.line, n.connexie_venue_id, n.connexie_id, n.team_member_id, n.id, n.day, n.kind, n.type, n.code,
	       case when n.kind = 'hours' then n.minutes end,
	       case when n.kind = 'hours'
	            then ((n.total * 10 + 3) / 6 - ((n.total - n.minutes) * 10 + 3) / 6) * 0.01
	            else n.quantity end,
	       n.row_version, eitje.content_hash(n.team_member_id, n.venue_id, n.day, n.minutes, n.extras), n.contract_id
	  from numbered n
	returning line, connexie_venue_id, code, quantity),
venues as (
	insert into connexie.export_venues (export_id, connexie_venue_id, first_line, lines, totals)
	select @export_id, connexie_venue_id, coalesce(s.first_line, 1), coalesce(s.lines, 0), coalesce(s.totals, '{}')
	  from (select connexie_venue_id, min(first_line) as first_line, sum(lines) as lines,
	               jsonb_object_agg(code, trim_scale(total)::text) as totals
	          from (select connexie_venue_id, code, min(line) as first_line, count(*) as lines, sum(quantity) as total
	                  from sent
	                 group by connexie_venue_id, code) c
	         group by connexie_venue_id) s
	  full join (select distinct connexie_venue_id
	               from connexie.current_imports
	              where connection_id = @connection_id and days && daterange(@from_day, @to_day, '[]')) h
	 using (connexie_venue_id))
insert into connexie.export_skips (export_id, entry_id, kind, type, team_member_id, day, rule, reason)
select @export_id, j.id, j.kind, j.type, j.team_member_id, j.day, r.rule, j.reason
  from judged j
  join (values ('deleted', 'X1'), ('not_approved', 'X1'), ('leave', 'X1'), ('sick', 'X1'),
               ('day_differs', 'X4'),
               ('not_linked', 'X2'), ('no_contract', 'X2'), ('contract_not_started', 'X2'),
               ('contract_ended', 'X2'), ('contract_gap', 'X2'),
               ('venue_not_used', 'C3'), ('venue_undecided', 'C3'),
               ('venue_inactive', 'C5'), ('contract_venue_inactive', 'C5'),
               ('no_end', 'X5'), ('negative_length', 'X5'), ('zero_length', 'X6'),
               ('too_long', 'X5'),
               ('contract_type', 'X3'), ('not_a_count', 'X6'), ('unmapped', 'C6')) r (reason, rule)
    on r.reason = j.reason`
