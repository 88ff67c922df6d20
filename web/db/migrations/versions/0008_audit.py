"""The audit trail becomes a chain that nobody can change unseen, and a course can be opened in an emergency.

What is there is chained in the order in which it happened; that takes a key of the ring. From then on the database
itself refuses to change or remove an event. The way back takes the chain away and leaves the events. Nothing refers to
events, so that SQLite may rebuild their table.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import context, op
from alembic.util import CommandError

from web.db import audit_chain, crypto
from web.db.tables.base import Moment, new_key

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_AT_ONCE = 500
_REFUSED = "audit events are added, and never changed or removed"

events = sa.table(
    "audit_events",
    *(sa.column(name, sa.Uuid()) for name in ("id", "clinic_id")),
    sa.column("at", Moment()),
    *(sa.column(name, sa.String()) for name in ("actor", "action", "subject")),
    sa.column("details", sa.JSON()),
    sa.column("sequence", sa.Integer()),
    sa.column("key", sa.String()),
    sa.column("mac", sa.LargeBinary()),
)
heads = sa.table(
    "audit_heads",
    *(sa.column(name, sa.Uuid()) for name in ("id", "clinic_id")),
    sa.column("sequence", sa.Integer()),
    sa.column("mac", sa.LargeBinary()),
)
clinics = sa.table("clinics", sa.column("id", sa.Uuid()))


def upgrade() -> None:
    op.create_table(
        "audit_heads",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("mac", sa.LargeBinary(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["clinic_id"], ["clinics.id"], name=op.f("fk_audit_heads_clinic_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_heads")),
        sa.UniqueConstraint("clinic_id", name=op.f("uq_audit_heads_clinic_id")),
    )
    _make_accesses()
    with op.batch_alter_table("audit_events") as batch_op:
        batch_op.add_column(sa.Column("sequence", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("key", sa.String(length=16), nullable=True))
        batch_op.add_column(sa.Column("mac", sa.LargeBinary(length=32), nullable=True))
    connection = op.get_bind()
    for clinic_id in connection.scalars(sa.select(clinics.c.id)).all():
        _chain(connection, clinic_id)
    with op.batch_alter_table("audit_events") as batch_op:
        for name, kind in (("sequence", sa.Integer()), ("key", sa.String(16)), ("mac", sa.LargeBinary(32))):
            batch_op.alter_column(name, existing_type=kind, nullable=False)
        batch_op.create_unique_constraint(op.f("uq_audit_events_clinic_id_sequence"), ["clinic_id", "sequence"])
    op.create_index(op.f("ix_audit_events_clinic_id_subject"), "audit_events", ["clinic_id", "subject"])
    op.create_index(op.f("ix_audit_events_clinic_id_actor"), "audit_events", ["clinic_id", "actor"])
    for statement in _GUARDS[connection.dialect.name]:
        op.execute(statement)


def downgrade() -> None:
    n_opened = op.get_bind().execute(sa.text("SELECT count(*) FROM emergency_accesses")).scalar()
    if n_opened and not context.config.attributes.get("losing"):
        raise CommandError(
            f"The database holds {n_opened} openings in an emergency with their reasons, which would be lost. Make a "
            "backup; then go on with --lose-answers."
        )
    for statement in _UNGUARDED[op.get_bind().dialect.name]:
        op.execute(statement)
    op.drop_index(op.f("ix_audit_events_clinic_id_actor"), table_name="audit_events")
    op.drop_index(op.f("ix_audit_events_clinic_id_subject"), table_name="audit_events")
    with op.batch_alter_table("audit_events") as batch_op:
        batch_op.drop_constraint(op.f("uq_audit_events_clinic_id_sequence"), type_="unique")
        for name in ("mac", "key", "sequence"):
            batch_op.drop_column(name)
    op.drop_table("emergency_accesses")
    op.drop_table("audit_heads")


def _make_accesses() -> None:
    op.create_table(
        "emergency_accesses",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column("reason", sa.LargeBinary(), nullable=True),
        *(sa.Column(name, sa.DateTime(timezone=True), nullable=False) for name in ("begun_at", "until")),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["clinic_id"], ["clinics.id"], name=op.f("fk_emergency_accesses_clinic_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "client_id"],
            ["clients.clinic_id", "clients.id"],
            name=op.f("fk_emergency_accesses_clinic_id_client_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_emergency_accesses_person_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_emergency_accesses")),
    )
    op.create_index(op.f("ix_emergency_accesses_clinic_id_client_id"), "emergency_accesses", ["clinic_id", "client_id"])


def _chain(connection: sa.Connection, clinic_id: object) -> None:
    """Number and seal the events of a clinic in the order of (at, id); its head stands after the last."""
    of = sa.select(events.c.id).where(events.c.clinic_id == clinic_id).order_by(events.c.at, events.c.id)
    keys = connection.scalars(of).all()
    before = audit_chain.BEGINNING
    if keys:
        key, secret = crypto.derived(audit_chain.PURPOSE)
    for start in range(0, len(keys), _AT_ONCE):
        part = keys[start : start + _AT_ONCE]
        found = connection.execute(sa.select(events).where(events.c.id.in_(part))).mappings()
        known = {row["id"]: dict(row) for row in found}
        for number, id_ in enumerate(part, start=start + 1):
            row = known[id_] | {"sequence": number, "key": key}
            before = audit_chain.seal(secret, before, row)
            sealed = events.update().where(events.c.id == id_).values(sequence=number, key=key, mac=before)
            connection.execute(sealed)
    connection.execute(heads.insert().values(id=new_key(), clinic_id=clinic_id, sequence=len(keys), mac=before))


_GUARDS = {
    "sqlite": [
        f"CREATE TRIGGER audit_events_no_{what} BEFORE {what.upper()} ON audit_events "
        f"BEGIN SELECT RAISE(ABORT, '{_REFUSED}'); END"
        for what in ("update", "delete")
    ]
    + [  # INSERT OR REPLACE removes what is in its way without telling any trigger
        "CREATE TRIGGER audit_events_no_replace BEFORE INSERT ON audit_events "  # noqa: S608 - every word is ours
        "WHEN EXISTS (SELECT 1 FROM audit_events WHERE id = NEW.id OR rowid = NEW.rowid) "
        "OR EXISTS (SELECT 1 FROM audit_events WHERE clinic_id = NEW.clinic_id AND sequence = NEW.sequence) "
        f"BEGIN SELECT RAISE(ABORT, '{_REFUSED}'); END"
    ],
    "postgresql": [
        "CREATE FUNCTION audit_events_refuse() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{_REFUSED}'; END $$",
        "CREATE TRIGGER audit_events_no_change BEFORE UPDATE OR DELETE ON audit_events "
        "FOR EACH ROW EXECUTE FUNCTION audit_events_refuse()",
        "CREATE TRIGGER audit_events_no_truncate BEFORE TRUNCATE ON audit_events "
        "FOR EACH STATEMENT EXECUTE FUNCTION audit_events_refuse()",
    ],
}
_UNGUARDED = {
    "sqlite": [f"DROP TRIGGER audit_events_no_{what}" for what in ("update", "delete", "replace")],
    "postgresql": [
        "DROP TRIGGER audit_events_no_change ON audit_events",
        "DROP TRIGGER audit_events_no_truncate ON audit_events",
        "DROP FUNCTION audit_events_refuse()",
    ],
}
