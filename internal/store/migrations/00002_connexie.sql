-- +goose Up
-- The integration's own tables: connections, what Connexie said last (the
-- mirror), what was decided, what runs did, and what somebody must know.

create schema connexie;

create domain connexie.external_id as text
    check (value ~ '^[A-Za-z0-9_-]{1,64}$');

create table connexie.connections (
    id                       uuid primary key,
    organisation_id          uuid not null unique references eitje.organisations,
    state                    text not null default 'inactive'
                             check (state in ('inactive', 'active', 'needs_token', 'paused', 'removed')),
    account_id               connexie.external_id,
    created_at               timestamptz not null,
    activated_at             timestamptz,
    failed_nights            integer not null default 0 check (failed_nights >= 0),
    guard_armed_at           timestamptz,
    guard_creations_floor    integer not null default 50 check (guard_creations_floor >= 0),
    guard_creations_percent  integer not null default 50 check (guard_creations_percent >= 0),
    guard_changes_floor      integer not null default 10 check (guard_changes_floor >= 0),
    guard_changes_percent    integer not null default 20 check (guard_changes_percent >= 0),
    check (state <> 'active' or account_id is not null)
);
comment on column connexie.connections.guard_armed_at is
    'When a run was first applied with every venue decided; the guard is silent before (S16).';

-- The fence rises with every attempt of an activity that writes for a full run;
-- writes of an older attempt find it moved on. It has a table of its own, so that a
-- sync of unchanged data leaves the connection's row alone (S9).
create table connexie.fences (
    connection_id uuid primary key references connexie.connections on delete cascade,
    fence         bigint not null
);

-- The token is sealed by the application with the connection id as associated
-- data (N3); the database never sees it.
create table connexie.connection_tokens (
    connection_id uuid not null references connexie.connections on delete cascade,
    candidate     boolean not null default false,
    key_id        text not null,
    ciphertext    bytea not null,
    set_at        timestamptz not null,
    set_by        text not null,
    primary key (connection_id, candidate)
);
comment on column connexie.connection_tokens.candidate is
    'A new token waits here until Connexie has answered for whose account it is; the one in use stays as it is till then (C8).';

create table connexie.venues (
    connection_id     uuid not null references connexie.connections on delete cascade,
    connexie_venue_id connexie.external_id not null,
    name              text not null,
    active            boolean not null,
    set_inactive      boolean not null default false,
    gone_at           timestamptz,
    primary key (connection_id, connexie_venue_id)
);
comment on column connexie.venues.active is 'Connexie''s own word.';
comment on column connexie.venues.set_inactive is 'Decided here: this venue is not used (C3).';

create table connexie.wage_codes (
    connection_id uuid not null references connexie.connections on delete cascade,
    code          text not null check (length(code) between 1 and 16),
    description   text not null,
    kind          text not null check (kind in ('hours', 'meal', 'allowance')),
    unit          text not null check (unit in ('hours', 'pieces', 'eur', 'km')),
    gone_at       timestamptz,
    primary key (connection_id, code)
);

-- One row per decided Eitje venue, so that one Eitje venue never has two (C4).
create table connexie.venue_mappings (
    connection_id     uuid not null references connexie.connections on delete cascade,
    venue_id          uuid not null references eitje.venues,
    connexie_venue_id connexie.external_id,
    decided_at        timestamptz not null,
    decided_by        text not null,
    primary key (connection_id, venue_id),
    foreign key (connection_id, connexie_venue_id) references connexie.venues
);
comment on column connexie.venue_mappings.connexie_venue_id is 'Null: the Eitje venue is not used.';
create index venue_mappings_by_connexie_venue on connexie.venue_mappings (connection_id, connexie_venue_id);

create table connexie.code_mappings (
    connection_id uuid not null references connexie.connections on delete cascade,
    kind          text not null check (kind in ('hours', 'meal', 'allowance')),
    type          text not null default '',
    code          text not null,
    decided_at    timestamptz not null,
    decided_by    text not null,
    primary key (connection_id, kind, type),
    foreign key (connection_id, code) references connexie.wage_codes,
    check (kind <> 'hours' or type = '')
);

-- A reading is one pass over Connexie's list of people. Its number only rises.
create sequence connexie.reading_number;

