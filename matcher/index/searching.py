"""The best of a directory for one client, exactly, without asking about every pair.

1. ``Bitmaps`` say who can be offered.
2. One part of the score, a sum of few columns in single precision, is added up for all of them: the standing within the
   alliance where that weighs enough, all other factors where it does not.
3. Those who stand highest by it are scored. Their ``top``-th score is a threshold below which the list cannot end, and
   whoever does not reach it with the best that the other part can be is left out.
4. Those who are left are scored.

Bounds allow for the rounding of their sums, so that nobody who belongs to the list is left out, ties included.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from matcher.encoding import ClientArrays, Directory
from matcher.encoding.bits import Flags, Floats
from matcher.entities import Weights
from matcher.factors.base import Circumstances
from matcher.index.bitmaps import MOST_BITMAPS, Bitmaps, Words, count, flags_of, rows_of
from matcher.index.bounds import GRID_ROUNDING, Part
from matcher.index.columns import MOST_COLUMNS, Columns, Kept, Singles, Sum
from matcher.index.question import Question
from matcher.index.recent import Recent
from matcher.scoring import best, factor_values, scores

if TYPE_CHECKING:
    from matcher.outlook import ClinicModel

Rows = NDArray[np.intp]
FEW = 8  # times the length of the list: so few are scored one and all
CLEAR = 0.15  # the weight from which the standing tells more therapists apart than all the rest
TRIED = 16  # times the length of the list: about so many are scored for the threshold
STEP = 8  # every so manieth is looked at to find them
DENSE = 1 / 12  # the share of a directory from which a sum over all of it is faster than over some


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
    columns: Recent[Kept] = field(default_factory=lambda: Recent(MOST_COLUMNS))

    @property
    def n_bytes(self) -> int:
        """What is kept by now."""
        return sum(words.nbytes for words in self.bitmaps) + sum(kept.values.nbytes for kept in self.columns)


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
    words = Bitmaps(directory, index.bitmaps).eligible(client)
    n_eligible = count(words)
    here = Circumstances(today)
    asked = Question.of(client, weights, model, here) if top is not None and n_eligible > FEW * top else None
    if asked is None or top is None:
        rows = rows_of(words, n)
        standing = None if model is None else model.standing(client, directory, rows)
        values = factor_values(client, directory.part(rows), Circumstances(today, standing))[:, 0]
    else:
        rows = _promising(_Pool(Columns(directory, index.columns), asked, flags_of(words, n), n_eligible), top)
        values = asked.values(directory, rows)
    score = scores(values[:, None], weights)[0]
    order = best(score, top)
    return Found(rows[order], score[order], values[:, order], n_eligible)


class _Pool:
    """Those who can be offered, and their scores as first + second + loose: a sum for everybody, one for those who may
    reach the list by it, and the columns of this client alone."""

    def __init__(self, columns: Columns, asked: Question, eligible: Flags, n_eligible: int) -> None:
        self.asked, self.directory, self.eligible = asked, columns.directory, eligible
        line = asked.rest
        standing, rest = Part(Sum(columns, asked.standing), asked.weight), Part(Sum(columns, line))
        self.first, self.second = (standing, rest) if asked.weight >= CLEAR else (rest, standing)
        self.loose = [(column, share) for column, share in line.shares if not column.kept]
        self.most_loose = sum(share for _, share in self.loose)
        self.error = self.first.error + self.second.error + GRID_ROUNDING
        self.rows = None if n_eligible > DENSE * len(eligible) else np.flatnonzero(eligible)
        total = self.first.sum
        self.sums = total.everywhere(len(eligible)) if self.rows is None else total.at(self.rows)
        named = {row for id_ in asked.named if (row := self.directory.row(id_)) is not None and eligible[row]}
        self.named = np.array(sorted(named), dtype=np.intp)

    def above(self, least: np.float32) -> tuple[Rows, Singles]:
        """Those whose first sum is not below and who are not named, ascending, with their sums."""
        at = np.flatnonzero(self.sums >= least)
        if self.rows is None:
            rows = at = at[self.eligible[at]]
        else:
            rows = self.rows[at]
        if len(self.named):
            others = ~np.isin(rows, self.named)
            rows, at = rows[others], at[others]
        return rows, self.sums[at]

    def high(self, n: int) -> np.float32:
        """A first sum that about n reach, as a sample of them says."""
        step = STEP if len(self.sums) > STEP * STEP * n else 1
        sample = self.sums[::step]
        if self.rows is None:
            sample = sample[self.eligible[::step]]
        if not len(sample):
            return np.float32(-np.inf)
        last = max(len(sample) - n // step - 1, 0)
        return np.float32(np.partition(sample, last)[last])

    def both(self, rows: Rows, sums: Singles) -> Floats:
        """First and second of some rows."""
        return self.first.of(sums) + self.second.of(self.second.sum.at(rows))

    def loosely(self, rows: Rows) -> Floats:
        """What the client's own columns add for some rows, which ascend."""
        part, found = self.directory.part(rows), np.zeros(len(rows))
        for column, share in self.loose:
            found += share * column.read(part)
        return found


def _promising(pool: _Pool, top: int) -> Rows:
    """Rows among which the ``top`` best are, ascending."""
    rows, sums = pool.above(pool.high(TRIED * top))
    if len(rows) < top:  # few, or many of one sum
        rows, sums = pool.above(np.float32(-np.inf))
    if len(rows) >= top:
        least = _nth(pool.both(rows, sums) + pool.loosely(rows), top) - pool.error
        rows, sums = pool.above(pool.first.least(least - pool.second.highest - pool.most_loose - pool.error))
        score = pool.both(rows, sums)
        near = score >= least - pool.most_loose - pool.error
        rows, score = rows[near], score[near] + pool.loosely(rows[near])
        rows = rows[score >= _nth(score, top) - 2 * pool.error]
    return np.union1d(rows, pool.named) if len(pool.named) else rows


def _nth(score: Floats, n: int) -> float:
    """The n-th largest."""
    return float(np.partition(score, len(score) - n)[len(score) - n])
