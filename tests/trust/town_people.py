"""The people of a clinic of the town: by role, twice each, and by a status that lets nobody in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from web.services import people

ROLES = ("coordinator", "clinic_lead", "administrator")
STATUSES = ("invited", "suspended", "removed")


@dataclass(frozen=True)
class Person:
    """Somebody who works, worked or will work at a clinic."""

    id: UUID
    email: str
    role: str
    status: str = "active"


def staff_of(session: Session, house: Any, now: datetime) -> None:
    """``coordinator``, ``coordinator2`` …, ``therapist0`` … ``therapist3``, and ``<role>, <status>`` for each pair."""
    for role in ROLES:
        for name in (role, f"{role}2"):
            house.staff[name] = _hire(session, house, role, "active", now)
    for k in range(4):
        person = house.staff[f"therapist{k}"] = _hire(session, house, "therapist", "active", now)
        people.link_therapist(session, person.id, f"{house.slug}-t{k}", now=now)
    for role in (*ROLES, "therapist"):
        for status in STATUSES:
            house.staff[f"{role}, {status}"] = _hire(session, house, role, status, now)


def _hire(session: Session, house: Any, role: str, status: str, now: datetime) -> Person:
    email = f"{house.word()}@work.example"
    key = people.create(session, email, house.word(), role, password=None, now=now)
    if status != "active":
        people.change(session, email, status, now=now)
    return Person(key, email, role, status)
