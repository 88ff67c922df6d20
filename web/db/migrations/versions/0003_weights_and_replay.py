"""Weights: drafts, and who let which version serve from when on. Lists: what it takes to make them again as they were.

Which weights serve was a mark on a version; it becomes the last activation that has begun, and on the way back the
mark again.
"""

from __future__ import annotations

from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

from web.db.tables.base import new_key

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_SERVING = sa.text("serving")
_AT_ONCE = 500
_MOMENT = sa.DateTime(timezone=True)

clinics = sa.table("clinics", sa.column("id", sa.Uuid()), sa.column("directory_version", sa.Integer()))
therapists = sa.table(
    "therapists",
    sa.column("clinic_id", sa.Uuid()),
    sa.column("external_id", sa.String()),
    sa.column("name", sa.String()),
    sa.column("capacity", sa.Integer()),
    sa.column("profile", sa.JSON()),
)
therapist_versions = sa.table(
    "therapist_versions",
    sa.column("id", sa.Uuid()),
    sa.column("clinic_id", sa.Uuid()),
    sa.column("external_id", sa.String()),
    sa.column("directory_version", sa.Integer()),
    sa.column("name", sa.String()),
    sa.column("capacity", sa.Integer()),
    sa.column("profile", sa.JSON()),
)
weights = sa.table(
    "weights_versions",
    sa.column("clinic_id", sa.Uuid()),
    sa.column("version", sa.String()),
    sa.column("serving", sa.Boolean()),
    sa.column("created_at", _MOMENT),
)
activations = sa.table(
    "weights_activations",
    sa.column("id", sa.Uuid()),
    sa.column("clinic_id", sa.Uuid()),
    sa.column("version", sa.String()),
    sa.column("kind", sa.String()),
    sa.column("effective_at", _MOMENT),
    sa.column("made_at", _MOMENT),
    sa.column("author", sa.String()),
    sa.column("called_off_at", _MOMENT),
)


def upgrade() -> None:
    op.create_table(
        "therapist_versions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("external_id", sa.String(length=100), nullable=False),
        sa.Column("directory_version", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("capacity", sa.Integer(), nullable=False),
        sa.Column("profile", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["clinic_id"], ["clinics.id"], name=op.f("fk_therapist_versions_clinic_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_therapist_versions")),
        sa.UniqueConstraint(
            "clinic_id",
            "external_id",
            "directory_version",
            name=op.f("uq_therapist_versions_clinic_id_external_id_directory_version"),
        ),
    )
    op.create_table(
        "weights_activations",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.String(length=60), nullable=True),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("effective_at", _MOMENT, nullable=False),
        sa.Column("made_at", _MOMENT, nullable=False),
        sa.Column("author", sa.String(length=100), nullable=False),
        sa.Column("approved_by", sa.String(length=100), nullable=True),
        sa.Column("called_off_at", _MOMENT, nullable=True),
        sa.CheckConstraint("kind IN ('published', 'rolled_back')", name=op.f("ck_weights_activations_kind")),
        sa.ForeignKeyConstraint(
            ["clinic_id", "version"],
            ["weights_versions.clinic_id", "weights_versions.version"],
            name=op.f("fk_weights_activations_clinic_id_version"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id"], ["clinics.id"], name=op.f("fk_weights_activations_clinic_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_weights_activations")),
    )
    op.create_index(
        op.f("ix_weights_activations_clinic_id_effective_at"), "weights_activations", ["clinic_id", "effective_at"]
    )
    op.create_table(
        "weights_drafts",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("weights", sa.JSON(), nullable=False),
        sa.Column("client_bounds", sa.JSON(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("based_on", sa.String(length=60), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("edited_by", sa.String(length=100), nullable=False),
        sa.Column("edited_at", _MOMENT, nullable=False),
        sa.Column("proposed_by", sa.String(length=100), nullable=True),
        sa.Column("proposed_at", _MOMENT, nullable=True),
        sa.Column("effective_at", _MOMENT, nullable=True),
        sa.CheckConstraint("revision >= 1", name=op.f("ck_weights_drafts_revision")),
        sa.ForeignKeyConstraint(
            ["clinic_id"], ["clinics.id"], name=op.f("fk_weights_drafts_clinic_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_weights_drafts")),
        sa.UniqueConstraint("clinic_id", name=op.f("uq_weights_drafts_clinic_id")),
    )
    op.add_column("weights_versions", sa.Column("author", sa.String(length=100), nullable=False, server_default=""))
    op.add_column("weights_versions", sa.Column("based_on", sa.String(length=60), nullable=True))
    op.add_column("clinics", sa.Column("two_person_weights", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("shown_lists", sa.Column("directory_version", sa.Integer(), nullable=True))
    op.add_column("shown_lists", sa.Column("release", sa.String(length=20), nullable=True))
    op.add_column("jobs", sa.Column("stage", sa.String(length=40), nullable=False, server_default=""))
    op.add_column("jobs", sa.Column("asked_by", sa.String(length=100), nullable=False, server_default=""))
    _marks_to_activations()
    op.drop_index("uq_weights_versions_serving", table_name="weights_versions")
    op.drop_column("weights_versions", "serving")
    _keep_therapists()


def _marks_to_activations() -> None:
    bind = op.get_bind()
    for row in bind.execute(sa.select(weights).where(weights.c.serving)).all():
        began = {"effective_at": row.created_at, "made_at": row.created_at}
        mark = {"id": new_key(), "clinic_id": row.clinic_id, "version": row.version, "author": "", "kind": "published"}
        bind.execute(activations.insert().values(**mark, **began))


def _keep_therapists() -> None:
    """Everybody as they are now, under the version that their directory has now."""
    bind = op.get_bind()
    found = sa.select(therapists, clinics.c.directory_version).join(clinics, clinics.c.id == therapists.c.clinic_id)
    for rows in bind.execute(found).partitions(_AT_ONCE):
        bind.execute(therapist_versions.insert(), [{"id": new_key(), **row._mapping} for row in rows])


def downgrade() -> None:
    op.add_column("weights_versions", sa.Column("serving", sa.Boolean(), nullable=False, server_default=sa.false()))
    _activations_to_marks()
    op.create_index(
        "uq_weights_versions_serving",
        "weights_versions",
        ["clinic_id"],
        unique=True,
        sqlite_where=_SERVING,
        postgresql_where=_SERVING,
    )
    op.drop_column("jobs", "asked_by")
    op.drop_column("jobs", "stage")
    op.drop_column("shown_lists", "release")
    op.drop_column("shown_lists", "directory_version")
    op.drop_column("clinics", "two_person_weights")
    op.drop_column("weights_versions", "based_on")
    op.drop_column("weights_versions", "author")
    op.drop_table("weights_drafts")
    op.drop_index(op.f("ix_weights_activations_clinic_id_effective_at"), table_name="weights_activations")
    op.drop_table("weights_activations")
    op.drop_table("therapist_versions")


def _activations_to_marks() -> None:
    """The version whose activation began last serves; where that was the release's own weights, none does."""
    bind = op.get_bind()
    begun = sa.and_(activations.c.effective_at <= datetime.now(UTC), activations.c.called_off_at.is_(None))
    last: dict[object, str | None] = {}
    order = (activations.c.effective_at, activations.c.made_at, activations.c.id)
    for row in bind.execute(sa.select(activations).where(begun).order_by(*order)).all():
        last[row.clinic_id] = row.version
    for clinic_id, version in last.items():
        ours = sa.and_(weights.c.clinic_id == clinic_id, weights.c.version == version)
        bind.execute(weights.update().where(ours).values(serving=True))
