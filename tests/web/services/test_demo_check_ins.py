"""The demo's hours: each start leaves the same ones, some read and answered, the last one open."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy.orm import Session

from tests.web.conftest import NOW
from tests.web.waiting_room import the_clinic
from web.services import check_ins, demo_check_ins, demo_people, intakes
from web.services.check_ins import Told


def told(session: Session) -> tuple[Told, ...]:
    kept = intakes.of_link(session, demo_people.link(demo_people.IN_THERAPY), now=NOW)
    assert kept is not None and kept.client_id is not None
    return check_ins.of_client(session, the_clinic(session), kept.client_id, NOW)


def test_the_client_in_therapy_has_hours_in_every_state_however_often_it_starts(at_harbour: Session) -> None:
    clinic = the_clinic(at_harbour)
    demo_check_ins.furnish(at_harbour, clinic, now=NOW)  # nobody is there yet
    demo_people._in_therapy(at_harbour, now=NOW)
    for hours in (0, 5):
        demo_check_ins.furnish(at_harbour, clinic, now=NOW + timedelta(hours=hours))
    found = told(at_harbour)
    assert [one.is_open for one in found] == [True, False, False, False]
    assert [one.read_at is not None for one in found] == [False, False, True, True]
    assert [bool(one.reply) for one in found] == [False, False, True, False]
    assert check_ins.has_unseen_reply(found)
    assert sorted((one.number for one in found), reverse=True) == [one.number for one in found]


def test_a_start_a_week_later_adds_the_hour_of_that_day(at_harbour: Session) -> None:
    clinic = the_clinic(at_harbour)
    demo_people._in_therapy(at_harbour, now=NOW)
    for days in (0, 9):
        demo_check_ins.furnish(at_harbour, clinic, now=NOW + timedelta(days=days))
    assert len(told(at_harbour)) > 4
