"""A first session on a day on which the clocks change: an hour that does not exist, and one that comes twice."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from flask import Flask

from tests.web.conftest import Clinic
from web.caseload.answers import SessionForm

LISBON = ZoneInfo("Europe/Lisbon")  # forward on 28 March 2027 at 01:00, back on 31 October 2027 at 02:00


@pytest.fixture
def app(clinic: Clinic) -> Flask:
    return clinic.app


def typed(app: Flask, day: str, time: str) -> tuple[datetime | None, list[str]]:
    now = datetime(2027, 1, 10, tzinfo=UTC)
    with app.test_request_context("/", method="POST", data={"day": day, "time": time}):
        form = SessionForm(meta={"csrf": False})
        taken = form.accept(now, LISBON)
        assert taken is not bool(form.errors_now)
        return (form.moment if taken else None), form.errors_now


@pytest.mark.parametrize(
    ("day", "time", "moment"),
    [
        ("2027-03-28", "00:59", datetime(2027, 3, 28, 0, 59, tzinfo=UTC)),
        ("2027-03-28", "02:00", datetime(2027, 3, 28, 1, 0, tzinfo=UTC)),
        ("2027-03-29", "01:30", datetime(2027, 3, 29, 0, 30, tzinfo=UTC)),
        ("2027-10-31", "00:59", datetime(2027, 10, 30, 23, 59, tzinfo=UTC)),
        ("2027-10-31", "02:00", datetime(2027, 10, 31, 2, 0, tzinfo=UTC)),
    ],
)
def test_a_time_that_is_one_moment_is_taken_as_the_clocks_say(
    app: Flask, day: str, time: str, moment: datetime
) -> None:
    assert typed(app, day, time) == (moment, [])


@pytest.mark.parametrize("time", ["01:00", "01:30", "01:59"])
def test_a_time_that_the_clocks_leave_out_or_say_twice_is_asked_for_again(app: Flask, time: str) -> None:
    moment, (gap,) = typed(app, "2027-03-28", time)
    assert moment is None and "does not exist" in gap
    moment, (twice,) = typed(app, "2027-10-31", time)
    assert moment is None and "comes twice" in twice
