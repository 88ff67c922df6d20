"""Whether a score has changed by more than its own unreliability explains."""

from __future__ import annotations

import math
from dataclasses import dataclass

from matcher import checks
from matcher.errors import InvalidInput
from matcher.measures.instrument import Instrument

CRITICAL = 1.96  # two-sided, 5 in 100 (Jacobson and Truax 1991)


@dataclass(frozen=True, slots=True)
class Change:
    """From one score to a later one.

    ``difference`` is after − before; ``threshold`` how large it must be, in either direction, to count as more than
    chance; ``index`` the difference in standard errors. ``direction`` is ``better``, ``worse`` or ``same``, whether
    reliable or not.
    """

    difference: float
    threshold: float
    index: float
    is_reliable: bool
    direction: str


def reliable_change(instrument: Instrument, before: float, after: float) -> Change:
    """How a score has changed, and whether by more than the questionnaire's own unreliability explains.

    Parameters
    ----------
    instrument : Instrument
        The questionnaire, whose ``spread`` gives SD and reliability.
    before, after : float
        Two scores of one person, in its range.

    Returns
    -------
    Change
        With ``is_reliable`` where |after − before| is at least the threshold.

    Raises
    ------
    InvalidInput
        For a score outside of the range, or a questionnaire of which nobody has measured the reliability.

    Notes
    -----
        s_diff = sd · √(2 · (1 − reliability)),   index = (after − before) / s_diff,   threshold = 1.96 · s_diff

    after Jacobson and Truax (1991), Clinical significance, J. Consulting and Clinical Psychology 59(1). The figures of
    each questionnaire stand with their sources in its ``spread``; the reliability is that within one sitting, and the
    choice of the sample whose SD counts (people with the disorder) is ours. Reliable says that a change is hardly
    chance, not that it is large enough to matter, nor what it came from.

    Examples
    --------
    >>> from matcher import INSTRUMENTS, reliable_change
    >>> found = reliable_change(INSTRUMENTS["phq-9"], 17, 9)
    >>> round(found.threshold, 2), found.direction, found.is_reliable
    (5.61, 'better', True)
    """
    if instrument.spread is None:
        raise InvalidInput("instrument", instrument.code, "nobody has measured its reliability; give it a spread first")
    for name, value in (("before", before), ("after", after)):
        checks.between(value, name, instrument.lowest, instrument.top)
    s_diff = instrument.spread.sd * math.sqrt(2 * (1 - instrument.spread.reliability))
    difference, threshold = after - before, CRITICAL * s_diff
    return Change(
        difference, threshold, difference / s_diff, abs(difference) >= threshold, _way(instrument, difference)
    )


def _way(instrument: Instrument, difference: float) -> str:
    if difference == 0:
        return "same"
    return "better" if (difference < 0) == (instrument.better == "lower") else "worse"
