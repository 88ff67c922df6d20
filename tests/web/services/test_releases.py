"""Releases of strengths and edges: when, of whom, and what they may not depend on."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from matcher.development import Batches
from tests.web.conftest import NOW
from tests.web.speaking import spoke
from tests.web.waiting_room import person_of, sent, the_clinic, therapist
from web.db import contact_marks
from web.db.queries import held
from web.db.tables import CheckInRow, ClientRow, DyadRow, IntakeRow, PersonRow, ReleaseRow
from web.services import releases

TRACELESS = Batches(days=(0.0, 0.0), days_apart=0.0)


def release(session: Session, now: datetime = NOW, batches: Batches = TRACELESS) -> int:
    return releases.release_due(session, the_clinic(session), now=now, batches=batches)


def everybody(session: Session, n: int, shown: str = "aggregate", **said: Any) -> list[UUID]:
    return spoke(session, n, shown_to=shown, **said)


def counted(session: Session) -> int:
    return len(session.scalars(select(CheckInRow).where(CheckInRow.release_id.is_not(None))).all())


def test_four_clients_are_told_of_never_and_five_at_once(at_harbour: Session) -> None:
    everybody(at_harbour, 4)
    assert release(at_harbour, NOW + timedelta(days=300)) == 0
    everybody(at_harbour, 1)
    assert release(at_harbour) == 1 and release(at_harbour) == 0
    (row,) = at_harbour.scalars(select(ReleaseRow)).all()
    assert (row.n_clients, row.therapist_id, counted(at_harbour)) == (5, therapist(at_harbour, "t01").id, 5)
    found = releases.of_person(at_harbour, person_of(at_harbour, "t01"))
    assert found is not None and found.n_clients == 5
    assert releases.of_person(at_harbour, person_of(at_harbour, "t02")) is None


def test_many_check_ins_of_four_clients_are_no_batch(at_harbour: Session) -> None:
    everybody(at_harbour, 4, n_times=5)
    assert release(at_harbour) == 0


def test_what_can_still_be_corrected_does_not_count(at_harbour: Session) -> None:
    everybody(at_harbour, 5)
    row = at_harbour.scalars(select(CheckInRow)).first()
    assert row is not None
    row.said_at = NOW - timedelta(hours=23)
    at_harbour.flush()
    assert release(at_harbour) == 0
    assert release(at_harbour, NOW + timedelta(hours=2)) == 1


def test_those_who_share_by_name_hide_nobody(at_harbour: Session) -> None:
    """Four whom the therapist has read and one whom they have not: what is left after subtraction is the one."""
    everybody(at_harbour, 4, "named")
    everybody(at_harbour, 1)
    assert release(at_harbour) == 0
    everybody(at_harbour, 1, "named")
    assert release(at_harbour) == 1
    assert counted(at_harbour) == 5  # the five who share; the sixth waits for four more
    everybody(at_harbour, 4)
    assert release(at_harbour) == 1 and counted(at_harbour) == 10


def test_those_who_shared_by_name_once_hide_nobody_afterwards(at_harbour: Session) -> None:
    """Four whom the therapist has read, who took it back: what is left after subtraction is the fifth."""
    everybody(at_harbour, 4, "named")
    for row in at_harbour.scalars(select(CheckInRow)):
        row.shown_to = "aggregate"
    everybody(at_harbour, 1)
    assert release(at_harbour) == 0
    everybody(at_harbour, 4)
    assert release(at_harbour) == 1 and counted(at_harbour) == 9


def test_people_of_ones_own_making_hide_nobody(at_harbour: Session) -> None:
    """A client with the address of somebody who works here is held before anything is told, and in no later figure."""
    clients = everybody(at_harbour, 5)
    email = at_harbour.scalar(select(PersonRow.email).where(PersonRow.id == person_of(at_harbour, "t01")))
    kept = sent(at_harbour, name="Wren")
    intake = at_harbour.get_one(IntakeRow, kept.id)
    intake.client_id, intake.email_mark = clients[0], contact_marks.of_email(str(email))
    at_harbour.flush()
    assert release(at_harbour) == 0
    everybody(at_harbour, 1)
    assert release(at_harbour) == 1 and counted(at_harbour) == 5
    (row,) = at_harbour.scalars(select(ReleaseRow)).all()
    assert row.n_clients == 5


def test_whoever_is_held_after_they_were_told_of_is_in_no_later_figure(at_harbour: Session) -> None:
    clients = everybody(at_harbour, 6)
    assert release(at_harbour) == 1
    dyad = at_harbour.scalars(select(DyadRow.id).where(DyadRow.client_id == clients[0])).one()
    held.hold(at_harbour, {dyad}, "household")
    everybody(at_harbour, 5)
    assert release(at_harbour) == 1
    assert max(row.n_clients for row in at_harbour.scalars(select(ReleaseRow))) == 10


def test_the_moment_lies_days_after_the_fifth_and_two_weeks_after_the_last(at_harbour: Session) -> None:
    everybody(at_harbour, 5)
    complete = max(at_harbour.scalars(select(CheckInRow.said_at))) + timedelta(days=1)
    moments = [complete + timedelta(hours=k) for k in range(200)]
    first = next(moment for moment in moments if release(at_harbour, moment, Batches()))
    assert timedelta(days=1) <= first - complete <= timedelta(days=5, hours=1)
    everybody(at_harbour, 5)
    assert release(at_harbour, first + timedelta(days=14, hours=23), Batches()) == 0
    assert release(at_harbour, first + timedelta(days=20), Batches()) == 1


def test_a_client_who_was_erased_moves_nothing_before_the_next_batch(at_harbour: Session) -> None:
    clients = everybody(at_harbour, 6)
    release(at_harbour)
    before = releases.of_person(at_harbour, person_of(at_harbour, "t01"))
    at_harbour.execute(delete(ClientRow).where(ClientRow.id == clients[0]))
    assert counted(at_harbour) == 5
    assert release(at_harbour, NOW + timedelta(days=60)) == 0
    assert releases.of_person(at_harbour, person_of(at_harbour, "t01")) == before
    everybody(at_harbour, 5)
    assert release(at_harbour, NOW + timedelta(days=60)) == 1
    after = releases.of_person(at_harbour, person_of(at_harbour, "t01"))
    assert after is not None and after.n_clients == 10


def test_with_few_colleagues_nothing_is_said_of_what_is_typical(at_harbour: Session) -> None:
    everybody(at_harbour, 5)
    release(at_harbour)
    found = releases.of_person(at_harbour, person_of(at_harbour, "t01"))
    assert found is not None and all(one["typical"] is None for one in found.figures)
    for whose in ("t02", "t03", "t04"):
        everybody(at_harbour, 5, whose=whose)
    assert release(at_harbour) == 3
    everybody(at_harbour, 5)
    release(at_harbour)
    found = releases.of_person(at_harbour, person_of(at_harbour, "t01"))
    assert found is not None and all(one["typical"] is not None for one in found.figures if one["kind"] == "slider")


@pytest.mark.parametrize("score", [0, 10])
def test_figures_lean_to_what_was_said(at_harbour: Session, score: int) -> None:
    for whose, said in (("t01", score), ("t02", 5), ("t03", 5), ("t04", 5)):
        everybody(at_harbour, 8, whose=whose, score=said)
    release(at_harbour)
    found = releases.of_person(at_harbour, person_of(at_harbour, "t01"))
    assert found is not None
    bond = next(one["mean"] for one in found.figures if (one["kind"], one["code"]) == ("slider", "bond"))
    assert abs(bond - score) <= 0.5
    assert {one["kind"] for one in found.figures} >= {"slider", "helped", "hindered", "concern"}
