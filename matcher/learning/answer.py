"""What is learned of the weights, and how it is told: a proposal, with all that speaks for and against it.

Weights are relative, so something has to be the measure. It is the alliance, whose weight is fixed to 1: a factor's
*relative weight* says how much one step of the factor is worth, in steps of the alliance factor. The published weights
are relative weights too: preference fit .20 beside .40 of alliance is .5.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from matcher.entities import Weights
from matcher.factors.registry import FACTORS
from matcher.sources import Source
from matcher.suppression import FEWEST
from matcher.weights import DEFAULT, normalised

Floats = NDArray[np.float64]

ALLIANCE = "alliance"
CODES = tuple(factor.code for factor in FACTORS)
OTHERS = tuple(code for code in CODES if code != ALLIANCE)
PRIOR_SD = 0.25
PRIOR = Source(
    "Rapport's authors: relative weights lie around the defaults with a standard deviation of .25, no study",
    2026,
    "A judgement: a clinic may well find preferences worth nothing, or as much as the alliance, and hardly more.",
    guess=True,
)
PRIOR_LOG_SD = 0.3  # a guess: where ratings ask for wider weights than that, they are believed by and by
FEWEST_CLIENTS = 40  # of a clinic, for anything to be learned: below, the defaults would come back with wide intervals
FEWEST_TELLING = 20  # clients for whom a factor tells therapists apart, for its own weight to be learned
NORMAL_95 = 1.959964

RATINGS, CHOICES = "ratings", "choices"
TEACHERS = (RATINGS, CHOICES)

TOO_FEW_CLIENTS = "too_few_clients"
TOO_FEW_THERAPISTS = "too_few_therapists"
NO_DIFFERENCES = "no_differences"
NO_ALLIANCE_WEIGHT = "no_alliance_weight"
REFUSALS = (TOO_FEW_CLIENTS, TOO_FEW_THERAPISTS, NO_DIFFERENCES, NO_ALLIANCE_WEIGHT)

MORE, LESS, NO_DIFFERENCE, STAYS = "more", "less", "no_detectable_difference", "stays"
VERDICTS = (MORE, LESS, NO_DIFFERENCE, STAYS)

ADDS, MAY_ADD_NOTHING, TAKES_AWAY, NOT_SAID = "adds", "may_add_nothing", "takes_away", "not_said"
DIRECTIONS = (ADDS, MAY_ADD_NOTHING, TAKES_AWAY, NOT_SAID)

SAME_FOR_ALL = "same_for_all"
TELLS_FEW_APART = "tells_few_apart"
NOT_IN_RATINGS = "not_in_ratings"
REASONS_TO_STAY = (SAME_FOR_ALL, TELLS_FEW_APART, NOT_IN_RATINGS)


@dataclass(frozen=True, slots=True)
class LearnedFactor:
    """One factor's weight, in multiples of the alliance's.

    ``relative`` is what is proposed, ≥ 0; ``lower95`` … ``upper95`` is the interval of the effect itself, which may go
    below 0: a weight cannot, an effect can. ``serves`` is the relative weight that serves, ``default`` the published
    one. ``verdict`` (of ``VERDICTS``) sets the interval beside ``serves``, ``direction`` (of ``DIRECTIONS``) beside 0.
    A factor that stays has no interval, and the reason in ``stays`` (of ``REASONS_TO_STAY``). ``n_clients`` is how many
    clients it tells therapists apart for, None below five.
    """

    factor: str
    relative: float
    lower95: float | None
    upper95: float | None
    serves: float
    default: float
    verdict: str
    direction: str
    n_clients: int | None
    stays: str | None = None


@dataclass(frozen=True, slots=True)
class Learned:
    """Weights that a clinic's own data propose. Nothing serves until somebody publishes it.

    ``taught_by`` is ``ratings`` (what helped) or ``choices`` (what appealed). Where ``too_little`` names a reason (of
    ``REFUSALS``) there is no proposal: ``weights`` is None and ``factors`` is empty. ``n_observations`` are pairs who
    rated, or lists from which somebody was chosen. ``prior_sd`` is how far relative weights were allowed to lie from
    the defaults, the larger of ``PRIOR_SD`` and what the data asked for.
    """

    taught_by: str
    too_little: str | None
    n_clients: int | None
    n_observations: int | None
    prior_sd: float = PRIOR_SD
    factors: tuple[LearnedFactor, ...] = ()
    weights: Weights | None = None

    @property
    def detectable(self) -> bool:
        """Whether any factor's weight differs detectably from the one that serves."""
        return any(one.verdict in (MORE, LESS) for one in self.factors)

    def document(self) -> dict[str, Any]:
        """All of it as JSON values."""
        weights = self.weights and {"version": self.weights.version, "values": dict(self.weights.values)}
        return asdict_without_weights(self) | {"weights": weights, "detectable": self.detectable}


