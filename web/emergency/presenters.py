"""An opened course in words."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, tzinfo
from uuid import UUID

from web import cards
from web.services.emergencies import Course, Opened
from web.services.shared_courses import Shared
from web.wording.casework import FLAGS
from web.wording.language import _, ngettext


@dataclass(frozen=True, slots=True)
class Open:
    """What one has open: its key, since when, until when."""

    id: UUID
    begun: str
    until: str


@dataclass(frozen=True, slots=True)
class Said:
    """Something with its day: a note, or what the client said."""

    when: str
    words: str
    more: str = ""


@dataclass(frozen=True, slots=True)
class Page:
    """All that an opened course shows."""

    id: UUID
    name: str
    left: str
    until: str
    contact: tuple[str, ...]
    flags: tuple[Said, ...]
    therapist: str
    notes: tuple[Said, ...]
    said: tuple[Said, ...]
    measured: tuple[Said, ...]
    goals: tuple[str, ...]
    handed_on: tuple[str, ...]


def opened(found: Iterable[Opened], zone: tzinfo) -> tuple[Open, ...]:
    """What one has open just now."""
    return tuple(
        Open(one.id, cards.moment_words(one.begun_at, zone), cards.moment_words(one.until, zone)) for one in found
    )


def page(found: Course, now: datetime, zone: tzinfo) -> Page:
    """The course."""
    n = max(1, round((found.opened.until - now).total_seconds() / 60))
    return Page(
        id=found.opened.id,
        name=found.name or _("Somebody without a name"),
        left=ngettext("%(num)d minute is left", "%(num)d minutes are left", n),
        until=cards.moment_words(found.opened.until, zone),
        contact=tuple(found.contact.values()),
        flags=tuple(Said(cards.moment_words(at, zone), str(FLAGS.get(kind, kind))) for kind, at in found.flags),
        therapist=found.therapist,
        notes=tuple(Said(cards.moment_words(at, zone), words) for at, words in found.notes),
        said=tuple(_said(one, zone) for one in found.said),
        measured=tuple(
            Said(cards.moment_words(one.said_at, zone), one.title, f"{one.score:g}") for one in found.measured
        ),
        goals=tuple(goal.words for goal in found.goals),
        handed_on=found.handed_on,
    )


def _said(one: Shared, zone: tzinfo) -> Said:
    score = _("%(score)s of 10", score=f"{one.score:.1f}")
    return Said(cards.moment_words(one.said_at, zone), one.comment or _("No words."), score)
