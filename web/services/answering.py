"""What a therapist has before them: who waits for their answer, and who has a place with them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from web.db.queries import cases as case_rows
from web.db.queries import courses, requests


@dataclass(frozen=True, slots=True)
class Asking:
    """Somebody who waits for a therapist's answer."""

    choice_id: UUID
    client_id: UUID
    choice: int
    asked_at: datetime
    answer_by: datetime
    intake_id: UUID | None


@dataclass(frozen=True, slots=True)
class InPlace:
    """Somebody who has a place with a therapist."""

    placement_id: UUID
    client_id: UUID
    intake_id: UUID | None
    given_at: datetime
    first_session_at: datetime | None


def asked(session: Session, person_id: UUID) -> tuple[Asking, ...]:
    """Who waits for the answer of the therapist whom a person is, the earliest deadline first."""
    therapist = courses.therapist_of(session, person_id)
    rows = requests.asked(session, therapist.id) if therapist is not None else ()
    found = case_rows.intakes_of(session, [case.client_id for _choice, _request, case in rows])
    return tuple(
        Asking(choice.id, case.client_id, choice.choice, choice.asked_at, choice.answer_by, found.get(case.client_id))
        for choice, _request, case in rows
        if choice.asked_at is not None and choice.answer_by is not None
    )


def in_place(session: Session, person_id: UUID) -> tuple[InPlace, ...]:
    """Who has a place with the therapist whom a person is, the newest first."""
    therapist = courses.therapist_of(session, person_id)
    rows = requests.given(session, therapist.id) if therapist is not None else ()
    found = case_rows.intakes_of(session, [case.client_id for _place, case in rows])
    return tuple(
        InPlace(place.id, case.client_id, found.get(case.client_id), place.made_at, place.first_session_at)
        for place, case in rows
    )
