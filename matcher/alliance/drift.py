r"""Effects that change over time: how a moment becomes columns, and how much an old rating still counts.

A therapist's effect at time s is u_t + a_t(s), where a_t wanders about zero with variance τ² and forgets itself at a
``pace``: corr(a_t(s), a_t(s')) = exp(-|s - s'| / pace), the continuous form of an autoregression of first order
(Diggle 1988, An approach to the analysis of repeated measures, Biometrics 44). Beside it all therapists together have
a(s) of the same kind with a variance of its own: what changes in the whole clinic.

At knots s_1 … s_J, a quarter of a pace apart, with K their correlations and K = LL', a(s) = v(s)'z, where z are J
independent effects of variance τ² and

    v(s) = L⁻¹k(s) / |L⁻¹k(s)|,       k_j(s) = exp(-|s - s_j| / pace),

scaled so that the variance is τ² at every moment and not at the knots alone. So a drift is a random term like any
other, with J entries a rating, and its variance is estimated with the rest. A prediction is made for the moment of the
latest rating: what comes later is at least as uncertain.

**Half-life weights** 2^(-age / half-life) count in the degrees of freedom as any weight does, since a weight is a
number of ratings: a row of weight ½ is half a row of evidence, not one of half the precision.
"""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from matcher.alliance.days import days_of, ends
from matcher.alliance.declared import Source
from matcher.alliance.draft import Draft
from matcher.alliance.ratings import Ratings
from matcher.alliance.structure import MOMENT, THERAPIST, RandomTerm
from matcher.alliance.tables import Floats
from matcher.errors import InvalidInput

COLUMN = "rated_at"
COMMON, OWN = "clinic drift", f"{THERAPIST} drift"
MOST_KNOTS = 40


def faded(ratings: Ratings, half_life: float) -> Ratings:
    """The ratings with half of their weight for each half-life (days) of age; one without a moment is the oldest."""
    days = _required(ratings, "half_life", half_life)
    age = np.maximum(ends(days)[1] - days, 0.0)
    return replace(ratings, weight=ratings.weight * 2.0 ** -(np.where(np.isnan(age), np.nanmax(age), age) / half_life))


def terms(draft: Draft, pace: float) -> list[RandomTerm]:
    """The clinic's drift and each therapist's own, where the ratings can tell them apart."""
    days = _required(draft.ratings, "drift", pace)
    (first, latest), n = ends(days), len(draft.ratings.therapists)
    length = latest - first
    if length == 0:
        draft.terms_left_out |= dict.fromkeys((COMMON, OWN), "all ratings are of one moment")
        return []
    n_knots = knots_of(length, pace)
    if n_knots > MOST_KNOTS:
        mend = f"the ratings span {length:.0f} days: expected at least {math.ceil(4 * length / (MOST_KNOTS - 1))} days"
        raise InvalidInput("drift", pace, mend)
    place = draft.covariate(Source(MOMENT, COLUMN, days, None))
    knots = tuple(np.linspace(first, latest, n_knots).tolist())
    found = [RandomTerm(COMMON, place, False, n_knots, knots=knots, pace=float(pace))]
    if n > 1:
        return [*found, RandomTerm(OWN, place, True, n_knots * n, knots=knots, pace=float(pace))]
    draft.terms_left_out[OWN] = "there is only one therapist, whose drift is that of all"
    return found


def knots_of(length: float, pace: float) -> int:
    """How many knots so many days have: four a pace. With two, intervals of today's effects held .76 for .80."""
    return math.ceil(4 * length / pace) + 1


def _required(ratings: Ratings, name: str, value: float) -> Floats:
    if ratings.moment is None or not np.isfinite(days := days_of(ratings.moment, COLUMN)).any():
        raise InvalidInput(name, value, f"expected a column {COLUMN} with the moment of each rating")
    return days
