"""Mail that asks how somebody has been: near their first session, once a place; later within the mail on an hour."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.web.checking_in import FIRST, OVER, Attended, attended, placed, planned
from tests.web.conftest import NOW
from tests.web.services.test_measures import LOW
from tests.web.waiting_room import client_of, the_clinic
from web.db.queries import appointments as appointment_rows
from web.db.queries import clinics
from web.db.tables import AppointmentRow, LinkRow, OutboxRow
from web.services import appointments, links, measures, reminders
from web.services.intakes import KeptIntake
from web.services.reminders import ASKS, REMINDS, WELL_BEING, Written

DAY = timedelta(days=1)
NEAR = FIRST - 2 * DAY  # a day after the place was given, at noon


def near(session: Session, name: str = "Ada", with_whom: str = "t01") -> tuple[KeptIntake, AppointmentRow]:
    """Somebody with an address who meets their therapist in two days."""
    kept = placed(session, with_whom, name)
    return kept, planned(session, kept, with_whom)


def tick(session: Session, now: datetime = NEAR) -> list[OutboxRow]:
    """What is promised after the clock has struck."""
    reminders.promise_well_being(session, the_clinic(session), now=now)
    return list(session.scalars(select(OutboxRow).where(OutboxRow.kind == WELL_BEING)))


def written(session: Session, row: OutboxRow, now: datetime = NEAR) -> Written:
    return reminders.write(session, the_clinic(session), row, now=now, zone=UTC)


def token(found: Written, name: str = "link") -> str:
    return found.paths[name].rsplit("/", 1)[1]


def test_it_is_promised_once_two_days_before_the_first_session(at_harbour: Session) -> None:
    near(at_harbour)
    assert tick(at_harbour, NEAR - timedelta(minutes=1)) == []
    for k in range(4):
        (row,) = tick(at_harbour, NEAR + k * timedelta(hours=1))
        assert row.recipient == "ada@there.example" and set(row.params) == {"placement_id"} and row.due_at == NEAR


def test_the_link_opens_the_check_and_the_other_one_ends_such_mail(at_harbour: Session) -> None:
    kept, _row = near(at_harbour)
    (promised,) = tick(at_harbour)
    assert at_harbour.scalars(select(LinkRow.id)).all() == []
    found = written(at_harbour, promised)
    assert found.is_needed and set(found.paths) == {"link", "stop"}
    assert measures.save_by_link(at_harbour, token(found), LOW, now=NEAR) == links.OPEN
    assert measures.save_by_link(at_harbour, token(found), LOW, now=NEAR) == links.USED
    assert {one.moment for one in measures.of_client(at_harbour, client_of(kept))} == {"before_first"}
    assert reminders.turn(at_harbour, token(found, "stop"), off=True, now=NEAR)
    assert not written(at_harbour, promised).is_needed


def test_who_has_said_it_meanwhile_is_not_written_to(at_harbour: Session) -> None:
    kept, _row = near(at_harbour)
    (promised,) = tick(at_harbour)
    measures.save(at_harbour, client_of(kept), LOW, now=NEAR)
    assert not written(at_harbour, promised).is_needed
    assert not at_harbour.scalars(select(LinkRow.id)).all()


def test_who_said_it_before_left_no_address_or_wants_no_mail_is_promised_none(at_harbour: Session) -> None:
    near(at_harbour, name="")
    said, _ = near(at_harbour, "Bo", "t02")
    measures.save(at_harbour, client_of(said), LOW, now=NOW + timedelta(hours=1))
    off, _ = near(at_harbour, "Cy", "t03")
    reminders.turn_for(at_harbour, client_of(off), off=True, now=NOW)
    assert tick(at_harbour) == []


def test_a_session_that_was_moved_away_is_not_asked_before(at_harbour: Session) -> None:
    kept, row = near(at_harbour)
    (promised,) = tick(at_harbour)
    appointments.call_off(at_harbour, the_clinic(at_harbour), row.id, actor="a", now=NEAR)
    assert not written(at_harbour, promised).is_needed
    key = row.therapist_id
    appointments.plan(at_harbour, the_clinic(at_harbour), client_of(kept), key, FIRST + 9 * DAY, actor="a", now=NEAR)
    assert not written(at_harbour, promised).is_needed


def test_a_session_that_was_just_planned_has_its_own_mail_first(at_harbour: Session) -> None:
    kept = placed(at_harbour, name="Ada")
    key = appointment_therapist(at_harbour, kept)
    soon = NOW + timedelta(hours=30)
    appointments.plan(at_harbour, the_clinic(at_harbour), client_of(kept), key, soon, actor="a", now=NOW)
    assert tick(at_harbour, NOW) == []
    assert len(tick(at_harbour, NOW + timedelta(hours=1))) == 1


def appointment_therapist(session: Session, kept: KeptIntake) -> UUID:
    row = planned(session, kept)
    appointments.call_off(session, the_clinic(session), row.id, actor="a", now=NOW)
    return row.therapist_id


def test_nobody_who_has_met_their_therapist_gets_one(at_harbour: Session) -> None:
    who = attended(at_harbour, name="Ada")
    plan = (who.client_id, who.therapist_id, OVER + DAY)
    appointments.plan(at_harbour, the_clinic(at_harbour), *plan, actor="a", now=OVER)
    assert tick(at_harbour, OVER + timedelta(hours=2)) == []


@pytest.mark.parametrize(("hour", "until"), [(20, None), (21, 8), (3, 8), (8, None)])
def test_nobody_is_woken(at_harbour: Session, hour: int, until: int | None) -> None:
    near(at_harbour)
    (promised,) = tick(at_harbour)
    row = clinics.by_id(at_harbour, the_clinic(at_harbour).id)
    assert (row.quiet_from, row.quiet_until) == (21, 8)
    now = (NEAR + DAY).replace(hour=hour)
    found = written(at_harbour, promised, now)
    if until is None:
        assert found.not_before is None and found.paths
        return
    assert found.not_before == now.replace(hour=until) + (DAY if hour >= 21 else timedelta())
    assert not found.paths and at_harbour.scalars(select(LinkRow.id)).all() == []


def asked(session: Session) -> tuple[Attended, dict[str, OutboxRow]]:
    who = attended(session, name="Ada")
    row = appointment_rows.of_session(session, who.session_id)
    assert row is not None
    reminders.promise(session, the_clinic(session), [row], now=OVER)
    found = session.scalars(select(OutboxRow).where(OutboxRow.kind.in_(reminders.KINDS)))
    return who, {row.kind: row for row in found}


def test_in_therapy_it_stands_in_the_mail_on_the_hour_where_it_is_due(at_harbour: Session) -> None:
    who, rows = asked(at_harbour)
    found = written(at_harbour, rows[ASKS], OVER)
    assert set(found.paths) == {"link", "well_being", "stop"}
    assert measures.save_by_link(at_harbour, token(found, "well_being"), LOW, now=OVER) == links.OPEN
    assert set(written(at_harbour, rows[ASKS], OVER).paths) == {"link", "stop"}  # said, so not due any more
    assert [one.moment for one in measures.of_client(at_harbour, who.client_id)] == ["course"] * 2


def test_the_reminder_asks_for_the_hour_alone(at_harbour: Session) -> None:
    _who, rows = asked(at_harbour)
    assert set(written(at_harbour, rows[REMINDS], OVER + DAY).paths) == {"link", "stop"}
