-- +goose Up
-- A night that is repeated by hand while Connexie is away is one failed night (N6). It
-- is null where the last night went through, or was counted before there was this.
alter table connexie.connections
    add column last_failed_night date;
