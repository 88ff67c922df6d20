"""Appointments, and what clients say around sessions: check-ins, well-being, goals; what is seen in them, and told."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, LargeBinary, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, validates

from web.db.tables.base import Base, Document, OfClinic, one_of, own_key, same_clinic
from web.db.tables.sealed import Sealed, sealed_column
from web.db.tables.waiting import at_most_one

APPOINTMENTS = ("planned", "held", "cancelled", "missed")
SHOWN_TO = ("aggregate", "named")
LINKS = ("check_in", "well_being", "reminders")
MOMENTS = ("booking", "before_first", "course", "imported")
SLIDERS = ("bond", "goals", "way", "overall")
ALERTS = ("drop", "slide", "low_start", "from_the_top", "silence")


class AppointmentRow(OfClinic, Base):
    """A session that is planned, or was: the clock takes it as held when it is over, unless somebody says otherwise.

    ``session_id`` is the session that it became; only a session that was held can be rated.
    """

    __tablename__ = "appointments"
    __table_args__ = (
        own_key(),
        same_clinic("client_id", "clients", "CASCADE"),
        same_clinic("therapist_id", "therapists"),
        same_clinic("session_id", "sessions", "CASCADE"),
        UniqueConstraint("clinic_id", "session_id"),
        UniqueConstraint("clinic_id", "client_id", "therapist_id", "begins_at"),
        Index("ix_appointments_clinic_id_state_begins_at", "clinic_id", "state", "begins_at"),
        one_of("state", APPOINTMENTS),
        CheckConstraint("minutes BETWEEN 5 AND 480", name="minutes"),
    )

    client_id: Mapped[UUID] = mapped_column(index=True)
    therapist_id: Mapped[UUID] = mapped_column(index=True)
    session_id: Mapped[UUID | None]
    begins_at: Mapped[datetime]
    minutes: Mapped[int] = mapped_column(default=50)
    state: Mapped[str] = mapped_column(String(20), default="planned")
    made_at: Mapped[datetime]
    made_by: Mapped[str] = mapped_column(String(100))
    ended_at: Mapped[datetime | None]


class LinkRow(OfClinic, Base):
    """A private link for one purpose: the check-in of a session, a client's well-being check, or to end reminders.

    ``token_hash`` is the SHA-256 of 128 bits that only the link holds; ``ended_at`` is when it was taken back.
    ``shown_by`` is on whose screen it stood, where it was not sent to the client alone. ``appointment_id`` is there
    once the session was taken back, because its appointment did not take place: then there is no session any more.
    """

    __tablename__ = "links"
    __table_args__ = (
        own_key(),
        same_clinic("client_id", "clients", "CASCADE"),
        same_clinic("session_id", "sessions", "CASCADE"),
        one_of("kind", LINKS),
        same_clinic("appointment_id", "appointments", "CASCADE"),
        CheckConstraint("kind <> 'check_in' OR session_id IS NOT NULL OR appointment_id IS NOT NULL", name="session"),
    )

    kind: Mapped[str] = mapped_column(String(20))
    client_id: Mapped[UUID] = mapped_column(index=True)
    session_id: Mapped[UUID | None] = mapped_column(index=True)
    appointment_id: Mapped[UUID | None] = mapped_column(index=True)
    token_hash: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    made_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    shown_by: Mapped[str | None] = mapped_column(String(100))


class KioskRow(OfClinic, Base):
    """A tablet of the clinic on which clients check in, until ``ends_at`` or until it is taken back.

    ``session_id`` is the session that is being rated on it just now, ``since`` from when, ``said_at`` when that was
    said; ``n_wrong`` counts wrong codes since ``counted_from``.
    """

    __tablename__ = "kiosks"

    token_hash: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    begun_at: Mapped[datetime]
    begun_by: Mapped[str] = mapped_column(String(100))
    ends_at: Mapped[datetime]
    session_id: Mapped[UUID | None]
    since: Mapped[datetime | None]
    said_at: Mapped[datetime | None]
    n_wrong: Mapped[int] = mapped_column(default=0)
    counted_from: Mapped[datetime | None]


class KioskCodeRow(OfClinic, Base):
    """Six digits that open a session's check-in on a tablet of the clinic: one a session, for minutes, once."""

    __tablename__ = "kiosk_codes"
    __table_args__ = (
        same_clinic("session_id", "sessions", "CASCADE"),
        UniqueConstraint("clinic_id", "session_id"),
        UniqueConstraint("clinic_id", "code_hash"),
    )

    session_id: Mapped[UUID]
    code_hash: Mapped[bytes] = mapped_column(LargeBinary(32))
    expires_at: Mapped[datetime]
    made_by: Mapped[str] = mapped_column(String(100))


class CheckInRow(OfClinic, Base):
    """What a client said at the end of a session: four sliders in ten steps, what helped, what got in the way, words.

    ``shown_to`` is the client's choice for this one, ``was_named`` whether it ever was to be seen by name: what was
    once read is known, whatever is chosen later. ``read_at`` and ``reply`` are the therapist's side, which the client
    sees. The session's rating, on the clinic's scale, stands in ``ratings``. ``release_id`` is the release that
    counted it for the therapist's development.
    """

    __tablename__ = "check_ins"
    __table_args__ = (
        own_key(),
        same_clinic("session_id", "sessions", "CASCADE"),
        UniqueConstraint("clinic_id", "session_id"),
        one_of("shown_to", SHOWN_TO),
        *(CheckConstraint(f"{name} BETWEEN 0 AND 10", name=name) for name in SLIDERS),
    )

    session_id: Mapped[UUID]
    bond: Mapped[int]
    goals: Mapped[int]
    way: Mapped[int]
    overall: Mapped[int]
    _helped: Mapped[bytes | None] = sealed_column("helped")
    helped = Sealed(list, absent=[])
    _hindered: Mapped[bytes | None] = sealed_column("hindered")
    hindered = Sealed(list, absent=[])
    _comment: Mapped[bytes | None] = sealed_column("comment")
    comment = Sealed(str, absent="")
    shown_to: Mapped[str] = mapped_column(String(20), default="aggregate")
    was_named: Mapped[bool] = mapped_column(default=False)
    said_at: Mapped[datetime] = mapped_column(index=True)
    corrected_at: Mapped[datetime | None]
    read_at: Mapped[datetime | None]
    _reply: Mapped[bytes | None] = sealed_column("reply")
    reply = Sealed(str, absent="")
    replied_at: Mapped[datetime | None]
    reply_seen_at: Mapped[datetime | None]
    release_id: Mapped[UUID | None] = mapped_column(index=True)

    @validates("shown_to")
    def _remember(self, key: str, shown_to: str) -> str:
        self.was_named = bool(self.was_named) or shown_to == "named"
        return shown_to


