"""A calendar file keeps to RFC 5545: lines of 75 octets that end in CRLF, text that is escaped, moments in UTC."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from icalendar import Calendar

from web.exchange import calendars

BEGINS = datetime(2026, 7, 14, 18, 30, tzinfo=ZoneInfo("Europe/Lisbon"))  # an hour ahead of UTC in summer
WORDS = "With Zoë, Müller; and \\ others.\nBring nothing. " + "ä" * 90


def file(now: datetime = datetime(2026, 3, 2, 12, tzinfo=UTC)) -> bytes:
    return calendars.first_session("place-7", BEGINS, title="First session", words=WORDS, now=now)


def test_lines_are_folded_at_75_octets_and_end_in_crlf() -> None:
    lines = file().split(b"\r\n")
    assert lines[0] == b"BEGIN:VCALENDAR" and lines[-2:] == [b"END:VCALENDAR", b""]
    assert all(len(line) <= 75 and b"\n" not in line and b"\r" not in line for line in lines)
    assert any(line.startswith(b" ") for line in lines)
    for line in lines:
        line.decode("utf-8")  # no letter is cut in two


def test_text_is_escaped_and_moments_are_in_utc() -> None:
    whole = file().decode().replace("\r\n ", "")
    assert "DTSTART:20260714T173000Z\r\n" in whole and "DTEND:20260714T182000Z\r\n" in whole
    assert r"DESCRIPTION:With Zoë\, Müller\; and \\ others.\nBring nothing. " in whole
    for needed in ("VERSION:2.0", "PRODID:-//Rapport", "UID:place-7@rapport", "DTSTAMP:20260302T120000Z"):
        assert needed in whole


def test_it_reads_back_and_a_moved_session_takes_the_place_of_the_former_one() -> None:
    first, second = (
        Calendar.from_ical(file(now)).walk("VEVENT")[0]
        for now in (datetime(2026, 3, 2, 12, tzinfo=UTC), datetime(2026, 3, 2, 13, tzinfo=UTC))
    )
    assert str(first["description"]) == WORDS and first.decoded("dtstart") == BEGINS
    assert first["uid"] == second["uid"] and second["sequence"] > first["sequence"]
