-- +goose Up
-- Whoever was erased (N5). The person is recognised by a keyed hash of the Connexie ID
-- alone: the key is the application's, so that nobody finds out from the database who
-- it was by trying ids. An erasure of a profile that Connexie never knew has no hash.
create table connexie.erasures (
    id             uuid primary key,
    connection_id  uuid not null references connexie.connections,
    team_member_id uuid references eitje.team_members,
    key_id         text,
    id_hash        bytea,
    erased_at      timestamptz not null,
    erased_by      text not null,
    forced         boolean not null default false,
    ids_removed_at timestamptz,
    lifted_at      timestamptz,
    lifted_by      text,
    lifted_number  bigint,
    check ((key_id is null) = (id_hash is null)),
    check (id_hash is not null or team_member_id is not null),
    check ((lifted_at is null) = (lifted_number is null))
);
comment on column connexie.erasures.key_id is
    'Which key of the ring the hash was made with; it must stay in the ring as long as the erasure holds.';
comment on column connexie.erasures.ids_removed_at is
    'Since when the Connexie ID stands nowhere any more. Before, the link and the lines of exports keep it: a period may have to be exported again (X8).';
comment on column connexie.erasures.lifted_number is
    'When it was lifted, in the order of readings: one that began before left the person out.';
create unique index erasures_by_hash on connexie.erasures (connection_id, key_id, id_hash) where lifted_at is null;
create unique index erasures_by_team_member on connexie.erasures (team_member_id) where lifted_at is null;

alter table eitje.team_members
    add column erased_at timestamptz check (isfinite(erased_at));
comment on column eitje.team_members.erased_at is
    'Since when the row says nothing about anybody: it stays as the owner of entries and of export lines (N5).';

alter table connexie.reading_pages
    add column erased integer not null default 0 check (erased >= 0);
comment on column connexie.reading_pages.erased is
    'How many on the page were left out because they had been erased (N5).';
