"""Which ratings a model may learn from, and which it is judged on. Arrays in, rows out; nothing leaks between the two.

Each split answers its own question. By time: how good is what serves tomorrow? By client: how good is it for somebody
who comes for the first time? By therapist: for a therapist whom nobody has rated? At random: how much does it know of
pairs that it has seen; the easiest, and no promise of anything else.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from matcher import checks
from matcher.errors import InvalidInput
from matcher.evaluation.checked import Floats, Rows, codes

Flags = NDArray[np.bool_]
SHARE = 0.2  # of the ratings, or of the clients or therapists, that are held out where there is one split


@dataclass(frozen=True, eq=False)
class Split:
    """``train`` and ``test`` are rows of the ratings, ascending and without a common one; ``name`` is what it is by."""

    name: str
    train: Rows
    test: Rows


def by_time(moment: ArrayLike, *, folds: int = 1, share: float = SHARE) -> tuple[Split, ...]:
    """Fit on the past, test on what came later.

    Parameters
    ----------
    moment : array, (n,)
        When each rating was given, as numbers that grow with time (seconds since some day); NaN where nobody knows.
        Such a rating is in neither part: it could be from after the cut.
    folds : int
        1 … 20. The later share is cut into so many stretches of time; each is tested by what was fitted on all before.
    share : float
        How much of the dated ratings is held out, above 0 and below 1. Ratings of one moment stay together, so that
        it may be somewhat less.

    Returns
    -------
    tuple of Split
        The earliest first. Every test rating is later than every rating that it is predicted from.

    Raises
    ------
    InvalidInput
        Where no cut leaves something on both sides: fewer than two moments, or fewer later moments than folds.

    Examples
    --------
    >>> from matcher.evaluation import by_time
    >>> [(split.train.tolist(), split.test.tolist()) for split in by_time([5, 1, 4, 2, 3], folds=2, share=0.4)]
    [([1, 3, 4], [2]), ([1, 2, 3, 4], [0])]
    """
    when = np.asarray(moment, dtype=np.float64)
    if when.ndim != 1:
        raise InvalidInput("moment", when.shape, "expected one number a rating")
    _check(folds, share)
    known = np.sort(when[np.isfinite(when)])
    edges = _edges(known, folds, share)
    return tuple(
        Split("time", _where(when < start), _where((when >= start) & (when < end)))
        for start, end in zip(edges, [*edges[1:], np.inf], strict=True)
    )


def by_client(client: ArrayLike, *, folds: int = 1, share: float = SHARE, seed: int = 0) -> tuple[Split, ...]:
    """Cold start: all ratings of a client are on one side.

    Parameters
    ----------
    client : array, (n,)
        Whose each rating is: ids or codes of any kind.
    folds : int
        1 for one split; 2 … 20 so that each client is held out once.
    share : float
        How many of the clients one split holds out, above 0 and below 1; not used with folds.
    seed : int
        Of the deal, which depends on it and on the set of ids alone: not on the order of the ratings.

    Returns
    -------
    tuple of Split

    Raises
    ------
    InvalidInput
        For fewer clients than folds, or only one.

    Examples
    --------
    >>> from matcher.evaluation import by_client
    >>> sorted(split.test.tolist() for split in by_client(["ada", "ada", "bo"], folds=2))
    [[0, 1], [2]]
    """
    return _cold("client", client, folds, share, seed)


def by_therapist(therapist: ArrayLike, *, folds: int = 1, share: float = SHARE, seed: int = 0) -> tuple[Split, ...]:
    """Cold start: all ratings of a therapist are on one side. As ``by_client``, for therapists."""
    return _cold("therapist", therapist, folds, share, seed)


def at_random(n: int, *, folds: int = 1, share: float = SHARE, seed: int = 0) -> tuple[Split, ...]:
    """Ratings dealt by chance, whoever gave them; n of them. Arguments, result and errors as those of ``by_client``."""
    checks.whole(n, "n", 0, 10**12)
    return _cold("rating", np.arange(n), folds, share, seed, name="random")


def _cold(of: str, ids: ArrayLike, folds: int, share: float, seed: int, *, name: str = "") -> tuple[Split, ...]:
    _check(folds, share)
    found = codes(of, ids) if np.size(ids) else np.zeros(0, dtype=np.intp)
    n = int(found.max()) + 1 if len(found) else 0
    if n < max(folds, 2):
        raise InvalidInput(of, n, f"expected at least {max(folds, 2)} different ones: each goes to one side as a whole")
    order = np.random.default_rng(seed).permutation(n)
    return tuple(Split(name or of, _where(~held[found]), _where(held[found])) for held in _held(order, folds, share))


def _held(order: Rows, folds: int, share: float) -> Iterator[Flags]:
    """Which codes are held out, for each split; the parts differ in size by one at most."""
    n = len(order)
    size = min(max(round(share * n), 1), n - 1)
    for part in [order[:size]] if folds == 1 else np.array_split(order, folds):
        held = np.zeros(n, dtype=bool)
        held[part] = True
        yield held


def _edges(known: Floats, folds: int, share: float) -> list[float]:
    """The first moment of each stretch of the later share; ``known`` ascends."""
    n = len(known)
    if not n or known[0] == known[-1]:
        raise InvalidInput("moment", n, "expected at least two moments: one to learn from, one to judge on")
    before = [round(n * (1 - share + share * fold / folds)) for fold in range(folds)]
    edges = [_edge(known, min(max(k, 1), n - 1)) for k in before]
    if len(set(edges)) < folds:
        raise InvalidInput("moment", len(np.unique(known)), f"too few later moments to cut them into {folds}")
    return edges


def _edge(known: Floats, before: int) -> float:
    """The first moment that has at least ``before`` ratings before it; the last of all where there is none."""
    later = int(np.searchsorted(known, known[before - 1], side="right"))
    return float(known[min(later, len(known) - 1)])


def _where(flags: Flags) -> Rows:
    return np.flatnonzero(flags).astype(np.intp)


def _check(folds: int, share: float) -> None:
    checks.whole(folds, "folds", 1, 20)
    checks.finite(share, "share")
    if not 0 < share < 1:
        raise InvalidInput("share", share, "expected a number above 0 and below 1")
