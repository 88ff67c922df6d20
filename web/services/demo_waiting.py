"""The demo's waiting list: invented people who came on different days, and what was done about some of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from web.db.queries import waiting
from web.services import casework, demo_people, lists, requests
from web.services import intakes as intake_service
from web.services.casework import By, Choice
from web.services.clinics import Clinic
from web.services.intakes import CONTACT, KeptIntake


@dataclass(frozen=True, slots=True)
class Waiting:
    """Somebody invented: how many days ago they came, what they said, and what was done; ``done`` names it."""

    name: str
    days: int
    said: Mapping[str, Any]
    reach: Mapping[str, str] = field(default_factory=dict)
    priority: int = 0
    done: str = ""


PEOPLE = (
    Waiting("Oskar", 23, {"concerns": ["trauma", "sleep"], "times": ["sat_morning"]}, {"phone": "00 0000 011"}, 2),
    Waiting("Mirela", 19, {"concerns": ["anxiety"], "hope": 4}, {"email": "mirela@tolmaren.example"}),
    Waiting("Benedikt", 16, {"concerns": ["burnout", "sleep"]}, {"email": "benedikt@tolmaren.example"}),
    Waiting("Saoirse", 13, {"concerns": ["grief"], "hope": 7}, {"phone": "00 0000 012"}, 1),
    Waiting("Tomasz", 11, {"concerns": ["low_mood", "anxiety"], "max_fee_cents": 9000}, {}, 0, "held"),
    Waiting("Amara", 9, {"concerns": ["relationships"]}, {"email": "amara@tolmaren.example"}, 0, "asked"),
    Waiting("Linnea", 8, {"concerns": ["eating"], "languages": ["en"]}, {"phone": "00 0000 013"}, 1),
    Waiting("Jonas", 6, {"concerns": ["anger"], "hope": 5}, {"phone": "00 0000 014"}),
    Waiting("Farida", 5, {"concerns": ["panic", "anxiety"]}, {"email": "farida@tolmaren.example"}),
    Waiting("Elias", 3, {"concerns": ["self_esteem"]}, {"email": "elias@tolmaren.example"}),
    Waiting("Noor", 1, {"concerns": ["grief", "low_mood"]}, {"phone": "00 0000 015"}),
    Waiting("Petra", 38, {"concerns": ["anxiety"]}, {"phone": "00 0000 016"}, 0, "placed"),
    Waiting("Viggo", 30, {"concerns": ["sleep"]}, {}, 0, "ran_out"),
    Waiting("Hanne", 12, {"concerns": ["low_mood"]}, {}, 0, "closed"),
)


def furnish(session: Session, clinic: Clinic, *, now: datetime) -> None:
    """Let the demo have a waiting list; who is on it already stays as they are."""
    coordinator = demo_people.person_id(session, "coordinator")
    for one in PEOPLE:
        kept = _came(session, clinic, one, now - timedelta(days=one.days))
        if kept is not None and coordinator is not None:
            _do(session, clinic, one, kept, str(coordinator), now)


def _came(session: Session, clinic: Clinic, one: Waiting, then: datetime) -> KeptIntake | None:
    """Somebody told us what they look for, and saw a list, some days ago; None where they did so already."""
    link = demo_people.link(f"waiting {one.name}")
    if intake_service.of_link(session, link, now=then) or intake_service.has_expired(session, link, now=then):
        return None
    intake_service.begin(session, now=then, link=link)
    kept = intake_service.of_link(session, link, now=then)
    said = intake_service.by_step({"urgency": "within_six_weeks", "languages": ["en"], **one.said})
    for step, answers in {**said, CONTACT: {"name": one.name, **one.reach}}.items():
        kept = kept and intake_service.save(session, kept, step, answers, now=then)
    if kept is None:
        return None
    kept = intake_service.send(session, kept, consent=demo_people.CONSENT, now=then)
    lists.make(session, clinic, kept, now=then)
    return kept


def _do(session: Session, clinic: Clinic, one: Waiting, kept: KeptIntake, actor: str, now: datetime) -> None:
    """What the coordinator, or the client, has done since."""
    client_id = kept.client_id
    assert client_id is not None
    if one.priority:
        casework.prioritise(session, client_id, one.priority, _by(session, client_id, actor, now))
    if one.done == "closed":
        casework.close(session, client_id, "found_elsewhere", _by(session, client_id, actor, now))
    if one.done == "asked":
        found = lists.latest(session, clinic, kept)
        if found is not None and len(found.matches.matches) > 2:
            requests.ask(session, clinic, kept, [found.matches.matches[k].therapist_id for k in (1, 2)], now=now)
    first = casework.first_free(session, client_id, now=now)
    if first is None:
        return
    if one.done == "placed":
        then = now - timedelta(days=one.days - 8)
        casework.assign(session, clinic, client_id, Choice(first), _by(session, client_id, actor, then))
    if one.done in ("held", "ran_out"):
        then = now - timedelta(days=4 if one.done == "ran_out" else 0, hours=3)
        casework.hold(session, clinic, client_id, Choice(first), _by(session, client_id, actor, then))


def _by(session: Session, client_id: UUID, actor: str, now: datetime) -> By:
    row = waiting.case(session, client_id)
    assert row is not None
    return By(actor, now, row.revision)
