"""The database: tables, the sole mapping between rows and domain objects, queries, migrations."""
