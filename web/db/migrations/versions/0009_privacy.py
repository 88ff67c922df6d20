"""What was erased, and how long a clinic keeps what it needs no more."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime(timezone=True)


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
    op.execute("ALTER TABLE clinics DROP COLUMN keep_closed_months")
    op.drop_index("ix_erasures_clinic_id_forgotten_at", table_name="erasures")
    op.drop_table("erasures")
