-- +goose Up
-- The columns by which a single person's rows are looked up come first, so that no
-- other index seems as good over a table that nobody has counted yet: it would go on
-- being used when the table has grown.
drop index eitje.team_members_by_email;
create index team_members_by_email on eitje.team_members (email_key, organisation_id)
    where archived_at is null;

drop index connexie.notifications_open;
create unique index notifications_open on connexie.notifications (connection_id, subject, cause)
    where closed_at is null;
