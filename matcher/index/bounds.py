"""One of the two parts of a score: a sum of columns, or a curve of one, and how high it can be."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf

import numpy as np

from matcher.encoding.bits import Floats
from matcher.index.columns import Singles, Sum

GRID_ROUNDING = 2e-8  # eight values rounded to 2^-26, and sums that differ in their last bits
STEEPEST = 0.4  # no slope of Φ is above it


@dataclass(frozen=True, eq=False)
class Part:
    """A sum of columns, or weight · Φ of one where a ``weight`` is given; it rises with the sum."""

    sum: Sum
    weight: float | None = None

    def of(self, sums: Singles) -> Floats:
        """What sums without their constant come to, but for the columns of one client alone, to within ``error``."""
        return self._curved(sums.astype(np.float64) + self.sum.line.constant)

    @property
    def highest(self) -> float:
        """No therapist has more."""
        return float(self._curved(np.array([self.sum.highest]))[0])

    @property
    def error(self) -> float:
        """How far it may be from the truth in single precision."""
        return self.sum.error if self.weight is None else STEEPEST * self.weight * self.sum.error

    def least(self, value: float) -> np.float32:
        """The sum without its constant from which the part may reach a value: single precision, and not above it."""
        sums = self._inverse(value) - self.sum.line.constant
        return np.float32(np.nextafter(np.float32(sums), np.float32(-inf)))

    def _curved(self, sums: Floats) -> Floats:
        if self.weight is None:
            return sums
        from scipy.special import ndtr

        return np.asarray(self.weight * ndtr(sums))

    def _inverse(self, value: float) -> float:
        if self.weight is None:
            return value
        from scipy.special import ndtri

        share = value / self.weight if self.weight else inf
        return -inf if share <= 0 else inf if share >= 1 else float(ndtri(share)) - 1e-9
