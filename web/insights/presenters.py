"""The clinic at a glance, in words and drawn lengths. A count of clients below five is not told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from web.cards import moment_words
from web.services.insights import Event, Model, Overview
from web.wording import say_factor
from web.wording.events import say_action, say_actor
from web.wording.evidence import FEWEST
from web.wording.language import _, ngettext
from web.wording.model_card import OF_TIME, say_note

BAR = 100.0  # the length of the longest bar


@dataclass(frozen=True, slots=True)
class Stat:
    """A number with its words."""

    value: str
    words: str
    note: str = ""
    tone: str = ""


@dataclass(frozen=True, slots=True)
class Bar:
    """A factor, how long its bar is, and how much it counts of 100."""

    name: str
    length: float
    share: str


@dataclass(frozen=True, slots=True)
class Serving:
    """The model that serves, in words."""

    version: str
    fitted: str
    facts: tuple[tuple[str, str], ...]
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Done:
    """A line of the log."""

    at: str
    what: str
    who: str


@dataclass(frozen=True, slots=True)
class Shown:
    """The page."""

    stats: tuple[Stat, ...]
    model: Serving | None
    weights_version: str
    weights: tuple[Bar, ...]
    events: tuple[Done, ...]


def overview(found: Overview) -> Shown:
    """The overview in words."""
    return Shown(
        stats=_stats(found),
        model=found.model and _model(found.model),
        weights_version=found.weights_version,
        weights=bars(found.weights),
        events=tuple(_done(event) for event in found.events),
    )


def bars(weights: Mapping[str, float]) -> tuple[Bar, ...]:
    """The factors with any weight, the weightiest first."""
    top = max(weights.values(), default=0.0)
    shown = sorted(((share, code) for code, share in weights.items() if share > 0), key=lambda one: (-one[0], one[1]))
    return tuple(Bar(say_factor(code), round(BAR * share / top, 1), f"{100 * share:.0f}") for share, code in shown)


def told(count: int) -> str:
    """A count of people or of what they said, where it is large enough to tell nobody apart."""
    if count == 0 or count >= FEWEST:
        return f"{count:,}"
    return _("under 5")


def _stats(found: Overview) -> tuple[Stat, ...]:
    full = found.n_therapists > 0 and found.free_places == 0
    places = ngettext("free place", "free places", found.free_places)
    note = _("Nobody new can be placed") if full else ""
    return (
        Stat(f"{found.n_therapists:,}", ngettext("therapist", "therapists", found.n_therapists)),
        Stat(f"{found.free_places:,}", places, note, "caution" if full else ""),
        Stat(told(found.n_sent), _("intakes sent"), _("in the last 30 days")),
        Stat(told(found.n_check_ins), _("check-ins recorded"), _("what clients said after a session")),
    )


def _model(model: Model) -> Serving:
    report: Mapping[str, Any] = model.summary.get("report", {})
    facts = (
        (_("Ratings used"), told(report.get("rows_used", 0))),
        (_("Clients"), told(report.get("n_clients", 0))),
        (_("Therapists"), f"{report.get('n_therapists', 0):,}"),
        (_("Pairs"), told(report.get("n_dyads", 0))),
    )
    return Serving(model.version, moment_words(model.fitted_at), facts, notes(report))


def notes(report: Mapping[str, Any], *, of_time: bool | None = None) -> tuple[str, ...]:
    """What to bear in mind of a model, in plain words: all, or what is (not) about changes over time."""
    told = (note for note in report.get("noted", ()) if of_time is None or (note["code"] in OF_TIME) is of_time)
    return tuple(words for note in told if (words := say_note(note)))


def _done(event: Event) -> Done:
    return Done(moment_words(event.at), say_action(event.action), say_actor(event.actor))
