"""What moved between two lists of the same client, and which factor moved it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean

from matcher.entities import RankedMatch


@dataclass(frozen=True, slots=True)
class Move:
    """Where a therapist stands in a list, where they stood in the one before (None: not there), and the factor why."""

    therapist_id: str
    place: int
    was: int | None
    factor: str | None


def moves(before: Sequence[RankedMatch], after: Sequence[RankedMatch]) -> tuple[Move, ...]:
    """For each match of a list, its place in the list before and the factor that did most to move it.

    Parameters
    ----------
    before, after : sequence of RankedMatch
        Two lists for the same client under different weights, each by place. They may be cut off at a length.

    Returns
    -------
    tuple of Move
        One a match of ``after``, in its order. ``was`` is None where the therapist was not in ``before``; ``factor``
        is None where the place is the same, where nobody was passed, and where it was a draw among near-ties that moved
        them, not the weights.

    Notes
    -----
    A change of weights moves every score. Who rose is told by those whom they passed, who fell by those who passed
    them: factor k speaks for a therapist by (after_weight_k − before_weight_k) · (value_k − mean of value_k over those
    others), the largest where somebody rose, the smallest where somebody fell. Over all factors this adds up to what
    their score gained on the others, so that some factor always speaks for who rose.

    Examples
    --------
    >>> from matcher import moves
    >>> from matcher.entities import Contribution, RankedMatch
    >>> def match(name, place, weight, near):
    ...     parts = (Contribution("access", near, weight, weight * near),)
    ...     return RankedMatch(name, place, weight * near, parts, (), None, None)
    >>> before = [match("a", 1, 0.1, 0.2), match("b", 2, 0.1, 0.9)]
    >>> after = [match("b", 1, 0.5, 0.9), match("a", 2, 0.5, 0.2)]
    >>> [(move.therapist_id, move.was, move.place, move.factor) for move in moves(before, after)]
    [('b', 2, 1, 'access'), ('a', 1, 2, 'access')]
    """
    was, now = _places(before), _places(after)
    values = {match.therapist_id: _values(match) for match in (*before, *after)}
    change = _weight_changes(before, after)
    return tuple(
        Move(key, now[key], was.get(key), _factor(key, was, now, values, change))
        for key in (match.therapist_id for match in after)
    )


def _places(matches: Sequence[RankedMatch]) -> dict[str, int]:
    return {match.therapist_id: match.place for match in matches}


def _values(match: RankedMatch) -> dict[str, float]:
    return {c.factor: c.value for c in match.contributions}


def _weight_changes(before: Sequence[RankedMatch], after: Sequence[RankedMatch]) -> dict[str, float]:
    """Factor → weight after minus weight before; all matches of a list have the same weights."""
    old = {c.factor: c.weight for match in before[:1] for c in match.contributions}
    return {c.factor: c.weight - old.get(c.factor, 0.0) for match in after[:1] for c in match.contributions}


def _factor(
    key: str,
    was: Mapping[str, int],
    now: Mapping[str, int],
    values: Mapping[str, Mapping[str, float]],
    change: Mapping[str, float],
) -> str | None:
    """The factor that did most to move a therapist; who is not in a list stands behind all who are."""
    last = len(values) + 1
    here, there = now[key], was.get(key, last)
    rose = here < there
    passed = [
        other
        for other in values
        if (now.get(other, last) > here and was.get(other, last) < there if rose
            else now.get(other, last) < here and was.get(other, last) > there)
    ]  # fmt: skip
    if here == there or not passed:
        return None
    speaks = {k: change[k] * (values[key][k] - fmean(values[other][k] for other in passed)) for k in change}
    gained = sum(speaks.values())
    if gained == 0 or (gained > 0) != rose:
        return None
    return (max if rose else min)(speaks, key=lambda code: speaks[code])
