"""In the browser: intakes, flags, consents, places; accounts and sign-ins; what a client said matters most.

Columns are added, never a table rebuilt: SQLite rebuilds by dropping, and dropping what others refer to deletes them.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "accounts",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("password", sa.String(length=255), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("uniquifier", sa.String(length=64), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_accounts_person_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_accounts")),
        sa.UniqueConstraint("person_id", name=op.f("uq_accounts_person_id")),
        sa.UniqueConstraint("uniquifier", name=op.f("uq_accounts_uniquifier")),
    )
    op.create_table(
        "places",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(length=60), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("latitude", sa.Double(), nullable=False),
        sa.Column("longitude", sa.Double(), nullable=False),
        sa.CheckConstraint(
            "latitude BETWEEN -90 AND 90 AND longitude BETWEEN -180 AND 180", name=op.f("ck_places_position")
        ),
        sa.ForeignKeyConstraint(["clinic_id"], ["clinics.id"], name=op.f("fk_places_clinic_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_places")),
        sa.UniqueConstraint("clinic_id", "code", name=op.f("uq_places_clinic_id_code")),
    )
    op.create_table(
        "sign_ins",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_sign_ins_person_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_ins")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_sign_ins_token_hash")),
    )
    op.create_index(op.f("ix_sign_ins_person_id"), "sign_ins", ["person_id"], unique=False)

    op.create_table(
        "consents",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("version", sa.String(length=40), nullable=False),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["clinic_id", "client_id"],
            ["clients.clinic_id", "clients.id"],
            name=op.f("fk_consents_clinic_id_client_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["clinic_id"], ["clinics.id"], name=op.f("fk_consents_clinic_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consents")),
    )
    op.create_index(op.f("ix_consents_client_id"), "consents", ["client_id"], unique=False)

    op.create_table(
        "intakes",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("link_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=True),
        sa.Column("answers", sa.JSON(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["clinic_id", "client_id"],
            ["clients.clinic_id", "clients.id"],
            name=op.f("fk_intakes_clinic_id_client_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["clinic_id"], ["clinics.id"], name=op.f("fk_intakes_clinic_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_intakes")),
        sa.UniqueConstraint("clinic_id", "id", name=op.f("uq_intakes_clinic_id_id")),
        sa.UniqueConstraint("link_hash", name=op.f("uq_intakes_link_hash")),
    )
    op.create_index(op.f("ix_intakes_client_id"), "intakes", ["client_id"], unique=False)

    op.create_table(
        "flags",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("intake_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("raised_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("seen_by", sa.Uuid(), nullable=True),
        sa.CheckConstraint("kind IN ('safety', 'no_match', 'choose_for_me')", name=op.f("ck_flags_kind")),
        sa.CheckConstraint("seen_at IS NULL OR seen_at >= raised_at", name=op.f("ck_flags_seen_at")),
        sa.ForeignKeyConstraint(
            ["clinic_id", "intake_id"],
            ["intakes.clinic_id", "intakes.id"],
            name=op.f("fk_flags_clinic_id_intake_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["clinic_id"], ["clinics.id"], name=op.f("fk_flags_clinic_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["seen_by"], ["people.id"], name=op.f("fk_flags_seen_by"), ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_flags")),
        sa.UniqueConstraint("clinic_id", "intake_id", "kind", name=op.f("uq_flags_clinic_id_intake_id_kind")),
    )
    op.create_index(op.f("ix_flags_seen_by"), "flags", ["seen_by"], unique=False)

    op.add_column("clinics", sa.Column("host", sa.String(length=255), nullable=True))
    op.create_index(op.f("ix_clinics_host"), "clinics", ["host"], unique=True)

    op.add_column("shown_lists", sa.Column("wanted", sa.JSON(), nullable=True))

    op.add_column("weights_versions", sa.Column("client_bounds", sa.JSON(), nullable=True))


def downgrade() -> None:

    op.drop_column("weights_versions", "client_bounds")

    op.drop_column("shown_lists", "wanted")

    op.drop_index(op.f("ix_clinics_host"), table_name="clinics")
    op.drop_column("clinics", "host")

    op.drop_index(op.f("ix_flags_seen_by"), table_name="flags")

    op.drop_table("flags")
    op.drop_index(op.f("ix_intakes_client_id"), table_name="intakes")

    op.drop_table("intakes")
    op.drop_index(op.f("ix_consents_client_id"), table_name="consents")

    op.drop_table("consents")
    op.drop_index(op.f("ix_sign_ins_person_id"), table_name="sign_ins")

    op.drop_table("sign_ins")
    op.drop_table("places")
    op.drop_table("accounts")
