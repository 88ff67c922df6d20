"""What a therapist alone is told, and has not taken up for a week, asks a coordinator to call: without what it was."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy.orm import Session

from tests.web.conftest import NOW
from tests.web.services.test_acknowledging import CANARY, alert_of, check_in, do, seen
from tests.web.speaking import comes
from tests.web.waiting_room import the_clinic
from web.db.queries import at_risk as rows
from web.db.tables import PlacementRow
from web.services import at_risk, placing
from web.services.at_risk import AtRisk

DAY = timedelta(days=1)
WEEK = 7 * DAY


def called(session: Session, signal: str, after: timedelta = timedelta()) -> tuple[AtRisk, ...]:
    return at_risk.signals(session, the_clinic(session), now=NOW + after).by_signal[signal]


def read_all(session: Session, place: UUID) -> None:
    for one in seen(session, place).sessions:
        if one.shared is not None:
            do("read", session, place, one.shared.check_in_id)


def test_an_alert_that_a_therapist_has_known_for_a_week_is_the_coordinators_too(at_harbour: Session) -> None:
    place, client = comes(at_harbour, ["named", "named"], name="Wren", comment=CANARY, score=2)
    alert = alert_of(at_harbour, client)
    read_all(at_harbour, place)
    assert called(at_harbour, "not_settled", WEEK - timedelta(seconds=1)) == ()
    (one,) = called(at_harbour, "not_settled", WEEK)
    assert (one.contact["name"], one.since) == ("Wren", NOW) and one.therapist
    assert CANARY not in repr(one) and alert.kind not in repr(one) and "score" not in repr(one)
    assert called(at_harbour, "please_contact", WEEK) == ()
    do("settle", at_harbour, place, alert.id, "talked")
    assert called(at_harbour, "not_settled", WEEK) == ()


@pytest.mark.parametrize("last", ["aggregate", "named"])
def test_an_alert_of_which_the_therapist_is_not_told_is_called_at_once_and_only_so(
    at_harbour: Session, last: str
) -> None:
    _place, client = comes(at_harbour, ["aggregate", last])
    alert_of(at_harbour, client)
    assert len(called(at_harbour, "please_contact")) == 1
    assert called(at_harbour, "not_settled", WEEK) == called(at_harbour, "not_read", WEEK) == ()
    assert not rows.not_settled(at_harbour, NOW + WEEK, 9)  # nor by the query, where they have no other signal


def test_what_was_shared_and_not_read_for_a_week_is_told_until_it_is_read(at_harbour: Session) -> None:
    place, client = comes(at_harbour, ["named", "named"], name="Wren", comment=CANARY, begin=NOW - 8 * DAY)
    first, last = check_in(at_harbour, client, 0), check_in(at_harbour, client)
    assert called(at_harbour, "not_read", first.said_at + WEEK - NOW - timedelta(seconds=1)) == ()
    (one,) = called(at_harbour, "not_read", first.said_at + WEEK - NOW)
    assert (one.contact["name"], one.since) == ("Wren", first.said_at) and CANARY not in repr(one)
    read_all(at_harbour, place)
    assert called(at_harbour, "not_read", 2 * WEEK) == ()
    last.read_at, last.corrected_at = None, last.said_at + timedelta(hours=3)  # a correction is to be read again
    at_harbour.flush()
    assert [one.since for one in called(at_harbour, "not_read", 2 * WEEK)] == [last.corrected_at]


def test_consent_that_was_taken_back_and_work_that_is_over_ask_for_no_reading(at_harbour: Session) -> None:
    place, client = comes(at_harbour, ["named", "named"], begin=NOW - 8 * DAY)
    check_in(at_harbour, client).shown_to = "aggregate"
    at_harbour.flush()
    assert called(at_harbour, "not_read", 2 * WEEK) == ()
    check_in(at_harbour, client).shown_to = "named"
    at_harbour.flush()
    assert len(called(at_harbour, "not_read", 2 * WEEK)) == 1
    ended = [at_harbour.get_one(PlacementRow, place)]
    placing.give_back(at_harbour, the_clinic(at_harbour), ended, because="other", actor="a", now=NOW)
    assert called(at_harbour, "not_read", 2 * WEEK) == ()


def test_somebody_stands_under_the_first_signal_alone(at_harbour: Session) -> None:
    _place, client = comes(at_harbour, ["named", "named"], begin=NOW - 8 * DAY)
    alert_of(at_harbour, client)
    assert len(called(at_harbour, "not_settled", 2 * WEEK)) == 1
    assert called(at_harbour, "not_read", 2 * WEEK) == ()
