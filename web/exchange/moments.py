"""Dates, moments and times of day as ISO 8601 writes them, and what the usual other spellings were meant to be."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import TypeVar

from web.exchange.problems import Unreadable, unreadable

Day = TypeVar("Day", date, datetime)

EARLIEST, LATEST = date(1990, 1, 1), date(2100, 12, 31)
ALLOWED_LEAD = timedelta(days=1)  # a clock, or a zone that was not written, may be so much ahead of ours

_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_MOMENT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,9})?)?(Z|[+-][0-9]{2}:[0-9]{2})?"
)
_TIME = re.compile(r"([0-9]{1,2}):([0-9]{2})(:00)?")
_SERIAL = re.compile(r"[1-9][0-9]{4}(\.[0-9]+)?")
_NUMERALS = re.compile(r"([0-9]{1,4})[./-]([0-9]{1,2})[./-]([0-9]{1,4})")
_MONTHS = "jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec"
EXCEL_DATE = re.compile(rf"([0-9]{{1,2}}-({_MONTHS})|({_MONTHS})-[0-9]{{2}})(-[0-9]{{2,4}})?", re.IGNORECASE)
_SERIAL_DAY_0 = date(1899, 12, 30)  # of spreadsheets that count days from 1900


def read_date(text: str) -> date:
    """``2026-03-02``. Raises Unreadable with what to write instead."""
    if not _DATE.fullmatch(text):
        raise _not_a_date(text)
    day = _on_the_calendar(text, date.fromisoformat)
    _within(day, text)
    return day


def read_moment(text: str) -> datetime:
    """``2026-03-02``, ``2026-03-02 18:30`` or ``2026-03-02T18:30:00+01:00``. A zone that is not said stays unsaid."""
    if not _DATE.fullmatch(text) and not _MOMENT.fullmatch(text):
        raise _not_a_date(text, " or 2026-03-02T18:30:00+01:00")
    moment = _on_the_calendar(text, datetime.fromisoformat)
    _within(moment.date(), text)
    return moment


def read_minute(text: str) -> int:
    """``18:30`` → the minute of the day, 1110."""
    found = _TIME.fullmatch(text)
    if not found or not text.isascii() or int(found[1]) > 23 or int(found[2]) > 59:
        raise unreadable("time", text, "expected a time of day on the 24-hour clock, such as 18:30")
    return int(found[1]) * 60 + int(found[2])


def write_minute(minute: int) -> str:
    """1110 → ``18:30``."""
    return f"{minute // 60:02}:{minute % 60:02}"


def lies_ahead(moment: datetime, now: datetime) -> bool:
    """Whether a moment is in the future for sure, whatever the zone in which it was written."""
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return aware > now + ALLOWED_LEAD


def _on_the_calendar(text: str, read: Callable[[str], Day]) -> Day:
    try:
        return read(text.replace("Z", "+00:00"))
    except ValueError:
        raise unreadable("impossible_date", text, "there is no such day or time; correct it") from None


def _within(day: date, text: str) -> None:
    if not EARLIEST <= day <= LATEST:
        raise unreadable("date_range", text, f"expected a date from {EARLIEST} to {LATEST}")


def _not_a_date(text: str, also: str = "") -> Unreadable:
    shape = f"expected a date such as 2026-03-02{also}"
    if _SERIAL.fullmatch(text):
        day = _SERIAL_DAY_0 + timedelta(days=int(float(text)))
        return unreadable("serial_date", text, f"a spreadsheet's day number; if it means that day, write {day}")
    if EXCEL_DATE.fullmatch(text):
        return unreadable("mangled_date", text, f"a spreadsheet has shortened this; {shape}")
    if found := _NUMERALS.fullmatch(text):
        meant = " or ".join(_readings(*(int(part) for part in found.groups()))) or "year-month-day"
        return unreadable("date_order", text, f"write the year first: {meant}")
    if _DATE.match(text):
        return unreadable("date_shape", text, shape if also else f"a date without a time is expected: {text[:10]}")
    return unreadable("not_a_date", text, shape)


def _readings(first: int, middle: int, last: int) -> list[str]:
    """The days that three numbers can mean, day first, month first or year first."""
    found = []
    for year, month, day in ((last, middle, first), (last, first, middle), (first, middle, last)):
        try:
            read = date(year + 2000 if year < 100 else year, month, day)
        except ValueError:
            continue
        if EARLIEST <= read <= LATEST and read.isoformat() not in found:
            found.append(read.isoformat())
    return found[:2]
