"""From what clients expect to how they work with somebody to how they fare: three associations, and no cause."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from matcher import checks
from matcher.errors import InvalidInput
from matcher.evaluation.association import spearman
from matcher.evaluation.checked import Floats
from matcher.evaluation.intervals import Interval, interval

FEWEST_PAIRS = 30  # a guess of ours: below it an interval of ±0.36 or more says hardly anything


@dataclass(frozen=True, slots=True)
class Association:
    """How two things go together over ``n_clients``: Spearman's ρ with its 95 % interval in [−1, 1].

    ``rho`` is None where there are too few clients for it, or where all of them say the same on one side.
    """

    of: str
    to: str
    n_clients: int
    rho: Interval | None


def pathway(
    expectation: ArrayLike, alliance: ArrayLike, outcome: ArrayLike, *, fewest: int = FEWEST_PAIRS
) -> tuple[Association, Association, Association]:
    """How expectation goes with alliance, alliance with outcome, and expectation with outcome.

    Parameters
    ----------
    expectation, alliance, outcome : array, (n_clients,)
        One row a client, in any units, more being better; NaN for what is not known. Infinite is refused.
    fewest : int
        How many clients an association needs, of whom both sides are known; 4 or more.

    Returns
    -------
    tuple of Association
        Three: expectation with alliance, alliance with outcome, expectation with outcome, each over the clients of
        whom both are known.

    Raises
    ------
    InvalidInput
        For rows of unequal length, an infinite number, or ``fewest`` below 4.

    Notes
    -----
    ρ is the rank correlation, equal values sharing their mean rank; its interval is ρ ± t · se with the standard error
    of the delta method and t of n − 1 degrees of freedom, cut to [−1, 1]. That three things go together is what one
    would see if hope made for a good alliance and that for a good outcome, and also if those who are better off from
    the start hope more, work better with people and recover sooner. Nothing here tells the two apart.

    References
    ----------
    Spearman (1904), The proof and measurement of association between two things. Hájek, Šidák, Sen (1999), Theory of
    Rank Tests.

    Examples
    --------
    >>> from matcher import pathway
    >>> first, second, third = pathway([1, 2, 3, 4], [1, 2, 4, 3], [float("nan")] * 4, fewest=4)
    >>> round(first.rho.value, 2), second.n_clients, third.rho
    (0.8, 0, None)
    """
    checks.whole(fewest, "fewest", 4, 10**9)
    rows = {"expectation": expectation, "alliance": alliance, "outcome": outcome}
    known = {name: np.asarray(values, dtype=np.float64) for name, values in rows.items()}
    n = known["expectation"].shape
    for name, values in known.items():
        if values.ndim != 1 or values.shape != n:
            raise InvalidInput(name, values.shape, f"expected one row like expectation's, {n}")
        if np.isinf(values).any():
            raise InvalidInput(name, "infinite", "expected finite numbers, or NaN for what is not known")
    return (
        _association(known, "expectation", "alliance", fewest),
        _association(known, "alliance", "outcome", fewest),
        _association(known, "expectation", "outcome", fewest),
    )


def _association(known: dict[str, Floats], of: str, to: str, fewest: int) -> Association:
    x, y = known[of], known[to]
    both = np.isfinite(x) & np.isfinite(y)
    n = int(both.sum())
    if n < fewest or np.ptp(x[both]) == 0 or np.ptp(y[both]) == 0:
        return Association(of, to, n, None)
    rho, influence = spearman(x[both], y[both])
    found = interval(rho, influence, np.arange(n))
    return Association(of, to, n, Interval(found.value, found.se, max(found.lower, -1.0), min(found.upper, 1.0)))
