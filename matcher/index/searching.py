"""The best of a directory for one client, exactly, without asking about every pair.

1. ``Bitmaps`` say who can be offered.
2. ``Ceiling`` says what no score exceeds, as a sum of one number a field of the directory.
3. Some of those with high ceilings are scored. Their ``top``-th score is a threshold below which the list cannot end.
4. Whoever does not reach the threshold with the best that all other fields can give is left out: by bitmaps where a
   field has few kinds, then field by field, those first that tell most.
5. Those who are left are scored.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from math import inf
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from matcher.encoding import ClientArrays, Directory
from matcher.encoding.bits import Floats
from matcher.entities import Weights
from matcher.factors.base import Circumstances
from matcher.index.bitmaps import MOST_BITMAPS, Bitmaps, Words, count, holds, rows_of
from matcher.index.ceiling import Ceiling
from matcher.index.columns import MOST_COLUMNS, MOST_KINDS, MOST_LONG, Columns, Kept, Kinds
from matcher.index.question import Question
from matcher.index.recent import Recent
from matcher.index.ways import Places
from matcher.scoring import best, factor_values, scores

if TYPE_CHECKING:
    from matcher.outlook import ClinicModel

Rows = NDArray[np.intp]
FEW = 8  # times the length of the list: so few are scored one and all
TRIED, MOST_TRIED = 64, 128  # times the length of the list: about so many are looked at for the threshold
MANY = 512  # so many are too many for another field before it is seen who is left
CLOSE = 3  # times the length of the list: so many of them are scored
ROUNDING = 1e-7  # more than eight values rounded to 2^-26, and sums that differ in their last bits


@dataclass(frozen=True, eq=False)
class Found:
    """The best for one client: ``rows`` (k,) best first, their ``scores`` (k,) and ``values`` (factors, k)."""

    rows: Rows
    scores: Floats
    values: Floats
    n_eligible: int


@dataclass(frozen=True, eq=False)
class Index:
    """What is kept of a directory between searches: it follows from the directory, and fills as clients ask."""

    bitmaps: Recent[Words] = field(default_factory=lambda: Recent(MOST_BITMAPS))
    kinds: Recent[Kinds] = field(default_factory=lambda: Recent(MOST_KINDS))
    columns: Recent[Kept] = field(default_factory=lambda: Recent(MOST_COLUMNS))
    places: Recent[Places] = field(default_factory=lambda: Recent(1))
    long: Recent[Kept] = field(default_factory=lambda: Recent(MOST_LONG))

    @property
    def n_bytes(self) -> int:
        """What is kept by now."""
        columns = sum(kept.values.nbytes for kept in (*self.columns, *self.long))
        shared = sum(kept.n_bytes for kept in (*self.kinds, *self.places))
        return int(columns + shared + sum(words.nbytes for words in self.bitmaps))


_kept: WeakKeyDictionary[Directory, Index] = WeakKeyDictionary()


def index_of(directory: Directory) -> Index:
    """The index of a directory, which is gone when the directory is."""
    return _kept.setdefault(directory, Index())


def search(
    client: ClientArrays,
    directory: Directory,
    weights: Weights,
    *,
    model: ClinicModel | None = None,
    today: date | None = None,
    top: int | None = None,
) -> Found:
    """The ``top`` best of those who can be offered to one client, equal scores in the order of rows; None for all."""
    index, n = index_of(directory), len(directory)
    maps = Bitmaps(directory, index.bitmaps, index.places)
    columns = Columns(directory, index.kinds, index.columns, index.long)
    words = maps.eligible(client)
    n_eligible = count(words)
    few = top is None or n_eligible <= FEW * top
    asked = None if few else Question.of(client, columns, model, Circumstances(today))
    if asked is None or top is None:
        rows = rows_of(words, n)
        standing = None if model is None else model.standing(client, directory, rows)
        values = factor_values(client, directory.part(rows), Circumstances(today, standing))[:, 0]
    else:
        rows = _promising(asked, Ceiling.of(asked, weights), maps, weights, words, top)
        values = asked.values(rows)
    score = scores(values[:, None], weights)[0]
    order = best(score, top)
    return Found(rows[order], score[order], values[:, order], n_eligible)


def _promising(asked: Question, ceiling: Ceiling, maps: Bitmaps, weights: Weights, words: Words, top: int) -> Rows:
    """Rows among which the ``top`` best are, ascending."""

    def threshold(rows: Rows, ceilings: Floats) -> float:
        last = max(len(rows) - CLOSE * top, 0)
        tried = np.sort(rows[np.argpartition(ceilings, last)[last:]])
        return _nth(scores(asked.values(tried)[:, None], weights)[0], top) - ROUNDING

    least = threshold(*_high(ceiling, maps, words, top))
    rows, ceilings = _hopeful(ceiling, maps, words, least)
    if len(rows) > MANY:
        rows = rows[ceilings >= threshold(rows, ceilings)]
    named = [row for id_ in asked.named if (row := maps.directory.row(id_)) is not None and holds(words, row)]
    return np.union1d(rows, named) if named else rows


def _high(ceiling: Ceiling, maps: Bitmaps, words: Words, top: int) -> tuple[Rows, Floats]:
    """Some rows whose ceilings are high, and these."""
    for kinds, term in ceiling.few:
        best = words & maps.of_kinds(kinds, [int(term.values.argmax())])
        if count(best) >= TRIED * top:
            words = best
    rows = rows_of(words[: len(words) * MOST_TRIED * top // count(words) + 1], len(maps.directory))
    return rows, sum((term.at(rows) for term in ceiling.terms), np.zeros(len(rows)))


def _hopeful(ceiling: Ceiling, maps: Bitmaps, words: Words, least: float) -> tuple[Rows, Floats]:
    """Those whose ceilings reach a threshold, ascending, and their ceilings."""
    highest, terms = ceiling.highest, ceiling.terms
    for kinds, term in ceiling.few:
        hopeful = np.flatnonzero(term.values >= least - highest + term.highest).tolist()
        if len(hopeful) < len(term.values):
            words = words & maps.of_kinds(kinds, hopeful)
        if len(hopeful) == 1:  # they are of one kind, the highest: it takes nothing from anybody's ceiling
            terms = [other for other in terms if other is not term]
    rows = rows_of(words, len(maps.directory))
    ceilings = np.full(len(rows), highest)
    for term in terms:
        ceilings += term.at(rows)
        ceilings -= term.highest
        if len(rows) > MANY:
            stay = np.flatnonzero(ceilings >= least)
            rows, ceilings = rows[stay], ceilings[stay]
    near = ceilings >= least
    return rows[near], ceilings[near]


def _nth(score: Floats, n: int) -> float:
    """The n-th largest; below everything where there are fewer."""
    return float(np.partition(score, len(score) - n)[len(score) - n]) if len(score) >= n else -inf
