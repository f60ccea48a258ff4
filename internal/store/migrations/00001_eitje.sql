-- +goose Up
-- The platform's own tables, as far as the integration reads and writes them.
-- Only what has no sensible default is required.

create schema eitje;

-- What two e-mail addresses must have in common to be the same (S4): the SQL twin
-- of domain.EmailKey. The letters are written out because lower() folds other
-- letters under another locale.
-- +goose StatementBegin
create function eitje.email_key(email text) returns text
    language sql immutable parallel safe
    return translate(
        btrim(email, U&'\0009\000A\000B\000C\000D\0020\0085\00A0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200A\2028\2029\202F\205F\3000'),
        U&'ABCDEFGHIJKLMNOPQRSTUVWXYZ\00C0\00C1\00C2\00C3\00C4\00C5\00C6\00C7\00C8\00C9\00CA\00CB\00CC\00CD\00CE\00CF\00D0\00D1\00D2\00D3\00D4\00D5\00D6\00D8\00D9\00DA\00DB\00DC\00DD\00DE',
        U&'abcdefghijklmnopqrstuvwxyz\00E0\00E1\00E2\00E3\00E4\00E5\00E6\00E7\00E8\00E9\00EA\00EB\00EC\00ED\00EE\00EF\00F0\00F1\00F2\00F3\00F4\00F5\00F6\00F8\00F9\00FA\00FB\00FC\00FD\00FE');
-- +goose StatementEnd

-- Every change of a row raises its version, whoever makes it.
-- +goose StatementBegin
create function eitje.raise_row_version() returns trigger language plpgsql as $$
begin
    new.row_version := old.row_version + 1;
    return new;
end $$;
-- +goose StatementEnd

-- A day of the calendar that the rules can count with. PostgreSQL's infinity is no
-- day: an open end is null. One such row would otherwise stop a whole run.
create domain eitje.calendar_day as date
    check (value between '0001-01-01' and '9999-12-31');

-- Hours, wages and quantities. PostgreSQL counts NaN as the largest number.
create domain eitje.amount as numeric(12, 4)
    check (value >= 0 and value < 'NaN');

create table eitje.organisations (
    id   uuid primary key,
    name text not null
);

create table eitje.venues (
    id              uuid primary key,
    organisation_id uuid not null references eitje.organisations,
    name            text not null,
    unique (organisation_id, id)
);

create table eitje.team_members (
    id              uuid primary key,
    organisation_id uuid not null references eitje.organisations,
    email           text,
    email_key       text generated always as (nullif(eitje.email_key(email), '')) stored,
    first_name      text,
    infix           text,
    last_name       text,
    date_of_birth   eitje.calendar_day,
    phone           text,
    street          text,
    house_number    text,
    postal_code     text,
    city            text,
    country         text,
    active          boolean not null default true,
    deactivated_at  timestamptz check (isfinite(deactivated_at)),
    deactivated_by  text,
    archived_at     timestamptz check (isfinite(archived_at)),
    row_version     bigint not null default 1,
    unique (organisation_id, id)
);
comment on column eitje.team_members.archived_at is
    'Set by the repair of a duplicate; an archived profile never matches again.';
-- E-mail is not unique: shared addresses are a fact of life (S6).
create index team_members_by_email on eitje.team_members (organisation_id, email_key)
    where archived_at is null;
create trigger raise_row_version before update on eitje.team_members
    for each row execute function eitje.raise_row_version();

create table eitje.team_member_venues (
    team_member_id uuid not null references eitje.team_members on delete cascade,
    venue_id       uuid not null references eitje.venues,
    primary key (team_member_id, venue_id)
);

create table eitje.contracts (
    id                   uuid primary key,
    team_member_id       uuid not null references eitje.team_members on delete cascade,
    connexie_contract_id text check (connexie_contract_id ~ '^[A-Za-z0-9_-]{1,64}$'),
    type                 text not null check (type in ('flex', 'fixed_hours', 'self_employed', 'payroll')),
    start_date           eitje.calendar_day not null,
    end_date             eitje.calendar_day check (end_date >= start_date),
    hours_per_week       eitje.amount,
    hourly_wage          eitje.amount,
    job_title            text,
    venue_id             uuid references eitje.venues,
    row_version          bigint not null default 1
);
create unique index contracts_by_connexie_id on eitje.contracts (team_member_id, connexie_contract_id)
    where connexie_contract_id is not null;
create index contracts_by_team_member on eitje.contracts (team_member_id, start_date);
create trigger raise_row_version before update on eitje.contracts
    for each row execute function eitje.raise_row_version();

create table eitje.entries (
    id              uuid primary key,
    organisation_id uuid not null references eitje.organisations,
    team_member_id  uuid not null references eitje.team_members,
    venue_id        uuid not null references eitje.venues,
    day             eitje.calendar_day not null,
    starts_at       timestamptz check (isfinite(starts_at)),
    ends_at         timestamptz check (isfinite(ends_at)),
    break_minutes   integer not null default 0 check (break_minutes >= 0),
    minutes         integer check (minutes >= 0),
    kind            text not null default 'worked' check (kind in ('worked', 'leave', 'sick')),
    state           text not null default 'open' check (state in ('open', 'approved', 'deleted')),
    row_version     bigint not null default 1,
    foreign key (organisation_id, venue_id) references eitje.venues (organisation_id, id),
    foreign key (organisation_id, team_member_id) references eitje.team_members (organisation_id, id)
);
create index entries_by_day on eitje.entries (organisation_id, day);
create index entries_by_team_member on eitje.entries (team_member_id, day);
create trigger raise_row_version before update on eitje.entries
    for each row execute function eitje.raise_row_version();

create table eitje.entry_extras (
    entry_id uuid not null references eitje.entries on delete cascade,
    kind     text not null check (kind in ('meal', 'allowance')),
    type     text not null check (btrim(type) <> ''),
    quantity eitje.amount not null check (quantity > 0),
    primary key (entry_id, kind, type)
);

-- A meal or an allowance is part of its entry, so changing one changes the entry.
-- +goose StatementBegin
create function eitje.raise_entry_version() returns trigger language plpgsql as $$
begin
    update eitje.entries set row_version = row_version
     where id in (case when tg_op <> 'INSERT' then old.entry_id end,
                  case when tg_op <> 'DELETE' then new.entry_id end);
    return null;
end $$;
-- +goose StatementEnd
create trigger raise_entry_version after insert or update or delete on eitje.entry_extras
    for each row execute function eitje.raise_entry_version();
