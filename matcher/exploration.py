"""Draws among near-ties, so that something can be learned, and nobody new stays unseen.

A list in the strict order of scores teaches nothing about those who are never in it: every place has a propensity of
0 or 1. Where several people fit about equally well, the order is therefore drawn, and how likely each place was is
kept with the list. Four things bound it:

- *regret*: a place goes only to somebody whose score is within ``MARGIN`` of the best who is left;
- *doubt*: among those the draw is that of the posterior (Thompson 1933, Biometrika 25, 285–294), so that what is drawn
  is the alliance that we do not know, and somebody well known moves little;
- *a floor*: in one place of twenty, any of them is as likely, so that no propensity among near-ties is near 0;
- *a guard*: who is at risk gets the strict order, and so does every list without a model.

The draws are a function of the seed and of the therapist's id, not of who else is there: the same seed gives the same
list, and who leaves changes nobody else's draw.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matcher.encoding.bits import Floats
from matcher.entities import Intake
from matcher.sources import Source

MARGIN = 0.02  # of a score in [0, 1]: two of a hundred points
FLOOR = 0.05  # the share of places in which every near-tie is as likely
PLACES = 20  # beyond them the order is strict: nobody reads further
WAITING = 20  # so many behind the last drawn place may be drawn into it
SIMULATED = 2_000  # draws over which propensities are counted
NEAR_TIES = Source(
    "Rapport's authors: two points of a hundred as a near-tie, one place in twenty as the floor, no study",
    2026,
    "A judgement: less than what a typical posterior spread of the alliance is worth, and too little to be felt.",
    guess=True,
)

Rows = NDArray[np.intp]
Words = NDArray[np.uint64]
_NORMAL, _COIN, _PICK = 1, 2, 3  # what a draw is for
_OWN = 0  # the draw that makes the list; 1 … SIMULATED are those over which propensities are counted


@dataclass(frozen=True, eq=False)
class NearTies:
    """Those who may be drawn into the first places, best first, shape (n,) each.

    ``score`` is what orders them, ``doubt`` the posterior standard deviation of their standing, ``standing`` in the
    same units (``ClinicModel.standing``), ``weight`` the weight of the alliance.
    """

    ids: tuple[str, ...]
    score: Floats
    standing: Floats
    doubt: Floats
    weight: float


def guarded(intake: Intake) -> bool:
    """Whether this client gets the strict order: nothing is tried out on somebody who is at risk."""
    return bool(intake.at_risk)


def seed_of(*parts: str) -> int:
    """A seed that belongs to some parts: the same for the same parts, and with nothing in common for others.

    Parameters
    ----------
    *parts : str
        What the seed belongs to, such as the versions of intake, model and weights.

    Returns
    -------
    int
        0 … 2^63 − 1: the first 63 bits of BLAKE2b over the parts.

    Examples
    --------
    >>> from matcher import seed_of
    >>> seed_of("intake", "model") == seed_of("intake", "model"), seed_of("a", "bc") == seed_of("ab", "c")
    (True, False)
    """
    digest = hashlib.blake2b("\0".join(parts).encode(), digest_size=8).digest()
    return int.from_bytes(digest) >> 1


def drawn(ties: NearTies, n_places: int, seed: int) -> tuple[Rows, Floats]:
    """Who takes the first places, and how likely each was to stand where they stand; shape (n_places,) both.

    The propensity of therapist t at place p is the mean over ``SIMULATED`` other draws of

        FLOOR / |C| · 1{t ∈ C} + (1 − FLOOR) · 1{t is drawn highest in C},

    C those whose score is within ``MARGIN`` of the best who is left at p. The draws belong to the seed as the list's
    own does, so that their error (about √(p (1 − p) / SIMULATED)) is another one in every list, and averages out over
    lists; the list's own draw is not among them, since it would count for itself.
    """
    rows, propensities = [], []
    for near, highest, chosen in _places(ties, n_places, seed):
        row = int(chosen[_OWN])
        rows.append(row)
        least = FLOOR / near[_OWN].sum() / SIMULATED  # somebody whom no other draw brought so far
        propensities.append(max(float(_likely(near, highest)[row]), least))
    return np.array(rows, dtype=np.intp), np.array(propensities)


def place_chances(ties: NearTies, n_places: int, seed: int) -> Floats:
    """How likely each person is to stand at each of the first places, shape (people, n_places).

    Means over the same draws as ``drawn`` takes: for whoever stands there, it is their propensity. Each place is
    somebody's, so that every column adds up to 1.
    """
    chances = [_likely(near, highest) for near, highest, _chosen in _places(ties, n_places, seed)]
    return np.array(chances).reshape(-1, len(ties.ids)).T


def _likely(near: NDArray[np.bool_], highest: Rows) -> Floats:
    """How likely each person is to get a place, over all draws but the list's own; shape (people,)."""
    near, highest = near[_OWN + 1 :], highest[_OWN + 1 :]
    floor = (1 / near.sum(axis=1)) @ near / len(near)
    return np.asarray(FLOOR * floor + (1 - FLOOR) * np.bincount(highest, minlength=near.shape[1]) / len(near))


