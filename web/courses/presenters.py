"""A course in words, for the therapist."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, tzinfo
from typing import Any
from uuid import UUID

from matcher import vocabulary as v
from web import cards
from web.courses import drawn
from web.services import appointments
from web.services.shared_courses import Held, Planned, Shared, SharedCourse
from web.wording import courses as words
from web.wording.language import _, label, ngettext

AHEAD = 0.5  # so much apart counts as seen alike


@dataclass(frozen=True, slots=True)
class Line:
    """Somebody in the list of courses."""

    id: UUID
    name: str
    sessions: str
    state: str
    is_new: bool
    asks: bool


@dataclass(frozen=True, slots=True)
class Said:
    """A check-in that is shared: (what, its value, length of its bar) of the four, tags, words, gap and answer."""

    id: UUID
    number: int
    day: str
    sliders: tuple[tuple[str, int, int], ...]
    helped: tuple[str, ...]
    hindered: tuple[str, ...]
    comment: str
    gap: str
    is_read: bool
    reply: str
    may_reply: bool


@dataclass(frozen=True, slots=True)
class Meeting:
    """An appointment. ``may`` is what can be said of it: ``cancelled``, ``missed``, or nothing."""

    id: UUID
    moment: str
    state: str
    may: str


@dataclass(frozen=True, slots=True)
class Alert:
    """What asks for a conversation."""

    id: UUID
    title: str
    seen: str
    since: int


@dataclass(frozen=True, slots=True)
class Page:
    """The page of one course. ``why_not`` says why nothing of the client's is shown; ``unrated`` asks for a rating.

    ``waits``: there is an alert, which speaks of the session that is to be rated first. ``waiting`` is the number of
    that session, where the client said something of it that is seen afterwards.
    """

    id: UUID
    name: str
    shares: bool
    why_not: str
    alert: Alert | None
    waits: bool
    unrated: tuple[UUID, int, str, bool] | None
    waiting: int | None
    chart: drawn.Chart | None
    rows: tuple[tuple[int, str, str, str], ...]
    said: tuple[Said, ...]
    coming: tuple[Meeting, ...]
    past: tuple[Meeting, ...]
    suggested: datetime | None


def line(course: SharedCourse) -> Line:
    """Somebody in the list."""
    shown = [one.shared for one in course.sessions if one.shared is not None]
    n = course.sessions[-1].number if course.sessions else 0  # also those of which nothing is stored
    if not n:
        state = _("You have not met yet")
    elif course.shares:
        state = _("Shares with you by name")
    else:
        state = _("Shares nothing by name") if course.has_spoken else _("Has not said anything yet")
    return Line(
        id=course.client.place.placement_id,
        name=_name(course),
        sessions=ngettext("%(num)d session", "%(num)d sessions", n) if n else "",
        state=state,
        is_new=any(one.read_at is None for one in shown),
        asks=course.alert is not None,
    )


def page(course: SharedCourse, *, now: datetime, zone: tzinfo, opened: int | None = None) -> Page:
    """One course. The newest session stays closed until the therapist has rated it, or asks for it by its number."""
    last = course.sessions[-1] if course.sessions else None
    asks = last is not None and last.own is None
    sessions, alert, waiting = course.sessions, _alert(course), None
    if last is not None and asks and opened != last.number:
        waiting = last.number if last.shared is not None else None
        sessions = (*sessions[:-1], replace(last, shared=None))
        alert = None if alert is not None and alert.since >= last.number else alert
    return Page(
        id=course.client.place.placement_id,
        name=_name(course),
        shares=course.shares,
        why_not=_why_not(course),
        alert=alert,
        waits=course.alert is not None and alert is None,
        unrated=_unrated(last, sessions[-1], zone) if last is not None and asks else None,
        waiting=waiting,
        chart=drawn.chart(sessions, waiting)
        if sessions and (course.shares or any(one.own is not None for one in sessions))
        else None,
        rows=tuple(_row(one, zone, waiting) for one in sessions),
        said=tuple(_said(one, one.shared, zone) for one in reversed(sessions) if one.shared is not None),
        coming=tuple(_meeting(one, now, zone) for one in course.appointments if _is_coming(one, now)),
        past=tuple(_meeting(one, now, zone) for one in reversed(course.appointments) if not _is_coming(one, now)),
        suggested=course.suggested,
    )


def _why_not(course: SharedCourse) -> str:
    if course.shares:
        return ""
    if not course.has_spoken:
        return _("Nothing was said about a session yet. After each session your client decides anew who may see it.")
    return _(
        "Your client does not share what they say with their name. So there is no course here, and nothing that "
        "follows from it: that is their right, and it says nothing about your work. What many clients say together "
        "stands under Development."
    )


def _alert(course: SharedCourse) -> Alert | None:
    if course.alert is None:
        return None
    title, seen = words.ALERTS[course.alert.kind]
    return Alert(course.alert.alert_id, str(title), str(seen), course.alert.session_number)


def _unrated(last: Held, shown: Held, zone: tzinfo) -> tuple[UUID, int, str, bool]:
    """(session, number, when, whether something of the client's waits behind the rating)."""
    return last.session_id, last.number, _day(last.at, zone), last.shared is not None and shown.shared is None


def _row(one: Held, zone: tzinfo, waiting: int | None) -> tuple[int, str, str, str]:
    theirs = "" if one.shared is None else f"{one.shared.score:g}"
    if one.number == waiting:
        theirs = _("Waits for your rating")
    return one.number, _day(one.at, zone), theirs, "" if one.own is None else str(one.own)


def _said(one: Held, shared: Shared, zone: tzinfo) -> Said:
    return Said(
        id=shared.check_in_id,
        number=one.number,
        day=_day(one.at or shared.said_at, zone),
        sliders=tuple(
            (str(name), value, 10 * value) for name, value in zip(words.SLIDERS.values(), shared.sliders, strict=True)
        ),
        helped=tuple(label(v.HELPS, code) for code in shared.helped),
        hindered=tuple(label(v.HINDRANCES, code) for code in shared.hindered),
        comment=shared.comment,
        gap=_gap(one.own, shared.score),
        is_read=shared.read_at is not None,
        reply=shared.reply,
        may_reply=shared.reply_seen_at is None,
    )


def _gap(own: int | None, theirs: float) -> str:
    if own is None:
        return ""
    if abs(own - theirs) <= AHEAD:
        return _("You saw it about as they did (you: %(own)s, they: %(theirs)s).", own=own, theirs=f"{theirs:g}")
    if own > theirs:
        return _("You found it better than they did (you: %(own)s, they: %(theirs)s).", own=own, theirs=f"{theirs:g}")
    return _("They found it better than you did (you: %(own)s, they: %(theirs)s).", own=own, theirs=f"{theirs:g}")


def _is_coming(one: Planned, now: datetime) -> bool:
    return one.state == "planned" and one.begins_at > now


def _meeting(one: Planned, now: datetime, zone: tzinfo) -> Meeting:
    may_note = one.state == appointments.HELD and now < one.begins_at + appointments.NOTED_FOR
    may = "cancelled" if _is_coming(one, now) else "missed" if may_note else ""
    return Meeting(one.appointment_id, cards.moment_words(one.begins_at, zone), str(words.STATES[one.state]), may)


def _day(moment: datetime | None, zone: tzinfo) -> str:
    return cards.day_words(moment.astimezone(zone).date()) if moment is not None else ""


def _name(course: SharedCourse) -> str:
    number = course.client.place.client_id.hex[-6:]
    return course.client.contact.get("name") or _("Client %(number)s", number=number)


def repair() -> dict[str, Any]:
    """What may help in a conversation, and what does harm."""
    return {
        "tries": [(str(what), str(said)) for what, said in words.REPAIR],
        "harms": _texts(words.HARMS),
        "sources": words.SOURCES,
        "outcomes": [(code, str(text)) for code, text in words.OUTCOMES.items()],
    }


def _texts(texts: Iterable[Any]) -> list[str]:
    return [str(text) for text in texts]
