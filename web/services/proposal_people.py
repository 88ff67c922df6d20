"""Whom a page about a proposal names, and what a coordinator should know before beginning one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from matcher.errors import InvalidInput
from web.db.queries import proposals as rows
from web.services import free_places
from web.services.intakes import CONTACT


@dataclass(frozen=True, slots=True)
class Person:
    """A client: the intake by which their case is found, and how they can be reached; None and nothing without one."""

    client: UUID
    intake_id: UUID | None
    contact: Mapping[str, str]

    @property
    def called(self) -> tuple[UUID, Mapping[str, str]]:
        """What they are called by: the key of their case, and what they left of themselves."""
        return self.intake_id or self.client, self.contact


@dataclass(frozen=True, slots=True)
class Standing:
    """How many wait without a place, and how many places are free, of how many therapists."""

    n_waiting: int
    n_places: int
    n_therapists: int


def standing(session: Session, *, now: datetime) -> Standing:
    """The waiting list and the free places at this moment."""
    over = free_places.overdue(session, now=now)
    left = [n + over.get(key, 0) for key, _name, n in rows.therapists(session).values()]
    free = [n for n in left if n > 0]
    return Standing(rows.n_without_place(session, now), sum(free), len(free))


def people(session: Session, clients: Iterable[str]) -> dict[str, Person]:
    """Client, by their key as text → who that is."""
    keys = [UUID(client) for client in dict.fromkeys(clients)]
    said = rows.said(session, keys)
    return {str(key): _person(key, said.get(key)) for key in keys}


def queue(session: Session, most: int, after: str | None) -> tuple[list[dict[str, Any]], str | None]:
    """(who waits, where the next part begins or None). InvalidInput for an ``after`` that no part has given."""
    found = rows.queue(session, None if after is None else _read(after), most + 1)
    entries = [
        {"client_id": row.client_id, "waiting_since": row.waiting_since, "priority": row.priority,
         "revision": row.revision, "kept": row.kept}
        for row in found[:most]
    ]  # fmt: skip
    last = found[most - 1] if len(found) > most else None
    return entries, last and f"{last.waiting_since.timestamp()!r}_{last.client_id}"


def _read(after: str) -> tuple[datetime, UUID]:
    since, _mark, client = after.partition("_")
    try:
        return datetime.fromtimestamp(float(since), UTC), UUID(client)
    except (ValueError, OverflowError, OSError):
        raise InvalidInput("after", after, "send what the part before has given as next") from None


def therapists(session: Session) -> dict[str, str]:
    """Therapist, by their id → name, of everybody, by name."""
    found = {id_: name for id_, (_key, name, _n) in rows.therapists(session).items()}
    return dict(sorted(found.items(), key=lambda entry: (entry[1], entry[0])))


def _person(key: UUID, said: tuple[UUID, Mapping[str, Mapping[str, str]]] | None) -> Person:
    if said is None:
        return Person(key, None, {})
    return Person(key, said[0], said[1].get(CONTACT, {}))
