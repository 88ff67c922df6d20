"""Weights from a clinic's ratings: how much each factor adds to what the alliance model expects of a pair."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np

from matcher.entities import Weights
from matcher.learning.answer import (
    ALLIANCE,
    CODES,
    DEFAULT_RELATIVE,
    FEWEST_TELLING,
    NO_ALLIANCE_WEIGHT,
    NOT_IN_RATINGS,
    OTHERS,
    PRIOR_LOG_SD,
    PRIOR_SD,
    RATINGS,
    SAME_FOR_ALL,
    TELLS_FEW_APART,
    Learned,
    Posterior,
    proposed,
    refused,
)
from matcher.learning.crossed import Dyads, crossed_fit
from matcher.learning.outcomes import Floats, OutOfFold
from matcher.weights import DEFAULT

# Why the others may be judged by ratings and access may not: who did not come because of the wait, the way or the fee
# has rated nothing; and the diary of the day they met is not kept.
NOT_TAUGHT = ("access",)


def learned_from_ratings(
    outcomes: OutOfFold,
    *,
    serving: Weights = DEFAULT,
    not_taught: Collection[str] = NOT_TAUGHT,
    version: str = "learned-from-ratings",
) -> Learned:
    """The weights that a clinic's ratings propose, with how sure they are.

    Parameters
    ----------
    outcomes : OutOfFold
        What ``out_of_fold`` made of the ratings.
    serving : Weights
        The weights that serve, beside which each learned one is judged.
    not_taught : collection of factor codes
        Factors that ratings cannot judge; they stay as they serve. Access by default: it decides whether somebody comes
        at all, and only who came has rated.
    version : str
        The name of the proposed weights.

    Returns
    -------
    Learned
        ``taught_by`` is "ratings". A factor that is the same for all, or tells therapists apart for fewer than 20
        clients, stays as it serves, with the reason. Too little to learn from is an answer, with its reason, and no
        error.

    Notes
    -----
    For the pair of client c and therapist t, with E[score] out of fold and κ (``outcomes.unit``) the expected score
    that one step of the alliance factor is worth,

        score_ct − E[score_ct] = intercept + κ · Σ_k relative_k · (factor_k(c,t) − usual_k(c)) + client_c + therapist_t
                                 + dyad_ct
        relative_k ~ N(default_k / default_alliance, prior_sd²)

    The alliance enters as E[score], with its weight fixed to 1; ``relative`` is how much another factor adds beside it.
    ``usual_k(c)`` is the factor's mean over the clinic's therapists for this client, so that clients who are easily
    matched are not taken for clients who are well matched. Variances are REML's. ``prior_sd`` is .25, or
    more where the factors clearly ask for it: ln(prior_sd / .25) is half normal with .3, since seven factors say little
    of it, and few ratings nothing. The interval is mean ± 1.96 sd of the posterior given the variances.

    **What identifies what.** A client has one or two therapists. Factors that depend on both (wishes, style, concerns)
    are identified by all clients, each beside what would have been usual for them, and best by those with two
    therapists, whose own level drops out. Factors of the therapist alone (experience, most of credibility) are
    identified between therapists: their number counts, which the therapist's intercept sees to. Who met whom was no
    lottery; what clients chose by and what is not in the model may be mixed into a weight.

    References
    ----------
    Patterson, Thompson (1971), Recovery of inter-block information when block sizes are unequal, Biometrika 58.
    Mundlak (1978), On the pooling of time series and cross section data, Econometrica 46.

    Examples
    --------
    >>> import numpy as np
    >>> from matcher import learned_from_ratings, out_of_fold, simulate
    >>> clinic = simulate(np.random.default_rng(1), n_therapists=10, n_clients=30)
    >>> outcomes = out_of_fold(clinic.intakes, clinic.therapists, clinic.ratings, scale=clinic.scale)
    >>> learned = learned_from_ratings(outcomes)
    >>> learned.taught_by, learned.too_little, learned.weights
    ('ratings', 'too_few_clients', None)
    """
    if outcomes.too_little is not None:
        return refused(RATINGS, outcomes.too_little, outcomes.n_clients)
    if not serving.values[ALLIANCE] > 0:
        return refused(RATINGS, NO_ALLIANCE_WEIGHT, outcomes.n_clients)
    telling = clients_told_apart(outcomes)
    stays = reasons_to_stay(telling) | {code: NOT_IN_RATINGS for code in OTHERS if code in set(not_taught)}
    taught = tuple(code for code in OTHERS if code not in stays)
    counts = (outcomes.n_clients, len(outcomes.client))
    return proposed(RATINGS, _posterior(outcomes, taught), stays, telling, counts, serving, version)


def clients_told_apart(outcomes: OutOfFold) -> dict[str, int]:
    """For how many clients each other factor tells the clinic's therapists apart."""
    rows = {code: outcomes.tells[CODES.index(code)] for code in OTHERS}
    return {code: len(np.unique(outcomes.client[tells])) for code, tells in rows.items()}


def reasons_to_stay(telling: dict[str, int]) -> dict[str, str]:
    """The factors of which these clients can teach nothing, each with its reason."""
    few = {code: n for code, n in telling.items() if n < FEWEST_TELLING}
    return {code: TELLS_FEW_APART if n else SAME_FOR_ALL for code, n in few.items()}


def _posterior(outcomes: OutOfFold, taught: tuple[str, ...]) -> Posterior:
    """The fit is to what the defaults leave over, so that what is drawn to 0 is the distance from them."""
    rows = [CODES.index(code) for code in taught]
    steps = outcomes.unit * (outcomes.values[rows] - outcomes.usual[rows]).T
    default = np.array([DEFAULT_RELATIVE[code] for code in taught])
    left_over = outcomes.outcome - outcomes.expected - steps @ default
    columns = np.column_stack([np.ones(len(steps)), steps])
    penalised = np.arange(columns.shape[1]) > 0
    fit = crossed_fit(dyads_of(outcomes, left_over), columns, penalised, least=PRIOR_SD, log_sd=PRIOR_LOG_SD)
    covariance = fit.covariance[1:, 1:]
    return Posterior(taught, default + fit.coefficients[1:], covariance, float(np.sqrt(fit.variances["ridge"])))


def dyads_of(outcomes: OutOfFold, outcome: Floats) -> Dyads:
    """An outcome of each pair, with what is chance in it: the sessions' variance over their number."""
    return Dyads(outcome, outcomes.client, outcomes.therapist, outcomes.noise / outcomes.n_ratings)
