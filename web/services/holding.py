"""Ratings that are held until a person has looked at them, and are read by no model meanwhile.

Three things hold what a client says of a therapist: the client is somebody who works here, by their e-mail address;
another client of the same therapist gave the same address or telephone number; or they are part of a flood of new
raters at one end of the scale (``matcher.floods``). None of it is a reproach: couples share a telephone. So a clinic
lead decides whether it counts, once for all that these clients say of this therapist.

It is looked for before a model is fitted, since nothing else counts ratings.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from matcher import flooded
from web.db import contact_marks, mapping
from web.db.queries import clients, clinics, directory, held, ratings
from web.services import audit, models
from web.services.clinics import Clinic

OWN_PEOPLE, HOUSEHOLD, FLOOD = "own_people", "household", "flood"
REASONS = (OWN_PEOPLE, HOUSEHOLD, FLOOD)


@dataclass(frozen=True, slots=True)
class Held:
    """What waits for a person: whose ratings, why, of how many clients, how many, and when the last was given."""

    therapist_id: UUID
    therapist: str
    because: str
    n_clients: int
    n_ratings: int
    last: datetime | None


def look(session: Session, clinic: Clinic, *, now: datetime) -> int:
    """Hold what is to be held, and has not been judged; how many pairs that were."""
    clinics.lock(session, clinic.id)
    n_held = 0
    for because, found in ((OWN_PEOPLE, _own_people), (HOUSEHOLD, _household), (FLOOD, _flood)):
        n_held += (n_new := held.hold(session, set(found(session, clinic)), because))
        if n_new:
            audit.record(session, "ratings.held", now=now, subject=because, actor="clock", n_pairs=n_new)
    return n_held


def waiting(session: Session) -> tuple[Held, ...]:
    """All that waits for a person at the clinic that the session has entered."""
    return tuple(Held(*row) for row in held.waiting(session))


def judge(
    session: Session, clinic: Clinic, therapist: UUID, because: str, *, counts: bool, person_id: UUID, now: datetime
) -> bool:
    """Let it count, or leave it out for good; False where nothing waits any more."""
    clinics.lock(session, clinic.id)
    n_pairs = held.judge(session, therapist, because, counts=counts, now=now)
    if n_pairs:
        action = "ratings.counted" if counts else "ratings.left_out"
        audit.record(session, action, now=now, subject=because, actor=str(person_id), n_pairs=n_pairs)
    return bool(n_pairs)


def _own_people(session: Session, clinic: Clinic) -> Iterator[UUID]:
    """Pairs whose client has the address of somebody who works here."""
    ours = {contact_marks.of_email(address) for address in held.staff_addresses(session)}
    known = {client: said for client, said in _contacts(session) if any(one in ours for one in said)}
    yield from (dyad for dyad, client, _ in held.rated(session) if client in known)


def _household(session: Session, clinic: Clinic) -> Iterator[UUID]:
    """Pairs of one therapist whose clients share an address or a telephone number."""
    said, seen = dict(_contacts(session)), defaultdict[tuple[UUID, bytes], set[UUID]](set)
    rows = held.rated(session)
    for _, client, therapist in rows:
        for one in said.get(client, ()):
            seen[therapist, one].add(client)
    for dyad, client, therapist in rows:
        if any(len(seen[therapist, one]) > 1 for one in said.get(client, ())):
            yield dyad


def _flood(session: Session, clinic: Clinic) -> Iterator[UUID]:
    """Pairs that are part of a flood, by what the model that serves expects of new raters."""
    model = models.serving(session, clinic.id)
    if model is None:
        return
    rows = ratings.rows(session, untold=True)
    intakes = [mapping.intake_of(row.external_id, answers) for row, answers in clients.current(session)]
    people = [mapping.therapist_of(row) for row in directory.every(session)]
    for one in flooded(model, intakes, people, [mapping.rating_of(row) for row in rows]):
        yield from (rows[at].dyad for at in one.ratings)


def _contacts(session: Session) -> Iterator[tuple[UUID, tuple[bytes, ...]]]:
    """Every client's marks of an address and a telephone number."""
    for client, *marks in held.contacts(session):
        yield client, tuple(one for one in marks if one is not None)
