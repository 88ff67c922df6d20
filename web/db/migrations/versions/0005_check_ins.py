"""Check-ins: appointments, private links, what clients say around sessions, what is seen in it, and what is told.

A first session that is noted already, and still to come, becomes an appointment. Columns are added, never a table
rebuilt. The way back is refused where it would lose what people said, unless that is asked for in so many words.
"""

from __future__ import annotations

from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import context, op
from alembic.util import CommandError

from web.db.tables.base import new_key

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime(timezone=True)
_AT_ONCE = 500
_MINUTES = 50

placements = sa.table(
    "placements",
    *(sa.column(name, sa.Uuid()) for name in ("clinic_id", "client_id", "therapist_id")),
    sa.column("state", sa.String()),
    *(sa.column(name, _MOMENT) for name in ("made_at", "first_session_at")),
)
appointments = sa.table(
    "appointments",
    *(sa.column(name, sa.Uuid()) for name in ("id", "clinic_id", "client_id", "therapist_id")),
    sa.column("begins_at", _MOMENT),
    sa.column("minutes", sa.Integer()),
    *(sa.column(name, sa.String()) for name in ("state", "made_by")),
    sa.column("made_at", _MOMENT),
)

ratings = sa.table("ratings", sa.column("session_id", sa.Uuid()))
check_ins = sa.table("check_ins", *(sa.column(name, sa.Uuid()) for name in ("session_id", "release_id")))
# what people wrote into the tables that go: (name, one of it, more of it)
_SAID = (
    ("check_ins", "check-in", "check-ins"),
    ("measures", "score of a questionnaire", "scores of questionnaires"),
    ("goals", "goal", "goals"),
    ("own_ratings", "rating by a therapist", "ratings by therapists"),
    ("appointments", "appointment", "appointments"),
)


