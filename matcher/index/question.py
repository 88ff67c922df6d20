"""What one client's search is about: every factor, and the standing within the alliance, as sums of columns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from matcher.encoding import ClientArrays, Directory
from matcher.encoding.bits import Floats
from matcher.encoding.lines import Column, Line, only
from matcher.factors.alliance import ALLIANCE
from matcher.factors.base import NEUTRAL, Circumstances, Factor
from matcher.factors.registry import FACTORS
from matcher.index.columns import Columns, Kept
from matcher.scoring import factor_values, on_grid
from matcher.weights import GRID

if TYPE_CHECKING:
    from matcher.outlook import ClinicModel

UNSURE = 1e-5  # steps of the grid: 10^-13, a hundred times what two orders of adding differ by
Rows = NDArray[np.intp]
Read = tuple[Column, Kept | None]


@dataclass(frozen=True, eq=False)
class Question:
    """One client; every factor, in the order of the registry, is constants + shares · columns.

    ``curved`` says that there is a standing: its sum is in the alliance's place, and the alliance is Φ of it. The sums
    hold for all but the therapists ``named``.
    """

    client: ClientArrays
    model: ClinicModel | None
    circumstances: Circumstances
    columns: Columns
    read: tuple[Read, ...]
    shares: Floats
    constants: Floats
    curved: bool
    named: tuple[str, ...]

    @classmethod
    def of(
        cls, client: ClientArrays, columns: Columns, model: ClinicModel | None, circumstances: Circumstances
    ) -> Question | None:
        """None where the model does not give standings as sums of columns, so that every pair has to be asked about."""
        standing = None if model is None else model.line(client)
        if model is not None and standing is None:
            return None
        alliance, rated = standing or (Line(NEUTRAL), [])
        lines = [alliance if factor is ALLIANCE else _line(factor, client, circumstances) for factor in FACTORS]
        places: dict[Column, int] = {}
        entries = [
            (k, places.setdefault(column, len(places)), share)
            for k, line in enumerate(lines)
            for column, share in line.shares
        ]
        shares = np.zeros((len(lines), len(places)))
        for k, place, share in entries:
            shares[k, place] += share
        constants = np.array([line.constant for line in lines])
        named = tuple(id_ for id_ in (client.recommended[0], client.former[0], *rated) if id_ is not None)
        read = tuple((column, columns.of(column) if column.kept else None) for column in places)
        return cls(client, model, circumstances, columns, read, shares, constants, standing is not None, named)

    def values(self, rows: Rows) -> Floats:
        """Every factor's values for some rows, which ascend, (factors, rows): those that ``factor_values`` gives.

        They are read from the columns and rounded to the grid. Where a sum is so near to the middle between two steps
        that its last bits would decide, and for the therapists named, the factors themselves are asked.
        """
        values = self._read(rows)
        steps = values * GRID
        doubtful = np.asarray((np.abs(steps - np.floor(steps) - 0.5) < UNSURE).any(axis=0))
        for id_ in self.named:
            doubtful |= rows == self.columns.directory.row(id_)
        found = on_grid(values)
        if doubtful.any():
            found[:, doubtful] = self._asked(rows[doubtful])
        return found

    def _read(self, rows: Rows) -> Floats:
        part, read = self.columns.directory.part(rows), np.empty((len(self.read), len(rows)))
        places: dict[int, NDArray[np.intp]] = {}
        for into, (column, kept) in zip(read, self.read, strict=True):
            if kept is None:
                into[:] = column.read(part)
            elif kept.kinds is None:
                kept.values.take(rows, out=into, mode="clip")
            else:
                one = id(kept.kinds)
                if one not in places:
                    places[one] = kept.kinds.places.take(rows).astype(np.intp)
                kept.values.take(places[one], out=into, mode="clip")
        found = self.shares @ read + self.constants[:, None]
        if self.curved:
            from scipy.special import ndtr

            found[STANDING] = ndtr(found[STANDING])
        return np.asarray(found)

    def _asked(self, rows: Rows) -> Floats:
        standing = None if self.model is None else self.model.standing(self.client, self.columns.directory, rows)
        here = Circumstances(self.circumstances.today, standing)
        return factor_values(self.client, self.columns.directory.part(rows), here)[:, 0]


STANDING = FACTORS.index(ALLIANCE)


def _line(factor: Factor, client: ClientArrays, circumstances: Circumstances) -> Line:
    """A factor's own line; of one without, its values as a column of this client alone."""
    if factor.line is not None:
        return factor.line(client, circumstances)
    return only(Column(_values, (factor, client, circumstances), kept=False))


def _values(directory: Directory, factor: Factor, client: ClientArrays, circumstances: Circumstances) -> Floats:
    return np.asarray(factor.values(client, directory, circumstances)[0])
