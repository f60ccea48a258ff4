-- +goose Up
-- An export is one import for each Connexie venue (X13): how far each is, what was sent
-- and what Connexie read back (X11, X18). Nothing had been exported before this.
create table connexie.export_venues (
    export_id          uuid not null references connexie.exports on delete cascade,
    connexie_venue_id  connexie.external_id not null,
    -- The venue's lines are numbered without a gap: first_line to first_line + lines - 1.
    first_line         integer not null check (first_line >= 1),
    lines              integer not null check (lines >= 0),
    totals             jsonb not null default '{}',
    state              text not null default 'planned'
                       check (state in ('planned', 'sending', 'committed', 'exported',
                                        'refused', 'rejected', 'failed', 'cancelled', 'superseded')),
    attempt            integer not null default 1 check (attempt >= 1),
    connexie_import_id connexie.external_id,
    sent               integer not null default 0 check (sent >= 0),
    read_lines         integer check (read_lines >= 0),
    read_totals        jsonb,
    problem            text,
    committed_at       timestamptz,
    exported_at        timestamptz,
    primary key (export_id, connexie_venue_id)
);
comment on column connexie.export_venues.totals is 'By code, as decimal texts: {"1000": "37.50"}.';
comment on column connexie.export_venues.attempt is
    'Part of the Idempotency-Key; it rises only when the import was found discarded.';
comment on column connexie.export_venues.state is
    'committed: Connexie has it; exported: what it read back equals what was sent, and the entries are marked.';
comment on column connexie.export_venues.sent is 'Lines that Connexie has taken; for whoever watches.';
-- A draft whose export has ended is discarded by the next one.
create index export_venues_by_import on connexie.export_venues (connexie_import_id) where state = 'sending';

drop index connexie.export_lines_by_entry;
alter table connexie.export_lines
    add column contract_id connexie.external_id not null,
    drop column confirmed_at;
comment on column connexie.export_lines.contract_id is
    'Connexie''s id of the contract that was active on the day (X2).';
create index export_lines_by_contract on connexie.export_lines (team_member_id, contract_id);

-- What an export writes by the hundred thousand is written under its own row, which is
-- locked meanwhile: checking that it is there, line by line, would find nothing. Whoever
-- deletes an export deletes these rows too.
alter table connexie.export_lines drop constraint export_lines_export_id_fkey;
alter table connexie.export_skips drop constraint export_skips_export_id_fkey;
-- An entry has one line of a kind and type, because it has one extra of each: the
-- statement that writes them holds that, and nothing looks a line up by its entry.
alter table connexie.export_lines drop constraint export_lines_export_id_entry_id_kind_type_key;

-- What Connexie holds of an entry, by venue and day: an entry that was moved to another
-- day or venue is held twice until both periods have been exported again.
drop view eitje.hours;
drop table connexie.exported_entries;
create table connexie.exported_entries (
    entry_id          uuid not null,
    connexie_venue_id connexie.external_id not null,
    day               date not null,
    connection_id     uuid not null,
    export_id         uuid not null,
    exported_at       timestamptz not null,
    team_member_id    uuid not null,
    minutes           integer,
    entry_version     bigint not null,
    covers            text[] not null
                      check (cardinality(covers) > 0 and covers <@ array['hours', 'meals', 'allowances']),
    content_hash      bytea not null,
    primary key (entry_id, connexie_venue_id, day)
);
comment on column connexie.exported_entries.minutes is
    'What was exported of it, null where no hours were; with the person it tells of an entry whose row is gone.';
comment on column connexie.exported_entries.covers is
    'Which of the entry''s content the hash stands for: hours where they were exported, meals and allowances where the export was to bring them.';
create index exported_entries_by_venue on connexie.exported_entries (connection_id, connexie_venue_id, day);