create table connexie.readings (
    number        bigint primary key default nextval('connexie.reading_number'),
    connection_id uuid not null references connexie.connections on delete cascade,
    started_at    timestamptz not null,
    completed_at  timestamptz
);
create index readings_by_connection on connexie.readings (connection_id, number);

-- Who was seen, one row a page: telling who is missing needs no write to the rows
-- of those who are there (S9, S14).
create table connexie.reading_pages (
    reading bigint not null references connexie.readings on delete cascade,
    page    integer not null check (page >= 1),
    ids     text[] not null,
    primary key (reading, page)
);

-- An ETag stands for a whole list under one page size (and no modified_since).
create table connexie.list_etags (
    connection_id uuid not null references connexie.connections on delete cascade,
    list          text not null check (list in ('people', 'venues', 'wage_codes')),
    page_limit    integer not null,
    etag          text not null,
    kept_at       timestamptz not null,
    primary key (connection_id, list, page_limit)
);

create table connexie.people (
    connection_id     uuid not null references connexie.connections on delete cascade,
    connexie_id       connexie.external_id not null,
    email             text,
    email_key         text generated always as (nullif(eitje.email_key(email), '')) stored,
    email_state       text not null check (email_state in ('valid', 'blank', 'invalid')),
    first_name        text,
    infix             text,
    last_name         text,
    date_of_birth     date,
    phone             text,
    street            text,
    house_number      text,
    postal_code       text,
    city              text,
    country           text,
    sent              text[] not null default '{}',
    employment_ended  boolean not null,
    employment_start  date,
    employment_end    date,
    modified_at       timestamptz not null,
    fingerprint       bytea not null,
    problem           text,
    missing_since     timestamptz,
    primary key (connection_id, connexie_id)
);
comment on column connexie.people.sent is
    'The optional personal members that Connexie sent, be it as null; one that it did not send never clears a value (S8).';
comment on column connexie.people.problem is
    'Why the last record could not be read; the rest of the row is what was read before (S15).';
comment on column connexie.people.missing_since is
    'Since when a complete reading no longer showed the person (S14).';
create index people_by_email on connexie.people (connection_id, email_key);

create table connexie.person_contracts (
    connection_id        uuid not null,
    connexie_id          connexie.external_id not null,
    contract_id          connexie.external_id not null,
    type                 text not null check (type in ('flex', 'fixed_hours', 'self_employed', 'payroll')),
    start_date           date not null,
    end_date             date check (end_date >= start_date),
    hours_per_week       numeric(12, 4),
    hourly_wage          numeric(12, 4),
    job_title            text,
    venue_id             connexie.external_id not null,
    additional_venue_ids text[] not null default '{}',
    primary key (connection_id, connexie_id, contract_id),
    foreign key (connection_id, connexie_id) references connexie.people on delete cascade
);

-- The link never moves by a sync: one profile per person and one person per
-- profile.
create table connexie.links (
    connection_id  uuid not null references connexie.connections,
    team_member_id uuid not null unique references eitje.team_members,
    connexie_id    connexie.external_id not null,
    linked_at      timestamptz not null,
    primary key (connection_id, connexie_id)
);

-- Where everyone stands between runs; the view people_status shows it.
create table connexie.person_standings (
    connection_id uuid not null references connexie.connections on delete cascade,
    connexie_id   connexie.external_id not null,
    situation     text not null
                  check (situation in ('linked', 'matched', 'new', 'disputed', 'skipped', 'on_hold', 'bad_record')),
    reason        text not null default '',
    rule          text not null,
    since         timestamptz not null,
    primary key (connection_id, connexie_id),
    foreign key (connection_id, connexie_id) references connexie.people on delete cascade
);

create table connexie.dispute_candidates (
    connection_id  uuid not null,
    connexie_id    connexie.external_id not null,
    team_member_id uuid not null references eitje.team_members on delete cascade,
    primary key (connection_id, connexie_id, team_member_id),
    foreign key (connection_id, connexie_id) references connexie.person_standings on delete cascade
);

create view connexie.people_status as
select p.connection_id,
       p.connexie_id,
       l.team_member_id,
       s.situation,
       case when p.missing_since is not null then 'missing_in_connexie' else s.reason end as reason,
       case when p.missing_since is not null then 'S14' else s.rule end                   as rule,
       coalesce(p.missing_since, s.since)                                                as since
  from connexie.people p
  join connexie.person_standings s using (connection_id, connexie_id)
  left join connexie.links l using (connection_id, connexie_id);

