-- +goose Up
-- Whether a run was planned with every venue decided. Somebody may decide while it is
-- being applied, and it then leaves out people whom the plan skipped: such a run does
-- not arm the guard, which would hold their creation the next time (S16).
alter table connexie.sync_runs
    add column venues_decided boolean not null default false;

-- Somebody may come to Connexie, and be synchronised alone, while its list is being
-- read: behind the page where the person would have stood. The numbers come from the
-- sequence of the readings, so that they tell what came first (S14).
alter table connexie.sync_runs
    add column opened_number bigint not null default nextval('connexie.reading_number');
alter table connexie.people
    add column seen_alone_number bigint;
comment on column connexie.sync_runs.opened_number is
    'When the run was opened, in the order of readings and of people read alone.';
comment on column connexie.people.seen_alone_number is
    'When the person was last read alone while a list was being read, in the order of readings.';
