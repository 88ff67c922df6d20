"""The tuning page: what counts, with its evidence; how the weights stand; what can be done next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from web.cards import moment_words
from web.services.factors import Evidence
from web.services.tuning import Activation, Draft, Looked, Standing, Version
from web.weights.forms import MOST, Typed
from web.wording.language import _, lazy
from web.wording.tuning import LEAST, say_bound, say_factor, say_factor_why
from web.wording.tuning import MOST as FURTHEST

DONE: Mapping[str, tuple[Any, Any]] = {
    "saved": (lazy("Saved"), lazy("The draft is kept. Nothing changes for clients until you publish it.")),
    "learned": (lazy("A draft from your ratings"), lazy("Nothing changes for clients until you publish it.")),
    "published": (lazy("Published"), lazy("Your weights serve now. Every list from now on is made with them.")),
    "scheduled": (lazy("Scheduled"), lazy("Your weights are kept and begin to serve at the time you chose.")),
    "proposed": (lazy("Waiting for a second person"), lazy("Somebody else who leads the clinic can look at it now.")),
    "declined": (lazy("Not published"), lazy("The draft is kept, and nobody is asked to agree any more.")),
    "rolled_back": (lazy("Rolled back"), lazy("The earlier weights serve again, from this moment on.")),
    "discarded": (lazy("Set aside"), lazy("There is no draft any more.")),
    "called_off": (lazy("Called off"), lazy("What serves now goes on serving.")),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Choice:
    """A bound that can be chosen."""

    value: str
    words: str
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class Row:
    """A factor: its number as typed, its share of 100, its bounds, and what stands behind it."""

    code: str
    name: str
    why: str
    text: str
    at: str
    share: str
    wrong: str
    least: tuple[Choice, ...]
    most: tuple[Choice, ...]
    evidence: Evidence
    default: str


@dataclass(frozen=True, slots=True)
class Status:
    """How the weights stand, in words."""

    serving: str
    serving_since: str
    draft: str
    has_draft: bool
    is_proposed: bool
    proposed: str
    may_approve: bool
    scheduled: tuple[tuple[str, str], ...]
    two_person: bool
    needs_second: bool
    name: str


def rows(typed: Typed, evidence: Sequence[Evidence]) -> tuple[Row, ...]:
    """One for each factor."""
    total = sum(typed.numbers.values())
    wrong = typed.wrong
    return tuple(
        Row(
            code=one.code,
            name=say_factor(one.code),
            why=say_factor_why(one.code),
            text=typed.texts[one.code],
            at=f"{min(typed.numbers.get(one.code, 0.0), MOST):g}",
            share=share(typed.numbers[one.code] / total) if total and one.code in typed.numbers else "–",
            wrong=wrong.get(one.code, ""),
            least=_choices(LEAST, typed.bounds[one.code][0]),
            most=_choices(FURTHEST, typed.bounds[one.code][1]),
            evidence=one,
            default=share(one.default_weight),
        )
        for one in evidence
    )


def status(found: Looked, me: str) -> Status:
    """How the weights stand."""
    standing, draft = found.standing, found.standing.draft
    since = next((one.effective_at for one in standing.history if one.state == "serving"), None)
    return Status(
        serving=version_words(standing.serving.version),
        serving_since=moment_words(since) if since else "",
        draft=_draft(draft) if draft else "",
        has_draft=draft is not None,
        is_proposed=draft is not None and draft.proposed_by is not None,
        proposed=_proposed(draft) if draft and draft.proposed_by else "",
        may_approve=draft is not None and draft.proposed_by is not None and me not in draft.barred,
        scheduled=tuple(_scheduled(one) for one in standing.scheduled),
        two_person=standing.two_person,
        needs_second=found.needs_second,
        name=name_of(standing.serving.version),
    )


def share(part: float) -> str:
    """A share of 1 as one of 100, with a digit after the point where the whole number would hide it."""
    percent = 100 * part
    return f"{percent:.0f}" if percent >= 9.95 or abs(percent - round(percent)) < 0.05 else f"{percent:.1f}"


def version_words(version: str | None) -> str:
    """A version as pages call it: w3 is version 3."""
    if version is None:
        return _("the weights that Rapport brings")
    return _("version %(number)s", number=version[1:]) if version[:1] == "w" and version[1:].isdigit() else version


def name_of(version: str | None) -> str:
    """A version as addresses call it."""
    return "release" if version is None else version


def person_words(name: str) -> str:
    """Who did something: a name, or the word for who is no person."""
    return _("Rapport") if name == "release" else name


def when_words(moment: datetime | None) -> str:
    """A moment, or the word for "from the beginning"."""
    return _("%(moment)s (UTC)", moment=moment_words(moment)) if moment else _("from the beginning")


def shown_of(standing: Standing) -> Version | Draft:
    """What the page shows first: the draft, or what serves."""
    return standing.draft or standing.serving


def _choices(table: Mapping[float, Any], chosen: float) -> tuple[Choice, ...]:
    values = sorted({*table, chosen})
    return tuple(Choice(f"{value:g}", say_bound(table, value), value == chosen) for value in values)


def _draft(draft: Draft) -> str:
    return _(
        "Draft, begun from %(version)s, last changed by %(who)s on %(moment)s (UTC). Not live.",
        version=version_words(draft.based_on),
        who=person_words(draft.edited_by),
        moment=moment_words(draft.edited_at),
    )


def _proposed(draft: Draft) -> str:
    who = draft.proposed_by or ""
    if draft.effective_at:
        return _(
            "%(who)s would like to publish this draft on %(moment)s (UTC).",
            who=who,
            moment=moment_words(draft.effective_at),
        )
    return _("%(who)s would like to publish this draft.", who=who)


def _scheduled(one: Activation) -> tuple[str, str]:
    words = _(
        "%(version)s begins on %(moment)s (UTC).",
        version=version_words(one.version),
        moment=moment_words(one.effective_at),
    )
    return str(one.id), words[0].upper() + words[1:]
