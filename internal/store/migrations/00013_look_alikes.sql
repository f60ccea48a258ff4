-- +goose Up
-- What two names, or two phone numbers, must have in common to be the same (S22): the
-- SQL twins of domain.NameKey and domain.PhoneKey. Letters are written out as in
-- eitje.email_key. Letters beyond the second list are taken away: white space.
-- +goose StatementBegin
create function eitje.name_key(first_name text, infix text, last_name text) returns text
    language sql immutable parallel safe
    return left(translate(
        coalesce(first_name, '') || coalesce(infix, '') || coalesce(last_name, ''),
        U&'ABCDEFGHIJKLMNOPQRSTUVWXYZ\00C0\00C1\00C2\00C3\00C4\00C5\00C6\00C7\00C8\00C9\00CA\00CB\00CC\00CD\00CE\00CF\00D0\00D1\00D2\00D3\00D4\00D5\00D6\00D8\00D9\00DA\00DB\00DC\00DD\00DE\0009\000A\000B\000C\000D\0020\0085\00A0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200A\2028\2029\202F\205F\3000',
        U&'abcdefghijklmnopqrstuvwxyz\00E0\00E1\00E2\00E3\00E4\00E5\00E6\00E7\00E8\00E9\00EA\00EB\00EC\00ED\00EE\00EF\00F0\00F1\00F2\00F3\00F4\00F5\00F6\00F8\00F9\00FA\00FB\00FC\00FD\00FE'), 120);
-- +goose StatementEnd

-- The digits, a Dutch number as it is dialled at home; empty below eight of them.
-- +goose StatementBegin
create function eitje.phone_key(phone text) returns text
    language sql immutable parallel safe
    return left(regexp_replace(regexp_replace(
        case when phone ~ '^[^0123456789]*[+]' then '00' else '' end || regexp_replace(phone, '[^0123456789]', '', 'g'),
        '^00310?', '0'), '^.{0,7}$', ''), 20);
-- +goose StatementEnd

alter table eitje.team_members
    add column name_key text generated always as (nullif(eitje.name_key(first_name, infix, last_name), '')) stored,
    add column phone_key text generated always as (nullif(eitje.phone_key(phone), '')) stored;
create index team_members_by_name on eitje.team_members (name_key, date_of_birth, organisation_id)
    where archived_at is null and name_key is not null;
create index team_members_by_phone on eitje.team_members (phone_key, organisation_id)
    where archived_at is null and phone_key is not null;

-- Each index is of use to the statements that look up its own key alone, so that none
-- seems as good as another over a table that nobody has counted yet.
drop index eitje.team_members_by_email;
create index team_members_by_email on eitje.team_members (email_key, organisation_id)
    where archived_at is null and email_key is not null;
