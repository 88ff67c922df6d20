"""How strong a signal must be: set by simulated courses in which nothing changes, at a stated rate of false alarms."""

from __future__ import annotations

from dataclasses import astuple, dataclass

import numpy as np

from matcher import checks
from matcher.encoding.bits import Flags, Floats
from matcher.errors import InvalidInput

SHARES = {"drop": 0.4, "slide": 0.2, "low_start": 0.2, "silence": 0.2}  # of all false alarms
MOST_DYAD_SHARE = 0.6


@dataclass(frozen=True, slots=True)
class Thresholds:
    """The evidence from which on there is an alert, in natural logs, kind by kind.

    The defaults are ``thresholds(seed=1)``: five false alarms per 100 courses, all kinds together.

    Parameters
    ----------
    drop, slide, low_start, silence : float
        The least evidence of each kind, as in ``matcher.trajectory.signals``.

    Raises
    ------
    InvalidInput
        For a threshold that is not a number, or infinite.

    Examples
    --------
    >>> from matcher import Thresholds
    >>> Thresholds().drop > 0
    True
    >>> Thresholds(drop=2.0, slide=2.0, low_start=2.0, silence=4.0).times(0.5).silence
    2.0
    """

    drop: float = 0.962
    slide: float = 1.425
    low_start: float = 2.598
    silence: float = 4.763

    def __post_init__(self) -> None:
        for name in SHARES:
            checks.finite(getattr(self, name), name)

    def times(self, factor: float) -> Thresholds:
        """All of them multiplied, as for what may keep an alert that is open already."""
        return Thresholds(*(factor * value for value in astuple(self)))


def thresholds(
    *, false_alarms: float = 5.0, dyad_share: float = 0.15, n_courses: int = 20_000, seed: int = 1
) -> Thresholds:
    """Set thresholds by simulation: courses in which nothing changes, as long and as incomplete as real ones.

    Parameters
    ----------
    false_alarms : float
        Courses of 100 that may be called although nothing changed in them, all kinds together, above 0 and at most 50.
        Two fifths of them are the drop's, one fifth each the slide's, the low start's and the silence's.
    dyad_share : float
        Share of the variance of a session's latent alliance that belongs to the dyad, 0 … 0.6.
    n_courses : int
        How many courses to simulate, from 100.
    seed : int
        Of the simulation; the same one gives the same thresholds.

    Returns
    -------
    Thresholds

    Raises
    ------
    InvalidInput
        For numbers outside the ranges above.

    Notes
    -----
    Courses and missing forms are those of ``matcher.simulation.courses``, about half of all scores at the top. A dyad
    that truly is in the lowest tenth of what was expected is called rightly by ``low_start`` and counts as no false
    alarm of it. The evidence for a change is a likelihood ratio, so that its size depends little on the shares: at
    dyad shares of .05 and .30 these thresholds hold within half an alarm per 100 courses (``make bench ONLY=alerts``).

    Examples
    --------
    >>> from matcher import thresholds
    >>> strict = thresholds(false_alarms=1, n_courses=500)
    >>> strict.drop > thresholds(false_alarms=20, n_courses=500).drop
    True
    """
    checks.between(false_alarms, "false_alarms", 0, 50)
    if false_alarms == 0:
        raise InvalidInput("false_alarms", false_alarms, "without any false alarm there is none at all: above 0")
    checks.between(dyad_share, "dyad_share", 0, MOST_DYAD_SHARE)
    checks.whole(n_courses, "n_courses", 100, 10_000_000)
    strongest, is_false = _without_change(np.random.default_rng(seed), dyad_share, n_courses)
    low, high = 0.0, 1.0
    for _ in range(30):
        middle = (low + high) / 2
        cuts = _cuts(strongest, is_false, middle)
        called = np.any([is_false[name] & (strongest[name] > cuts[name]) for name in SHARES], axis=0)
        low, high = (middle, high) if 100 * called.mean() <= false_alarms else (low, middle)
    return Thresholds(**{name: round(value, 3) for name, value in _cuts(strongest, is_false, low).items()})


def _cuts(strongest: dict[str, Floats], is_false: dict[str, Flags], level: float) -> dict[str, float]:
    """What every kind's share of a level of all courses exceeds falsely."""
    found = {}
    for name, share in SHARES.items():
        values = np.where(is_false[name], strongest[name], -np.inf)
        found[name] = float(np.quantile(values, 1 - share * level, method="higher"))
    return found


def _without_change(rng: np.random.Generator, dyad_share: float, n: int) -> tuple[dict[str, Floats], dict[str, Flags]]:
    """Of each simulated course, the strongest evidence of each kind, and whether a call would be false."""
    from matcher.simulation.strangers import strangers
    from matcher.trajectory.signals import LOW, signals

    course = strangers(rng, n, dyad_share)
    found = signals(course.prior, course.scores, course.held, float(np.mean(np.isnan(course.scores)[course.held])))
    strongest = {name: getattr(found, name).max(axis=1) for name in SHARES}
    is_false = {name: np.ones(n, dtype=bool) for name in SHARES}
    is_false["low_start"] = course.level > LOW * course.prior.sd
    return strongest, is_false
