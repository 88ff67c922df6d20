"""Latent alliances as scores on a scale: cut at both ends, in whole steps, about half of them at the top."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from matcher.encoding.bits import Floats
from matcher.entities import Scale

PERFECT_SHARE = 0.54  # of all forms (ACORN)
UNIT_SHARE = 0.22  # a guess: one standard deviation of a session's alliance, as a part of the scale's length


@dataclass(frozen=True, slots=True)
class Ruler:
    """Alliances in standard deviations → latent alliances on a scale, and those → scores."""

    scale: Scale
    location: float
    unit: float

    @classmethod
    def with_ceiling(cls, alliances: Floats, scale: Scale, *, share: float = PERFECT_SHARE) -> Ruler:
        """The ruler by which this share of the alliances given reads as the top score."""
        unit = UNIT_SHARE * (scale.top - scale.lowest)
        edge = float(np.quantile(alliances, 1 - share)) if alliances.size else 0.0
        return cls(scale, scale.top - scale.step / 2 - unit * edge, unit)

    def latent(self, alliances: Floats) -> Floats:
        """Latent alliances on the scale's units, which go beyond its top."""
        return np.asarray(self.location + self.unit * alliances)

    def score(self, alliances: Floats) -> Floats:
        """The scores that clients give: the nearest step of the scale."""
        steps = np.floor((self.latent(alliances) - self.scale.lowest) / self.scale.step + 0.5)
        return np.asarray(self._at(np.clip(steps, 0, self._n_steps)))

    def expected(self, alliances: Floats, spread: float) -> Floats:
        """The expected score where single sessions spread normally around these alliances.

        E[y] = lowest + step · Σ_k P(y ≥ lowest + k · step), and a score reaches step k from half a step below it.
        """
        from scipy.special import ndtr

        latent, total = self.latent(alliances), np.zeros(np.shape(alliances))
        for k in range(1, self._n_steps + 1):
            total += ndtr((latent - self.scale.lowest - (k - 0.5) * self.scale.step) / (self.unit * spread))
        return np.asarray(self._at(total))

    @property
    def _n_steps(self) -> int:
        return round((self.scale.top - self.scale.lowest) / self.scale.step)

    def _at(self, steps: Floats) -> Floats:
        return np.round(self.scale.lowest + self.scale.step * steps, 12)
