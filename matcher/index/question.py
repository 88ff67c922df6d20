"""What one client's search is about: every factor, and the standing within the alliance, as lines over columns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from matcher.encoding import ClientArrays, Directory
from matcher.encoding.bits import Floats
from matcher.encoding.lines import Column, Line, only, together
from matcher.entities import Weights
from matcher.factors.alliance import ALLIANCE
from matcher.factors.base import NEUTRAL, Circumstances, Factor
from matcher.factors.registry import FACTORS
from matcher.scoring import factor_values, on_grid
from matcher.weights import GRID

if TYPE_CHECKING:
    from matcher.outlook import ClinicModel

UNSURE = 1e-5  # steps of the grid: 10^-13, a hundred times what two orders of adding differ by
Rows = NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class Question:
    """One client, and ``lines`` of the factors in the order of the registry; of the alliance it is the standing's.

    ``curved`` says that there is a standing, and the alliance its Φ. Lines hold for all but the therapists ``named``.
    """

    client: ClientArrays
    weights: Weights
    model: ClinicModel | None
    circumstances: Circumstances
    lines: tuple[Line, ...]
    curved: bool
    named: tuple[str, ...]

    @classmethod
    def of(
        cls, client: ClientArrays, weights: Weights, model: ClinicModel | None, circumstances: Circumstances
    ) -> Question | None:
        """None where the model does not give standings as sums of columns, so that every pair has to be asked about."""
        standing = None if model is None else model.line(client)
        if model is not None and standing is None:
            return None
        alliance, rated = standing or (Line(NEUTRAL), [])
        named = [id_ for id_ in (client.recommended[0], client.former[0], *rated) if id_ is not None]
        lines = [alliance if factor is ALLIANCE else _line(factor, client, circumstances) for factor in FACTORS]
        return cls(client, weights, model, circumstances, tuple(lines), standing is not None, tuple(named))

    @property
    def weight(self) -> float:
        """The weight of the alliance where it differs between therapists."""
        return self.weights.values[ALLIANCE.code] if self.curved else 0.0

    @property
    def standing(self) -> Line:
        """The sum of which the alliance is Φ; nothing where it is the same for all."""
        return self.lines[_ALLIANCE] if self.curved else Line(0.0)

    @property
    def rest(self) -> Line:
        """What all other factors add to the score."""
        pairs = zip(FACTORS, self.lines, strict=True)
        weights = self.weights.values
        rest = [(factor, line) for factor, line in pairs if weights[factor.code]]
        return together(
            line.times(weights[factor.code]) for factor, line in rest if not (self.curved and factor is ALLIANCE)
        )

    def values(self, directory: Directory, rows: Rows) -> Floats:
        """Every factor's values for some rows, which ascend, (factors, rows): those that ``factor_values`` gives.

        They are read from the lines and rounded to the grid. Where a line is so near to the middle between two steps
        that its last bits would decide, and for the therapists named, the factors themselves are asked.
        """
        values = self._read(directory.part(rows))
        beside = np.abs(values * GRID - np.floor(values * GRID) - 0.5)
        doubtful = np.asarray((beside < UNSURE).any(axis=0))
        for id_ in self.named:
            doubtful |= rows == directory.row(id_)
        found = on_grid(values)
        if doubtful.any():
            found[:, doubtful] = self._asked(directory, rows[doubtful])
        return found

    def _read(self, part: Directory) -> Floats:
        """Every factor by its line, (factors, therapists)."""
        places: dict[Column, int] = {}
        for line in self.lines:
            for column, _ in line.shares:
                places.setdefault(column, len(places))
        shares = np.zeros((len(FACTORS), len(places)))
        for k, line in enumerate(self.lines):
            for column, share in line.shares:
                shares[k, places[column]] += share
        read = np.array([column.read(part) for column in places]).reshape(len(places), len(part))
        found = shares @ read + np.array([[line.constant] for line in self.lines])
        if self.curved:
            from scipy.special import ndtr

            found[_ALLIANCE] = ndtr(found[_ALLIANCE])
        return np.asarray(found)

    def _asked(self, directory: Directory, rows: Rows) -> Floats:
        standing = None if self.model is None else self.model.standing(self.client, directory, rows)
        here = Circumstances(self.circumstances.today, standing)
        return factor_values(self.client, directory.part(rows), here)[:, 0]


_ALLIANCE = FACTORS.index(ALLIANCE)


def _line(factor: Factor, client: ClientArrays, circumstances: Circumstances) -> Line:
    """A factor's own line; of one without, its values as a column of this client alone."""
    if factor.line is not None:
        return factor.line(client, circumstances)
    return only(Column(_values, (factor, client, circumstances), kept=False))


def _values(directory: Directory, factor: Factor, client: ClientArrays, circumstances: Circumstances) -> Floats:
    return np.asarray(factor.values(client, directory, circumstances)[0])