def upgrade() -> None:
    op.create_table(
        "instruments",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(length=60), nullable=False),
        sa.Column("version", sa.String(length=40), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("questionnaire", sa.JSON(), nullable=False),
        sa.Column("licence", sa.Text(), nullable=False),
        sa.Column("added_at", _MOMENT, nullable=False),
        sa.Column("added_by", sa.String(length=100), nullable=False),
        sa.Column("retired_at", _MOMENT, nullable=True),
        sa.ForeignKeyConstraint(
            ["clinic_id"], ["clinics.id"], name=op.f("fk_instruments_clinic_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_instruments")),
        sa.UniqueConstraint("clinic_id", "code", "version", name=op.f("uq_instruments_clinic_id_code_version")),
    )
    op.create_table(
        "goals",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("made_at", _MOMENT, nullable=False),
        sa.Column("ended_at", _MOMENT, nullable=True),
        sa.Column("shown_to", sa.String(length=20), nullable=False),
        sa.CheckConstraint("shown_to IN ('aggregate', 'named')", name=op.f("ck_goals_shown_to")),
        sa.ForeignKeyConstraint(
            ["clinic_id", "client_id"],
            ["clients.clinic_id", "clients.id"],
            name=op.f("fk_goals_clinic_id_client_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["clinic_id"], ["clinics.id"], name=op.f("fk_goals_clinic_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_goals")),
        sa.UniqueConstraint("clinic_id", "id", name=op.f("uq_goals_clinic_id_id")),
    )
    op.create_index(op.f("ix_goals_client_id"), "goals", ["client_id"], unique=False)
    op.create_table(
        "measures",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("instrument", sa.String(length=60), nullable=False),
        sa.Column("version", sa.String(length=40), nullable=False),
        sa.Column("moment", sa.String(length=20), nullable=False),
        sa.Column("answers", sa.JSON(), nullable=False),
        sa.Column("score", sa.Double(), nullable=False),
        sa.Column("said_at", _MOMENT, nullable=False),
        sa.Column("shown_to", sa.String(length=20), nullable=False),
        sa.CheckConstraint(
            "moment IN ('booking', 'before_first', 'course', 'imported')", name=op.f("ck_measures_moment")
        ),
        sa.CheckConstraint("shown_to IN ('aggregate', 'named')", name=op.f("ck_measures_shown_to")),
        sa.ForeignKeyConstraint(
            ["clinic_id", "client_id"],
            ["clients.clinic_id", "clients.id"],
            name=op.f("fk_measures_clinic_id_client_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["clinic_id"], ["clinics.id"], name=op.f("fk_measures_clinic_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_measures")),
    )
    op.create_index(
        "ix_measures_clinic_id_client_id_said_at", "measures", ["clinic_id", "client_id", "said_at"], unique=False
    )
    op.create_table(
        "releases",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("therapist_id", sa.Uuid(), nullable=False),
        sa.Column("n_clients", sa.Integer(), nullable=False),
        sa.Column("figures", sa.JSON(), nullable=False),
        sa.Column("released_at", _MOMENT, nullable=False),
        sa.CheckConstraint("n_clients >= 5", name=op.f("ck_releases_n_clients")),
        sa.ForeignKeyConstraint(
            ["clinic_id", "therapist_id"],
            ["therapists.clinic_id", "therapists.id"],
            name=op.f("fk_releases_clinic_id_therapist_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["clinic_id"], ["clinics.id"], name=op.f("fk_releases_clinic_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_releases")),
        sa.UniqueConstraint("clinic_id", "id", name=op.f("uq_releases_clinic_id_id")),
    )
    op.create_index(op.f("ix_releases_therapist_id"), "releases", ["therapist_id"], unique=False)
    op.create_table(
        "alerts",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("dyad_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("session_number", sa.Integer(), nullable=False),
        sa.Column("figures", sa.JSON(), nullable=False),
        sa.Column("raised_at", _MOMENT, nullable=False),
        sa.Column("settled_at", _MOMENT, nullable=True),
        sa.Column("settled_by", sa.String(length=100), nullable=True),
        sa.Column("outcome", sa.String(length=40), nullable=True),
        sa.CheckConstraint(
            "kind IN ('drop', 'slide', 'low_start', 'from_the_top', 'silence')", name=op.f("ck_alerts_kind")
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "dyad_id"],
            ["dyads.clinic_id", "dyads.id"],
            name=op.f("fk_alerts_clinic_id_dyad_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["clinic_id"], ["clinics.id"], name=op.f("fk_alerts_clinic_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alerts")),
    )
    op.create_index(op.f("ix_alerts_dyad_id"), "alerts", ["dyad_id"], unique=False)
    op.create_index(
        "uq_alerts_dyad_id_open",
        "alerts",
        ["clinic_id", "dyad_id"],
        unique=True,
        sqlite_where=sa.text("settled_at IS NULL"),
        postgresql_where=sa.text("settled_at IS NULL"),
    )
    op.create_table(
        "goal_ratings",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("goal_id", sa.Uuid(), nullable=False),
        sa.Column("moment", sa.String(length=20), nullable=False),
        sa.Column("score", sa.Integer(), nullable=False),
        sa.Column("rated_at", _MOMENT, nullable=False),
        sa.CheckConstraint(
            "moment IN ('booking', 'before_first', 'course', 'imported')", name=op.f("ck_goal_ratings_moment")
        ),
        sa.CheckConstraint("score BETWEEN 0 AND 10", name=op.f("ck_goal_ratings_score")),
        sa.ForeignKeyConstraint(
            ["clinic_id", "goal_id"],
            ["goals.clinic_id", "goals.id"],
            name=op.f("fk_goal_ratings_clinic_id_goal_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id"], ["clinics.id"], name=op.f("fk_goal_ratings_clinic_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_goal_ratings")),
    )
    op.create_index(op.f("ix_goal_ratings_goal_id"), "goal_ratings", ["goal_id"], unique=False)
    op.create_table(
        "appointments",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("therapist_id", sa.Uuid(), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=True),
        sa.Column("begins_at", _MOMENT, nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("made_at", _MOMENT, nullable=False),
        sa.Column("made_by", sa.String(length=100), nullable=False),
        sa.Column("ended_at", _MOMENT, nullable=True),
        sa.CheckConstraint("state IN ('planned', 'held', 'cancelled', 'missed')", name=op.f("ck_appointments_state")),
        sa.CheckConstraint("minutes BETWEEN 5 AND 480", name=op.f("ck_appointments_minutes")),
        sa.ForeignKeyConstraint(
            ["clinic_id", "client_id"],
            ["clients.clinic_id", "clients.id"],
            name=op.f("fk_appointments_clinic_id_client_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "session_id"],
            ["sessions.clinic_id", "sessions.id"],
            name=op.f("fk_appointments_clinic_id_session_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "therapist_id"],
            ["therapists.clinic_id", "therapists.id"],
            name=op.f("fk_appointments_clinic_id_therapist_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id"], ["clinics.id"], name=op.f("fk_appointments_clinic_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_appointments")),
        sa.UniqueConstraint(
            "clinic_id",
            "client_id",
            "therapist_id",
            "begins_at",
            name=op.f("uq_appointments_clinic_id_client_id_therapist_id_begins_at"),
        ),
        sa.UniqueConstraint("clinic_id", "id", name=op.f("uq_appointments_clinic_id_id")),
        sa.UniqueConstraint("clinic_id", "session_id", name=op.f("uq_appointments_clinic_id_session_id")),
    )
    op.create_index(op.f("ix_appointments_client_id"), "appointments", ["client_id"], unique=False)
    op.create_index(
        "ix_appointments_clinic_id_state_begins_at", "appointments", ["clinic_id", "state", "begins_at"], unique=False
    )
    op.create_index(op.f("ix_appointments_therapist_id"), "appointments", ["therapist_id"], unique=False)
    op.create_table(
        "check_ins",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("bond", sa.Integer(), nullable=False),
        sa.Column("goals", sa.Integer(), nullable=False),
        sa.Column("way", sa.Integer(), nullable=False),
        sa.Column("overall", sa.Integer(), nullable=False),
        sa.Column("helped", sa.JSON(), nullable=False),
        sa.Column("hindered", sa.JSON(), nullable=False),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.Column("shown_to", sa.String(length=20), nullable=False),
        sa.Column("was_named", sa.Boolean(), nullable=False),
        sa.Column("said_at", _MOMENT, nullable=False),
        sa.Column("corrected_at", _MOMENT, nullable=True),
        sa.Column("read_at", _MOMENT, nullable=True),
        sa.Column("reply", sa.Text(), nullable=False),
        sa.Column("replied_at", _MOMENT, nullable=True),
        sa.Column("reply_seen_at", _MOMENT, nullable=True),
        sa.Column("release_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint("shown_to IN ('aggregate', 'named')", name=op.f("ck_check_ins_shown_to")),
        sa.CheckConstraint("bond BETWEEN 0 AND 10", name=op.f("ck_check_ins_bond")),
        sa.CheckConstraint("goals BETWEEN 0 AND 10", name=op.f("ck_check_ins_goals")),
        sa.CheckConstraint("overall BETWEEN 0 AND 10", name=op.f("ck_check_ins_overall")),
        sa.CheckConstraint("way BETWEEN 0 AND 10", name=op.f("ck_check_ins_way")),
        sa.ForeignKeyConstraint(
            ["clinic_id", "session_id"],
            ["sessions.clinic_id", "sessions.id"],
            name=op.f("fk_check_ins_clinic_id_session_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["clinic_id"], ["clinics.id"], name=op.f("fk_check_ins_clinic_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_check_ins")),
        sa.UniqueConstraint("clinic_id", "id", name=op.f("uq_check_ins_clinic_id_id")),
        sa.UniqueConstraint("clinic_id", "session_id", name=op.f("uq_check_ins_clinic_id_session_id")),
    )
    op.create_index(op.f("ix_check_ins_release_id"), "check_ins", ["release_id"], unique=False)
    op.create_index(op.f("ix_check_ins_said_at"), "check_ins", ["said_at"], unique=False)
    op.create_table(
        "kiosk_codes",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("code_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("expires_at", _MOMENT, nullable=False),
        sa.Column("made_by", sa.String(length=100), nullable=False),
        sa.ForeignKeyConstraint(
            ["clinic_id", "session_id"],
            ["sessions.clinic_id", "sessions.id"],
            name=op.f("fk_kiosk_codes_clinic_id_session_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id"], ["clinics.id"], name=op.f("fk_kiosk_codes_clinic_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_kiosk_codes")),
        sa.UniqueConstraint("clinic_id", "code_hash", name=op.f("uq_kiosk_codes_clinic_id_code_hash")),
        sa.UniqueConstraint("clinic_id", "session_id", name=op.f("uq_kiosk_codes_clinic_id_session_id")),
    )
    op.create_table(
        "kiosks",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("begun_at", _MOMENT, nullable=False),
        sa.Column("begun_by", sa.String(length=100), nullable=False),
        sa.Column("ends_at", _MOMENT, nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=True),
        sa.Column("since", _MOMENT, nullable=True),
        sa.Column("said_at", _MOMENT, nullable=True),
        sa.Column("n_wrong", sa.Integer(), nullable=False),
        sa.Column("counted_from", _MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["clinic_id"], ["clinics.id"], name=op.f("fk_kiosks_clinic_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_kiosks")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_kiosks_token_hash")),
    )
    op.create_table(
        "links",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=True),
        sa.Column("appointment_id", sa.Uuid(), nullable=True),
        sa.Column("token_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("made_at", _MOMENT, nullable=False),
        sa.Column("expires_at", _MOMENT, nullable=False),
        sa.Column("used_at", _MOMENT, nullable=True),
        sa.Column("ended_at", _MOMENT, nullable=True),
        sa.Column("shown_by", sa.String(length=100), nullable=True),
        sa.CheckConstraint(
            "kind <> 'check_in' OR session_id IS NOT NULL OR appointment_id IS NOT NULL", name=op.f("ck_links_session")
        ),
        sa.CheckConstraint("kind IN ('check_in', 'well_being', 'reminders')", name=op.f("ck_links_kind")),
        sa.ForeignKeyConstraint(
            ["clinic_id", "client_id"],
            ["clients.clinic_id", "clients.id"],
            name=op.f("fk_links_clinic_id_client_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "session_id"],
            ["sessions.clinic_id", "sessions.id"],
            name=op.f("fk_links_clinic_id_session_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "appointment_id"],
            ["appointments.clinic_id", "appointments.id"],
            name=op.f("fk_links_clinic_id_appointment_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["clinic_id"], ["clinics.id"], name=op.f("fk_links_clinic_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_links")),
        sa.UniqueConstraint("clinic_id", "id", name=op.f("uq_links_clinic_id_id")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_links_token_hash")),
    )
    op.create_index(op.f("ix_links_client_id"), "links", ["client_id"], unique=False)
    op.create_index(op.f("ix_links_session_id"), "links", ["session_id"], unique=False)
    op.create_index(op.f("ix_links_appointment_id"), "links", ["appointment_id"], unique=False)
    op.create_table(
        "own_ratings",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("score", sa.Integer(), nullable=False),
        sa.Column("rated_at", _MOMENT, nullable=False),
        sa.CheckConstraint("score BETWEEN 0 AND 10", name=op.f("ck_own_ratings_score")),
        sa.ForeignKeyConstraint(
            ["clinic_id", "session_id"],
            ["sessions.clinic_id", "sessions.id"],
            name=op.f("fk_own_ratings_clinic_id_session_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id"], ["clinics.id"], name=op.f("fk_own_ratings_clinic_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_own_ratings")),
        sa.UniqueConstraint("clinic_id", "session_id", name=op.f("uq_own_ratings_clinic_id_session_id")),
    )
    op.add_column("clients", sa.Column("reminders_off_at", _MOMENT, nullable=True))
    op.add_column("clinics", sa.Column("check_in_days", sa.Integer(), server_default="7", nullable=False))
    op.add_column("clinics", sa.Column("measure_every", sa.Integer(), server_default="4", nullable=False))
    op.add_column("clinics", sa.Column("quiet_from", sa.Integer(), server_default="21", nullable=False))
    op.add_column("clinics", sa.Column("quiet_until", sa.Integer(), server_default="8", nullable=False))
    op.add_column("clinics", sa.Column("watched_at", _MOMENT, nullable=True))
    op.add_column("clinics", sa.Column("tended_at", _MOMENT, nullable=True))

    op.add_column("dyads", sa.Column("held_because", sa.String(length=20), nullable=True))
    op.add_column("dyads", sa.Column("judged_at", _MOMENT, nullable=True))
    op.add_column("flags", sa.Column("sources", sa.JSON(), server_default="[]", nullable=False))

    _plan_first_sessions(op.get_bind())


def _plan_first_sessions(bind: sa.Connection) -> None:
    """Those to come: one that is past would be taken as held by the clock, a second time where it was held before."""
    p = placements.c
    booked = sa.select(p.clinic_id, p.client_id, p.therapist_id, p.first_session_at, p.made_at).where(
        p.state == "given", p.first_session_at > datetime.now(UTC)
    )
    for rows in bind.execute(booked).partitions(_AT_ONCE):
        bind.execute(appointments.insert(), [_planned(row) for row in rows])


def _planned(row: sa.Row) -> dict[str, object]:
    of = {"id": new_key(), "clinic_id": row.clinic_id, "client_id": row.client_id, "therapist_id": row.therapist_id}
    at = {"begins_at": row.first_session_at, "minutes": _MINUTES, "made_at": row.made_at}
    return {**of, **at, "state": "planned", "made_by": "upgrade"}


def _refuse_loss(bind: sa.Connection) -> None:
    """Refuse to lose what people said, unless ``web.db.schema.downgrade`` was told to lose it."""
    if context.config.attributes.get("losing", False):
        return
    found = []
    for name, one, more in _SAID:
        rows = sa.select(sa.func.count()).select_from(appointments if name == "appointments" else sa.table(name))
        if name == "appointments":  # those that the upgrade planned, it plans again
            rows = rows.where(appointments.c.made_by != "upgrade")
        n = bind.execute(rows).scalar_one()
        found += [f"{n} {one if n == 1 else more}"] if n else []
    if found:
        raise CommandError(
            f"The database holds {', '.join(found)}, which would be lost for good, and with the check-ins the ratings "
            "that no release to a therapist has counted. Make a backup; then go on with --lose-answers."
        )


def _forget_untold(bind: sa.Connection) -> None:
    """Delete ratings that no release has counted: without their check-ins the model would read them one by one."""
    untold = sa.select(check_ins.c.session_id).where(check_ins.c.release_id.is_(None))
    bind.execute(ratings.delete().where(ratings.c.session_id.in_(untold)))


def downgrade() -> None:
    _refuse_loss(op.get_bind())
    _forget_untold(op.get_bind())
    op.drop_column("clinics", "tended_at")
    op.drop_column("flags", "sources")
    op.drop_column("dyads", "judged_at")
    op.drop_column("dyads", "held_because")
    op.drop_column("clinics", "watched_at")
    op.drop_column("clinics", "quiet_until")
    op.drop_column("clinics", "quiet_from")
    op.drop_column("clinics", "measure_every")
    op.drop_column("clinics", "check_in_days")
    op.drop_column("clients", "reminders_off_at")
    op.drop_table("own_ratings")
    op.drop_index(op.f("ix_links_appointment_id"), table_name="links")
    op.drop_index(op.f("ix_links_session_id"), table_name="links")
    op.drop_index(op.f("ix_links_client_id"), table_name="links")
    op.drop_table("links")
    op.drop_table("kiosks")
    op.drop_table("kiosk_codes")
    op.drop_index(op.f("ix_check_ins_said_at"), table_name="check_ins")
    op.drop_index(op.f("ix_check_ins_release_id"), table_name="check_ins")
    op.drop_table("check_ins")
    op.drop_index(op.f("ix_appointments_therapist_id"), table_name="appointments")
    op.drop_index("ix_appointments_clinic_id_state_begins_at", table_name="appointments")
    op.drop_index(op.f("ix_appointments_client_id"), table_name="appointments")
    op.drop_table("appointments")
    op.drop_index(op.f("ix_goal_ratings_goal_id"), table_name="goal_ratings")
    op.drop_table("goal_ratings")
    op.drop_index(
        "uq_alerts_dyad_id_open",
        table_name="alerts",
        sqlite_where=sa.text("settled_at IS NULL"),
        postgresql_where=sa.text("settled_at IS NULL"),
    )
    op.drop_index(op.f("ix_alerts_dyad_id"), table_name="alerts")
    op.drop_table("alerts")
    op.drop_index(op.f("ix_releases_therapist_id"), table_name="releases")
    op.drop_table("releases")
    op.drop_index("ix_measures_clinic_id_client_id_said_at", table_name="measures")
    op.drop_table("measures")
    op.drop_index(op.f("ix_goals_client_id"), table_name="goals")
    op.drop_table("goals")
    op.drop_table("instruments")
