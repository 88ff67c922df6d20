"""Small cells: what may be told of people in a table, so that nothing points at fewer than a few of them.

One rule for the whole house. A figure is told of nobody or of at least ``fewest`` people, and so is all that can be
worked out from what is told: by taking one figure from another, from a percentage and its whole, or by comparing the
same report before and after. What stands here decides which cells are told; what is computed of them is others' work.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from matcher import checks
from matcher.errors import InvalidInput

FEWEST = 5  # people behind a published figure
DETERMINED = 1e-6  # how near to 1 a leverage is that an equation has fixed

Mask = NDArray[np.bool_]
Codes = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Told:
    """Which cells of a report are told: ``total``, and table → the names of its cells that are."""

    total: bool
    cells: Mapping[str, frozenset[str]]


@dataclass(frozen=True, slots=True)
class Span:
    """Whole months from ``first`` to ``last``, both included."""

    first: int
    last: int


def is_told(n_people: int, *, fewest: int = FEWEST) -> bool:
    """Whether a count of people may be told.

    Parameters
    ----------
    n_people : int
        How many different people it counts, 0 or more.
    fewest : int
        How many a figure needs, 1 or more.

    Returns
    -------
    bool
        True for nobody at all, and for ``fewest`` or more.

    Examples
    --------
    >>> from matcher import is_told
    >>> [is_told(n) for n in (0, 1, 4, 5)]
    [True, False, False, True]
    """
    return n_people == 0 or n_people >= fewest


def told_cells(
    person: ArrayLike,
    tables: Mapping[str, ArrayLike],
    *,
    sides: Mapping[str, ArrayLike] | None = None,
    fewest: int = FEWEST,
) -> Told:
    """Which cells of a report may be told, when its total and all its tables are told together.

    Parameters
    ----------
    person : array, (n_records,)
        Whose each record is, ids or codes. Somebody may have several.
    tables : mapping of str to array of str, (n_records,)
        Each table puts every record into one of its cells, by name; "" for a record that it leaves out.
    sides : mapping of str to array of bool, (n_records,), optional
        The records for which something holds of which a percentage is told. Both those and the others must be nobody's
        or many people's in whatever is told.
    fewest : int
        How many different people a figure needs, 1 or more.

    Returns
    -------
    Told
        Whether the total is told, and the names of the cells that are, table by table; a cell named "" never is.

    Raises
    ------
    InvalidInput
        For rows of unequal length, or ``fewest`` below 1.

    Notes
    -----
    A set of records is *safe* when its people, and its people on either side of each percentage, number 0 or at least
    ``fewest``. A cell is told if it is safe and holds ``fewest`` people (primary suppression). Then cells are hidden,
    the smallest first, until everything that can be worked out is safe as well (complementary suppression):

    1. what the total leaves over when all told cells of a table are taken from it;
    2. B ∖ A for every two that are told, of whichever tables, with A inside B;
    3. every atom a (records that lie in the same told cells) which the equations determine: with M the told cells ×
       atoms, its indicator lies in the row space of M where the leverage (M⁺M)_aa is 1.

    A table's cells never overlap, so that any sum of them, and the total less any sum, is made of safe parts.

    References
    ----------
    Hundepool et al. (2012), Statistical Disclosure Control, ch. 4. Cox (1980), Suppression methodology and statistical
    disclosure control, JASA 75.

    Examples
    --------
    Three of fifteen are "c". With "c" alone hidden, the total less the others would tell of three people:

    >>> from matcher import told_cells
    >>> told = told_cells(range(15), {"group": ["a"] * 7 + ["b"] * 5 + ["c"] * 3})
    >>> told.total, sorted(told.cells["group"])
    (True, ['a'])
    """
    report = _Report(person, tables, sides or {}, fewest)
    while (hidden := report.given_away()) is not None:
        report.told.remove(hidden)
    found = {name: frozenset(cell for table, cell in report.told if table == name) for name in tables}
    return Told(report.is_total_told, found)


def closed_spans(
    records: Iterable[tuple[int, Hashable, str]], first: int, until: int, *, fewest: int = FEWEST
) -> tuple[Span, ...]:
    """Months merged into spans that may be told, the oldest first; once told, a span never changes.

    Parameters
    ----------
    records : iterable of (int, hashable, str)
        (month, person, side): in which month somebody was counted, and as what. Months are whole numbers that rise by
        one, such as 12 · year + month.
    first : int
        The month in which the first span begins.
    until : int
        The last month that is over.
    fewest : int
        How many different people a span needs, 1 or more.

    Returns
    -------
    tuple of Span
        Spans that follow each other without a gap. A span closes with the first month at whose end it holds
        ``fewest`` people, and on each side nobody or ``fewest``. Months after the last span wait for those to come.

    Raises
    ------
    InvalidInput
        For ``fewest`` below 1.

    Notes
    -----
    Whether a span closes hangs on its own months alone. So a report of a later month has the same spans and some more,
    and what is new in it tells of at least ``fewest`` people: comparing today's report with last month's points at no
    one. Merging is the recoding of Hundepool et al. (2012), Statistical Disclosure Control, ch. 4.

    Examples
    --------
    Four people in the first month are told with the fifth in the second; two in the third wait:

    >>> from matcher import closed_spans
    >>> months = [1, 1, 1, 1, 2, 3, 3]
    >>> closed_spans([(month, who, "") for who, month in enumerate(months)], 1, 3)
    (Span(first=1, last=2),)
    """
    checks.whole(fewest, "fewest", 1, 10**9)
    by_month: dict[int, list[tuple[Hashable, str]]] = {}
    for month, person, side in records:
        by_month.setdefault(month, []).append((person, side))
    spans, begins = [], first
    people: dict[str, set[Hashable]] = {}
    for month in range(first, until + 1):
        for person, side in by_month.get(month, ()):
            people.setdefault(side, set()).add(person)
        everybody = set().union(*people.values())
        if len(everybody) >= fewest and all(len(some) >= fewest for some in people.values()):
            spans.append(Span(begins, month))
            begins, people = month + 1, {}
    return tuple(spans)


class _Report:
    """Tables over the same records, and which of their cells are told so far."""

    def __init__(
        self, person: ArrayLike, tables: Mapping[str, ArrayLike], sides: Mapping[str, ArrayLike], fewest: int
    ) -> None:
        checks.whole(fewest, "fewest", 1, 10**9)
        self._person: Codes = np.unique(np.asarray(person), return_inverse=True)[1].ravel()
        self._fewest, self._n = fewest, len(self._person)
        self._sides = tuple(_row(name, held, self._n).astype(bool) for name, held in sides.items())
        labels = {name: _row(name, said, self._n).astype(str) for name, said in tables.items()}
        self._masks: dict[tuple[str, str], Mask] = {
            (name, cell): row == cell for name, row in labels.items() for cell in np.unique(row).tolist() if cell
        }
        self._whole: Mask = np.ones(self._n, dtype=bool)
        self.is_total_told = self._n_people(self._whole) >= fewest and self._is_safe(self._whole)
        self.told = {key for key, mask in self._masks.items() if self._n_people(mask) >= fewest and self._is_safe(mask)}
        self._tables = tuple(tables)

    def given_away(self) -> tuple[str, str] | None:
        """The cell to hide next, because with it something small can be worked out; None where all is well."""
        return self._left_over() or self._between() or self._determined()

    def _left_over(self) -> tuple[str, str] | None:
        for name in self._tables:
            keys = [key for key in self.told if key[0] == name]
            rest = self._whole & ~self._union(keys)
            if keys and not self._is_safe(rest):
                return self._smallest(keys)
        return None

    def _between(self) -> tuple[str, str] | None:
        keys = sorted(self.told)
        if not keys:
            return None
        rows = np.array([self._masks[key] for key in keys] + [self._whole], dtype=np.float32)
        shared, size = rows @ rows.T, rows.sum(axis=1)
        for inner, key in enumerate(keys):
            for outer in np.flatnonzero((shared[inner] == size[inner]) & (size > size[inner])).tolist():
                if not self._is_safe(rows[outer].astype(bool) & ~self._masks[key]):
                    return key
        return None

    def _determined(self) -> tuple[str, str] | None:
        keys = sorted(self.told)
        if not keys:
            return None
        rows = np.array([self._masks[key] for key in keys] + [self._whole])
        atoms, of_record = np.unique(rows, axis=1, return_inverse=True)
        of_record = of_record.ravel()
        u, scale, v = np.linalg.svd(atoms.astype(float), full_matrices=False)
        rank = int((scale > scale[0] * 1e-9).sum())
        leverage = (v[:rank] ** 2).sum(axis=0)
        for atom in np.flatnonzero(leverage > 1 - DETERMINED).tolist():
            if not self._is_safe(of_record == atom):
                mix = u[:, :rank] @ (v[:rank, atom] / scale[:rank])
                return self._smallest([key for key, part in zip(keys, mix, strict=False) if abs(part) > 1e-9] or keys)
        return None

    def _is_safe(self, mask: Mask) -> bool:
        parts = (mask, *(part for side in self._sides for part in (mask & side, mask & ~side)))
        return all(is_told(self._n_people(part), fewest=self._fewest) for part in parts)

    def _n_people(self, mask: Mask) -> int:
        return len(np.unique(self._person[mask]))

    def _union(self, keys: Iterable[tuple[str, str]]) -> Mask:
        found = np.zeros(self._n, dtype=bool)
        for key in keys:
            found |= self._masks[key]
        return found

    def _smallest(self, keys: Iterable[tuple[str, str]]) -> tuple[str, str]:
        return min(keys, key=lambda key: (self._n_people(self._masks[key]), key))


def _row(name: str, values: ArrayLike, n: int) -> NDArray[np.generic]:
    found = np.asarray(values)
    if found.shape != (n,):
        raise InvalidInput(name, found.shape, f"expected one value for each of {n} records")
    return found
