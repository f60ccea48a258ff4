-- +goose Up
-- What somebody decided about a disputed person, and on what (S6). A decision that took
-- another's place leaves that one here, with the day on which it did.
create table connexie.dispute_decisions (
    id             uuid primary key,
    connection_id  uuid not null,
    connexie_id    connexie.external_id not null,
    decision       text not null check (decision in ('link', 'create', 'skip')),
    team_member_id uuid references eitje.team_members on delete cascade,
    dispute        text not null,
    email_key      text not null,
    candidates     uuid[] not null,
    reason         text not null default '',
    decided_by     text not null,
    decided_at     timestamptz not null,
    replaced_at    timestamptz,
    check ((decision = 'link') = (team_member_id is not null)),
    foreign key (connection_id, connexie_id) references connexie.people on delete cascade
);
comment on table connexie.dispute_decisions is
    'Decisions about disputed people; the one that no other has replaced counts while its basis holds (S6).';
comment on column connexie.dispute_decisions.dispute is 'Why the person was disputed.';
comment on column connexie.dispute_decisions.email_key is 'The basis, with candidates: what was known when it was decided.';
comment on column connexie.dispute_decisions.reason is 'Free text of whoever decided; in no log, error or history (N4).';
create unique index dispute_decisions_current on connexie.dispute_decisions (connection_id, connexie_id)
    where replaced_at is null;
create index dispute_decisions_by_person on connexie.dispute_decisions (connection_id, connexie_id, decided_at);
create index dispute_decisions_by_team_member on connexie.dispute_decisions (team_member_id)
    where team_member_id is not null;

-- Who is exempt from the synchronisation, and until when (S21). A hold ends by itself
-- after its last day; lifting ends it before.
create table connexie.holds (
    id            uuid primary key,
    connection_id uuid not null,
    connexie_id   connexie.external_id not null,
    until         date not null,
    reason        text not null,
    by            text not null,
    created_at    timestamptz not null,
    lifted_at     timestamptz,
    lifted_by     text,
    check ((lifted_at is null) = (lifted_by is null)),
    foreign key (connection_id, connexie_id) references connexie.people on delete cascade
);
comment on column connexie.holds.until is 'The last day, included.';
comment on column connexie.holds.reason is 'Free text of whoever set it; in no log, error or history (N4).';
create index holds_by_person on connexie.holds (connection_id, connexie_id, until) where lifted_at is null;
