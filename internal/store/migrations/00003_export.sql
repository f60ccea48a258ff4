-- +goose Up
-- What was exported: the attempts, the lines and what was left out, which imports
-- Connexie holds now, and which entries show as Exported.

-- Equality within an exclusion constraint.
create extension if not exists btree_gist;

create table connexie.exports (
    id                   uuid primary key,
    connection_id        uuid not null references connexie.connections,
    workflow_id          text not null,
    from_day             date not null,
    to_day               date not null,
    kinds                text[] not null
                         check (cardinality(kinds) > 0 and kinds <@ array['hours', 'meals', 'allowances']),
    mode                 text not null check (mode in ('apply', 'preview')),
    acknowledge_unmapped boolean not null default false,
    requested_by         text not null,
    stage                text not null,
    counts               jsonb not null default '{}',
    outcome              text check (outcome in ('ok', 'nothing', 'partly', 'refused', 'rejected',
                                                 'needs_acknowledgement', 'cancelled', 'superseded', 'failed')),
    problem              text,
    started_at           timestamptz not null,
    closed_at            timestamptz,
    check ((closed_at is null) = (outcome is null)),
    -- At most 62 days (X10).
    check (from_day <= to_day and to_day - from_day < 62),
    unique (connection_id, id)
);
create index exports_by_connection on connexie.exports (connection_id, started_at desc);
-- One export per connection at a time (X14).
create unique index exports_one_open on connexie.exports (connection_id)
    where closed_at is null and mode = 'apply';

-- The snapshot (X14): what is sent, frozen. A line names no row of eitje by foreign
-- key, because it stays when the entry or the profile is really gone.
create table connexie.export_lines (
    export_id         uuid not null references connexie.exports on delete cascade,
    line              integer not null check (line >= 1),
    connexie_venue_id connexie.external_id not null,
    connexie_id       connexie.external_id not null,
    team_member_id    uuid not null,
    entry_id          uuid not null,
    day               date not null,
    kind              text not null check (kind in ('hours', 'meal', 'allowance')),
    type              text not null default '',
    code              text not null,
    minutes           integer check (minutes > 0),
    quantity          numeric(12, 4) not null check (quantity > 0),
    entry_version     bigint not null,
    content_hash      bytea not null,
    confirmed_at      timestamptz,
    problem           text,
    primary key (export_id, line),
    unique (export_id, entry_id, kind, type),
    check ((kind = 'hours') = (minutes is not null))
);
comment on column connexie.export_lines.quantity is 'Hours with two decimals (X5), a count (X6), or an amount.';
comment on column connexie.export_lines.confirmed_at is 'When what Connexie read back equalled what was sent (X11).';
comment on column connexie.export_lines.problem is 'Why Connexie rejected the line (X17).';
create index export_lines_by_entry on connexie.export_lines (entry_id) where confirmed_at is not null;

-- Every entry left out, with its rule (X16).
create table connexie.export_skips (
    export_id      uuid not null references connexie.exports on delete cascade,
    entry_id       uuid not null,
    kind           text not null check (kind in ('hours', 'meal', 'allowance')),
    type           text not null default '',
    team_member_id uuid not null,
    day            date not null,
    rule           text not null,
    reason         text not null,
    primary key (export_id, entry_id, kind, type)
);

-- Current is a committed import: one row per connection, Connexie venue and days,
-- replaced in the transaction that records that venue's commit. The periods of a
-- venue never overlap; a containing one replaces those it contains (X10).
create table connexie.current_imports (
    connection_id      uuid not null,
    connexie_venue_id  connexie.external_id not null,
    days               daterange not null
                       check (not isempty(days) and not lower_inf(days) and not upper_inf(days)),
    export_id          uuid not null,
    connexie_import_id connexie.external_id not null,
    kinds              text[] not null
                       check (cardinality(kinds) > 0 and kinds <@ array['hours', 'meals', 'allowances']),
    lines              integer not null check (lines >= 0),
    totals             jsonb not null default '{}',
    committed_at       timestamptz not null,
    primary key (connection_id, connexie_venue_id, days),
    foreign key (connection_id, export_id) references connexie.exports (connection_id, id),
    constraint current_imports_never_overlap
        exclude using gist (connection_id with =, (connexie_venue_id::text) with =, days with &&)
);

-- Which entries show as Exported, by which export, and what was exported of them
-- (X11). An entry that changes afterwards keeps its marker; the hash tells (X12).
create table connexie.exported_entries (
    entry_id          uuid primary key,
    connection_id     uuid not null,
    export_id         uuid not null,
    connexie_venue_id connexie.external_id not null,
    exported_at       timestamptz not null,
    entry_version     bigint not null,
    content_hash      bytea not null,
    changed_since     timestamptz,
    foreign key (connection_id, export_id) references connexie.exports (connection_id, id)
);
comment on column connexie.exported_entries.changed_since is
    'Since when the entry was found to differ from what was exported; decided by the hash, not by the version alone.';
create index exported_entries_by_export on connexie.exported_entries (export_id);

-- One row per entry, under the names of eitje.entries. An entry whose row is really
-- gone is listed from its lines, as long as its marker stands.
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
            when x.changed_since is not null or e.state <> 'approved' then 'Exported, changed since'
            else 'Exported' end as exported,
       x.export_id,
       x.exported_at
  from eitje.entries e
  left join connexie.exported_entries x on x.entry_id = e.id
union all
select x.entry_id,
       c.organisation_id,
       l.team_member_id,
       null,
       l.day,
       null,
       null,
       null,
       l.minutes,
       'worked',
       'deleted',
       'Exported, changed since',
       x.export_id,
       x.exported_at
  from connexie.exported_entries x
  join connexie.connections c on c.id = x.connection_id
  join lateral (select team_member_id, day, max(minutes) as minutes
                  from connexie.export_lines
                 where export_id = x.export_id and entry_id = x.entry_id
                 group by team_member_id, day) l on true
 where not exists (select from eitje.entries e where e.id = x.entry_id);
