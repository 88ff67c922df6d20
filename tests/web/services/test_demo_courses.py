"""The demo's courses: one that is shared, one that is not, and a first release; made once."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tests.web.conftest import NOW
from tests.web.waiting_room import person_of, the_clinic
from web.db.tables import CheckInRow, ReleaseRow
from web.services import demo_courses, shared_courses


def counts(session: Session) -> tuple[int | None, int | None]:
    return session.scalar(select(func.count(CheckInRow.id))), session.scalar(select(func.count(ReleaseRow.id)))


def test_two_come_and_the_second_start_changes_nothing(at_harbour: Session) -> None:
    demo_courses.furnish(at_harbour, the_clinic(at_harbour), now=NOW)
    before = counts(at_harbour)
    demo_courses.furnish(at_harbour, the_clinic(at_harbour), now=NOW + timedelta(days=1))
    assert counts(at_harbour) == before and before[0]
    found = shared_courses.everybody(at_harbour, person_of(at_harbour, "t01"), now=NOW)
    assert {(one.client.contact["name"], one.shares, one.alert is not None) for one in found} == {
        ("Maja", True, True), ("Edvin", False, False),
    }  # fmt: skip