def asdict_without_weights(learned: Learned) -> dict[str, Any]:
    """Every field but the weights, whose mapping cannot be copied deeply."""
    fields = {name: getattr(learned, name) for name in Learned.__slots__ if name not in ("factors", "weights")}
    return fields | {"factors": [asdict(one) for one in learned.factors]}


@dataclass(frozen=True, eq=False)
class Posterior:
    """What the data say of some factors: relative weights (k,) with their covariance (k, k)."""

    codes: tuple[str, ...]
    mean: Floats
    covariance: Floats
    prior_sd: float = PRIOR_SD


def relative(weights: Weights) -> dict[str, float]:
    """Each other factor's weight in multiples of the alliance's, which must not be 0."""
    return {code: weights.values[code] / weights.values[ALLIANCE] for code in OTHERS}


DEFAULT_RELATIVE = relative(DEFAULT)


def refused(taught_by: str, reason: str, n_clients: int) -> Learned:
    """No proposal, and why; fewer than five clients are not counted aloud."""
    return Learned(taught_by, reason, told(n_clients), None)


def proposed(
    taught_by: str,
    posterior: Posterior,
    stays: Mapping[str, str],
    telling: Mapping[str, int],
    counts: tuple[int, int],
    serving: Weights,
    version: str,
) -> Learned:
    """The proposal: what is learned for the factors of ``posterior``, what serves for those that ``stays`` names."""
    serves = relative(serving)
    best = dict(zip(posterior.codes, most_probable(posterior).tolist(), strict=True))
    wanted = {ALLIANCE: 1.0} | {code: best.get(code, serves[code]) for code in OTHERS}
    spread = NORMAL_95 * np.sqrt(np.diag(posterior.covariance))
    low = dict(zip(posterior.codes, (posterior.mean - spread).tolist(), strict=True))
    high = dict(zip(posterior.codes, (posterior.mean + spread).tolist(), strict=True))
    factors = tuple(
        _factor(
            code, wanted[code], low.get(code), high.get(code), serves[code], told(telling[code], counts[0]),
            stays.get(code),
        )
        for code in OTHERS
    )  # fmt: skip
    n_clients, n_observations = counts
    weights = normalised(wanted, version=version)
    return Learned(taught_by, None, n_clients, n_observations, posterior.prior_sd, factors, weights)


def most_probable(posterior: Posterior) -> Floats:
    """The most probable relative weights of those that are ≥ 0: argmin (w − mean)' covariance⁻¹ (w − mean), w ≥ 0.

    Where nothing is negative that is the mean itself. Cutting each negative one to 0 alone would leave the others where
    they stood beside it, though factors that rise together share what they add.
    """
    from scipy.optimize import nnls

    if not len(posterior.mean):
        return posterior.mean
    upright = np.linalg.cholesky(np.linalg.inv(posterior.covariance)).T
    return np.asarray(nnls(upright, upright @ posterior.mean)[0])


def told(n_clients: int, of: int | None = None) -> int | None:
    """A count of people, or None where it, or what it leaves of all, is too small to be told."""
    others = 0 if of is None else of - n_clients
    return None if n_clients < FEWEST or 0 < others < FEWEST else n_clients


def _factor(
    code: str,
    wanted: float,
    low: float | None,
    high: float | None,
    serves: float,
    n_clients: int | None,
    stays: str | None,
) -> LearnedFactor:
    default = DEFAULT_RELATIVE[code]
    if low is None or high is None:
        return LearnedFactor(code, wanted, None, None, serves, default, STAYS, NOT_SAID, n_clients, stays)
    verdict = MORE if low > serves else LESS if high < serves else NO_DIFFERENCE
    direction = ADDS if low > 0 else TAKES_AWAY if high < 0 else MAY_ADD_NOTHING
    return LearnedFactor(code, wanted, low, high, serves, default, verdict, direction, n_clients)
