"""Clients who have come for weeks and said something, for whoever tests what their therapist sees of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy.orm import Session

from tests.web.conftest import NOW
from tests.web.waiting_room import client_of, place_of, sent, the_clinic, therapist, with_places
from web.db.queries import shared_courses as rows
from web.db.tables import CheckInRow, ClientRow, DyadRow, IntakeVersionRow, RatingRow, SessionRow
from web.services import appointments, placing
from web.services.placing import Wanted

BEGIN = NOW - timedelta(days=70)


def comes(
    session: Session, shown: Sequence[str | None], *, with_whom: str = "t01", begin: datetime = BEGIN, name: str = "",
    **said: Any,
) -> tuple[UUID, UUID]:  # fmt: skip
    """(place, client) of somebody who had a session a week; ``shown`` says of each who may see it, None for nothing."""
    row = therapist(session, with_whom)
    with_places(session, with_whom, row.capacity + 1)
    kept = sent(session, now=begin, name=name)
    clinic, client = the_clinic(session), client_of(kept)
    placing.place(session, clinic, [Wanted(client, row.id)], actor="a", now=begin)
    for k in range(len(shown)):
        at = begin + timedelta(days=1 + 7 * k)
        appointments.plan(session, clinic, client, row.id, at, actor="a", now=begin)
        appointments.hold(session, clinic, now=at + timedelta(hours=1))
    for (held, appointment, _said, _own), to in zip(rows.sessions(session, client, row.id), shown, strict=True):
        if to is not None:
            say(session, held.id, at=appointment.begins_at + timedelta(hours=1), shown_to=to, **said)
    place = place_of(session, kept)
    assert place is not None
    return place.id, client


def say(
    session: Session, session_id: UUID, *, at: datetime, shown_to: str = "aggregate", rating: float = 0.7, **said: Any
) -> CheckInRow:
    """What a client said about a session, as rows alone."""
    four = {name: said.pop(name, said.get("score", 7)) for name in ("bond", "goals", "way", "overall")}
    said.pop("score", None)
    row = CheckInRow(
        session_id=session_id, shown_to=shown_to, said_at=at, **{"helped": [], "hindered": []} | four | said
    )
    session.add_all([row, RatingRow(session_id=session_id, score=rating, rated_at=at, created_at=at)])
    session.flush()
    return row


def spoke(
    session: Session,
    n: int,
    *,
    whose: str = "t01",
    shown_to: str = "aggregate",
    at: datetime = NOW - timedelta(days=9),
    concern: str | None = "anxiety",
    n_times: int = 1,
    **said: Any,
) -> list[UUID]:
    """So many clients of a therapist who said something, as rows alone: no intake was sent, and nobody has a place.

    Their ratings differ, or else so many at once would be held.
    """
    made = []
    for k in range(n):
        client = ClientRow(external_id=f"spoke-{uuid4().hex}", intake_version=1, created_at=at)
        session.add(client)
        session.flush()
        answers = {"concerns": [concern]} if concern else {}
        session.add(IntakeVersionRow(client_id=client.id, version=1, answers=answers, created_at=at))
        dyad = DyadRow(client_id=client.id, therapist_id=therapist(session, whose).id, created_at=at)
        session.add(dyad)
        session.flush()
        for number in range(1, n_times + 1):
            held = SessionRow(dyad_id=dyad.id, number=number)
            session.add(held)
            session.flush()
            say(session, held.id, at=at, shown_to=shown_to, rating=(0.75, 0.95)[k % 2], **dict(said))
        made.append(client.id)
    return made
