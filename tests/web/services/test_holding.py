"""What is suspicious among ratings is held, read by no model, and counts or not as a person decides."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tests.web.conftest import NOW
from tests.web.waiting_room import client_of, person_of, sent, the_clinic, therapist
from web.db.queries import ratings
from web.db.tables import AuditEventRow, DyadRow, PersonRow, RatingRow, SessionRow
from web.services import holding, intakes, models

Tried = Callable[[int], None]


def rated(session: Session, who: str, *, score: float = 1.0, of: str = "t01", **contact: str) -> UUID:
    """A new client who leaves these words on how to reach them, and has rated a therapist; their dyad."""
    kept = sent(session, name=who)
    if contact:
        kept = intakes.save(session, kept, "contact", {"name": who, **contact}, now=NOW)
    dyad = DyadRow(client_id=client_of(kept), therapist_id=therapist(session, of).id, created_at=NOW)
    session.add(dyad)
    session.flush()
    held = SessionRow(dyad_id=dyad.id, number=1)
    session.add(held)
    session.flush()
    session.add(RatingRow(session_id=held.id, score=score, rated_at=NOW, created_at=NOW))
    session.flush()
    return dyad.id


def why(session: Session) -> dict[UUID, str]:
    session.expire_all()
    return {row.id: row.held_because for row in session.scalars(select(DyadRow)) if row.held_because}


def look(session: Session) -> int:
    return holding.look(session, the_clinic(session), now=NOW)


@pytest.mark.A3
@pytest.mark.parametrize("alias", ["{}", " {} ", "{name}+praise@{place}"])
def test_a_therapist_who_rates_as_a_client_is_held(at_harbour: Session, alias: str, tried: Tried) -> None:
    email = str(at_harbour.scalar(select(PersonRow.email).where(PersonRow.id == person_of(at_harbour, "t01"))))
    name, _, place = email.upper().partition("@")
    before = ratings.count(at_harbour)
    dyad = rated(at_harbour, "Wren", email=alias.format(email.upper(), name=name, place=place).strip())
    other = rated(at_harbour, "Robin")
    assert look(at_harbour) == 1 and look(at_harbour) == 0
    assert why(at_harbour) == {dyad: "own_people"} and other not in why(at_harbour)
    assert ratings.count(at_harbour) == len(models.material(at_harbour).ratings) == before + 1
    (waits,) = holding.waiting(at_harbour)
    assert (waits.because, waits.n_clients, waits.n_ratings) == ("own_people", 1, 1)
    tried(1)


@pytest.mark.A3
@pytest.mark.parametrize(
    "one, other",
    [
        ({"email": "home@there.example"}, {"email": "Home+2@there.example"}),
        ({"phone": "030 123 45 67"}, {"phone": "+49 30 1234567"}),
    ],
)
def test_a_household_of_one_therapist_is_held(
    at_harbour: Session, one: dict[str, str], other: dict[str, str], tried: Tried
) -> None:
    held = {rated(at_harbour, "Wren", **one), rated(at_harbour, "Robin", **other)}
    rated(at_harbour, "Lark", of="t02", **one)  # of another therapist: nobody rates twice
    assert look(at_harbour) == 2
    assert why(at_harbour) == dict.fromkeys(held, "household")
    tried(1)


def test_clients_who_left_nothing_are_no_household(at_harbour: Session) -> None:
    for name in ("Wren", "Robin"):
        rated(at_harbour, name, email="", phone="12")
    assert look(at_harbour) == 0


@pytest.mark.A5
def test_a_flood_is_held_before_a_model_reads_it(at_harbour: Session, tried: Tried) -> None:
    before = ratings.count(at_harbour)
    flood = {rated(at_harbour, f"Bird{k}", score=0.0) for k in range(6)}
    assert look(at_harbour) == 6
    assert why(at_harbour) == dict.fromkeys(flood, "flood")
    assert ratings.count(at_harbour) == before
    tried(1)


def judged(session: Session, because: str, *, counts: bool, of: str = "t01") -> bool:
    return holding.judge(
        session, the_clinic(session), therapist(session, of).id, because, counts=counts,
        person_id=person_of(session, of), now=NOW + timedelta(hours=1),
    )  # fmt: skip


@pytest.mark.parametrize("counts", [True, False])
def test_a_person_decides_once_and_for_all(at_harbour: Session, counts: bool) -> None:
    before = ratings.count(at_harbour)
    dyads = [rated(at_harbour, name, phone="030 1234567") for name in ("Wren", "Robin")]
    look(at_harbour)
    assert judged(at_harbour, "household", counts=counts) and not judged(at_harbour, "household", counts=counts)
    assert ratings.count(at_harbour) == before + 2 * counts and holding.waiting(at_harbour) == ()
    assert look(at_harbour) == 0  # what was let count is not held again
    later = SessionRow(dyad_id=dyads[0], number=2)
    at_harbour.add(later)
    at_harbour.flush()
    at_harbour.add(RatingRow(session_id=later.id, score=0.5, rated_at=NOW, created_at=NOW))
    at_harbour.flush()
    assert look(at_harbour) == 0 and ratings.count(at_harbour) == before + 3 * counts
    found: list[Any] = list(
        at_harbour.scalars(
            select(AuditEventRow).where(AuditEventRow.action.like("ratings.%")).order_by(AuditEventRow.sequence)
        )
    )
    found = [row for row in found if row.action != "ratings.imported"]
    assert [row.action for row in found] == ["ratings.held", "ratings.counted" if counts else "ratings.left_out"]
    assert all(row.details == {"n_pairs": 2} and row.subject == "household" for row in found)


def test_nothing_is_decided_of_what_does_not_wait(at_harbour: Session) -> None:
    events = select(func.count(AuditEventRow.id))
    before = at_harbour.scalar(events)
    assert not holding.judge(
        at_harbour, the_clinic(at_harbour), uuid4(), "flood", counts=True, person_id=uuid4(), now=NOW
    )
    assert at_harbour.scalar(events) == before
