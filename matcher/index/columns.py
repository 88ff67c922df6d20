"""Columns of a directory, read once for all who say the same and for all clients who give the same answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from matcher.encoding import Directory
from matcher.encoding.bits import Floats
from matcher.encoding.lines import Column, Field
from matcher.index.recent import Recent

MOST_KINDS = 64  # fields of the directory: two bytes a therapist each, four where more than 65,536 things are said
MOST_COLUMNS = 128  # eight bytes for each thing that is said
MOST_LONG = 4  # columns that differ for everybody: eight bytes a therapist
Rows = NDArray[np.intp]


class Kinds(NamedTuple):
    """The therapists by what they say in one field: the kind of each (n,); one row of each kind, ascending, and its
    share (m,)."""

    field: Field
    places: NDArray[np.unsignedinteger]
    rows: Rows
    shares: Floats

    @property
    def n_bytes(self) -> int:
        """How much room they take."""
        return self.places.nbytes + self.rows.nbytes + self.shares.nbytes


class Kept(NamedTuple):
    """A column: ``values`` (m,) of its kinds, or (n,) of the therapists themselves where it has none."""

    values: Floats
    kinds: Kinds | None
    low: float
    high: float
    mean: float
    variance: float


@dataclass(frozen=True, eq=False)
class Columns:
    """The columns of one directory that were asked for most recently."""

    directory: Directory
    kinds: Recent[Kinds]
    kept: Recent[Kept]
    long: Recent[Kept]

    def of(self, column: Column) -> Kept:
        """A column, read where it is not kept."""
        field = column.field
        if field is None:
            return self.long.get(column, lambda: _kept(column.read(self.directory), None))
        return self.kept.get(column, lambda: self._read(column, field))

    def _read(self, column: Column, field: Field) -> Kept:
        kinds = self.kinds.get(field, lambda: kinds_of(self.directory, field))
        return _kept(column.read(self.directory.part(kinds.rows)), kinds)


def kinds_of(directory: Directory, field: Field) -> Kinds:
    """The therapists of a directory by what they say in a field."""
    name, k = field
    said = getattr(directory, name)
    columns = said[:, k, None] if k is not None else said.reshape(len(directory), -1)
    at = np.zeros(len(directory), dtype=np.intp)
    for j in range(columns.shape[1]):
        distinct, place = np.unique(columns[:, j], return_inverse=True)
        at = np.unique(at * len(distinct) + place, return_inverse=True)[1] if j else place
    shares = np.bincount(at) / max(len(at), 1)
    rows = np.zeros(len(shares), dtype=np.intp)
    rows[at] = np.arange(len(at))
    ascending = np.argsort(rows)
    places = np.argsort(ascending).astype(np.min_scalar_type(len(rows)))
    return Kinds(field, places[at], rows[ascending], shares[ascending])


def _kept(values: Floats, kinds: Kinds | None) -> Kept:
    values = np.ascontiguousarray(values, dtype=np.float64)
    if not len(values):
        return Kept(values, kinds, 0.0, 0.0, 0.0, 0.0)
    mean = float(values.mean() if kinds is None else kinds.shares @ values)
    square = float(values @ values / len(values) if kinds is None else kinds.shares @ (values * values))
    return Kept(values, kinds, float(values.min()), float(values.max()), mean, max(square - mean * mean, 0.0))
