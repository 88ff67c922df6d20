"""What was erased, and how long a clinic keeps what it needs no more."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import context, op
from alembic.util import CommandError

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime(timezone=True)
erasures = sa.table("erasures", sa.column("forgotten_at", _MOMENT))


def upgrade() -> None:
    op.create_table(
        "erasures",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("subject", sa.Uuid(), nullable=False),
        sa.Column("asked_by", sa.String(length=100), nullable=False),
        sa.Column("n_rows", sa.Integer(), nullable=False),
        sa.Column("erased_at", _MOMENT, nullable=False),
        sa.Column("forgotten_at", _MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["clinic_id"], ["clinics.id"], name=op.f("fk_erasures_clinic_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_erasures")),
    )
    op.create_index("ix_erasures_clinic_id_forgotten_at", "erasures", ["clinic_id", "forgotten_at"])
    op.add_column("clinics", sa.Column("keep_closed_months", sa.Integer(), nullable=True))


def downgrade() -> None:
    pending = sa.select(sa.func.count()).select_from(erasures).where(erasures.c.forgotten_at.is_(None))
    n_pending = op.get_bind().execute(pending).scalar()
    if n_pending and not context.config.attributes.get("losing"):
        raise CommandError(
            f"{n_pending} clients were erased whom the model still knows, and nobody would remember to fit it anew: "
            "run rapport fit first, or go on with --lose-answers."
        )
    op.execute("ALTER TABLE clinics DROP COLUMN keep_closed_months")
    op.drop_index("ix_erasures_clinic_id_forgotten_at", table_name="erasures")
    op.drop_table("erasures")
