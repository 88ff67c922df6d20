"""Requests and clients in words: what somebody brings before the answer, and everything after a yes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any
from uuid import UUID

from matcher import vocabulary as v
from web import cards
from web.services.caseloads import Client, Names, Request
from web.wording import fit_words, say
from web.wording.intake import sections
from web.wording.language import _, label, lazy, ngettext

# What is told before the answer, in this order, with the therapist as the reader
BROUGHT: Mapping[str, Any] = {
    "concerns": lazy("What brings them"),
    "expectations": lazy("What they hope for"),
    "practicalities": lazy("Practical matters"),
    "wishes": lazy("Whom they wish for"),
    "style": lazy("How they like to work"),
    "before": lazy("Therapy before"),
    "about": lazy("About them"),
    "safety": lazy("Their safety"),
}
BEFORE_YES = ("concerns", "practicalities", "wishes", "style")
CONTACT: Mapping[str, Any] = {"name": lazy("Name"), "email": lazy("E-mail"), "phone": lazy("Telephone")}
# What was done → what is said at the top of the page after it
DONE: Mapping[str, Any] = {
    "accepted": lazy("You have said yes. They are told at once; here is how to reach them."),
    "booked": lazy("The first session is noted, and the client is told."),
    "unbooked": lazy("The first session is open again, and the client is told."),
    "declined": lazy("Thank you for answering. The client is told kindly, and without the reason."),
}
SOON_HOURS = 24
Sections = tuple[tuple[str, tuple[tuple[str, str], ...]], ...]


@dataclass(frozen=True, slots=True)
class Asks:
    """A request in a list: who is not told, what they bring is; ``left`` is how long there is to answer."""

    id: UUID
    title: str
    also: str
    fit: str
    urgency: str
    left: str
    is_soon: bool
    is_second: bool
    is_risk: bool


@dataclass(frozen=True, slots=True)
class Brings:
    """A request on its own page."""

    asks: Asks
    by: str
    reasons: tuple[str, ...]
    caution: str | None
    sections: Sections


@dataclass(frozen=True, slots=True)
class Comes:
    """Somebody who has a place, in a list."""

    id: UUID
    name: str
    brings: str
    first: str
    is_risk: bool


@dataclass(frozen=True, slots=True)
class Whole:
    """Somebody who has a place, on their own page."""

    id: UUID
    name: str
    reach: tuple[tuple[str, str], ...]
    first: str
    is_past: bool
    since: str
    is_risk: bool
    sections: Sections


def asks(found: Request, now: datetime) -> Asks:
    """A request in a list."""
    concerns = found.document.get("concerns") or ()
    hours = (found.asking.answer_by - now).total_seconds() / 3600
    urgency = found.document.get("urgency")
    return Asks(
        id=found.asking.choice_id,
        title=label(v.CONCERNS, concerns[0]) if concerns else _("Has not said yet"),
        also=", ".join(label(v.CONCERNS, code) for code in concerns[1:]),
        fit=fit_words(found.match) if found.match is not None else "",
        urgency=label(v.URGENCIES, urgency) if urgency else "",
        left=_left(hours),
        is_soon=hours < SOON_HOURS,
        is_second=found.asking.choice > 1,
        is_risk=found.is_risk,
    )


def brings(found: Request, names: Names, *, currency: str, now: datetime, zone: tzinfo) -> Brings:
    """A request on its own page; the reasons are those that the client read."""
    match = found.match
    return Brings(
        asks=asks(found, now),
        by=cards.moment_words(found.asking.answer_by, zone),
        reasons=tuple(say(reason) for reason in match.reasons) if match else (),
        caution=say(match.caution) if match and match.caution else None,
        sections=tuple(_sections(found.document, BEFORE_YES, names, currency)),
    )


def comes(found: Client, zone: tzinfo) -> Comes:
    """Somebody who has a place, in a list."""
    first = found.place.first_session_at
    concerns = found.document.get("concerns") or ()
    return Comes(
        id=found.place.placement_id,
        name=_name(found),
        brings=", ".join(label(v.CONCERNS, code) for code in concerns),
        first=cards.moment_words(first, zone) if first else "",
        is_risk=found.is_risk,
    )


def whole(found: Client, names: Names, *, currency: str, now: datetime, zone: tzinfo) -> Whole:
    """Somebody who has a place, on their own page."""
    first = found.place.first_session_at
    return Whole(
        id=found.place.placement_id,
        name=_name(found),
        reach=tuple((str(words), found.contact[way]) for way, words in CONTACT.items() if found.contact.get(way)),
        first=cards.moment_words(first, zone) if first else "",
        is_past=first is not None and first <= now,
        since=cards.day_words(found.place.given_at.astimezone(zone).date()),
        is_risk=found.is_risk,
        sections=tuple(_sections(found.document, tuple(BROUGHT), names, currency)),
    )


def _sections(document: Mapping[str, Any], steps: Iterable[str], names: Names, currency: str) -> Iterable[Any]:
    said = sections(document, places=names.places, therapists=names.therapists, currency=currency)
    of_them = {
        _("In your own words"): _("In their own words"),
        _("What put you off"): _("What put them off"),
        _("Recommended to you"): _("Recommended to them"),
    }
    for step in steps:
        if said[step]:
            yield str(BROUGHT[step]), tuple((of_them.get(question, question), words) for question, words in said[step])


def _name(found: Client) -> str:
    return found.contact.get("name") or _("Client %(number)s", number=found.place.client_id.hex[-6:])


def _left(hours: float) -> str:
    if hours <= 0:
        return _("the time to answer is over")
    if hours < 2 * SOON_HOURS:
        return ngettext("%(num)d hour left", "%(num)d hours left", max(1, round(hours)))
    return ngettext("%(num)d day left", "%(num)d days left", round(hours / 24))