create table connexie.sync_runs (
    id               uuid primary key,
    connection_id    uuid not null references connexie.connections,
    workflow_id      text not null,
    pass             integer not null check (pass >= 1),
    trigger          text not null check (trigger in ('manual', 'nightly', 'activation')),
    mode             text not null check (mode in ('apply', 'preview')),
    only_connexie_id connexie.external_id,
    night            date,
    requested_by     text not null,
    day              date not null,
    stage            text not null check (stage in ('reading', 'planning', 'held', 'applying', 'closed')),
    reading          bigint,
    total            integer not null default 0,
    done             integer not null default 0,
    counts           jsonb not null default '{}',
    outcome          text check (outcome in ('ok', 'problems', 'nothing', 'held', 'rejected', 'superseded', 'refused',
                                             'unreachable', 'failed', 'cancelled', 'abandoned')),
    problem          text,
    started_at       timestamptz not null,
    closed_at        timestamptz,
    check ((closed_at is not null) = (stage = 'closed')),
    check (closed_at is null or outcome is not null),
    unique (connection_id, night)
);
comment on column connexie.sync_runs.day is 'The Amsterdam day that the rules are applied for, fixed when the run is opened.';
comment on column connexie.sync_runs.night is 'The night that this run answers for.';
create index sync_runs_by_connection on connexie.sync_runs (connection_id, started_at desc);
-- A full run is alone on its connection (S2); opening one closes older ones.
create unique index sync_runs_one_open on connexie.sync_runs (connection_id)
    where closed_at is null and mode = 'apply' and only_connexie_id is null;

create table connexie.sync_items (
    run_id         uuid not null references connexie.sync_runs on delete cascade,
    connexie_id    text not null,
    team_member_id uuid,
    situation      text not null,
    action         text not null check (action in ('create', 'link', 'reactivate', 'update', 'none')),
    reactivates    boolean not null default false,
    reason         text not null default '',
    rule           text not null,
    changes        jsonb not null default '[]',
    steps          jsonb not null default '[]',
    state          text not null default 'planned' check (state in ('planned', 'applied', 'failed')),
    problem        text,
    primary key (run_id, connexie_id)
);
create index sync_items_open on connexie.sync_items (run_id, connexie_id) where state = 'planned';

-- The audit (S10): one line per field that changed, one line for what was created.
create table connexie.changes (
    id            uuid primary key,
    run_id        uuid not null references connexie.sync_runs,
    connection_id uuid not null references connexie.connections,
    connexie_id   text not null,
    object        text not null check (object in ('team_member', 'contract', 'venue', 'link')),
    object_id     text not null,
    field         text not null,
    before        text,
    after         text,
    at            timestamptz not null,
    by            text not null
);
create index changes_by_run on connexie.changes (run_id);
create index changes_by_object on connexie.changes (object_id, at);

create table connexie.nights (
    id          uuid primary key,
    night       date not null,
    workflow_id text not null,
    total       integer not null default 0,
    outcome     text check (outcome in ('ok', 'problems', 'unfinished')),
    counts      jsonb not null default '{}',
    started_at  timestamptz not null,
    closed_at   timestamptz,
    check ((closed_at is null) = (outcome is null))
);
create index nights_by_start on connexie.nights (started_at desc);

create table connexie.night_connections (
    night_id      uuid not null references connexie.nights on delete cascade,
    connection_id uuid not null references connexie.connections,
    started_at    timestamptz,
    joined        boolean not null default false,
    problem       text,
    primary key (night_id, connection_id)
);

create table connexie.notifications (
    id              uuid primary key,
    organisation_id uuid not null references eitje.organisations,
    connection_id   uuid not null references connexie.connections,
    cause           text not null,
    subject         text not null,
    severity        text not null check (severity in ('info', 'warning', 'critical')),
    next_step       text not null,
    opened_at       timestamptz not null,
    closed_at       timestamptz,
    read_at         timestamptz
);
-- One open row per connection, cause and subject (N1).
create unique index notifications_open on connexie.notifications (connection_id, cause, subject)
    where closed_at is null;
