"""The best of a directory for one client, exactly, without asking about every pair.

1. ``Bitmaps`` say who can be offered.
2. ``Ceiling`` says what no score exceeds, as a sum of one number a field of the directory. The two fields that tell
   most are added up for all of them.
3. Some of those who stand highest by it are scored. Their ``top``-th score is a threshold below which the list cannot
   end.
4. Field by field the others are added, and whoever does not reach the threshold with the best that the fields left can
   give is left out.
5. Those who are left are scored.
"""

from __future__ import annotations

from collections.abc import Sequence
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
from matcher.index.bitmaps import MOST_BITMAPS, Bitmaps, Words, count, rows_of
from matcher.index.ceiling import Ceiling, Term
from matcher.index.columns import MOST_COLUMNS, MOST_KINDS, MOST_LONG, Columns, Kept, Kinds
from matcher.index.question import Question
from matcher.index.recent import Recent
from matcher.scoring import best, factor_values, scores

if TYPE_CHECKING:
    from matcher.outlook import ClinicModel

Rows = NDArray[np.intp]
FEW = 8  # times the length of the list: so few are scored one and all
LEADING = 2  # fields that are added up for everybody
TRIED = 64  # times the length of the list: about so many are looked at for the threshold
CLOSE = 3  # times the length of the list: so many of them are scored
SAMPLE = 4096  # so many are looked at to find them
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
    points: Recent[Floats] = field(default_factory=lambda: Recent(1))
    long: Recent[Kept] = field(default_factory=lambda: Recent(MOST_LONG))

    @property
    def n_bytes(self) -> int:
        """What is kept by now."""
        columns = sum(kept.values.nbytes for kept in (*self.columns, *self.long))
        arrays = sum(array.nbytes for array in (*self.bitmaps, *self.points))
        return arrays + columns + sum(kinds.n_bytes for kinds in self.kinds)


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
    words = Bitmaps(directory, index.bitmaps, index.points).eligible(client)
    n_eligible = count(words)
    rows = rows_of(words, n)
    columns = Columns(directory, index.kinds, index.columns, index.long)
    few = top is None or n_eligible <= FEW * top
    asked = None if few else Question.of(client, columns, model, Circumstances(today))
    if asked is None or top is None:
        standing = None if model is None else model.standing(client, directory, rows)
        values = factor_values(client, directory.part(rows), Circumstances(today, standing))[:, 0]
    else:
        rows = _promising(asked, Ceiling.of(asked, weights), weights, rows, top)
        values = asked.values(rows)
    score = scores(values[:, None], weights)[0]
    order = best(score, top)
    return Found(rows[order], score[order], values[:, order], n_eligible)


def _promising(asked: Question, ceiling: Ceiling, weights: Weights, rows: Rows, top: int) -> Rows:
    """Rows among which the ``top`` best are, ascending."""
    lead, others = ceiling.terms[:LEADING], ceiling.terms[LEADING:]
    named = [row for id_ in asked.named if (row := asked.columns.directory.row(id_)) is not None]
    wanted = rows[np.isin(rows, named)] if named else rows[:0]
    highest = _added(lead, np.full(len(rows), ceiling.constant), rows)
    tried = _highest(rows, highest, TRIED * top)
    ceilings = _added(ceiling.terms, np.zeros(len(tried)), tried)
    tried = (
        np.sort(tried[np.argpartition(-ceilings, CLOSE * top)[: CLOSE * top]]) if len(tried) > CLOSE * top else tried
    )
    least = _nth(scores(asked.values(tried)[:, None], weights)[0], top) - ROUNDING
    left = sum(term.highest for term in others)
    for term in others:
        near = np.flatnonzero(highest >= least - left)
        rows = rows[near]
        highest = highest[near] + term.at(rows)
        left -= term.highest
    return np.union1d(rows[highest >= least], wanted)


def _added(terms: Sequence[Term], found: Floats, rows: Rows) -> Floats:
    for term in terms:
        found += term.at(rows)
    return found


def _highest(rows: Rows, highest: Floats, n: int) -> Rows:
    """About n rows who stand highest, as a sample says who they are."""
    step = max(len(rows) // SAMPLE, 1)
    sample = highest[::step]
    last = max(len(sample) - n // step - 1, 0)
    return rows[np.flatnonzero(highest >= np.partition(sample, last)[last])[: 2 * n]]


def _nth(score: Floats, n: int) -> float:
    """The n-th largest; below everything where there are fewer."""
    return float(np.partition(score, len(score) - n)[len(score) - n]) if len(score) >= n else -inf
