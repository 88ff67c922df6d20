"""Mail that asks how an hour was: once, once more a day later, never at night, never to who said it or wants none."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.web.checking_in import FIRST, GOOD, OVER, Attended, attended, link_to
from tests.web.waiting_room import the_clinic
from web.db.queries import appointments as appointment_rows
from web.db.queries import clinics
from web.db.tables import LinkRow, OutboxRow
from web.services import appointments, check_ins, links, reminders
from web.services.reminders import ASKS, REMINDS, Written

HERE = UTC
DAY = timedelta(days=1)


def asked(session: Session, name: str = "Ada", now: datetime = OVER) -> Attended:
    """Somebody with an address whose hour the clock has just taken as held."""
    who = attended(session, name=name)
    row = appointment_rows.of_session(session, who.session_id)
    assert row is not None
    reminders.promise(session, the_clinic(session), [row], now=now)
    return who


def outbox(session: Session) -> dict[str, OutboxRow]:
    found = session.scalars(select(OutboxRow).where(OutboxRow.kind.in_(reminders.KINDS)))
    return {row.kind: row for row in found}


def written(session: Session, row: OutboxRow, now: datetime = OVER) -> Written:
    return reminders.write(session, the_clinic(session), row, now=now, zone=HERE)


def test_an_hour_that_was_held_is_asked_about_at_once_and_a_day_later(at_harbour: Session) -> None:
    who = asked(at_harbour)
    found = outbox(at_harbour)
    assert {kind: row.due_at for kind, row in found.items()} == {ASKS: OVER, REMINDS: OVER + DAY}
    assert all(row.params == {"session_id": str(who.session_id)} for row in found.values())
    assert all(row.recipient == "ada@there.example" for row in found.values())
    row = appointment_rows.of_session(at_harbour, who.session_id)
    assert row is not None
    reminders.promise(at_harbour, the_clinic(at_harbour), [row], now=OVER)
    assert len(at_harbour.scalars(select(OutboxRow).where(OutboxRow.kind.in_(reminders.KINDS))).all()) == 2


def test_who_left_no_address_is_not_asked_nor_who_wants_none_nor_after_days(at_harbour: Session) -> None:
    asked(at_harbour, name="")
    who = attended(at_harbour, "t02", name="Bo")
    row = appointment_rows.of_session(at_harbour, who.session_id)
    assert row is not None
    reminders.promise(at_harbour, the_clinic(at_harbour), [row], now=OVER + 7 * DAY)
    reminders.turn_for(at_harbour, who.client_id, off=True, now=OVER)
    reminders.promise(at_harbour, the_clinic(at_harbour), [row], now=OVER)
    assert outbox(at_harbour) == {}


def test_the_link_is_made_when_the_mail_is_written_and_opens_the_hour(at_harbour: Session) -> None:
    who, clinic = asked(at_harbour), the_clinic(at_harbour)
    assert at_harbour.scalars(select(LinkRow.id)).all() == []
    found = written(at_harbour, outbox(at_harbour)[ASKS])
    assert found.is_needed and found.not_before is None
    page = check_ins.open(at_harbour, clinic, found.paths["link"].rsplit("/", 1)[1], OVER)
    assert (page.state, page.session_id) == (check_ins.OPEN, who.session_id)
    stop = found.paths["stop"].rsplit("/", 1)[1]
    assert reminders.are_off(at_harbour, stop, now=OVER) is False
    assert check_ins.open(at_harbour, clinic, stop, OVER).state == check_ins.UNKNOWN  # one purpose each


def test_who_has_said_it_is_not_reminded(at_harbour: Session) -> None:
    who, clinic = asked(at_harbour), the_clinic(at_harbour)
    check_ins.say(at_harbour, clinic, link_to(at_harbour, who), GOOD, OVER)
    assert not written(at_harbour, outbox(at_harbour)[REMINDS], OVER + DAY).is_needed


def test_an_hour_that_was_taken_back_is_not_asked_about(at_harbour: Session) -> None:
    who = asked(at_harbour)
    clinic = the_clinic(at_harbour)
    appointments.call_off(at_harbour, clinic, who.appointment_id, because="missed", actor="a", now=OVER)
    assert not written(at_harbour, outbox(at_harbour)[ASKS]).is_needed


@pytest.mark.parametrize(("hour", "until"), [(20, None), (21, 8), (3, 8), (8, None)])
def test_nobody_is_woken(at_harbour: Session, hour: int, until: int | None) -> None:
    asked(at_harbour)
    row = clinics.by_id(at_harbour, the_clinic(at_harbour).id)
    assert (row.quiet_from, row.quiet_until) == (21, 8)
    now = FIRST.replace(hour=hour) + DAY
    found = written(at_harbour, outbox(at_harbour)[ASKS], now)
    if until is None:
        assert found.not_before is None and found.paths
        return
    assert found.not_before == now.replace(hour=until) + (DAY if hour >= 21 else timedelta())
    assert not found.paths and at_harbour.scalars(select(LinkRow.id)).all() == []


def test_one_click_ends_it_for_what_was_promised_too_and_another_begins_it_again(at_harbour: Session) -> None:
    who = asked(at_harbour)
    rows = outbox(at_harbour)
    stop = written(at_harbour, rows[ASKS]).paths["stop"].rsplit("/", 1)[1]
    assert all(reminders.turn(at_harbour, stop, off=True, now=OVER) for _ in range(2))
    assert reminders.are_off(at_harbour, stop, now=OVER) and reminders.are_off_for(at_harbour, who.client_id)
    assert not written(at_harbour, rows[REMINDS], OVER + DAY).is_needed
    assert reminders.turn(at_harbour, stop, off=False, now=OVER)
    assert written(at_harbour, rows[REMINDS], OVER + DAY).is_needed
    check_in = link_to(at_harbour, who)
    assert not reminders.turn(at_harbour, check_in, off=True, now=OVER)  # a link to say something ends nothing
    assert reminders.are_off(at_harbour, "A" * 22, now=OVER) is None
    assert links.of_token(at_harbour, links.CHECK_IN, stop, now=OVER) is None
