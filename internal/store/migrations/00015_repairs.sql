-- +goose Up
-- Two profiles that turned out to be one person (S22): what was moved from the one that
-- is dropped to the one that is kept, so that it can be taken back.
create table connexie.repairs (
    id            uuid primary key,
    connection_id uuid not null references connexie.connections,
    keep_id       uuid not null references eitje.team_members,
    drop_id       uuid not null references eitje.team_members,
    connexie_id   connexie.external_id not null,
    link_moved    boolean not null,
    announced     boolean not null,
    counts        jsonb not null,
    kept_entries  uuid[] not null,
    requested_by  text not null,
    repaired_at   timestamptz not null,
    undo_id       uuid unique,
    undo_counts   jsonb,
    undone_by     text,
    undone_at     timestamptz,
    check (keep_id <> drop_id),
    check ((undo_id is null) = (undone_at is null)
       and (undo_counts is null) = (undone_at is null)
       and (undone_by is null) = (undone_at is null))
);
comment on column connexie.repairs.link_moved is
    'False where the profile that is kept was the linked one, and its history alone has grown.';
comment on column connexie.repairs.announced is
    'The repair closed the notification of a likely duplicate, which an undo opens again.';
comment on column connexie.repairs.kept_entries is
    'What the kept profile had of its own; an undo tells what has been added since.';
-- A profile is dropped once, until that is undone.
create unique index repairs_in_force on connexie.repairs (drop_id) where undone_at is null;
create index repairs_by_connection on connexie.repairs (connection_id, repaired_at desc);
create index repairs_by_keep on connexie.repairs (keep_id);

create table connexie.repair_moves (
    repair_id uuid not null references connexie.repairs on delete cascade,
    object    text not null
              check (object in ('entry', 'contract', 'contract_aside', 'contract_changed', 'venue', 'team_member')),
    object_id uuid not null,
    version   bigint,
    before    jsonb,
    after     jsonb,
    primary key (repair_id, object, object_id)
);
comment on column connexie.repair_moves.object is
    'contract_aside: the kept profile''s own contract that gave way; contract_changed, team_member: what following Connexie did to the kept profile, or archiving to the dropped one.';
comment on column connexie.repair_moves.version is 'The row''s version right after the move, by which an undo tells edits.';
comment on column connexie.repair_moves.before is 'Of the columns that changed; of a venue, which of the profiles had it.';
