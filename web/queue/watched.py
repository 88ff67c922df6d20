"""A place that opens, and who may be lost from sight, in words."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from web.cards import name_of
from web.queue.deciding import load_words
from web.queue.listed import Choice, concerns_words, days_words
from web.queue.presenters import waited
from web.services.at_risk import SIGNALS, AtRisk, Signals
from web.services.loads import Load
from web.services.openings import Candidate, Opening
from web.wording.casework import AT_RISK, OVERRIDES, PRIORITIES
from web.wording.language import _, lazy, ngettext

ORDERS = {
    "near": lazy("Nearest to their own best first"),
    "fit": lazy("Best fit first"),
    "waiting": lazy("Longest waiting first"),
    "priority": lazy("By priority"),
}


@dataclass(frozen=True, slots=True)
class Fitting:
    """Somebody who fits a place that opens."""

    id: UUID
    revision: int
    name: str
    is_risk: bool
    brings: str
    days: str
    is_over: bool
    priority: str
    score: int
    beside: str
    needs_reason: bool


@dataclass(frozen=True, slots=True)
class OpeningPage:
    """Whom a place fits; without a therapist, who could be chosen."""

    therapists: tuple[Choice, ...]
    orders: tuple[Choice, ...]
    therapist_id: str
    name: str
    load: str
    is_full: bool
    by_nearness: bool
    said: str
    fitting: tuple[Fitting, ...]
    overrides: tuple[Choice, ...]


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who may be lost from sight."""

    id: UUID
    name: str
    brings: str
    since: str
    reach: str
    therapist: str


@dataclass(frozen=True, slots=True)
class Signal:
    """What may be wrong, the next step, whom it is about, and whether these have a therapist."""

    code: str
    title: str
    step: str
    people: tuple[Person, ...]
    is_placed: bool


def opening(everybody: dict[str, Load], found: Opening | None, order: str, now: datetime) -> OpeningPage:
    """The page of a place that opens."""
    chosen = found.therapist_id if found else ""
    by_room = sorted(everybody.items(), key=lambda pair: pair[1].left < 1)
    return OpeningPage(
        therapists=tuple(Choice(key, f"{load.name} · {load_words(load)}", key == chosen) for key, load in by_room),
        orders=tuple(Choice(code, str(words), code == order) for code, words in ORDERS.items()),
        therapist_id=chosen,
        name=found.load.name if found else "",
        load=load_words(found.load) if found else "",
        is_full=found is not None and not found.load.left,
        by_nearness=order == "near",
        said=_said(found) if found else "",
        fitting=tuple(_fitting(one, now) for one in found.candidates) if found else (),
        overrides=tuple(Choice(code, str(words), False) for code, words in OVERRIDES.items()),
    )


def signals(found: Signals, now: datetime) -> tuple[Signal, ...]:
    """Everybody at risk, by what may be wrong; signals without anybody are left out."""
    return tuple(_signal(code, found.by_signal[code], now) for code in SIGNALS if found.by_signal[code])


def _signal(code: str, found: tuple[AtRisk, ...], now: datetime) -> Signal:
    title, step = AT_RISK[code]
    return Signal(code, str(title), str(step), tuple(_people(found, now)), any(one.therapist for one in found))


def _said(found: Opening) -> str:
    if not found.n_waiting:
        return _("Nobody waits.")
    return ngettext(
        "%(num)d of %(all)s people who wait fits this place.",
        "%(num)d of %(all)s people who wait fit this place.",
        found.n_fitting,
        all=found.n_waiting,
    )


def _fitting(one: Candidate, now: datetime) -> Fitting:
    return Fitting(
        id=one.intake_id,
        revision=one.revision,
        name=name_of(one.intake_id, one.contact),
        is_risk=one.is_risk,
        brings=concerns_words(one.concerns),
        days=days_words(one.waiting_since, now),
        is_over=one.is_over,
        priority=str(PRIORITIES[one.priority]) if one.priority else "",
        score=round(100 * one.score),
        beside=_beside(one),
        needs_reason=one.needs_reason,
    )


def _beside(one: Candidate) -> str:
    """The pair beside the best that somebody's own list holds."""
    if one.best is None:
        return _("nobody else fits")
    behind = round(100 * one.best) - round(100 * one.score)
    if behind <= 0:
        return _("their best")
    return ngettext("%(num)d point below their best", "%(num)d points below their best", behind)


def _people(found: Iterable[AtRisk], now: datetime) -> Iterable[Person]:
    for one in found:
        yield Person(
            id=one.intake_id,
            name=name_of(one.intake_id, one.contact),
            brings=concerns_words(one.concerns),
            since=waited(one.since, now),
            reach=one.contact.get("phone") or one.contact.get("email") or "",
            therapist=one.therapist or "",
        )
