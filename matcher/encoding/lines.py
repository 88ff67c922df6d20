"""A value of one client with every therapist as a sum over columns, each of which is said of the therapists alone.

A column belongs to one answer ("how close to −2 on the second style scale"), and answers are few: an index reads each
column once for all clients who give that answer, and adds the columns up instead of computing pairs.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from typing import NamedTuple

from matcher.encoding.bits import Floats
from matcher.encoding.directory import Directory

Field = tuple[str, int | None]


class Column(NamedTuple):
    """Numbers of the therapists of a directory, (n,) without NaN, given what the column is asked for.

    They lie in [``low``, ``high``]. ``kept`` says that many clients will ask for the same column. ``field`` is all of
    the directory that it reads, an array or a column of one: who says the same there has the same number.
    """

    of: Callable[..., Floats]
    given: tuple[Hashable, ...] = ()
    low: float = 0.0
    high: float = 1.0
    kept: bool = True
    field: Field | None = None

    def read(self, directory: Directory) -> Floats:
        return self.of(directory, *self.given)


class Line(NamedTuple):
    """constant + Σ share · column."""

    constant: float
    shares: tuple[tuple[Column, float], ...] = ()

    def times(self, factor: float) -> Line:
        return Line(self.constant * factor, tuple([(column, share * factor) for column, share in self.shares]))


def only(column: Column, share: float = 1.0, constant: float = 0.0) -> Line:
    """The line of one column."""
    return Line(constant, ((column, share),))


def together(lines: Iterable[Line]) -> Line:
    """The sum of lines, each column once."""
    constant, shares = 0.0, dict[Column, float]()
    for line in lines:
        constant += line.constant
        for column, share in line.shares:
            shares[column] = shares.get(column, 0.0) + share
    return Line(constant, tuple(shares.items()))