def _places(ties: NearTies, n_places: int, seed: int) -> Iterator[tuple[NDArray[np.bool_], Rows, Rows]]:
    """Place by place and for every draw who is near (draws, people), who is drawn highest, and who gets it (draws,)."""
    key = _mixed(np.uint64(seed) ^ _mixed(np.arange(SIMULATED + 1, dtype=np.uint64)))  # (draws,)
    people = np.array([_word(id_) for id_ in ties.ids], dtype=np.uint64)
    height = _heights(ties, _uniform(key[:, None], people[None, :], _NORMAL))
    left = np.ones(height.shape, dtype=np.bool_)
    for place in range(min(n_places, len(ties.ids))):
        best = np.where(left, ties.score, -np.inf).max(axis=1, keepdims=True)
        near = left & (ties.score >= best - MARGIN)
        highest = np.argmax(np.where(near, height, -np.inf), axis=1)
        chosen = _chosen(near, highest, key, people, place)
        yield near, highest, chosen
        left[np.arange(len(left)), chosen] = False


def _heights(ties: NearTies, uniform: Floats) -> Floats:
    """Scores with the alliance as it may truly be: score + weight · (Φ(standing + doubt · ε) − Φ(standing))."""
    from scipy.special import ndtr, ndtri

    true = ties.standing + ties.doubt * ndtri(uniform)
    return np.asarray(ties.score + ties.weight * (ndtr(true) - ndtr(ties.standing)))


def _chosen(near: NDArray[np.bool_], highest: Rows, key: Words, people: Words, place: int) -> Rows:
    """The highest of those who are near, or one time in ``1 / FLOOR`` any of them; shape (draws,)."""
    at = np.uint64(place)
    free = np.flatnonzero(_uniform(key, at, _COIN) < FLOOR)
    chosen = highest.copy()
    luck = _uniform(_mixed(key[free] + at)[:, None], people[None, :], _PICK)
    chosen[free] = np.argmax(np.where(near[free], luck, -1.0), axis=1)
    return chosen


def _word(id_: str) -> int:
    return int.from_bytes(hashlib.blake2b(id_.encode(), digest_size=8).digest())


def _uniform(key: Words, what: Words | np.uint64, purpose: int) -> Floats:
    """Numbers in (0, 1), one for each key, thing and purpose, the same on every machine."""
    word = _mixed(_mixed(key ^ np.uint64(purpose)) ^ what)
    return np.asarray(((word >> np.uint64(12)) + 0.5) * 2.0**-52)


def _mixed(word: Words) -> Words:
    """SplitMix64's finaliser (Steele, Lea and Flood 2014): each bit of the word depends on every bit."""
    with np.errstate(over="ignore"):
        word = word + np.uint64(0x9E3779B97F4A7C15)
        word = (word ^ (word >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        word = (word ^ (word >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return np.asarray(word ^ (word >> np.uint64(31)))


def pool(score: Floats, order: Sequence[int] | Rows, n_places: int) -> Rows:
    """Of rows by falling score those who may be drawn into the first places: within reach of the last of them."""
    order = np.asarray(order, dtype=np.intp)[: n_places + WAITING]
    last = score[order[min(n_places, len(order)) - 1]] if len(order) else 0.0
    return order[score[order] >= last - MARGIN]
