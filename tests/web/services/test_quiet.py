"""Quiet hours by the clocks of a place: over midnight, through both changes of the clocks, and where there are none."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from web.services.quiet import out_of_quiet

LISBON, BERLIN = ZoneInfo("Europe/Lisbon"), ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize(("said", "zone", "hours", "expected"), [
    ("2026-03-02T20:59", UTC, (21, 8), "2026-03-02T20:59"),
    ("2026-03-02T21:00", UTC, (21, 8), "2026-03-03T08:00"),
    ("2026-03-03T03:30", UTC, (21, 8), "2026-03-03T08:00"),
    ("2026-03-03T08:00", UTC, (21, 8), "2026-03-03T08:00"),
    ("2026-03-03T13:00", UTC, (12, 14), "2026-03-03T14:00"),
    ("2026-03-03T13:00", UTC, (8, 8), "2026-03-03T13:00"),
    ("2026-03-03T23:00", UTC, (22, 24), "2026-03-04T00:00"),
    ("2026-01-10T20:30", BERLIN, (21, 8), "2026-01-11T07:00"),  # 21:30 there, an hour ahead in winter
    ("2026-03-28T22:00", BERLIN, (21, 8), "2026-03-29T06:00"),  # the night in which the clocks go forward
    ("2026-10-24T22:00", BERLIN, (21, 8), "2026-10-25T07:00"),  # and the one in which they go back
    ("2026-03-28T23:30", BERLIN, (23, 2), "2026-03-29T01:00"),  # 02:00 is an hour that does not come: 03:00 there
])  # fmt: skip
def test_what_falls_into_quiet_hours_waits_for_their_end(
    said: str, zone: ZoneInfo, hours: tuple[int, int], expected: str
) -> None:
    moment = datetime.fromisoformat(said).replace(tzinfo=UTC)
    assert out_of_quiet(moment, zone, *hours) == datetime.fromisoformat(expected).replace(tzinfo=UTC)


@given(
    st.datetimes(datetime(2025, 1, 1), datetime(2027, 1, 1)), st.sampled_from([LISBON, BERLIN, UTC]),
    st.integers(0, 23), st.integers(0, 23),
)  # fmt: skip
def test_nobody_waits_a_day_and_nobody_is_woken(said: datetime, zone: ZoneInfo, begin: int, end: int) -> None:
    moment = said.replace(tzinfo=UTC)
    then = out_of_quiet(moment, zone, begin, end)
    assert moment <= then <= moment + timedelta(hours=25)
    if (end + 1) % 24 != begin:  # but where one hour is free, and the clocks leave out that very hour
        hour = then.astimezone(zone).hour
        assert not (begin <= hour < end if begin <= end else hour >= begin or hour < end)
