"""The waiting list: who is on it, what was done about them, requests, and places that are kept for clients."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from web.db.tables.base import Base, Document, OfClinic, one_of, own_key, same_clinic
from web.db.tables.sealed import Sealed, sealed_column
from web.db.tables.versions import one_serves

CASES = ("waiting", "placed", "closed")
REQUESTS = ("open", "accepted", "declined", "withdrawn")
CHOICES = ("waiting", "asked", "accepted", "declined", "lapsed", "full", "withdrawn")
PLACEMENTS = ("held", "asked", "given", "ended")
ORIGINS = ("request", "coordinator", "batch", "departure")
DEPARTURES = ("leaves", "leave")
OPEN = text("state <> 'ended'")
_OPEN_REQUEST = text("state = 'open'")


def at_most_one(table: str, *columns: str, where: object) -> Index:
    """At most one row of a clinic for each value of some columns, among those that meet a condition."""
    name = f"uq_{table}_{'_'.join(columns)}_open"
    return Index(name, "clinic_id", *columns, unique=True, sqlite_where=where, postgresql_where=where)


class CaseRow(OfClinic, Base):
    """A client on the waiting list, since when, and how urgently; kept when they have a place, or need none any more.

    ``revision`` rises with every change, so that nobody overwrites what they have not seen.
    """

    __tablename__ = "cases"
    __table_args__ = (
        own_key(),
        same_clinic("client_id", "clients", "CASCADE"),
        UniqueConstraint("clinic_id", "client_id"),
        Index("ix_cases_clinic_id_state_waiting_since", "clinic_id", "state", "waiting_since"),
        one_of("state", CASES),
        CheckConstraint("priority BETWEEN 0 AND 2", name="priority"),
        CheckConstraint("revision >= 1", name="revision"),
    )

    client_id: Mapped[UUID]
    state: Mapped[str] = mapped_column(String(20), default="waiting")
    waiting_since: Mapped[datetime]
    priority: Mapped[int] = mapped_column(default=0)
    closed_reason: Mapped[str | None] = mapped_column(String(40))
    revision: Mapped[int] = mapped_column(default=1)
    changed_at: Mapped[datetime]


class CaseEventRow(OfClinic, Base):
    """Something that was done about a client: when, by whom, with its particulars; ``words`` are a person's own."""

    __tablename__ = "case_events"
    __table_args__ = (
        same_clinic("client_id", "clients", "CASCADE"),
        Index("ix_case_events_clinic_id_client_id", "clinic_id", "client_id"),
    )

    client_id: Mapped[UUID]
    at: Mapped[datetime]
    actor: Mapped[str] = mapped_column(String(100))
    kind: Mapped[str] = mapped_column(String(40))
    details: Mapped[Document]
    _words: Mapped[bytes | None] = sealed_column("words")
    words = Sealed(str, absent="")


class RequestRow(OfClinic, Base):
    """A client asks for a therapist, from the list that they saw; one request of a client is open at a time."""

    __tablename__ = "requests"
    __table_args__ = (
        own_key(),
        same_clinic("client_id", "clients", "CASCADE"),
        same_clinic("list_id", "shown_lists", "CASCADE"),
        Index("ix_requests_clinic_id_client_id", "clinic_id", "client_id"),
        at_most_one("requests", "client_id", where=_OPEN_REQUEST),
        one_of("state", REQUESTS),
    )

    client_id: Mapped[UUID]
    list_id: Mapped[UUID | None] = mapped_column(index=True)
    state: Mapped[str] = mapped_column(String(20), default="open")
    made_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class RequestChoiceRow(OfClinic, Base):
    """The first or second choice of a request. ``answer_by`` is until when the therapist shall have answered."""

    __tablename__ = "request_choices"
    __table_args__ = (
        own_key(),
        same_clinic("request_id", "requests", "CASCADE"),
        same_clinic("therapist_id", "therapists"),
        UniqueConstraint("clinic_id", "request_id", "choice"),
        UniqueConstraint("clinic_id", "request_id", "therapist_id"),
        one_of("state", CHOICES),
        CheckConstraint("choice BETWEEN 1 AND 2", name="choice"),
    )

    request_id: Mapped[UUID]
    therapist_id: Mapped[UUID] = mapped_column(index=True)
    choice: Mapped[int]
    state: Mapped[str] = mapped_column(String(20), default="waiting")
    asked_at: Mapped[datetime | None]
    answer_by: Mapped[datetime | None]
    answered_at: Mapped[datetime | None]
    reason: Mapped[str | None] = mapped_column(String(40))


