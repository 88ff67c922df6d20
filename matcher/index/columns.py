"""Columns of a directory as single precision numbers, each read once for all clients who give the same answer."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf

import numpy as np
from numpy.typing import NDArray

from matcher.encoding import Directory
from matcher.encoding.bits import Floats
from matcher.encoding.lines import Column, Line
from matcher.index.recent import Recent

MOST_COLUMNS = 128  # four bytes a therapist each: at most 512 bytes
Singles = NDArray[np.float32]
Rows = NDArray[np.intp]
ROUNDING = 2.0**-24  # of a single precision number, relative


@dataclass(frozen=True, eq=False)
class Kept:
    """A column, (n,), and between what it lies."""

    values: Singles
    low: float
    high: float


@dataclass(frozen=True, eq=False)
class Columns:
    """The columns of one directory; ``kept`` are those that were asked for most recently."""

    directory: Directory
    kept: Recent[Kept]

    def of(self, column: Column) -> Kept:
        """A column, read where it is not kept."""
        return self.kept.get(column, lambda: _kept(column.read(self.directory)))

    def range_of(self, column: Column) -> tuple[float, float]:
        """Between what a column lies: as it says itself, or as it is."""
        if -inf < column.low and column.high < inf:
            return column.low, column.high
        kept = self.of(column)
        return kept.low, kept.high


def _kept(values: Floats) -> Kept:
    low, high = (float(values.min()), float(values.max())) if len(values) else (0.0, 0.0)
    return Kept(values.astype(np.float32), low, high)


class Sum:
    """A line over one directory: constant + Σ share · column. A column of one client alone is left out, and bounded."""

    def __init__(self, columns: Columns, line: Line) -> None:
        self.columns, self.line = columns, line
        self.shares = [(column, share) for column, share in line.shares if column.kept]
        ranges = [(share, *columns.range_of(column)) for column, share in self.shares]
        self.highest = line.constant + sum(max(s * low, s * high) for s, low, high in ranges)
        size = sum(abs(s) * max(abs(low), abs(high)) for s, low, high in ranges)
        # each of m terms is rounded when it is kept, when it is multiplied, and at most m times when it is added
        # (Higham 2002, Accuracy and Stability of Numerical Algorithms, section 3.1)
        self.error = (len(ranges) + 4) * ROUNDING * size

    def everywhere(self, n: int) -> Singles:
        """The sum of kept columns without the constant, for all n therapists."""
        from scipy.linalg.blas import saxpy

        found = np.zeros(n, dtype=np.float32)
        for column, share in self.shares:
            saxpy(self.columns.of(column).values, found, a=share)
        return found

    def at(self, rows: Rows) -> Singles:
        """The same for some of them."""
        found = np.zeros(len(rows), dtype=np.float32)
        for column, share in self.shares:
            found += np.float32(share) * self.columns.of(column).values[rows]
        return found
