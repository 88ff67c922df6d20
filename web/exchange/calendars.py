"""A session as a calendar file (RFC 5545), which names nobody but whom the reader of the calendar knows."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from icalendar import Calendar, Event

MIME = "text/calendar"
SAVED_AS = {"Content-Disposition": 'attachment; filename="first-session.ics"'}
SESSION_MINUTES = 50  # a guess: the usual length of a session; calendars want an end
MAKER = "-//Rapport//Rapport//EN"


def first_session(key: str, begins: datetime, *, title: str, words: str, now: datetime) -> bytes:
    """The file of one session. ``key`` names it for good, so that a session that was moved takes the former's place."""
    event = Event()
    event.add("uid", f"{key}@rapport")
    event.add("dtstamp", now.astimezone(UTC))
    event.add("last-modified", now.astimezone(UTC))
    event.add("sequence", int(now.timestamp()) // 60)  # the newest file wins, whatever was imported before
    event.add("dtstart", begins.astimezone(UTC))
    event.add("dtend", begins.astimezone(UTC) + timedelta(minutes=SESSION_MINUTES))
    event.add("summary", title)
    event.add("description", words)
    event.add("class", "PRIVATE")
    calendar = Calendar()
    calendar.add("prodid", MAKER)
    calendar.add("version", "2.0")
    calendar.add_component(event)
    return bytes(calendar.to_ical())
