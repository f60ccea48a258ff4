-- +goose Up
-- Who has read a notification, and until when somebody wants to hear nothing of it. A
-- snooze that has run out leaves who snoozed it and when it came again; what is closed
-- is no longer snoozed, whatever stands here.
alter table connexie.notifications
    add column read_by       text,
    add column snoozed_until timestamptz,
    add column snoozed_at    timestamptz,
    add column snoozed_by    text,
    add column came_again_at timestamptz,
    add constraint notifications_snoozed_by_somebody
        check (snoozed_until is null or (snoozed_at is not null and snoozed_by is not null));
create index notifications_snoozed on connexie.notifications (snoozed_until)
    where snoozed_until is not null and closed_at is null;

-- Where an organisation wants to be told. Behind the settings stands how it fares.
create table connexie.notification_channels (
    id                uuid primary key,
    organisation_id   uuid not null references eitje.organisations,
    kind              text not null check (kind in ('webhook', 'email')),
    target            text not null check (target <> ''),
    minimum_severity  text not null check (minimum_severity in ('info', 'warning', 'critical')),
    enabled           boolean not null,
    -- What a webhook is signed with, sealed by the application (N3).
    key_id            text,
    ciphertext        bytea,
    set_at            timestamptz not null,
    set_by            text not null,
    failures          integer not null default 0 check (failures >= 0),
    refusals          integer not null default 0 check (refusals >= 0),
    failing_since     timestamptz,
    problem           text,
    retry_at          timestamptz,
    stopped_at        timestamptz,
    last_delivered_at timestamptz,
    lease             uuid,
    leased_until      timestamptz,
    last_turn_at      timestamptz,
    unique (organisation_id, kind, target),
    check ((key_id is null) = (ciphertext is null)),
    check ((kind = 'webhook') = (ciphertext is not null)),
    check ((failing_since is null) = (problem is null)),
    check (stopped_at is null or failing_since is not null),
    check ((lease is null) = (leased_until is null))
);
comment on column connexie.notification_channels.failures is 'In a row; a delivery ends them.';
comment on column connexie.notification_channels.refusals is 'Of the failures, those that no repetition mends.';
comment on column connexie.notification_channels.stopped_at is 'Nothing is tried until somebody tests the channel or sets it anew.';
comment on column connexie.notification_channels.lease is 'Whose turn it is to deliver here; nobody else does until leased_until.';

-- The outbox: what happened to a notification, written by the statement that changed
-- it. Numbers rise with what happens to one notification, because its row is locked.
create table connexie.notification_events (
    number          bigint generated always as identity primary key,
    notification_id uuid not null references connexie.notifications on delete cascade,
    organisation_id uuid not null,
    kind            text not null check (kind in ('opened', 'told_anew', 'due_again', 'closed')),
    severity        text not null,
    next_step       text not null,
    at              timestamptz not null
);
create index notification_events_by_notification on connexie.notification_events (notification_id, number);

-- How far an event is on each channel that gets it.
create table connexie.notification_deliveries (
    channel_id      uuid not null references connexie.notification_channels on delete cascade,
    event_number    bigint not null references connexie.notification_events on delete cascade,
    notification_id uuid not null,
    state           text not null default 'pending' check (state in ('pending', 'delivered', 'refused')),
    due_at          timestamptz not null,
    attempts        integer not null default 0 check (attempts >= 0),
    problem         text,
    mail            bigint,
    delivered_at    timestamptz,
    primary key (channel_id, event_number),
    check ((state = 'delivered') = (delivered_at is not null))
);
comment on column connexie.notification_deliveries.mail is
    'The first event of the mail that it was put into: a mail that is sent again holds the same.';
create index notification_deliveries_due on connexie.notification_deliveries (channel_id, due_at) where state = 'pending';
create index notification_deliveries_by_notification
    on connexie.notification_deliveries (notification_id, channel_id, event_number);
create index notification_deliveries_by_event on connexie.notification_deliveries (event_number);

-- How severities compare, the least severe first.
-- +goose StatementBegin
create function connexie.severity_rank(severity text) returns integer
    language sql immutable parallel safe
    return array_position(array['info', 'warning', 'critical'], severity);
-- +goose StatementEnd

-- Triggers, one call a statement, rather than something in each statement: whoever
-- opens or closes notifications need not know that somebody delivers them. The old and
-- the new rows of a statement are joined without statistics, and perhaps by a plan that
-- was made for a single row, hence the settings: two sets of 10,000 must be hashed.
-- +goose StatementBegin
create function connexie.note_opened_notifications() returns trigger
    language plpgsql set jit = off
as $$
begin
    insert into connexie.notification_events (notification_id, organisation_id, kind, severity, next_step, at)
    select n.id, n.organisation_id, 'opened', n.severity, n.next_step, n.opened_at
      from written n
     where n.closed_at is null
     order by n.opened_at, n.id;
    return null;
end
$$;
-- +goose StatementEnd

-- +goose StatementBegin
create function connexie.note_changed_notifications() returns trigger
    language plpgsql set jit = off set enable_nestloop = off set enable_hashjoin = on
as $$
begin
    insert into connexie.notification_events (notification_id, organisation_id, kind, severity, next_step, at)
    select c.id, c.organisation_id, c.kind, c.severity, c.next_step, c.at
      from (select n.id, n.organisation_id, n.severity, n.next_step,
                   case when b.closed_at is null and n.closed_at is not null then 'closed'
                        when n.closed_at is not null then null
                        when (b.opened_at, b.severity, b.next_step, b.closed_at)
                             is distinct from (n.opened_at, n.severity, n.next_step, n.closed_at) then 'told_anew'
                        when b.came_again_at is distinct from n.came_again_at then 'due_again' end as kind,
                   case when n.closed_at is not null then n.closed_at
                        when b.came_again_at is distinct from n.came_again_at then n.came_again_at
                        else n.opened_at end as at
              from written n
              join overwritten b on b.id = n.id) c
     where c.kind is not null
     order by c.at, c.id;
    return null;
end
$$;
-- +goose StatementEnd

-- An event goes to the channels of its organisation that are to hear of it, and to any
-- that has heard of the notification before: nobody is left with one that is closed.
-- The lookup is a subquery of its own, which no planner turns into a join with all
-- deliveries.
-- +goose StatementBegin
create function connexie.spread_notification_events() returns trigger
    language plpgsql set jit = off
as $$
begin
    insert into connexie.notification_deliveries (channel_id, event_number, notification_id, due_at)
    select c.id, e.number, e.notification_id, e.at
      from written e
      join connexie.notification_channels c on c.organisation_id = e.organisation_id
     where (c.enabled and connexie.severity_rank(e.severity) >= connexie.severity_rank(c.minimum_severity))
        or (select true from connexie.notification_deliveries d
             where d.notification_id = e.notification_id and d.channel_id = c.id limit 1);
    return null;
end
$$;
-- +goose StatementEnd

create trigger notifications_opened after insert on connexie.notifications
    referencing new table as written
    for each statement execute function connexie.note_opened_notifications();
create trigger notifications_changed after update on connexie.notifications
    referencing old table as overwritten new table as written
    for each statement execute function connexie.note_changed_notifications();
create trigger notification_events_spread after insert on connexie.notification_events
    referencing new table as written
    for each statement execute function connexie.spread_notification_events();
