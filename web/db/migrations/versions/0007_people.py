"""People: second factors, passkeys, links of invitations and resets, and what a clinic asks of those who sign in.

Columns are added, never a table rebuilt. The way back takes second factors away: it is refused where somebody has one,
for they would be less safe than they think, unless that is asked for in so many words.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import context, op
from alembic.util import CommandError

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime(timezone=True)

accounts = sa.table("accounts", sa.column("totp", sa.LargeBinary()))
sign_ins = sa.table("sign_ins", sa.column("is_half", sa.Boolean()))
passkeys = sa.table("passkeys", sa.column("id", sa.Uuid()))
memberships = sa.table("memberships", sa.column("status", sa.String()), sa.column("has_joined", sa.Boolean()))


def upgrade() -> None:
    op.add_column("memberships", sa.Column("has_joined", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.get_bind().execute(memberships.update().where(memberships.c.status != "invited").values(has_joined=True))
    op.add_column("accounts", sa.Column("is_short", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column("accounts", sa.Column("totp", sa.LargeBinary(), nullable=True))
    op.add_column("accounts", sa.Column("totp_counter", sa.Integer(), nullable=True))
    op.add_column("accounts", sa.Column("n_failed", sa.Integer(), server_default="0", nullable=False))
    op.add_column("accounts", sa.Column("n_failed_known", sa.Integer(), server_default="0", nullable=False))
    op.add_column("sign_ins", sa.Column("second", sa.String(length=20), server_default="", nullable=False))
    op.add_column("sign_ins", sa.Column("is_half", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column("sign_ins", sa.Column("proved_at", _MOMENT, nullable=True))
    op.add_column("sign_ins", sa.Column("browser", sa.String(length=40), server_default="", nullable=False))
    op.create_table(
        "recovery_codes",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("code_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("made_at", _MOMENT, nullable=False),
        sa.Column("used_at", _MOMENT, nullable=True),
        *_of_person("recovery_codes"),
        sa.UniqueConstraint("code_hash", name=op.f("uq_recovery_codes_code_hash")),
    )
    op.create_index(op.f("ix_recovery_codes_person_id"), "recovery_codes", ["person_id"])
    op.create_table(
        "passkeys",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("host", sa.String(length=255), nullable=False),
        sa.Column("credential", sa.LargeBinary(), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("n_signed", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("made_at", _MOMENT, nullable=False),
        sa.Column("used_at", _MOMENT, nullable=True),
        *_of_person("passkeys"),
        sa.UniqueConstraint("credential", name=op.f("uq_passkeys_credential")),
    )
    op.create_index(op.f("ix_passkeys_person_id"), "passkeys", ["person_id"])
    op.create_table(
        "passkey_challenges",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("challenge_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("purpose", sa.String(length=10), nullable=False),
        sa.Column("host", sa.String(length=255), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("expires_at", _MOMENT, nullable=False),
        *_of_person("passkey_challenges"),
        sa.UniqueConstraint("challenge_hash", name=op.f("uq_passkey_challenges_challenge_hash")),
        sa.CheckConstraint("purpose IN ('add', 'enter', 'prove')", name=op.f("ck_passkey_challenges_purpose")),
    )
    op.create_index(op.f("ix_passkey_challenges_person_id"), "passkey_challenges", ["person_id"])
    op.create_index(op.f("ix_passkey_challenges_expires_at"), "passkey_challenges", ["expires_at"])
    op.create_table(
        "staff_links",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("made_at", _MOMENT, nullable=False),
        sa.Column("expires_at", _MOMENT, nullable=False),
        sa.Column("used_at", _MOMENT, nullable=True),
        sa.Column("ended_at", _MOMENT, nullable=True),
        *_of_person("staff_links"),
        _of_clinic("staff_links"),
        sa.UniqueConstraint("token_hash", name=op.f("uq_staff_links_token_hash")),
        sa.CheckConstraint("kind IN ('invitation', 'reset')", name=op.f("ck_staff_links_kind")),
    )
    op.create_index(op.f("ix_staff_links_person_id"), "staff_links", ["person_id"])
    op.create_table(
        "sign_in_policies",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("second_factor", sa.String(length=20), nullable=False),
        sa.Column("passkeys_only", sa.Boolean(), nullable=False),
        sa.Column("idle_minutes", sa.Integer(), nullable=False),
        sa.Column("most_hours", sa.Integer(), nullable=False),
        sa.Column("changed_at", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_in_policies")),
        _of_clinic("sign_in_policies"),
        sa.UniqueConstraint("clinic_id", name=op.f("uq_sign_in_policies_clinic_id")),
        sa.CheckConstraint(
            "second_factor IN ('none', 'leads', 'everybody')", name=op.f("ck_sign_in_policies_second_factor")
        ),
        sa.CheckConstraint("idle_minutes BETWEEN 5 AND 60", name=op.f("ck_sign_in_policies_idle_minutes")),
        sa.CheckConstraint("most_hours BETWEEN 1 AND 24", name=op.f("ck_sign_in_policies_most_hours")),
    )


def _of_person(table: str) -> tuple[sa.ForeignKeyConstraint, sa.PrimaryKeyConstraint]:
    return (
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f(f"fk_{table}_person_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
    )  # fmt: skip


def _of_clinic(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["clinic_id"], ["clinics.id"], name=op.f(f"fk_{table}_clinic_id"), ondelete="CASCADE"
    )  # fmt: skip


def _refuse_loss(bind: sa.Connection) -> None:
    """Refuse where somebody has a second factor: without it a password that was let out opens the clinic."""
    if context.config.attributes.get("losing"):
        return
    n_apps = bind.execute(sa.select(sa.func.count()).select_from(accounts).where(accounts.c.totp.is_not(None))).scalar()
    n_keys = bind.execute(sa.select(sa.func.count()).select_from(passkeys)).scalar()
    if n_apps or n_keys:
        raise CommandError(
            f"The database holds {n_apps} authenticator apps and {n_keys} passkeys, which would be lost: who has one "
            "would sign in with the password alone. Make a backup; then go on with --lose-answers."
        )


def downgrade() -> None:
    _refuse_loss(op.get_bind())
    op.get_bind().execute(sign_ins.delete().where(sign_ins.c.is_half))  # they would count as whole
    op.drop_table("sign_in_policies")
    op.drop_index(op.f("ix_staff_links_person_id"), table_name="staff_links")
    op.drop_table("staff_links")
    op.drop_index(op.f("ix_passkey_challenges_expires_at"), table_name="passkey_challenges")
    op.drop_index(op.f("ix_passkey_challenges_person_id"), table_name="passkey_challenges")
    op.drop_table("passkey_challenges")
    op.drop_index(op.f("ix_passkeys_person_id"), table_name="passkeys")
    op.drop_table("passkeys")
    op.drop_index(op.f("ix_recovery_codes_person_id"), table_name="recovery_codes")
    op.drop_table("recovery_codes")
    op.drop_column("memberships", "has_joined")
    for column in ("browser", "proved_at", "is_half", "second"):
        op.drop_column("sign_ins", column)
    for column in ("n_failed_known", "n_failed", "totp_counter", "totp", "is_short"):
        op.drop_column("accounts", column)
