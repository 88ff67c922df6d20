"""What weights, bounds and notes may be: each refused with its field, its value and what mends it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from matcher import CLIENT_BOUNDS, DEFAULT_WEIGHTS, PRESETS, normalised
from matcher.checks import text
from matcher.errors import InvalidInput

LARGEST_BOUND = 10.0  # times a factor's weight: beyond that a client's order would be this one factor's
LONGEST_NOTE = 1_000
FURTHEST = timedelta(days=366)


def relative(values: Mapping[str, float]) -> dict[str, float]:
    """Relative weights that can be normalised, one for every factor."""
    normalised(values, version="draft")
    return {code: float(values.get(code, 0.0)) for code in DEFAULT_WEIGHTS.values}


def bounds(said: Mapping[str, Sequence[float]], weights: Mapping[str, float]) -> dict[str, list[float]]:
    """Bounds for every factor: 0 ≤ least ≤ 1 ≤ most ≤ ``LARGEST_BOUND``, some factor that no client can take to 0."""
    try:
        normalised(dict.fromkeys(said, 1.0) or {"alliance": 1.0}, version="bounds")
    except InvalidInput as unknown:
        raise InvalidInput("bounds", unknown.value, unknown.mend) from None
    found = {code: _pair(code, said.get(code, CLIENT_BOUNDS)) for code in DEFAULT_WEIGHTS.values}
    if not any(weight > 0 and found[code][0] > 0 for code, weight in weights.items()):
        mend = "leave some factor that counts a least above 0, or a client could wish every weight away"
        raise InvalidInput("bounds", "least 0 throughout", mend)
    return found


def note(said: str, *, required: bool = False) -> str:
    """A note, without white space around it."""
    text(said, "note")
    if len(said) > LONGEST_NOTE:
        raise InvalidInput("note", said, f"at most {LONGEST_NOTE} characters, this has {len(said)}")
    if required and not said.strip():
        raise InvalidInput("note", said, "say in a sentence what changes and why, for who looks back at it")
    return said.strip()


def beginning(effective_at: datetime | None, now: datetime) -> datetime | None:
    """A moment from which weights shall serve: still to come, within a year. None is at once."""
    if effective_at is None:
        return None
    if effective_at.tzinfo is None:
        raise InvalidInput("effective_at", str(effective_at), "give the moment its zone, such as +01:00")
    if not now < effective_at <= now + FURTHEST:
        mend = "expected a moment that is still to come, within a year; leave it out for at once"
        raise InvalidInput("effective_at", effective_at.isoformat(), mend)
    return effective_at


def preset(name: str) -> Mapping[str, float]:
    """A preset's shares."""
    if name not in PRESETS:
        raise InvalidInput("preset", name, f"expected one of {', '.join(PRESETS)}")
    return PRESETS[name].values


def as_typed(shares: Mapping[str, float]) -> dict[str, float]:
    """Shares as the shortest percentages that come to exactly the same weights."""
    for n_digits in range(2, 12):
        typed = {code: round(100 * share, n_digits) for code, share in shares.items()}
        if any(typed.values()) and normalised(typed, version="draft").values == shares:
            return typed
    return {code: 100 * share for code, share in shares.items()}


def _pair(code: str, pair: Sequence[float]) -> list[float]:
    fits = isinstance(pair, list | tuple) and len(pair) == 2 and all(_is_number(part) for part in pair)
    if not fits or not 0 <= pair[0] <= 1 <= pair[1] <= LARGEST_BOUND:
        mend = f"expected two numbers, least from 0 to 1 and most from 1 to {LARGEST_BOUND:g}"
        raise InvalidInput(f"bounds.{code}", pair, mend)
    return [float(part) for part in pair]


def _is_number(part: object) -> bool:
    return isinstance(part, int | float) and not isinstance(part, bool)
