r"""The scale of the scores, and how a latent alliance reads on it.

With a ceiling, a session's score is y = y* below the cut κ = top - step / 2 and the top from there on; without one it
is y* itself. For a latent mean τ ~ N(μ, s²) and a session's noise N(0, σ²), a² = s² + σ² and z = (κ - μ) / a, the
expected score is

    E y = top Φ(-z) + μ Φ(z) - a φ(z)

With s = 0 it is a rising function of τ, so that the ends of an interval of τ give those of the expected score.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from scipy.special import log_ndtr, ndtr, ndtri

from matcher.alliance.tables import Flags, Floats
from matcher.errors import InvalidInput

CENSORED, GAUSSIAN, AUTO = "censored", "gaussian", "auto"
CEILING_SHARE = 0.05  # of the scores at the top, from which on they are taken as censored
ROUNDING = 1e-13  # of the largest score: what adding a few numbers leaves
FEWEST_BELOW = 10  # ratings below the top, without which nothing says how sessions spread
_NODES, _WEIGHTS = np.polynomial.hermite_e.hermegauss(9)
_WEIGHTS = _WEIGHTS / _WEIGHTS.sum()


@dataclass(frozen=True)
class Scores:
    """Lowest and top score (None where not known), the step between neighbours (None: as fine as numbers are), whether
    scores at the top are censored, and why or why not."""

    lowest: float | None = None
    top: float | None = None
    step: float | None = None
    censored: bool = False
    reason: str = "no top was declared or found"

    @classmethod
    def of(
        cls, score: Floats, weight: Floats, *, lowest: float | None, top: float | None, step: float | None,
        ceiling: str,
    ) -> Scores:  # fmt: skip
        """The scale as declared; a top and a step that were not declared are found where scores stand at one."""
        _check_within(score, lowest, top)
        if ceiling == GAUSSIAN:
            return cls(lowest, top, step, False, "scores are taken as numbers, as was asked")
        if np.ptp(score) == 0:
            return cls(lowest, top, step, False, "all scores are the same")
        highest = float(score.max()) if top is None else top
        share = _share(weight, score >= highest - ROUNDING * abs(highest))
        if ceiling == AUTO and share < CEILING_SHARE:
            return cls(lowest, top, step, False, f"{share:.1%} of the scores are the highest one")
        apart = _gaps(score)
        if not len(apart):
            return cls(lowest, top, step, False, "all scores are the same but for rounding")
        found = float(apart.min()) if step is None else step
        if found >= highest - score.min() and len(apart) > 1:
            mend = f"the scores reach from {score.min():g} to {highest:g}: expected a smaller step between two of them"
            raise InvalidInput("step", found, mend)
        seen = cls(lowest, highest, found, True)
        at_top = seen.at_top(score)
        if not at_top.any():
            return cls(lowest, top, step, False, f"no score is at the top, {highest:g}")
        if weight[~at_top].sum() < FEWEST_BELOW:
            return cls(lowest, top, step, False, f"fewer than {FEWEST_BELOW} scores are below the top")
        reason = f"{_share(weight, at_top):.0%} of the scores are the top one{_between(score[at_top], highest)}"
        return replace(seen, reason=reason)

    @property
    def cut(self) -> float:
        """The latent score from which on the top is given; infinite without a ceiling."""
        if not self.censored:
            return np.inf
        assert self.top is not None and self.step is not None
        return self.top - self.step / 2

    def at_top(self, score: Floats) -> Flags:
        return np.asarray(score > self.cut)

    def expected(self, mean: Floats, spread: Floats) -> Floats:
        """E y of latent scores N(mean, spread²)."""
        if not self.censored:
            return mean
        assert self.top is not None
        spread = np.maximum(spread, np.finfo(float).tiny)
        z = (self.cut - mean) / spread
        return np.asarray(self.top * ndtr(-z) + mean * ndtr(z) - spread * np.exp(-0.5 * z**2) / np.sqrt(2 * np.pi))

    def within(self, score: Floats) -> Floats:
        """No lower than the lowest and no higher than the top."""
        low = -np.inf if self.lowest is None else self.lowest
        return np.clip(score, low, np.inf if self.top is None else self.top)

    def spread(self, mean: Floats, sd: Floats, noise: float) -> Floats:
        """The sd of the expected score where the latent mean is N(mean, sd²), by Gauss-Hermite quadrature."""
        if not self.censored:
            return sd
        values = [self.expected(mean + node * sd, np.full(len(mean), noise)) for node in _NODES]
        middle = sum(weight * value for weight, value in zip(_WEIGHTS, values, strict=True))
        squares = (weight * (value - middle) ** 2 for weight, value in zip(_WEIGHTS, values, strict=True))
        return np.sqrt(sum(squares, np.zeros(len(mean))))


@dataclass(frozen=True)
class ScoreDistribution:
    """Of one session's score of each of ``n`` pairs: the latent score is N(mean, sd²), and read on the scale.

    On a scale of steps a score stands for all that is nearer to it than to another; the lowest and the top one, where
    they are known, for all beyond.
    """

    mean: Floats
    sd: Floats
    scores: Scores

    def expected(self) -> Floats:
        """E y, (n,)."""
        return self.scores.within(self.scores.expected(self.mean, self.sd))

    def below(self, score: Floats) -> Floats:
        """P(y < score), (n,)."""
        return self._reached(score, -1, self.scores.lowest, np.less_equal, 0.0)

    def upto(self, score: Floats) -> Floats:
        """P(y ≤ score), (n,)."""
        return self._reached(score, +1, self.scores.top, np.greater_equal, 1.0)

    def log_probability(self, score: Floats) -> Floats:
        """log P(y = score); the log density where the scale has no steps and the score is not censored."""
        if self.scores.step is None:
            z = (score - self.mean) / self.sd
            return np.asarray(-0.5 * z**2 - np.log(self.sd) - 0.5 * np.log(2 * np.pi))
        found = np.maximum(self.upto(score) - self.below(score), np.finfo(float).tiny)
        at_top = np.zeros(len(score), bool) if self.scores.top is None else score >= self.scores.top
        beyond = log_ndtr((self.mean - (score - self.scores.step / 2)) / self.sd)
        return np.where(at_top, beyond, np.log(found))

    def _reached(
        self, score: Floats, side: int, end: float | None, beyond: Callable[[Floats, float], Flags], sure: float
    ) -> Floats:
        found = ndtr((score + side * (self.scores.step or 0.0) / 2 - self.mean) / self.sd)
        return found if end is None or self.scores.step is None else np.where(beyond(score, end), sure, found)


def widening(share: float) -> float:
    """How much larger the variance of latent scores is than that of the scores seen, if ``share`` of normal ones
    stand at the top: 1 / Var min(z, k), z ~ N(0, 1), Φ(-k) = share."""
    k = ndtri(1 - share)
    low, density = 1 - share, np.exp(-0.5 * k**2) / np.sqrt(2 * np.pi)
    mean = k * share - density
    return float(1 / (low - k * density + k**2 * share - mean**2))


def _check_within(score: Floats, lowest: float | None, top: float | None) -> None:
    for end, wrong, word in ((top, np.greater, "above the top"), (lowest, np.less, "below the lowest")):
        found = np.flatnonzero(wrong(score, end)).tolist() if end is not None else []
        if len(found):
            mend = f"{word} score of the scale, {end:g}: correct the score or the scale"
            raise InvalidInput("score", float(score[found[0]]), mend)


def _gaps(score: Floats) -> Floats:
    """The differences between neighbours among the scores that were given; what rounding leaves of a mean is none."""
    apart = np.diff(np.unique(score))
    return np.asarray(apart[apart > ROUNDING * np.abs(score).max()])


def _share(weight: Floats, of: Flags) -> float:
    return float(weight[of].sum() / weight.sum())


def _between(at_top: Floats, highest: float) -> str:
    n = int(np.sum(at_top < highest - ROUNDING * abs(highest)))
    return f", with {n} that lie within half a step of it" if n else ""
