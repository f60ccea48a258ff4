-- +goose Up
-- The end of an employment: first in Connexie, then in Eitje (E1). It may take months.
create table connexie.endings (
    id                 uuid primary key,
    connection_id      uuid not null references connexie.connections,
    team_member_id     uuid not null references eitje.team_members,
    connexie_id        connexie.external_id not null,
    workflow_id        text not null,
    requested_end_date date not null,
    end_date           date not null,
    reason             text not null default '' check (reason ~ '^[A-Za-z0-9_-]{0,64}$'),
    requested_by       text not null,
    stage              text not null
                       check (stage in ('opened', 'waiting_for_connexie', 'waiting_for_date',
                                        'waiting_for_confirmation', 'watching', 'closed')),
    stage_since        timestamptz not null,
    reminders          integer not null default 0 check (reminders >= 0),
    next_at            timestamptz,
    seen_ended         boolean,
    seen_end           date,
    seen_missing       boolean not null default false,
    gone               boolean not null default false,
    confirmed_by       text,
    ended_at           timestamptz,
    ended_number       bigint,
    outcome            text check (outcome in ('ended', 'withdrawn', 'refused', 'reactivated', 'unwatched', 'abandoned')),
    outcome_reason     text,
    withdrawn_by       text,
    future_shifts      integer not null default 0,
    unapproved         integer not null default 0,
    unexported         integer not null default 0,
    opened_at          timestamptz not null,
    closed_at          timestamptz,
    check ((closed_at is not null) = (stage = 'closed')),
    check ((closed_at is not null) = (outcome is not null)),
    check ((ended_at is null) = (ended_number is null))
);
comment on column connexie.endings.end_date is
    'The last day: Connexie''s, once there is one, or else the one that was asked for.';
comment on column connexie.endings.seen_ended is
    'What Connexie said when the ending was last looked at, as seen_end and seen_missing: a sync tells when it differs.';
comment on column connexie.endings.gone is
    'Asked for this person alone, Connexie did not know the id.';
comment on column connexie.endings.ended_number is
    'When step two was done, in the order of readings and runs: a run with a higher number came after it (E6).';
-- One ending of a team member at a time.
create unique index endings_one_open on connexie.endings (team_member_id) where closed_at is null;
-- What a sync asks for when it closes, and the comparison on every night.
create index endings_open on connexie.endings (connection_id, connexie_id) where closed_at is null;
create index endings_by_connection on connexie.endings (connection_id, opened_at desc);

-- What somebody wrote about an ending in words of their own: it never enters a workflow.
-- It may be written before the ending is opened, so that it names it by its id alone.
create table connexie.ending_notes (
    ending_id  uuid not null,
    written_at timestamptz not null,
    by         text not null,
    note       text not null check (length(note) between 1 and 2000),
    primary key (ending_id, written_at, by)
);
