"""A year in figures, and how two policies differ over years that are the same but for the prices."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matcher.evaluation.intervals import Interval, of_mean
from matcher.scarcity.arrivals import Arrivals
from matcher.scarcity.duals import Floats, place_prices
from matcher.scarcity.year import Year

ALLIANCE, WORST_TENTH, HARD_TO_PLACE = "alliance", "worst_tenth", "hard_to_place"
PLACED, WAIT_DAYS, ASIDE, GIVEN_UP = "placed", "wait_days", "aside", "given_up"
CODES = (ALLIANCE, WORST_TENTH, HARD_TO_PLACE, PLACED, WAIT_DAYS, ASIDE, GIVEN_UP)
EXACT = 0.005  # temperature of the bound: within a thousandth of the best
TENTH = 0.1

Figures = Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Difference:
    """One figure under a policy and under another, means over the same years, and the interval of the difference."""

    figure: str
    ours: float
    theirs: float
    difference: Interval


def figures(year: Year, worth: Floats, bound: float) -> dict[str, float]:
    """The figures of a year; ``worth`` (n, m) is the expected alliance of each pair, NaN where it cannot be.

    ``alliance`` is the total as a share of ``bound``; ``worst_tenth`` the mean of the tenth who got least, nobody
    counting 0; ``hard_to_place`` the share placed of the tenth of clients whom fewest therapists fit; ``placed`` that
    of all; ``wait_days`` the mean wait of those placed; ``aside`` the share of clients whom a price led to somebody
    else than their best of that day, and ``given_up`` the mean score that those forwent.
    """
    got = np.sort(year.worth(worth))
    n_fitting = np.isfinite(worth).sum(axis=1)
    hard = (n_fitting <= np.quantile(n_fitting, TENTH))[year.arrivals.client]
    aside = year.given_up > 0
    return {
        ALLIANCE: float(got.sum()) / bound if bound > 0 else 0.0,
        WORST_TENTH: _mean(got[: max(1, round(TENTH * len(got)))]),
        HARD_TO_PLACE: _mean(year.placed[hard]),
        PLACED: _mean(year.placed),
        WAIT_DAYS: _mean(year.wait_days[year.placed]),
        ASIDE: _mean(aside),
        GIVEN_UP: _mean(year.given_up[aside]),
    }


def upper_bound(worth: Floats, arrivals: Arrivals) -> float:
    """More than this no policy can reach: all arrivals known beforehand, no place empty on any day."""
    rows, times = np.unique(arrivals.client, return_counts=True)
    most = arrivals.most_places(worth.shape[1])
    return place_prices(worth[rows], times, most, temperature=EXACT).bound


def differences(ours: Sequence[Figures], theirs: Sequence[Figures]) -> tuple[Difference, ...]:
    """Every figure, over years in pairs; 95 % intervals by Student's t over the years."""
    return tuple(_difference(code, ours, theirs) for code in CODES)


def _difference(code: str, ours: Sequence[Figures], theirs: Sequence[Figures]) -> Difference:
    one, other = (np.array([year[code] for year in years]) for years in (ours, theirs))
    return Difference(code, float(one.mean()), float(other.mean()), of_mean(one - other, np.arange(len(one))))


def _mean(values: Floats | NDArray[np.bool_]) -> float:
    """0 where there is nobody to take it over."""
    return float(np.mean(values)) if len(values) else 0.0
