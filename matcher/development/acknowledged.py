"""Whether it makes a difference that a therapist has read what a client said: the next score, within each dyad."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from matcher.errors import InvalidInput

FEWEST_CLIENTS = 5


@dataclass(frozen=True, slots=True)
class AcknowledgedEffect:
    """``effect`` is how much higher the next score is after a check-in that was read, with its 95 % interval."""

    n_dyads: int
    effect: float
    lower: float
    upper: float

    @property
    def is_seen(self) -> bool:
        """Whether the interval leaves out zero. Otherwise no difference was detected, which is a result, too."""
        return self.lower > 0 or self.upper < 0


def acknowledged_effect(steps: Sequence[tuple[str, float, float, bool]]) -> AcknowledgedEffect | None:
    """How much the next session's score differs after a check-in that was acknowledged, within dyads.

    Parameters
    ----------
    steps : sequence of (dyad, score, next_score, acknowledged)
        A row a check-in that was followed by another one of the same dyad: both scores on one scale, and whether the
        first was read before the second was said.

    Returns
    -------
    AcknowledgedEffect or None
        None unless five dyads have steps of both kinds: others say nothing about the difference within a dyad.

    Notes
    -----
    Each dyad is its own comparison, so that who is read more often does not matter. Within dyads,

        next = a_dyad + β acknowledged + γ score + error

    by least squares with each dyad's means taken off. γ is there because a low score is read sooner and rises again by
    itself (regression to the mean). The interval is β ± t₉₅ · se with errors clustered by dyad and G − 1 degrees of
    freedom (Liang & Zeger 1986, Biometrika 73, 13–22; Cameron & Miller 2015, Journal of Human Resources 50, 317–372).
    It is still what was observed, not an experiment: whoever reads may also do other things.

    Examples
    --------
    >>> from matcher import acknowledged_effect
    >>> steps = [(str(d), 5.0 + (d + k) % 3, 6.0 + k % 2, k % 2 == 1) for d in range(6) for k in range(6)]
    >>> acknowledged_effect(steps).effect
    1.0
    >>> acknowledged_effect(steps[:6]) is None
    True
    """
    if not all(np.isfinite((score, after)).all() for _dyad, score, after, _read in steps):
        raise InvalidInput("steps", None, "expected finite scores")
    by_dyad: dict[str, list[tuple[float, float, float]]] = {}
    for dyad, score, after, read in steps:
        by_dyad.setdefault(dyad, []).append((float(read), score, after))
    both = [np.array(rows) for rows in by_dyad.values() if len({read for read, _score, _after in rows}) == 2]
    if len(both) < FEWEST_CLIENTS:
        return None
    centred = [rows - rows.mean(axis=0) for rows in both]
    every = np.concatenate(centred)
    x, y = every[:, :2], every[:, 2]
    inverse = np.linalg.pinv(x.T @ x)
    slopes = inverse @ x.T @ y
    scores = [rows[:, :2].T @ (rows[:, 2] - rows[:, :2] @ slopes) for rows in centred]
    n = len(both)
    middle = sum(np.outer(one, one) for one in scores) * n / (n - 1)
    se = float(np.sqrt(max((inverse @ middle @ inverse)[0, 0], 0.0)))
    half, effect = _t95(n - 1) * se, round(float(slopes[0]), 12)
    return AcknowledgedEffect(n, effect, effect - half, effect + half)


def _t95(freedom: int) -> float:
    from scipy.special import stdtrit

    return float(stdtrit(freedom, 0.975))
