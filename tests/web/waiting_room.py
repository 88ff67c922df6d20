"""Clients on the waiting list, with lists that they have seen, for whoever tests what is done about them."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.web.conftest import NOW, keep_directory
from web.db.queries import waiting
from web.db.tables import PlacementRow, TherapistRow
from web.services import clinics, intakes, lists, people
from web.services.clinics import Clinic
from web.services.intakes import CONTACT, KeptIntake

SAID = {"concerns": ["anxiety", "sleep"], "languages": ["en"], "hope": 6, "urgency": "within_six_weeks"}


def the_clinic(session: Session) -> Clinic:
    return clinics.find(session, None)


def sent(session: Session, *, now: datetime = NOW, name: str = "", **changes: Any) -> KeptIntake:
    """Somebody who has told us what they look for, and has seen a list."""
    kept = intakes.of_link(session, intakes.begin(session, now=now), now=now)
    assert kept is not None
    for step, said in intakes.by_step(SAID | changes).items():
        kept = intakes.save(session, kept, step, said, now=now)
    if name:
        kept = intakes.save(session, kept, CONTACT, {"name": name, "email": f"{name.lower()}@there.example"}, now=now)
    kept = intakes.send(session, kept, consent="1", now=now)
    lists.make(session, the_clinic(session), kept, now=now)
    return kept


def client_of(kept: KeptIntake) -> UUID:
    assert kept.client_id is not None
    return kept.client_id


def seen(session: Session, kept: KeptIntake) -> list[str]:
    """The therapists on the newest list of somebody, best first."""
    found = lists.latest(session, the_clinic(session), kept)
    assert found is not None
    return [match.therapist_id for match in found.matches.matches]


def therapist(session: Session, external_id: str) -> TherapistRow:
    found = select(TherapistRow).where(TherapistRow.external_id == external_id)
    return session.execute(found.execution_options(populate_existing=True)).scalar_one()


def person_of(session: Session, external_id: str) -> UUID:
    """Somebody who signs in as this therapist."""
    row = therapist(session, external_id)
    if row.person_id is None:
        made = people.create(session, f"{external_id}@here.example", external_id, "therapist", password=None, now=NOW)
        people.link_therapist(session, made, external_id, now=NOW)
        row = therapist(session, external_id)
    assert row.person_id is not None
    return row.person_id


def with_places(session: Session, external_id: str, capacity: int) -> TherapistRow:
    """A therapist who has so many places from now on."""
    row = therapist(session, external_id)
    row.capacity = capacity
    keep_directory(session)
    return row


def place_of(session: Session, kept: KeptIntake) -> PlacementRow | None:
    return waiting.placements(session, [client_of(kept)]).get(client_of(kept))