class OwnRatingRow(OfClinic, Base):
    """How a therapist found the alliance of a session: one a session, in ten steps, for themselves."""

    __tablename__ = "own_ratings"
    __table_args__ = (
        same_clinic("session_id", "sessions", "CASCADE"),
        UniqueConstraint("clinic_id", "session_id"),
        CheckConstraint("score BETWEEN 0 AND 10", name="score"),
    )

    session_id: Mapped[UUID]
    score: Mapped[int]
    rated_at: Mapped[datetime]


class AlertRow(OfClinic, Base):
    """The course of a dyad asks for a conversation: of what kind, since which session, and what came of it.

    A dyad has at most one that is open. ``figures`` are what it was seen by.
    """

    __tablename__ = "alerts"
    __table_args__ = (
        same_clinic("dyad_id", "dyads", "CASCADE"),
        at_most_one("alerts", "dyad_id", where=text("settled_at IS NULL")),
        one_of("kind", ALERTS),
    )

    dyad_id: Mapped[UUID] = mapped_column(index=True)
    kind: Mapped[str] = mapped_column(String(20))
    session_number: Mapped[int]
    figures: Mapped[Document]
    raised_at: Mapped[datetime]
    settled_at: Mapped[datetime | None]
    settled_by: Mapped[str | None] = mapped_column(String(100))
    outcome: Mapped[str | None] = mapped_column(String(40))


class MeasureRow(OfClinic, Base):
    """A questionnaire that a client filled in, or whose score was brought in: answers by item, and the score.

    ``moment`` says when in their care: at booking, before the first session, in the course, or brought in. ``shown_to``
    is the client's choice for the check of which it is a part.
    """

    __tablename__ = "measures"
    __table_args__ = (
        same_clinic("client_id", "clients", "CASCADE"),
        Index("ix_measures_clinic_id_client_id_said_at", "clinic_id", "client_id", "said_at"),
        one_of("moment", MOMENTS),
        one_of("shown_to", SHOWN_TO),
    )

    client_id: Mapped[UUID]
    instrument: Mapped[str] = mapped_column(String(60))
    version: Mapped[str] = mapped_column(String(40))
    moment: Mapped[str] = mapped_column(String(20))
    _answers: Mapped[bytes | None] = sealed_column("answers")
    answers = Sealed(dict, absent={})
    score: Mapped[float]
    said_at: Mapped[datetime]
    shown_to: Mapped[str] = mapped_column(String(20), default="aggregate")


class GoalRow(OfClinic, Base):
    """A goal of a client in their own words; ``ended_at`` when it is one no more, ``shown_to`` who may see it."""

    __tablename__ = "goals"
    __table_args__ = (own_key(), same_clinic("client_id", "clients", "CASCADE"), one_of("shown_to", SHOWN_TO))

    client_id: Mapped[UUID] = mapped_column(index=True)
    _words: Mapped[bytes | None] = sealed_column("words")
    words = Sealed(str)
    made_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    shown_to: Mapped[str] = mapped_column(String(20), default="aggregate")


class GoalRatingRow(OfClinic, Base):
    """How near a goal is, from 0 to 10."""

    __tablename__ = "goal_ratings"
    __table_args__ = (
        same_clinic("goal_id", "goals", "CASCADE"),
        one_of("moment", MOMENTS),
        CheckConstraint("score BETWEEN 0 AND 10", name="score"),
    )

    goal_id: Mapped[UUID] = mapped_column(index=True)
    moment: Mapped[str] = mapped_column(String(20))
    score: Mapped[int]
    rated_at: Mapped[datetime]


class InstrumentRow(OfClinic, Base):
    """A questionnaire that the clinic has a licence for, as the FHIR Questionnaire that was brought in."""

    __tablename__ = "instruments"
    __table_args__ = (UniqueConstraint("clinic_id", "code", "version"),)

    code: Mapped[str] = mapped_column(String(60))
    version: Mapped[str] = mapped_column(String(40))
    title: Mapped[str] = mapped_column(String(200))
    questionnaire: Mapped[Document]
    licence: Mapped[str] = mapped_column(Text)
    added_at: Mapped[datetime]
    added_by: Mapped[str] = mapped_column(String(100))
    retired_at: Mapped[datetime | None]


class ReleaseRow(OfClinic, Base):
    """What a therapist was told of their strengths and edges: of at least five more clients at once, never fewer."""

    __tablename__ = "releases"
    __table_args__ = (
        own_key(),
        same_clinic("therapist_id", "therapists", "CASCADE"),
        CheckConstraint("n_clients >= 5", name="n_clients"),
    )

    therapist_id: Mapped[UUID] = mapped_column(index=True)
    n_clients: Mapped[int]
    figures: Mapped[Document]
    released_at: Mapped[datetime]
