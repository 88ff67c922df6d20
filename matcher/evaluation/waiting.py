"""How long people wait, where some of them are waiting still."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from matcher import checks
from matcher.errors import InvalidInput
from matcher.evaluation.checked import Floats, row

QUARTERS = (0.25, 0.5, 0.75)


@dataclass(frozen=True, slots=True)
class Waiting:
    """``n_people`` waited, of whom ``n_seen`` were seen to reach the end; ``days`` are the asked-for quantiles.

    A quantile is None where too few have reached the end, or been watched long enough, to know it.
    """

    n_people: int
    n_seen: int
    days: tuple[float | None, ...]


def waiting_times(days: ArrayLike, seen: ArrayLike, *, shares: Sequence[float] = QUARTERS) -> Waiting:
    """After how many days a quarter, half and three quarters of all people have reached something.

    Parameters
    ----------
    days : array, (n_people,)
        How long each was watched, until they reached it or until nobody could know any more. 0 or more.
    seen : array of bool, (n_people,)
        Whether they reached it. Those who did not wait still, or left for a reason that says nothing of the wait.
    shares : sequence of float
        The quantiles asked for, each above 0 and below 1.

    Returns
    -------
    Waiting
        Counts, and one number of days a share, in their order.

    Raises
    ------
    InvalidInput
        For rows of unequal length, nobody, a negative or infinite number of days, or a share outside of (0, 1).

    Notes
    -----
    The estimate of Kaplan and Meier: with d_t people who reach it on day t and n_t who were watched up to then,

        S(t) = Π_{s ≤ t} (1 − d_s / n_s),    quantile(q) = min {t : S(t) ≤ 1 − q}.

    Who reaches it and who is watched no more on the same day: the former comes first. The mean of those who have
    reached it would be too short, for whoever waits longest is not among them.

    References
    ----------
    Kaplan, Meier (1958), Nonparametric estimation from incomplete observations, JASA 53.

    Examples
    --------
    Of four, two began after 3 and 10 days, one waits since 5 days, one since 20. S(3) = 3/4, S(10) = 3/4 · 1/2 = 3/8:

    >>> from matcher import waiting_times
    >>> waiting_times([3, 5, 10, 20], [True, False, True, False])
    Waiting(n_people=4, n_seen=2, days=(3.0, 10.0, None))
    """
    watched = row("days", days)
    reached = np.asarray(seen)
    if reached.shape != watched.shape:
        raise InvalidInput("seen", reached.shape, f"expected {len(watched)} in one row")
    if (watched < 0).any():
        raise InvalidInput("days", float(watched.min()), "expected 0 or more")
    for share in shares:
        checks.between(share, "shares", np.nextafter(0, 1), np.nextafter(1, 0))
    times, left = _survival(watched, reached.astype(bool))
    found = tuple(_quantile(times, left, share) for share in shares)
    return Waiting(len(watched), int(reached.astype(bool).sum()), found)


def _survival(watched: Floats, reached: NDArray[np.bool_]) -> tuple[Floats, Floats]:
    """Each day on which somebody reached it, in order, and S after it."""
    times, d = np.unique(watched[reached], return_counts=True)
    n = len(watched) - np.searchsorted(np.sort(watched), times, side="left")
    return np.asarray(times, dtype=np.float64), np.cumprod(1 - d / n, dtype=np.float64)


def _quantile(times: Floats, left: Floats, share: float) -> float | None:
    at = np.flatnonzero(left <= 1 - share + 1e-12)
    return float(times[at[0]]) if len(at) else None
