"""What Alembic runs: on the connection, and inside the transaction, that ``web.db.schema`` has opened."""

from __future__ import annotations

from alembic import context

from web.db.tables import Base


def run() -> None:
    """Run the migrations; a half-way failure leaves the database as it was, on SQLite too."""
    context.configure(
        connection=context.config.attributes["connection"],
        target_metadata=Base.metadata,
        render_as_batch=True,
        transactional_ddl=True,
        compare_type=True,
    )
    with context.begin_transaction():
        context.run_migrations()


run()
