"""What a client reads of what the clinic knows of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from web import cards
from web.services.clinics import Clinic
from web.services.my_data import Known
from web.wording.language import _, lazy, ngettext

# what is counted together, in the words of whom it is about; the page where it can be read; its tables
KINDS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    (lazy("What you told us when you looked for a therapist"), "/intake/check", ("intake_versions", "intakes")),
    (lazy("Lists of therapists that we made for you"), "/matches/", ("shown_lists",)),
    (lazy("Whom you asked for, and places that were kept for you"), "/request/", ("requests", "placements")),
    (lazy("Your sessions, and when they are"), "/check-ins/", ("appointments", "sessions")),
    (lazy("How you found sessions"), "/check-ins/", ("check_ins", "ratings")),
    (lazy("How you have been"), "/well-being/", ("measures",)),
    (lazy("What you want to change"), "/goals/", ("goals", "goal_ratings")),
    (lazy("What a therapist wrote for the next one"), "/handover/", ("handovers",)),
    (lazy("When somebody opened your course in an emergency"), "/check-ins/", ("emergency_accesses",)),
    (lazy("Private links that were sent to you"), "", ("links",)),
    (lazy("What the clinic did about your request"), "", ("case_events", "flags", "alerts")),
)
CONSENTS: Mapping[str, str] = {"intake": lazy("That we keep and use what you told us, to find somebody for you")}


@dataclass(frozen=True, slots=True)
class Line:
    """One kind of what is known: how much, and the page on which it can be read and corrected."""

    words: str
    n: str
    path: str


@dataclass(frozen=True, slots=True)
class Agreed:
    """One consent."""

    words: str
    when: str
    is_over: bool


@dataclass(frozen=True, slots=True)
class Page:
    """The page of what is known."""

    clinic: str
    since: str
    name: str
    reach: tuple[str, ...]
    lines: tuple[Line, ...]
    agreed: tuple[Agreed, ...]
    notes: tuple[tuple[str, str], ...]
    is_sent: bool


def page(known: Known, clinic: Clinic, zone: ZoneInfo) -> Page:
    """What is known, in words."""
    contact = known.contact
    return Page(
        clinic=clinic.name,
        since=_day(known.since, zone),
        name=contact.get("name", ""),
        reach=tuple(contact[name] for name in ("email", "phone") if contact.get(name)),
        lines=tuple(_lines(known)),
        agreed=tuple(
            Agreed(
                str(CONSENTS.get(one.kind, one.kind)),
                _("on %(day)s, to text %(version)s", day=_day(one.given_at, zone), version=one.version)
                if one.withdrawn_at is None
                else _("until %(day)s", day=_day(one.withdrawn_at, zone)),
                one.withdrawn_at is not None,
            )
            for one in known.consents
        ),
        notes=tuple((_day(note.at, zone), note.words) for note in known.notes),
        is_sent=known.is_sent,
    )


def _day(moment: datetime, zone: ZoneInfo) -> str:
    return cards.day_words(moment.astimezone(zone).date())


def _lines(known: Known) -> list[Line]:
    found = []
    for words, path, tables in KINDS:
        n = max((known.counts.get(table, 0) for table in tables), default=0)
        if n:
            found.append(Line(str(words), ngettext("%(num)d entry", "%(num)d entries", n), path))
    return found
