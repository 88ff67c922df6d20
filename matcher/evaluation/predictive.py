"""What is predicted for single scores, as a distribution, and what that says of the scores that came."""

from __future__ import annotations

import copy
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from matcher.encoding import ClientArrays, Directory, client_features, match_features, therapist_features
from matcher.entities import Scale
from matcher.evaluation.checked import Floats, Rows

if TYPE_CHECKING:
    from matcher.outlook import ClinicModel

RESIDUAL = "residual"


@dataclass(frozen=True, eq=False)
class Expected:
    """For each rating, (n,): the expected score, and the standard deviation of a single score around it."""

    mean: Floats
    sd: Floats


@dataclass(frozen=True, eq=False)
class Observed:
    """What a predictive distribution says of each score that came, (n,).

    ``below`` is P(score < observed), ``upto`` P(score ≤ observed), ``log_probability`` the log of what lies between,
    which stays finite where that is too small for a number.
    """

    below: Floats
    upto: Floats
    log_probability: Floats


def observed(expected: Expected, score: Floats, scale: Scale) -> Observed:
    """Scores against normal distributions that are read off in the scale's steps.

    A score stands for all within half a step of it, the lowest and the highest for everything beyond too. No
    distribution is narrower than the rounding to steps, √(step²/12): a model that is sure of one value is still finite.
    """
    from scipy.special import log_ndtr, ndtr

    sd = np.maximum(expected.sd, scale.step / math.sqrt(12))
    half = scale.step / 2
    low = np.where(score - half <= scale.lowest, -np.inf, (score - half - expected.mean) / sd)
    high = np.where(score + half >= scale.top, np.inf, (score + half - expected.mean) / sd)
    # in the upper tail both are near 1 and their difference would vanish: turned round, it does not
    turned = low > 0
    left, right = np.where(turned, -high, low), np.where(turned, -low, high)
    upper, lower = log_ndtr(right), log_ndtr(left)
    return Observed(ndtr(low), ndtr(high), np.asarray(upper + np.log1p(-np.exp(lower - upper))))


def expected_of(
    model: ClinicModel, clients: ClientArrays, directory: Directory, c: Rows, t: Rows, session: Floats
) -> Expected:
    """What a clinic's model expects of ratings: rows ``c`` of the clients, ``t`` of the directory, and their sessions.

    The variance of a single score is the posterior variance of the pair's expected score and the residual variance.
    """
    mean, variance = np.zeros(len(c)), np.zeros(len(c))
    features, theirs = client_features(clients), therapist_features(directory)
    alliance = copy.copy(model.alliance)
    for number in np.unique(session).tolist():
        at = np.flatnonzero(session == number)
        table = {"client_id": features["client_id"][c[at]], "therapist_id": directory.ids[t[at]]}
        forecast = alliance.set_params(typical_session=number).forecast(
            table | match_features(clients, directory, (c[at], t[at])), clients=features, therapists=theirs
        )
        mean[at], variance[at] = forecast.mean, forecast.sd**2
    residual = sum(part.variance for part in model.alliance.components_ if part.name == RESIDUAL)
    return Expected(mean, np.sqrt(variance + residual))
