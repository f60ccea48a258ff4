-- +goose Up
-- Not only runs change what people see: somebody ends an employment in Eitje, repairs a
-- duplicate, decides a dispute. Each of these acts leaves its audit lines too (S10): act
-- says what it was and act_id which one; run_id stays that of a run.
alter table connexie.changes
    alter column run_id drop not null,
    add column act text not null default 'sync'
        check (act in ('sync', 'ending', 'repair', 'undo', 'dispute', 'hold', 'erasure', 'connection')),
    add column act_id uuid,
    add constraint changes_have_an_origin check (act <> 'sync' or run_id is not null),
    drop constraint changes_object_check,
    add constraint changes_object_check
        check (object in ('team_member', 'contract', 'venue', 'link', 'entries', 'dispute', 'hold', 'connection'));
comment on column connexie.changes.act is
    'What changed it: a sync, of which run_id names the run, or an act of somebody, of which act_id names the row.';
create index changes_by_act on connexie.changes (act_id) where act_id is not null;
create index changes_by_person on connexie.changes (connection_id, connexie_id, at);

-- What a connection may choose (E4, S22).
alter table connexie.connections
    add column automatic_endings boolean not null default false,
    add column likely_duplicates_wait boolean not null default false;
comment on column connexie.connections.automatic_endings is
    'The second step of an ending is done without somebody''s confirmation (E4).';
comment on column connexie.connections.likely_duplicates_wait is
    'Whoever looks like an unlinked profile waits as disputed instead of being created (S22).';
