"""How the alliance goes with one factor, above all with years of experience: a curve and its band, to be looked at."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from matcher.errors import InvalidInput
from matcher.learning.answer import ALLIANCE, CODES, FEWEST_CLIENTS, NORMAL_95, TOO_FEW_CLIENTS, TOO_FEW_THERAPISTS
from matcher.learning.crossed import Dyads, crossed_fit
from matcher.learning.outcomes import Flags, Floats, OutOfFold, Rows
from matcher.learning.ratings import dyads_of
from matcher.suppression import FEWEST

EXPERIENCE = "experience"
N_KNOTS = 5
FEWEST_ON_CURVE = 10  # therapists whose years are known; with fewer, a curve would be a portrait of them
LEVEL = 0.05
BEND_SD = 0.1  # a guess, in standard deviations of the outcome: no curve is taken to be exactly a line


@dataclass(frozen=True, eq=False)
class Curve:
    """A curve ready to be drawn.

    ``at`` (m,) are years, or a factor's value beside what is usual for the client; ``effect`` (m,) how far the expected
    early score of pairs there lies above or below the clinic's average pair, on the scale of the scores, with a 95 %
    band for each point. All three are NaN over a stretch behind which stand fewer than five therapists or clients.
    ``edges`` bound the stretches, ``shown`` says which are drawn. ``differs`` is whether the curve is detectably not
    flat (at .05). Where ``too_little`` names a reason the arrays are empty.
    """

    factor: str
    at: Floats
    effect: Floats
    lower95: Floats
    upper95: Floats
    edges: Floats
    shown: Flags
    differs: bool
    too_little: str | None = None

    def document(self) -> dict[str, Any]:
        """All of it as JSON values; points that are not drawn are None."""
        drawn = {
            name: getattr(self, name).tolist() for name in ("at", "effect", "lower95", "upper95", "edges", "shown")
        }
        told = {name: [None if each != each else each for each in values] for name, values in drawn.items()}
        return {"factor": self.factor, **told, "differs": self.differs, "too_little": self.too_little}


def experience_curve(outcomes: OutOfFold, *, n_points: int = 61) -> Curve:
    """How early alliance goes with the therapist's years in practice, here.

    Parameters
    ----------
    outcomes : OutOfFold
        What ``out_of_fold`` made of the ratings.
    n_points : int
        How many points to draw, 2 or more, evenly spaced over the years of those who were rated.

    Returns
    -------
    Curve
        In years. It is for looking at: years weigh 0 unless the clinic gives them a weight.

    Raises
    ------
    InvalidInput
        For fewer than two points.

    Notes
    -----
    As ``factor_curve``, along years rather than along the factor that is made of them.

    Examples
    --------
    >>> import numpy as np
    >>> from matcher import experience_curve, out_of_fold, simulate
    >>> clinic = simulate(np.random.default_rng(1), n_therapists=10, n_clients=30)
    >>> experience_curve(out_of_fold(clinic.intakes, clinic.therapists, clinic.ratings)).too_little
    'too_few_clients'
    """
    return _curve(EXPERIENCE, outcomes.years, outcomes, n_points)


def factor_curve(outcomes: OutOfFold, factor: str, *, n_points: int = 61) -> Curve:
    """How early alliance goes with one factor, here.

    Parameters
    ----------
    outcomes : OutOfFold
        What ``out_of_fold`` made of the ratings.
    factor : str
        Code of a factor other than the alliance.
    n_points : int
        How many points to draw, 2 or more, evenly spaced over the values of the pairs who rated.

    Returns
    -------
    Curve
        Along the factor's value less its mean over the clinic's therapists for the same client: 0 is what is usual.

    Raises
    ------
    InvalidInput
        For an unknown factor, the alliance, or fewer than two points.

    Notes
    -----
    score_ct − typical_c = intercept + line · x + Σ_k bend_k(x) + client_c + therapist_t + dyad_ct, a natural cubic
    spline in x whose line is free and whose bends are drawn to 0 by a variance of their own: REML's, but never below
    a tenth of the outcome's spread, since a bend that was not seen would else narrow the band silently. ``typical_c``
    is the score expected, out of fold, of this client with the clinic's typical therapist. Unlike a learned weight,
    which is what a factor adds beside the model, the curve holds all that goes with the factor, other things included:
    it is no effect of it. The band is pointwise, mean ± 1.96 sd given the variances; therapists count, not ratings.

    References
    ----------
    Durrleman, Simon (1989), Flexible regression models with cubic splines, Statistics in Medicine 8.
    Goldberg et al. (2016), Do psychotherapists improve with time and experience?, J. Counseling Psychology 63.

    Examples
    --------
    >>> import numpy as np
    >>> from matcher import factor_curve, out_of_fold, simulate
    >>> clinic = simulate(np.random.default_rng(1), n_therapists=10, n_clients=30)
    >>> factor_curve(out_of_fold(clinic.intakes, clinic.therapists, clinic.ratings), "preference_fit").too_little
    'too_few_clients'
    """
    if factor not in CODES or factor == ALLIANCE:
        raise InvalidInput("factor", factor, f"use one of: {', '.join(code for code in CODES if code != ALLIANCE)}")
    row = CODES.index(factor)
    return _curve(factor, outcomes.values[row] - outcomes.usual[row], outcomes, n_points)


def _curve(factor: str, x: Floats, outcomes: OutOfFold, n_points: int) -> Curve:
    if n_points < 2:
        raise InvalidInput("n_points", n_points, "ask for two points or more")
    known = np.isfinite(x)
    reason = outcomes.too_little or _too_little(x[known], outcomes.client[known], outcomes.therapist[known])
    if reason is not None:
        none = np.zeros(0)
        return Curve(factor, none, none, none, none, none, none > 0, False, reason)
    knots = _knots(x[known])
    at = np.linspace(x[known].min(), x[known].max(), n_points)
    effect, sd, differs = _fitted(x, known, knots, at, outcomes)
    shown = _shown(x[known], outcomes.client[known], outcomes.therapist[known], knots)
    seen = shown[np.clip(np.searchsorted(knots, at, side="right") - 1, 0, len(shown) - 1)]
    effect[~seen] = np.nan
    return Curve(factor, at, effect, effect - NORMAL_95 * sd, effect + NORMAL_95 * sd, knots, shown, differs)


def _too_little(x: Floats, client: Rows, therapist: Rows) -> str | None:
    if len(np.unique(client)) < FEWEST_CLIENTS:
        return TOO_FEW_CLIENTS
    few = len(np.unique(therapist)) < FEWEST_ON_CURVE or len(np.unique(x)) < N_KNOTS
    return TOO_FEW_THERAPISTS if few else None


def _knots(x: Floats) -> Floats:
    """Quantiles of the different values, from the lowest to the highest: few stand between two of them nowhere."""
    return np.quantile(np.unique(x), np.linspace(0, 1, N_KNOTS))


def _shown(x: Floats, client: Rows, therapist: Rows, knots: Floats) -> Flags:
    """Whether five clients and five therapists stand behind each stretch between two knots."""
    stretch = np.clip(np.searchsorted(knots, x, side="right") - 1, 0, len(knots) - 2)
    people = [(client[stretch == k], therapist[stretch == k]) for k in range(len(knots) - 1)]
    return np.array([min(len(np.unique(c)), len(np.unique(t))) >= FEWEST for c, t in people])


def _basis(x: Floats, knots: Floats) -> Floats:
    """A line and natural cubic bends, (n, knots − 1): each bend is straight beyond the outer knots."""
    low, length = knots[0], knots[-1] - knots[0]
    u, k = (x - low) / length, (knots - low) / length

    def above(knot: float) -> Floats:
        return np.asarray(np.maximum(u - knot, 0.0) ** 3)

    def slope(knot: float) -> Floats:
        return np.asarray((above(knot) - above(k[-1])) / (k[-1] - knot))

    return np.column_stack([u, *(slope(knot) - slope(k[-2]) for knot in k[:-2])])


def _fitted(x: Floats, known: Flags, knots: Floats, at: Floats, outcomes: OutOfFold) -> tuple[Floats, Floats, bool]:
    """The curve's height above its average over pairs, the sd of that, and whether it is detectably not flat."""
    dyads = dyads_of(outcomes, outcomes.outcome - outcomes.typical).take(np.flatnonzero(known))
    basis, unit = _basis(x[known], knots), float(np.std(dyads.outcome))
    middle = basis.mean(axis=0)
    columns = unit * np.column_stack([np.ones(len(basis)), basis - middle])
    fit = crossed_fit(dyads, columns, np.arange(columns.shape[1]) > 1, least=BEND_SD)
    drawn: Floats = unit * (_basis(at, knots) - middle)
    sd = np.sqrt(np.sum((drawn @ fit.covariance[1:, 1:]) * drawn, axis=1))
    return drawn @ fit.coefficients[1:], sd, _differs(dyads, columns)


def _differs(dyads: Dyads, columns: Floats) -> bool:
    """Wald's F test of the line and all bends together, none of them penalised; therapists are the cases."""
    from scipy.special import fdtrc

    fit = crossed_fit(dyads, columns, np.zeros(columns.shape[1], dtype=bool))
    found, n_tested = fit.coefficients[1:], columns.shape[1] - 1
    wald = float(found @ np.linalg.solve(fit.covariance[1:, 1:], found)) / n_tested
    freedom = len(np.unique(dyads.therapist)) - columns.shape[1]
    return bool(fdtrc(n_tested, freedom, wald) < LEVEL)
