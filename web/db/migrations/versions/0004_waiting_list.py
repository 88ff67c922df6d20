"""The waiting list: cases and what was done about them, requests, places that are kept, proposals, departures.

Whoever has sent an intake and met nobody yet is on the waiting list from that day. Columns are added, never a table
rebuilt.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from web.db.tables.base import new_key

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime(timezone=True)
_AT_ONCE = 500

intakes = sa.table(
    "intakes",
    sa.column("clinic_id", sa.Uuid()),
    sa.column("client_id", sa.Uuid()),
    sa.column("sent_at", _MOMENT),
)
therapists = sa.table("therapists", sa.column("capacity", sa.Integer()), sa.column("stated_capacity", sa.Integer()))
dyads = sa.table("dyads", sa.column("client_id", sa.Uuid()))
cases = sa.table(
    "cases",
    sa.column("id", sa.Uuid()),
    sa.column("clinic_id", sa.Uuid()),
    sa.column("client_id", sa.Uuid()),
    sa.column("state", sa.String()),
    sa.column("waiting_since", _MOMENT),
    sa.column("priority", sa.Integer()),
    sa.column("revision", sa.Integer()),
    sa.column("changed_at", _MOMENT),
)


def upgrade() -> None:
    op.create_table(
        "forecasts",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("prices", sa.JSON(), nullable=False),
        sa.Column("verdict", sa.JSON(), nullable=False),
        sa.Column("serving", sa.Boolean(), nullable=False),
        sa.Column("made_at", _MOMENT, nullable=False),
        sa.Column("made_by", sa.String(length=100), nullable=False),
        sa.ForeignKeyConstraint(["clinic_id"], ["clinics.id"], name=op.f("fk_forecasts_clinic_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_forecasts")),
    )
    op.create_index(
        "uq_forecasts_serving",
        "forecasts",
        ["clinic_id"],
        unique=True,
        sqlite_where=sa.text("serving"),
        postgresql_where=sa.text("serving"),
    )
    op.create_table(
        "proposals",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("settings", sa.JSON(), nullable=False),
        sa.Column("result", sa.JSON(), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("made_at", _MOMENT, nullable=False),
        sa.Column("made_by", sa.String(length=100), nullable=False),
        sa.Column("solved_at", _MOMENT, nullable=True),
        sa.Column("ended_at", _MOMENT, nullable=True),
        sa.Column("ended_by", sa.String(length=100), nullable=True),
        sa.CheckConstraint("state IN ('draft', 'committed', 'discarded')", name=op.f("ck_proposals_state")),
        sa.CheckConstraint("revision >= 1", name=op.f("ck_proposals_revision")),
        sa.ForeignKeyConstraint(["clinic_id"], ["clinics.id"], name=op.f("fk_proposals_clinic_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proposals")),
        sa.UniqueConstraint("clinic_id", "id", name=op.f("uq_proposals_clinic_id_id")),
    )
    op.create_table(
        "case_events",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
        sa.Column("actor", sa.String(length=100), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.Column("words", sa.Text(), server_default="", nullable=False),
        sa.ForeignKeyConstraint(
            ["clinic_id", "client_id"],
            ["clients.clinic_id", "clients.id"],
            name=op.f("fk_case_events_clinic_id_client_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id"], ["clinics.id"], name=op.f("fk_case_events_clinic_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_events")),
    )
    op.create_index("ix_case_events_clinic_id_client_id", "case_events", ["clinic_id", "client_id"], unique=False)
    op.create_table(
        "cases",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("waiting_since", _MOMENT, nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("closed_reason", sa.String(length=40), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("changed_at", _MOMENT, nullable=False),
        sa.CheckConstraint("state IN ('waiting', 'placed', 'closed')", name=op.f("ck_cases_state")),
        sa.CheckConstraint("priority BETWEEN 0 AND 2", name=op.f("ck_cases_priority")),
        sa.CheckConstraint("revision >= 1", name=op.f("ck_cases_revision")),
        sa.ForeignKeyConstraint(
            ["clinic_id", "client_id"],
            ["clients.clinic_id", "clients.id"],
            name=op.f("fk_cases_clinic_id_client_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["clinic_id"], ["clinics.id"], name=op.f("fk_cases_clinic_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cases")),
        sa.UniqueConstraint("clinic_id", "client_id", name=op.f("uq_cases_clinic_id_client_id")),
        sa.UniqueConstraint("clinic_id", "id", name=op.f("uq_cases_clinic_id_id")),
    )
    op.create_index(
        "ix_cases_clinic_id_state_waiting_since", "cases", ["clinic_id", "state", "waiting_since"], unique=False
    )
    op.create_table(
        "departures",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("therapist_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("begins_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("capacity_before", sa.Integer(), nullable=False),
        sa.Column("made_at", _MOMENT, nullable=False),
        sa.Column("made_by", sa.String(length=100), nullable=False),
        sa.Column("called_off_at", _MOMENT, nullable=True),
        sa.CheckConstraint("kind IN ('leaves', 'leave')", name=op.f("ck_departures_kind")),
        sa.CheckConstraint("ends_on IS NULL OR ends_on >= begins_on", name=op.f("ck_departures_days")),
        sa.ForeignKeyConstraint(
            ["clinic_id", "therapist_id"],
            ["therapists.clinic_id", "therapists.id"],
            name=op.f("fk_departures_clinic_id_therapist_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id"], ["clinics.id"], name=op.f("fk_departures_clinic_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_departures")),
        sa.UniqueConstraint("clinic_id", "id", name=op.f("uq_departures_clinic_id_id")),
    )
    op.create_index(op.f("ix_departures_therapist_id"), "departures", ["therapist_id"], unique=False)
    op.create_table(
        "handovers",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("therapist_id", sa.Uuid(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("written_at", _MOMENT, nullable=False),
        sa.Column("consented_at", _MOMENT, nullable=True),
        sa.ForeignKeyConstraint(
            ["clinic_id", "client_id"],
            ["clients.clinic_id", "clients.id"],
            name=op.f("fk_handovers_clinic_id_client_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "therapist_id"],
            ["therapists.clinic_id", "therapists.id"],
            name=op.f("fk_handovers_clinic_id_therapist_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["clinic_id"], ["clinics.id"], name=op.f("fk_handovers_clinic_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_handovers")),
        sa.UniqueConstraint(
            "clinic_id", "client_id", "therapist_id", name=op.f("uq_handovers_clinic_id_client_id_therapist_id")
        ),
    )
    op.create_index(op.f("ix_handovers_therapist_id"), "handovers", ["therapist_id"], unique=False)
    op.create_table(
        "requests",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("list_id", sa.Uuid(), nullable=True),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("made_at", _MOMENT, nullable=False),
        sa.Column("ended_at", _MOMENT, nullable=True),
        sa.CheckConstraint("state IN ('open', 'accepted', 'declined', 'withdrawn')", name=op.f("ck_requests_state")),
        sa.ForeignKeyConstraint(
            ["clinic_id", "client_id"],
            ["clients.clinic_id", "clients.id"],
            name=op.f("fk_requests_clinic_id_client_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "list_id"],
            ["shown_lists.clinic_id", "shown_lists.id"],
            name=op.f("fk_requests_clinic_id_list_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["clinic_id"], ["clinics.id"], name=op.f("fk_requests_clinic_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_requests")),
        sa.UniqueConstraint("clinic_id", "id", name=op.f("uq_requests_clinic_id_id")),
    )
    op.create_index("ix_requests_clinic_id_client_id", "requests", ["clinic_id", "client_id"], unique=False)
    op.create_index(op.f("ix_requests_list_id"), "requests", ["list_id"], unique=False)
    op.create_index(
        "uq_requests_client_id_open",
        "requests",
        ["clinic_id", "client_id"],
        unique=True,
        sqlite_where=sa.text("state = 'open'"),
        postgresql_where=sa.text("state = 'open'"),
    )
    op.create_table(
        "request_choices",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("therapist_id", sa.Uuid(), nullable=False),
        sa.Column("choice", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("asked_at", _MOMENT, nullable=True),
        sa.Column("answer_by", _MOMENT, nullable=True),
        sa.Column("answered_at", _MOMENT, nullable=True),
        sa.Column("reason", sa.String(length=40), nullable=True),
        sa.CheckConstraint(
            "state IN ('waiting', 'asked', 'accepted', 'declined', 'lapsed', 'full', 'withdrawn')",
            name=op.f("ck_request_choices_state"),
        ),
        sa.CheckConstraint("choice BETWEEN 1 AND 2", name=op.f("ck_request_choices_choice")),
        sa.ForeignKeyConstraint(
            ["clinic_id", "request_id"],
            ["requests.clinic_id", "requests.id"],
            name=op.f("fk_request_choices_clinic_id_request_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "therapist_id"],
            ["therapists.clinic_id", "therapists.id"],
            name=op.f("fk_request_choices_clinic_id_therapist_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id"], ["clinics.id"], name=op.f("fk_request_choices_clinic_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_request_choices")),
        sa.UniqueConstraint("clinic_id", "id", name=op.f("uq_request_choices_clinic_id_id")),
        sa.UniqueConstraint(
            "clinic_id", "request_id", "choice", name=op.f("uq_request_choices_clinic_id_request_id_choice")
        ),
        sa.UniqueConstraint(
            "clinic_id", "request_id", "therapist_id", name=op.f("uq_request_choices_clinic_id_request_id_therapist_id")
        ),
    )
    op.create_index(op.f("ix_request_choices_therapist_id"), "request_choices", ["therapist_id"], unique=False)
    op.create_table(
        "placements",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("therapist_id", sa.Uuid(), nullable=False),
        sa.Column("choice_id", sa.Uuid(), nullable=True),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("origin", sa.String(length=20), nullable=False),
        sa.Column("until", _MOMENT, nullable=True),
        sa.Column("score", sa.Double(), nullable=True),
        sa.Column("reason", sa.String(length=40), nullable=True),
        sa.Column("made_at", _MOMENT, nullable=False),
        sa.Column("made_by", sa.String(length=100), nullable=False),
        sa.Column("first_session_at", _MOMENT, nullable=True),
        sa.Column("ended_at", _MOMENT, nullable=True),
        sa.Column("ended_because", sa.String(length=40), nullable=True),
        sa.CheckConstraint(
            "origin IN ('request', 'coordinator', 'batch', 'departure')", name=op.f("ck_placements_origin")
        ),
        sa.CheckConstraint("state IN ('held', 'asked', 'given', 'ended')", name=op.f("ck_placements_state")),
        sa.ForeignKeyConstraint(
            ["clinic_id", "choice_id"],
            ["request_choices.clinic_id", "request_choices.id"],
            name=op.f("fk_placements_clinic_id_choice_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "client_id"],
            ["clients.clinic_id", "clients.id"],
            name=op.f("fk_placements_clinic_id_client_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "therapist_id"],
            ["therapists.clinic_id", "therapists.id"],
            name=op.f("fk_placements_clinic_id_therapist_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id"], ["clinics.id"], name=op.f("fk_placements_clinic_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_placements")),
        sa.UniqueConstraint("clinic_id", "id", name=op.f("uq_placements_clinic_id_id")),
    )
    op.create_index(op.f("ix_placements_choice_id"), "placements", ["choice_id"], unique=False)
    op.create_index(op.f("ix_placements_client_id"), "placements", ["client_id"], unique=False)
    op.create_index("ix_placements_clinic_id_state_until", "placements", ["clinic_id", "state", "until"], unique=False)
    op.create_index(op.f("ix_placements_therapist_id"), "placements", ["therapist_id"], unique=False)
    op.create_index(
        "uq_placements_client_id_open",
        "placements",
        ["clinic_id", "client_id"],
        unique=True,
        sqlite_where=sa.text("state <> 'ended'"),
        postgresql_where=sa.text("state <> 'ended'"),
    )
    op.add_column("clinics", sa.Column("scarcity_prices", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column("clinics", sa.Column("wait_target_days", sa.Integer(), server_default="14", nullable=False))
    op.add_column("clinics", sa.Column("answer_days", sa.Integer(), server_default="3", nullable=False))
    op.add_column("clinics", sa.Column("hold_hours", sa.Integer(), server_default="48", nullable=False))
    op.add_column("shown_lists", sa.Column("forecast_id", sa.Uuid(), nullable=True))
    op.add_column("dyads", sa.Column("ended_at", _MOMENT, nullable=True))
    op.add_column("therapists", sa.Column("stated_capacity", sa.Integer(), nullable=True))
    op.execute(sa.update(therapists).values(stated_capacity=therapists.c.capacity))
    _list_who_waits()


def _list_who_waits() -> None:
    bind = op.get_bind()
    since = sa.func.min(intakes.c.sent_at).label("since")
    sent = sa.select(intakes.c.clinic_id, intakes.c.client_id, since).where(
        intakes.c.client_id.is_not(None),
        intakes.c.sent_at.is_not(None),
        ~intakes.c.client_id.in_(sa.select(dyads.c.client_id)),
    )
    for rows in bind.execute(sent.group_by(intakes.c.clinic_id, intakes.c.client_id)).partitions(_AT_ONCE):
        bind.execute(cases.insert(), [_waiting(row) for row in rows])


def _waiting(row: sa.Row) -> dict[str, object]:
    of = {"id": new_key(), "clinic_id": row.clinic_id, "client_id": row.client_id}
    return {**of, "state": "waiting", "waiting_since": row.since, "changed_at": row.since, "priority": 0, "revision": 1}


def downgrade() -> None:
    op.drop_column("dyads", "ended_at")
    op.drop_column("shown_lists", "forecast_id")
    op.drop_column("therapists", "stated_capacity")
    op.drop_column("clinics", "hold_hours")
    op.drop_column("clinics", "answer_days")
    op.drop_column("clinics", "wait_target_days")
    op.drop_column("clinics", "scarcity_prices")
    op.drop_index(
        "uq_placements_client_id_open",
        table_name="placements",
        sqlite_where=sa.text("state <> 'ended'"),
        postgresql_where=sa.text("state <> 'ended'"),
    )
    op.drop_index(op.f("ix_placements_therapist_id"), table_name="placements")
    op.drop_index("ix_placements_clinic_id_state_until", table_name="placements")
    op.drop_index(op.f("ix_placements_client_id"), table_name="placements")
    op.drop_index(op.f("ix_placements_choice_id"), table_name="placements")
    op.drop_table("placements")
    op.drop_index(op.f("ix_request_choices_therapist_id"), table_name="request_choices")
    op.drop_table("request_choices")
    op.drop_index(
        "uq_requests_client_id_open",
        table_name="requests",
        sqlite_where=sa.text("state = 'open'"),
        postgresql_where=sa.text("state = 'open'"),
    )
    op.drop_index(op.f("ix_requests_list_id"), table_name="requests")
    op.drop_index("ix_requests_clinic_id_client_id", table_name="requests")
    op.drop_table("requests")
    op.drop_index(op.f("ix_handovers_therapist_id"), table_name="handovers")
    op.drop_table("handovers")
    op.drop_index(op.f("ix_departures_therapist_id"), table_name="departures")
    op.drop_table("departures")
    op.drop_index("ix_cases_clinic_id_state_waiting_since", table_name="cases")
    op.drop_table("cases")
    op.drop_index("ix_case_events_clinic_id_client_id", table_name="case_events")
    op.drop_table("case_events")
    op.drop_table("proposals")
    op.drop_index(
        "uq_forecasts_serving",
        table_name="forecasts",
        sqlite_where=sa.text("serving"),
        postgresql_where=sa.text("serving"),
    )
    op.drop_table("forecasts")
