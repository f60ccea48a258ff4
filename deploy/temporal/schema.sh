#!/bin/sh
# Creates Temporal's two databases and brings their schemas up to date. It may be
# repeated: what exists is left as it is. SQL_* say where PostgreSQL is.
set -eu

for database in temporal temporal_visibility; do
	schema=${database#temporal_} # temporal or visibility
	echo "schema: $database"
	temporal-sql-tool --database "$database" create-database
	temporal-sql-tool --database "$database" setup-schema --version 0.0
	temporal-sql-tool --database "$database" update-schema \
		--schema-dir "/etc/temporal/schema/postgresql/v12/$schema/versioned"
done
