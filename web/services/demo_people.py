"""The invented people of the demo clinic: who works there, who looks for somebody, who is in therapy.

Their private links and their password are the same in every demo, so that a visitor can be any of them; nothing here
runs on a database that the demo did not make.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from matcher.entities import Intake
from web.db import mapping
from web.db.queries import courses, intakes
from web.services import intakes as intake_service
from web.services import lists, people
from web.services.clinics import Clinic
from web.services.intakes import KeptIntake

PASSWORD = "welcome to Tolmaren harbour"  # noqa: S105 - printed by the demo, of use nowhere else
CONSENT = "demo"
FEWEST_SESSIONS, MOST_SESSIONS = 8, 20


@dataclass(frozen=True, slots=True)
class Staff:
    """Somebody who works at the demo clinic; ``therapist`` is who they are in its directory."""

    role: str
    name: str
    email: str
    therapist: str | None = None


STAFF: Mapping[str, Staff] = MappingProxyType(
    {
        staff.role: staff
        for staff in (
            Staff("coordinator", "Ines Okonkwo-Lund", "coordinator@tolmaren.example"),
            Staff("therapist", "Maren Oduya", "therapist@tolmaren.example", "t01"),
            Staff("clinic_lead", "Halvard Brightwater", "lead@tolmaren.example"),
            Staff("administrator", "Pia Quillfeather", "administrator@tolmaren.example"),
        )
    }
)
CLIENT, IN_THERAPY, NO_MATCH, IN_DANGER = "client", "client_in_therapy", "no_match", "in_danger"
_CONTACTS: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        CLIENT: {"name": "Ilka"},
        "choose": {"name": "Dariel", "email": "dariel@tolmaren.example"},
        NO_MATCH: {"name": "Yusuf", "phone": "00 0000 003"},
        IN_DANGER: {"name": "Runa", "phone": "00 0000 004"},
    }
)
_DANGER: Mapping[str, Any] = MappingProxyType(
    {
        "concerns": {"concerns": ["low_mood"], "concern_text": "I do not know whether I want to wake up tomorrow."},
        "safety": {"at_risk": True},
    }
)


def furnish(session: Session, clinic: Clinic, examples: tuple[Intake, ...], *, now: datetime) -> None:
    """Let the demo clinic have its people and cases; those that are there already stay as they are."""
    for staff in STAFF.values():
        if not people.is_known(session, staff.email):
            person = people.create(session, staff.email, staff.name, staff.role, password=PASSWORD, now=now)
            if staff.therapist is not None:
                people.link_therapist(session, person, staff.therapist, now=now)
    first, second, third = examples
    _case(session, clinic, CLIENT, first, now=now)
    _case(session, clinic, "choose", second, now=now, flag="choose_for_me")
    _case(session, clinic, NO_MATCH, third, now=now, flag="no_match")
    _in_danger(session, now=now)
    _in_therapy(session, now=now)


def person_id(session: Session, role: str) -> UUID | None:
    """The demo's person in a role; None where the demo has not been furnished."""
    found = people.of_email(session, STAFF[role].email)
    return None if found is None else found.person_id


def therapists(session: Session) -> tuple[UUID, ...]:
    """The therapists whom a visitor may be."""
    known = (courses.therapist_of(session, key) for role in STAFF if (key := person_id(session, role)) is not None)
    return tuple(row.id for row in known if row is not None)


def link(persona: str) -> str:
    """The private link of an invented client: 128 bits, as any other, but the same in every demo."""
    return base64.urlsafe_b64encode(hashlib.sha256(f"tolmaren {persona}".encode()).digest()[:16]).decode().rstrip("=")


def _case(
    session: Session, clinic: Clinic, persona: str, intake: Intake, *, now: datetime, flag: str | None = None
) -> None:
    """Somebody who has told us everything and has seen a list."""
    said = intake_service.by_step(mapping.answers_of(intake))
    kept = _begun(session, persona, said, now=now)
    if kept is None:
        return
    kept = intake_service.send(session, kept, consent=CONSENT, now=now)
    lists.make(session, clinic, kept, now=now)
    if flag is not None:
        intake_service.raise_flag(session, kept, flag, now=now)


def _in_danger(session: Session, *, now: datetime) -> None:
    """Somebody who said yes to the safety question and went no further."""
    kept = _begun(session, IN_DANGER, _DANGER, now=now)
    if kept is not None:
        intake_service.raise_flag(session, kept, "safety", source=intake_service.SAFETY_QUESTION, now=now)


def _in_therapy(session: Session, *, now: datetime) -> None:
    """One of the past clients, who has said something after many sessions."""
    client = courses.well_documented(session, FEWEST_SESSIONS, MOST_SESSIONS)
    if client is None:
        return
    answers = intakes.current_version(session, client.id).answers
    kept = _begun(session, IN_THERAPY, intake_service.by_step(answers), now=now)
    if kept is not None:
        intake_service.belongs_to(session, kept, client.id, now=now)


def _begun(session: Session, persona: str, said: Mapping[str, Any], *, now: datetime) -> KeptIntake | None:
    """A new intake with these answers; None where this person has one already."""
    if intake_service.of_link(session, link(persona), now=now) is not None:
        return None
    if intake_service.has_expired(session, link(persona), now=now):
        intake_service.forget(session, link(persona))
    intake_service.begin(session, now=now, link=link(persona))
    kept = intake_service.of_link(session, link(persona), now=now)
    contact = {intake_service.CONTACT: _CONTACTS[persona]} if persona in _CONTACTS else {}
    for step, answers in {**said, **contact}.items():
        kept = kept and intake_service.save(session, kept, step, answers, now=now)
    return kept
