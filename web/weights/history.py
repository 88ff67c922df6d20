"""What served and when, and two versions beside each other."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from web.cards import moment_words
from web.services.tuning import DRAFT, Activation, Draft, Standing, Version
from web.services.weights import compare
from web.weights.presenters import name_of, person_words, share, version_words, when_words
from web.wording.language import _, lazy
from web.wording.tuning import LEAST, MOST, say_bound, say_factor

LINE = 200
STATES: Mapping[str, Any] = {
    "past": lazy("served before"),
    "serving": lazy("serves now"),
    "scheduled": lazy("is still to begin"),
    "called_off": lazy("called off"),
}


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the history."""

    id: str
    name: str
    version: str
    state: str
    words: str
    since: str
    who: str
    note: str
    may_go_back: bool
    may_call_off: bool


@dataclass(frozen=True, slots=True)
class Difference:
    """A factor in two versions: shares of 100, where they stand on a line of 200, and the bounds where they differ."""

    name: str
    before: str
    after: str
    change: str
    x1: float
    x2: float
    bounds: tuple[str, str] | None


@dataclass(frozen=True, slots=True)
class Beside:
    """Two versions beside each other, by what a sentence and what the head of a narrow column calls them."""

    before: str
    after: str
    heads: tuple[str, str]
    differences: tuple[Difference, ...]
    is_same: bool


def entries(standing: Standing) -> tuple[Entry, ...]:
    """Everything that served, serves and will, and at the end what the release brings."""
    served = {one.version for one in standing.history}
    found = [_entry(one, standing) for one in standing.history]
    if None not in served:
        found.append(_release(standing))
    return tuple(found)


def choices(standing: Standing) -> list[tuple[str, str]]:
    """(name, words) of each version, the newest first, the draft before all."""
    named = [(name_of(key), version_words(key)) for key in standing.versions]
    drafts = [(DRAFT, _("the draft"))] if standing.draft else []
    return [*drafts, *reversed(named)]


def beside(before: Version | Draft, after: Version | Draft) -> Beside:
    """What differs, factor by factor; the longest of the lines is 200."""
    changes = compare(before, after)
    longest = max((max(one.before, one.after) for one in changes), default=1.0) or 1.0
    rows = tuple(
        Difference(
            name=say_factor(one.factor),
            before=share(one.before),
            after=share(one.after),
            change=_signed(100 * one.difference),
            x1=round(LINE * one.before / longest, 1),
            x2=round(LINE * one.after / longest, 1),
            bounds=None
            if one.bounds_before == one.bounds_after
            else (_bounds(one.bounds_before), _bounds(one.bounds_after)),
        )
        for one in changes
    )
    heads = (_head(before), _head(after))
    return Beside(words_of(before), words_of(after), heads, rows, not any(one.is_one for one in changes))


def words_of(shown: Version | Draft) -> str:
    """What something is called in a sentence."""
    return _("the draft") if isinstance(shown, Draft) else version_words(shown.version)


def _head(shown: Version | Draft) -> str:
    is_release = not isinstance(shown, Draft) and shown.version is None
    return _("Rapport’s own") if is_release else words_of(shown)


def _entry(one: Activation, standing: Standing) -> Entry:
    version = standing.versions[one.version]
    approved = _(", and %(name)s agreed", name=one.approved_by) if one.approved_by else ""
    back = (
        _("Gone back to by %(name)s", name=person_words(one.author))
        if one.kind == "rolled_back"
        else person_words(one.author)
    )
    return Entry(
        id=str(one.id),
        name=name_of(one.version),
        version=version_words(one.version),
        state=one.state,
        words=str(STATES[one.state]),
        since=moment_words(one.effective_at),
        who=back + approved,
        note=version.note,
        may_go_back=one.state == "past" and one.version != standing.serving.version,
        may_call_off=one.state == "scheduled",
    )


def _release(standing: Standing) -> Entry:
    serves = standing.serving.version is None
    state = "serving" if serves else "past"
    return Entry(
        "", name_of(None), version_words(None), state, str(STATES[state]), when_words(None),
        person_words("release"), "", may_go_back=not serves, may_call_off=False,
    )  # fmt: skip


def _bounds(pair: tuple[float, float]) -> str:
    return _("less: %(least)s, more: %(most)s", least=say_bound(LEAST, pair[0]), most=say_bound(MOST, pair[1]))


def _signed(value: float) -> str:
    rounded = round(value, 1)
    return "0" if rounded == 0 else f"{'+' if rounded > 0 else '−'}{abs(rounded):g}"