class PlacementRow(OfClinic, Base):
    """A place of a therapist that is kept for a client: held for a while, asked for, given, or given back.

    Each that is open has taken one from the therapist's ``capacity``; the database allows a client one open place.
    ``until`` is when a hold ends or an answer is due. ``reason`` is the code of an override, or of the end.
    """

    __tablename__ = "placements"
    __table_args__ = (
        own_key(),
        same_clinic("client_id", "clients", "CASCADE"),
        same_clinic("therapist_id", "therapists"),
        same_clinic("choice_id", "request_choices", "CASCADE"),
        Index("ix_placements_clinic_id_state_until", "clinic_id", "state", "until"),
        at_most_one("placements", "client_id", where=OPEN),
        one_of("state", PLACEMENTS),
        one_of("origin", ORIGINS),
    )

    client_id: Mapped[UUID] = mapped_column(index=True)
    therapist_id: Mapped[UUID] = mapped_column(index=True)
    choice_id: Mapped[UUID | None] = mapped_column(index=True)
    state: Mapped[str] = mapped_column(String(20))
    origin: Mapped[str] = mapped_column(String(20))
    until: Mapped[datetime | None]
    score: Mapped[float | None]
    reason: Mapped[str | None] = mapped_column(String(40))
    made_at: Mapped[datetime]
    made_by: Mapped[str] = mapped_column(String(100))
    first_session_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    ended_because: Mapped[str | None] = mapped_column(String(40))


class ProposalRow(OfClinic, Base):
    """A proposal for the waiting list: what was asked for, what was found, and whether it was carried out.

    ``settings`` holds policy, locks, exclusions, balance and floor; ``result`` what was found, None while it is looked
    for. ``revision`` rises with every change.
    """

    __tablename__ = "proposals"
    __table_args__ = (
        own_key(),
        one_of("state", ("draft", "committed", "discarded")),
        CheckConstraint("revision >= 1", name="revision"),
    )

    state: Mapped[str] = mapped_column(String(20), default="draft")
    settings: Mapped[Document]
    result: Mapped[Document | None]
    revision: Mapped[int] = mapped_column(default=1)
    made_at: Mapped[datetime]
    made_by: Mapped[str] = mapped_column(String(100))
    solved_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[str | None] = mapped_column(String(100))


class DepartureRow(OfClinic, Base):
    """A therapist leaves, or is on leave between two days; until it is called off they take nobody new."""

    __tablename__ = "departures"
    __table_args__ = (
        own_key(),
        same_clinic("therapist_id", "therapists", "CASCADE"),
        one_of("kind", DEPARTURES),
        CheckConstraint("ends_on IS NULL OR ends_on >= begins_on", name="days"),
    )

    therapist_id: Mapped[UUID] = mapped_column(index=True)
    kind: Mapped[str] = mapped_column(String(20))
    begins_on: Mapped[date]
    ends_on: Mapped[date | None]
    capacity_before: Mapped[int]
    made_at: Mapped[datetime]
    made_by: Mapped[str] = mapped_column(String(100))
    called_off_at: Mapped[datetime | None]


class HandoverRow(OfClinic, Base):
    """What a therapist hands on of their work with a client: shown to the next one where the client has agreed."""

    __tablename__ = "handovers"
    __table_args__ = (
        same_clinic("client_id", "clients", "CASCADE"),
        same_clinic("therapist_id", "therapists", "CASCADE"),
        UniqueConstraint("clinic_id", "client_id", "therapist_id"),
    )

    client_id: Mapped[UUID]
    therapist_id: Mapped[UUID] = mapped_column(index=True)
    _words: Mapped[bytes | None] = sealed_column("words")
    words = Sealed(str, absent="")
    written_at: Mapped[datetime]
    consented_at: Mapped[datetime | None]


class ForecastRow(OfClinic, Base):
    """What places are expected to be worth: therapist → price, with what a simulated year gained and cost by it.

    At most one serves: its prices stand in the lists that clients see.
    """

    __tablename__ = "forecasts"
    __table_args__ = (one_serves("forecasts"),)

    prices: Mapped[Document]
    verdict: Mapped[Document]
    serving: Mapped[bool] = mapped_column(default=False)
    made_at: Mapped[datetime]
    made_by: Mapped[str] = mapped_column(String(100))
