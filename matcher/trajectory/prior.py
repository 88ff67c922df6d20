"""What is believed of a dyad's course before its first session."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matcher.encoding.bits import Flags, Floats
from matcher.entities import Scale
from matcher.errors import InvalidInput


@dataclass(frozen=True, eq=False)
class CoursePrior:
    """What is believed of n dyads before their first session.

    The latent alliance of session s is y* = mean + trend · ln s + d + ε with the dyad's own level d ~ N(0, sd²) and the
    session's ε ~ N(0, session_sd²). Its score is y* below half a step under the top of the scale, and the top from
    there on, where the scale is censored.

    Parameters
    ----------
    mean : array of float64, (n,)
        Expected latent alliance of the first session, in the units of the scale. It may lie above the top.
    sd : array of float64, (n,)
        How far the level of a dyad may lie from it, above 0.
    trend : array of float64, (n,)
        What is gained where the number of the session grows e-fold.
    session_sd : float
        How far single sessions lie from the level of their dyad, above 0.
    scale : Scale
        The scale of the scores.
    censored : bool
        Whether a score at the top says "at least this good".

    Raises
    ------
    InvalidInput
        Where an array is not (n,) or not finite, or a spread is not above 0.

    Examples
    --------
    >>> import numpy as np
    >>> from matcher import CoursePrior
    >>> from matcher.entities import Scale
    >>> prior = CoursePrior(np.array([7.0]), np.array([1.0]), np.array([0.0]), 1.0, Scale(0, 10, 1), censored=True)
    >>> len(prior), prior.cut
    (1, 9.5)
    """

    mean: Floats
    sd: Floats
    trend: Floats
    session_sd: float
    scale: Scale
    censored: bool = True

    def __post_init__(self) -> None:
        for name in ("mean", "sd", "trend"):
            values = getattr(self, name)
            if np.shape(values) != (len(self.mean),) or not np.isfinite(values).all():
                raise InvalidInput(f"prior.{name}", np.shape(values), "expected one finite number a dyad")
        if not (np.asarray(self.sd) > 0).all():
            raise InvalidInput("prior.sd", float(np.min(self.sd)), "expected spreads above 0")
        if not 0 < self.session_sd < np.inf:
            raise InvalidInput("prior.session_sd", self.session_sd, "expected a spread above 0")

    def __len__(self) -> int:
        return len(self.mean)

    @property
    def cut(self) -> float:
        """The latent alliance from which on the top is given; infinite where nothing is censored."""
        return self.scale.top - self.scale.step / 2 if self.censored else np.inf

    def usual(self, number: int) -> Floats:
        """The latent alliance that is expected of a session before anything is known, (n,)."""
        return np.asarray(self.mean + self.trend * np.log(number))

    def at_top(self, scores: Floats) -> Flags:
        """Which scores only say "at least this good"; a missing one does not."""
        return np.asarray(scores > self.cut)

    def take(self, rows: slice | NDArray[np.intp] | list[int]) -> CoursePrior:
        """Some of the dyads."""
        mean, sd, trend = self.mean[rows], self.sd[rows], self.trend[rows]
        return CoursePrior(mean, sd, trend, self.session_sd, self.scale, self.censored)


def checked(prior: CoursePrior, scores: Floats) -> Floats:
    """The scores as floats, (n, sessions), NaN where there is none; InvalidInput for one that is not on the scale."""
    found = np.asarray(scores, dtype=np.float64)
    if found.ndim != 2 or len(found) != len(prior):
        raise InvalidInput("scores", found.shape, f"expected {len(prior)} rows, one a dyad, with a column a session")
    scale = prior.scale
    wrong = found[(found < scale.lowest) | (found > scale.top)]
    if len(wrong):
        mend = f"the scale goes from {scale.lowest:g} to {scale.top:g}; NaN stands for a missing score"
        raise InvalidInput("scores", float(wrong[0]), mend)
    return found
