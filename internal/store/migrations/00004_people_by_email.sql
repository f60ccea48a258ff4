-- +goose Up
-- The e-mail key comes first. With the connection in front the index serves the check
-- of a foreign key to people as well as the primary key seems to, as long as the table
-- is empty; a connection that planned the check then goes on reading everyone of the
-- connection for each row of a first reading.
drop index connexie.people_by_email;
create index people_by_email on connexie.people (email_key, connection_id);
