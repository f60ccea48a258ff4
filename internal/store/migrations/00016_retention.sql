-- +goose Up
-- One housekeeping a day: what it removed, and whether anything was left undone.
create table connexie.housekeepings (
    id          uuid primary key,
    workflow_id text not null,
    started_at  timestamptz not null,
    closed_at   timestamptz,
    outcome     text check (outcome in ('ok', 'nothing', 'problems')),
    counts      jsonb not null default '{}',
    check ((closed_at is null) = (outcome is null))
);
create index housekeepings_by_start on connexie.housekeepings (started_at desc);

alter table connexie.sync_runs
    add column items_pruned_at timestamptz;
comment on column connexie.sync_runs.items_pruned_at is
    'Since when what the run did or would have done to each person is no longer kept; the counts are.';

-- What a term has run out for, so that a day without any costs a look at an index.
create index sync_runs_to_prune on connexie.sync_runs (closed_at) where items_pruned_at is null and closed_at is not null;
create index people_missing on connexie.people (missing_since) where missing_since is not null;
create index changes_with_images on connexie.changes (at) where before is not null or after is not null;
create index notifications_closed on connexie.notifications (closed_at) where closed_at is not null;