-- The minutes of an entry (X5), the SQL twin of domain.Entry.NetMinutes: what was
-- approved wins; else the time between the instants less the break. Null where there is
-- no end, and below zero where the end lies before the beginning. What no integer holds,
-- some 4,000 years, is the integer next to it: a mistake in one entry must stop nobody.
-- PostgreSQL inlines the function as long as all in it is immutable, as the epoch of an
-- interval is and that of an instant is not; an interval since 2000 never overflows.
-- +goose StatementBegin
create function eitje.net_minutes(
    starts_at timestamptz, ends_at timestamptz, break_minutes integer, minutes integer
) returns integer
    language sql immutable parallel safe
    return coalesce(minutes,
        -- greatest and least pass over a null.
        case when starts_at is not null and ends_at is not null
             then greatest(-2147483648, least(2147483647,
                      floor((extract(epoch from ends_at - timestamptz '2000-01-01 00:00Z')
                             - extract(epoch from starts_at - timestamptz '2000-01-01 00:00Z')) / 60)::bigint
                      - break_minutes))::integer end);
-- +goose StatementEnd

-- What decides whether an exported entry has changed since (X12). Extras come as the
-- text of eitje.extras_content. It tells edits apart and nobody attacks it; md5 takes
-- text, so that PostgreSQL inlines the function, which one that converts text first
-- cannot be.
-- +goose StatementBegin
create function eitje.content_hash(
    team_member_id uuid, venue_id uuid, day date, minutes integer, extras text
) returns bytea
    language sql immutable parallel safe
    return decode(md5(
        team_member_id::text || '|' || venue_id::text || '|' || (day - date '2000-01-01')::text || '|'
        || coalesce(minutes::text, '-') || '|' || coalesce(extras, '')), 'hex');
-- +goose StatementEnd

-- The meals and allowances of an entry that a hash covers, in a fixed order; null where
-- there are none.
-- +goose StatementBegin
create function eitje.extras_content(entry uuid, covers text[]) returns text
    language sql stable parallel safe
begin atomic
    select jsonb_agg(jsonb_build_array(x.kind, x.type, x.quantity) order by x.kind, x.type)::text
      from eitje.entry_extras x
     where x.entry_id = entry and x.kind || 's' = any (covers);
end;
-- +goose StatementEnd

-- Whether an entry is still what was exported (X12): approved work, and the same in
-- what the hash covers. The version spares the hash for whatever nobody touched.
-- +goose StatementBegin
create function eitje.is_as_exported(entry eitje.entries, exported connexie.exported_entries) returns boolean
    language sql stable parallel safe
    return entry.state = 'approved' and entry.kind = 'worked'
       and case when entry.row_version = exported.entry_version then true
                else exported.content_hash = eitje.content_hash(
                         entry.team_member_id, entry.venue_id, entry.day,
                         case when 'hours' = any (exported.covers)
                              then eitje.net_minutes(entry.starts_at, entry.ends_at, entry.break_minutes, entry.minutes) end,
                         eitje.extras_content(entry.id, exported.covers)) end;
-- +goose StatementEnd

-- One row per entry, under the names of eitje.entries. An entry whose row is really
-- gone is listed from its marker, as long as that stands.
create view eitje.hours as
select e.id,
       e.organisation_id,
       e.team_member_id,
       e.venue_id,
       e.day,
       e.starts_at,
       e.ends_at,
       e.break_minutes,
       e.minutes,
       e.kind,
       e.state,
       case when x.entry_id is null then null
            when x.held = 1 and eitje.is_as_exported(e, x.marker) then 'Exported'
            else 'Exported, changed since' end as exported,
       x.export_id,
       x.exported_at
  from eitje.entries e
  left join lateral (select m.entry_id, m.export_id, m.exported_at, m as marker, count(*) over () as held
                       from connexie.exported_entries m
                      where m.entry_id = e.id
                      order by m.exported_at desc, m.export_id desc
                      limit 1) x on true
union all
select x.entry_id,
       c.organisation_id,
       x.team_member_id,
       null,
       x.day,
       null,
       null,
       null,
       x.minutes,
       'worked',
       'deleted',
       'Exported, changed since',
       x.export_id,
       x.exported_at
  from connexie.exported_entries x
  join connexie.connections c on c.id = x.connection_id
 where not exists (select from eitje.entries e where e.id = x.entry_id)
   -- One row of an entry that is held twice: what was exported last.
   and not exists (select from connexie.exported_entries later
                    where later.entry_id = x.entry_id
                      and (later.exported_at, later.export_id, later.connexie_venue_id::text, later.day)
                          > (x.exported_at, x.export_id, x.connexie_venue_id::text, x.day));
