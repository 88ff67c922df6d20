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
        is None where the place is the same.

    Notes
    -----
    A change of weights moves every score. What counts for the order is how it moves one score against the others, so
    factor k speaks for a therapist by (after_weight_k − before_weight_k) · (value_k − mean of value_k over ``after``):
    the largest where somebody rose, the smallest where somebody fell.

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
    was = {match.therapist_id: match.place for match in before}
    change = _weight_changes(before, after)
    usual = {
        c.factor: fmean(part.value for match in after for part in match.contributions if part.factor == c.factor)
        for match in after[:1]
        for c in match.contributions
    }
    return tuple(_move(match, was.get(match.therapist_id), change, usual) for match in after)


def _weight_changes(before: Sequence[RankedMatch], after: Sequence[RankedMatch]) -> dict[str, float]:
    """Factor → weight after minus weight before; all matches of a list have the same weights."""
    old = {c.factor: c.weight for match in before[:1] for c in match.contributions}
    return {c.factor: c.weight - old.get(c.factor, 0.0) for match in after[:1] for c in match.contributions}


def _move(match: RankedMatch, was: int | None, change: Mapping[str, float], usual: Mapping[str, float]) -> Move:
    if was == match.place or not change:
        return Move(match.therapist_id, match.place, was, None)
    speaks = {c.factor: change[c.factor] * (c.value - usual[c.factor]) for c in match.contributions}
    rose = was is None or match.place < was
    factor = (max if rose else min)(speaks, key=lambda code: speaks[code])
    return Move(match.therapist_id, match.place, was, factor if speaks[factor] else None)
