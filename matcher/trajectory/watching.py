"""Watching courses: at most one alert each, of the gravest kind that was seen."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matcher import checks
from matcher.encoding.bits import Flags, Floats
from matcher.errors import InvalidInput
from matcher.trajectory.cuts import Thresholds
from matcher.trajectory.prior import CoursePrior, checked
from matcher.trajectory.signals import Signals, signals

KINDS = ("drop", "from_the_top", "slide", "low_start", "silence")  # the gravest first
PERFECT = 3  # top scores from the beginning on, after which a fall is one from the top


@dataclass(frozen=True, eq=False)
class Watched:
    """What was seen in n courses, arrays (n,).

    ``kind`` is the gravest of ``KINDS``, "" for none; ``number`` the session after which it was seen first, 0 for none;
    ``first`` the session after which anything was seen.
    """

    kind: NDArray[np.str_]
    number: NDArray[np.int64]
    first: NDArray[np.int64]


def watch(
    prior: CoursePrior,
    scores: Floats,
    held: Flags,
    *,
    thresholds: Thresholds | None = None,
    missing_share: float = 0.2,
) -> Watched:
    """Look at courses for a drop, a slow slide, a low start, a fall from the top, and silence.

    Parameters
    ----------
    prior : CoursePrior
        What is believed of n dyads before their first session.
    scores : array of float64, (n, sessions)
        The score of session 1, 2, ...; NaN where there is none.
    held : array of bool, (n, sessions)
        Whether a session was held, and its form is missing where it has no score. A session with a score was held.
    thresholds : Thresholds, optional
        How strong a signal must be; None for five false alarms per 100 courses.
    missing_share : float
        The share of forms that are usually missing in the clinic, from 0.01 to 0.99.

    Returns
    -------
    Watched
        One finding a course: the gravest kind, the session after which it was seen, and the first that anything was.
        A drop or a slide of somebody whose first three forms or more were all at the top is ``from_the_top``. Silence
        counts as long as it lasts, all else from when it was seen.

    Raises
    ------
    InvalidInput
        For arrays of another shape, scores not on the scale, or a share outside its range.

    Notes
    -----
    A score is judged against what the dyad said before, a score at the top as "at least this good", and a missing one
    by itself says nothing of a change. What a single session can tell is little beside the spread of sessions: of drops
    by a dyad's standard deviation, alerts find one in six at best (docs/check-ins.md).

    References
    ----------
    Shiryaev (1963), On optimum methods in quickest detection problems, Theory of Probability and its Applications 8.

    Examples
    --------
    >>> import numpy as np
    >>> from matcher import CoursePrior, watch
    >>> from matcher.entities import Scale
    >>> prior = CoursePrior(np.array([7.0]), np.array([1.0]), np.array([0.0]), 1.0, Scale(0, 10, 1), censored=True)
    >>> course = np.array([[7.0, 7.0, 8.0, 7.0, 3.0, 3.0]])
    >>> found = watch(prior, course, ~np.isnan(course))
    >>> found.kind.tolist(), found.number.tolist()
    (['drop'], [5])
    """
    said = checked(prior, scores)
    checks.between(missing_share, "missing_share", 0.01, 0.99)
    if np.shape(held) != said.shape or np.asarray(held).dtype != bool:
        raise InvalidInput("held", np.shape(held), f"expected yes or no for each score, {said.shape}")
    found = signals(prior, said, np.asarray(held) | ~np.isnan(said), missing_share)
    return _gravest(_seen(found, thresholds or Thresholds()), _begins_at_top(prior, said))


def _seen(found: Signals, cuts: Thresholds) -> dict[str, Flags]:
    return {name: getattr(found, name) > getattr(cuts, name) for name in ("drop", "slide", "low_start", "silence")}


def _begins_at_top(prior: CoursePrior, said: Floats) -> Flags:
    """Whether all forms before the first that was not at the top are at least ``PERFECT``, (n,)."""
    fell = said <= prior.scale.top - prior.scale.step / 2  # a missing form is no fall, and no top score either
    before = np.cumsum(fell, axis=1) == 0
    return np.asarray((before & ~np.isnan(said)).sum(axis=1) >= PERFECT)


def _gravest(seen: dict[str, Flags], perfect: Flags) -> Watched:
    n = len(perfect)
    kind, number = np.full(n, "", dtype="U12"), np.zeros(n, dtype=np.int64)
    first = _first(np.any(list(seen.values()), axis=0)) if n else number
    changed = seen["drop"] | seen["slide"]
    stands = {
        "drop": seen["drop"] & ~perfect[:, None],
        "from_the_top": changed & perfect[:, None],
        "slide": seen["slide"] & ~perfect[:, None],
        "low_start": seen["low_start"],
        "silence": seen["silence"] & seen["silence"][:, -1:],
    }
    for name in KINDS:
        since = _since_last_pause(stands[name]) if name == "silence" else _first(stands[name])
        fresh = (kind == "") & (since > 0)
        kind[fresh], number[fresh] = name, since[fresh]
    return Watched(kind, number, first)


def _first(seen: Flags) -> NDArray[np.int64]:
    """The first session that is marked, counted from 1; 0 for none."""
    return np.where(seen.any(axis=1), seen.argmax(axis=1) + 1, 0).astype(np.int64)


def _since_last_pause(seen: Flags) -> NDArray[np.int64]:
    """Where the marks that last until the end began."""
    lasting = np.logical_and.accumulate(seen[:, ::-1], axis=1)[:, ::-1]
    return _first(lasting)
