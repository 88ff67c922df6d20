"""A therapist's own profile: read for the person who it is, and changed topic by topic.

What may be said is decided by the one schema of a therapist, which files and the API use too. A change replaces the
fields of its topic and no others, so that two tabs at two topics lose nothing. Id, name, licence, training, place and
years stay with the clinic.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import ValidationError
from sqlalchemy.orm import Session

from matcher.entities import Therapist
from web.db import mapping
from web.db.queries import clinics, courses, departures, directory, overview
from web.db.tables import TherapistRow
from web.exchange.problems import BadInput
from web.exchange.schema import TherapistIn, therapist_document
from web.exchange.schema.explain import problems_of
from web.services import audit
from web.services.clinics import Clinic

TOPICS: Mapping[str, tuple[str, ...]] = {
    "about": ("statement", "languages", "formats", "modalities", "age_groups"),
    "yourself": ("gender", "age_band", "background", "faith", "communities"),
    "concerns": ("concerns",),
    "style": ("style",),
    "openings": ("openings",),
    "capacity": ("capacity", "available_from"),
    "fee": ("fee_cents", "sliding_fee_cents", "insurances"),
}


@dataclass(frozen=True, slots=True)
class Profile:
    """A therapist as they are, the same as a document, and how many clients they have met here."""

    therapist: Therapist
    document: Mapping[str, Any]
    n_clients: int


def everybody(session: Session) -> list[Therapist]:
    """Everybody in the directory."""
    return [mapping.therapist_of(row) for row in directory.every(session)]


def of_person(session: Session, person_id: UUID) -> Profile | None:
    """The profile of the therapist whom a person is; None where they are not in the directory."""
    row = courses.therapist_of(session, person_id)
    if row is None:
        return None
    therapist = mapping.therapist_of(row)
    document = therapist_document(therapist) | {"capacity": places_of(session, row)}
    return Profile(therapist, document, overview.count_clients_of(session, row.id))


def save(
    session: Session, clinic: Clinic, person_id: UUID, topic: str, said: Mapping[str, Any], *, now: datetime
) -> None:
    """Replace what a therapist says on a topic. Raises BadInput with every problem, and then changes nothing.

    ``said`` is the topic's part of a therapist document. Saying again what was said before is no change.
    """
    clinics.lock(session, clinic.id)
    row = courses.therapist_of(session, person_id, locked=True)
    if row is None:
        raise LookupError("this person is no therapist of the clinic")
    offered = places_of(session, row)
    before = {**row.profile, "capacity": offered}
    after = _changed(row, offered, topic, said)
    changed = [name for name in TOPICS[topic] if before.get(name) != after.get(name)]
    if not changed:
        return
    state_places(session, row, after.pop("capacity"))
    row.profile, row.changed_at = after, now
    session.flush()
    directory.keep_version(session, [row], clinics.directory_changed(session, clinic.id))
    audit.record(
        session, "profile.changed", now=now, subject=str(row.id), actor=str(person_id), fields=" ".join(changed)
    )


def state_places(session: Session, row: TherapistRow, capacity: int) -> None:
    """So many places are free; somebody who is away offers them when they are back."""
    away = departures.open_of(session, [row.id]).get(row.id)
    if away is None:
        row.capacity = capacity
    else:
        row.capacity, away.capacity_before = 0, capacity


def places_of(session: Session, row: TherapistRow) -> int:
    """How many places are free, or of somebody who is away will be when they are back."""
    away = departures.open_of(session, [row.id]).get(row.id)
    return row.capacity if away is None else away.capacity_before


def _changed(row: TherapistRow, offered: int, topic: str, said: Mapping[str, Any]) -> dict[str, Any]:
    """What the row keeps, and the capacity, with the fields of one topic as they are said now."""
    own = TOPICS[topic]
    kept = {name: value for name, value in {**row.profile, "capacity": offered}.items() if name not in own}
    document = kept | {name: value for name, value in said.items() if name in own}
    new = therapist_document(_checked(row, document))
    return kept | {name: new[name] for name in own if name in new}


def _checked(row: TherapistRow, document: Mapping[str, Any]) -> Therapist:
    try:
        return TherapistIn.model_validate({**document, "therapist_id": row.external_id, "name": row.name}).entity()
    except ValidationError as error:
        raise BadInput(problems_of(error, TherapistIn)) from None
