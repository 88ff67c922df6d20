"""What a lead typed: a number and two bounds for every factor, a note, a moment. Nothing typed is ever lost."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from matcher.errors import InvalidInput
from web.services.tuning import Draft, Version
from web.wording.language import _
from web.wording.tuning import FACTORS, say_factor

_NUMBER = re.compile(r"[0-9]{1,3}(?:[.,][0-9]{1,12})?")
_BOUND = re.compile(r"[0-9]{1,2}(?:\.[0-9]{1,6})?")
MOST = 100


@dataclass(frozen=True, slots=True)
class Fault:
    """What has to be mended, and where."""

    text: str
    href: str = ""


@dataclass(frozen=True)
class Typed:
    """The form as it was filled in: the texts, what could be read of them, and what could not."""

    texts: Mapping[str, str]
    bounds: Mapping[str, tuple[float, float]]
    revision: int | None
    numbers: Mapping[str, float] = field(default_factory=dict)
    faults: tuple[Fault, ...] = ()

    @property
    def wrong(self) -> dict[str, str]:
        """Field → what is wrong with it."""
        return {fault.href.removeprefix("#"): fault.text for fault in self.faults}


def read(form: Mapping[str, str]) -> Typed:
    """The form that was sent. A number that did not arrive is asked for: half a form must not empty a draft."""
    texts = {code: form.get(code, "").strip() for code in FACTORS}
    numbers = {code: found for code, text in texts.items() if (found := number(text)) is not None}
    faults = [_not_read(code) for code in FACTORS if code not in numbers]
    if not faults and not any(numbers.values()):
        faults = [Fault(_("Give at least one of them a number above 0"), f"#{next(iter(FACTORS))}")]
    ends = {code: [form.get(f"{code}-{end}", "") for end in ("least", "most")] for code in FACTORS}
    unread = [code for code, pair in ends.items() if not all(_BOUND.fullmatch(text) for text in pair)]
    faults += [_bounds_not_read(code) for code in unread]
    bounds = {code: _pair(pair) if code not in unread else (1.0, 1.0) for code, pair in ends.items()}
    return Typed(texts, bounds, revision(form), numbers, tuple(faults))


def of(shown: Version | Draft, draft: Draft | None) -> Typed:
    """The form as it shows a version, in numbers out of a hundred, or the draft as it was typed."""
    relative = shown.relative if isinstance(shown, Draft) else {}
    if not relative or max(relative.values()) > MOST:
        return filled(shown.weights, Typed({}, shown.bounds, draft and draft.revision))
    texts = {code: f"{relative[code]:.10g}" for code in FACTORS}
    return Typed(texts, shown.bounds, draft and draft.revision, {code: float(texts[code]) for code in FACTORS})


def is_shown(typed: Typed, version: Version) -> bool:
    """Whether this is what the page shows for a version, which rounds a little: to keep it would change nothing."""
    shown = of(version, None)
    return (typed.texts, typed.bounds) == (shown.texts, shown.bounds)


def filled(weights: Mapping[str, float], typed: Typed) -> Typed:
    """The same form with the numbers of a preset or of another version."""
    texts = {code: f"{round(100 * weights[code], 2):g}" for code in FACTORS}
    return Typed(texts, typed.bounds, typed.revision, {code: float(texts[code]) for code in FACTORS})


def number(text: str) -> float | None:
    """A number from 0 to 100, with point or comma; None for anything else."""
    found = _NUMBER.fullmatch(text.removesuffix("%").strip())
    if found is None:
        return None
    value = float(found[0].replace(",", "."))
    return value if value <= MOST else None


def revision(form: Mapping[str, str]) -> int | None:
    """Which revision of the draft the page showed; None where there was none."""
    text = form.get("revision", "")
    return int(text) if re.fullmatch(r"[0-9]{1,9}", text) else None


def moment(form: Mapping[str, str]) -> datetime | None:
    """From when on; None for at once. InvalidInput where it cannot be read."""
    if form.get("when") != "later":
        return None
    text = form.get("at", "")
    if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}", text):
        raise InvalidInput("at", text, _("choose a day and a time"))
    try:
        return datetime.fromisoformat(text).replace(tzinfo=UTC)
    except ValueError:
        raise InvalidInput("at", text, _("choose a day and a time that there are")) from None


def _pair(ends: Sequence[str]) -> tuple[float, float]:
    least, most = (float(text) for text in ends)
    return least, most


def _not_read(code: str) -> Fault:
    return Fault(_("%(factor)s: type a number from 0 to 100, such as 12.5", factor=say_factor(code)), f"#{code}")


def _bounds_not_read(code: str) -> Fault:
    words = _("%(factor)s: choose how far clients may move it, down and up", factor=say_factor(code))
    return Fault(words, f"#{code}-least")
