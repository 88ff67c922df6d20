"""The demo's requests: somebody who asks for Maren Oduya, and somebody whose first session with her is booked.

Each takes a place that the directory's file does not know of, so that file and clinic agree on those that are left.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from matcher.entities import Intake
from web.db import mapping
from web.db.queries import directory
from web.services import answering, demo_people, intakes, lists, requests
from web.services.clinics import Clinic
from web.services.intakes import CONTACT, KeptIntake

ASKS, BOOKED = "asks", "booked"
DAYS_AHEAD = 6
THEIRS = "t01"


@dataclass(frozen=True, slots=True)
class Seeker:
    """Somebody invented: how they can be reached, and what they say otherwise than the example they are made from."""

    contact: Mapping[str, str]
    said: Mapping[str, Any]


SEEKERS: Mapping[str, Seeker] = MappingProxyType(
    {
        ASKS: Seeker(
            {"name": "Sunniva", "email": "sunniva@tolmaren.example"},
            {
                "concerns": ("panic", "self_esteem"),
                "concern_text": "On the ferry I thought that I would faint. Since then I take the long way round.",
                "gender": "woman",
                "age_band": "from_25",
                "goals": ("Take the ferry again",),
            },
        ),
        BOOKED: Seeker(
            {"name": "Teo", "phone": "00 0000 005"},
            {
                "concerns": ("anxiety", "work"),
                "concern_text": "I read each mail ten times before I send it, and then I read it again.",
                "goals": ("Leave work at six", "Send a mail and forget it"),
            },
        ),
    }
)


def furnish(session: Session, clinic: Clinic, example: Intake, *, now: datetime) -> None:
    """Let the demo have both, as if they had come today; what a visitor has done with them since stays."""
    therapist = demo_people.person_id(session, "therapist")
    asks, booked = (_seeker(session, clinic, persona, example, now=now) for persona in (ASKS, BOOKED))
    _ask(session, clinic, asks, now=now)
    if therapist is not None:
        _book(session, clinic, booked, therapist, now=now)


def _seeker(session: Session, clinic: Clinic, persona: str, example: Intake, *, now: datetime) -> KeptIntake:
    """Their intake behind its link, with a list; the one that is there already stays."""
    link = demo_people.link(persona)
    kept = intakes.of_link(session, link, now=now)
    if kept is not None:
        return kept
    if intakes.has_expired(session, link, now=now):
        intakes.forget(session, link)
    intakes.begin(session, now=now, link=link)
    kept = intakes.of_link(session, link, now=now)
    assert kept is not None
    told = replace(example, **SEEKERS[persona].said)
    steps = intakes.by_step(mapping.answers_of(told)) | {CONTACT: dict(SEEKERS[persona].contact)}
    for step, said in steps.items():
        kept = intakes.save(session, kept, step, said, now=now)
    kept = intakes.send(session, kept, consent=demo_people.CONSENT, now=now)
    lists.make(session, clinic, kept, now=now)
    return kept


def _ask(session: Session, clinic: Clinic, kept: KeptIntake, *, now: datetime) -> bool:
    """Ask for Maren Oduya, and for somebody else in case she cannot; again where the time to answer has passed."""
    stands = requests.status(session, kept)
    is_over = [choice.state for choice in stands.choices][:1] == ["lapsed"] and stands.state != "open"
    if stands.place is not None or not (stands.state is None or is_over):
        return False
    shown = requests.with_places(session, kept, now=now)
    if THEIRS not in shown:
        return False
    (row,) = directory.some(session, [THEIRS])
    row.capacity += 1
    session.flush()
    second = next((id_ for id_ in shown if id_ != THEIRS), None)
    requests.ask(session, clinic, kept, [id_ for id_ in (THEIRS, second) if id_], now=now)
    return True


def _book(session: Session, clinic: Clinic, kept: KeptIntake, therapist: UUID, *, now: datetime) -> None:
    """Let her have said yes, and the first session be next week."""
    first = (now + timedelta(days=DAYS_AHEAD)).replace(hour=16, minute=15, second=0, microsecond=0)
    if _ask(session, clinic, kept, now=now):
        (asking,) = (one for one in answering.asked(session, therapist) if one.client_id == kept.client_id)
        requests.accept(session, clinic, therapist, asking.choice_id, first=first, now=now)
        return
    place = requests.status(session, kept).place
    if place is not None and place.first_session_at is not None and place.first_session_at < now:
        requests.book(session, therapist, place.key, first, now=now)
