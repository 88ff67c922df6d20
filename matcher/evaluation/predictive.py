"""What is predicted for single scores, as a distribution, and what that says of the scores that came."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from matcher.encoding import ClientArrays, Directory, client_features, match_features, therapist_features
from matcher.entities import Scale
from matcher.evaluation.checked import Floats, Rows

if TYPE_CHECKING:
    from matcher.outlook import ClinicModel


@dataclass(frozen=True, eq=False)
class Expected:
    """For each rating, (n,): the expected score; and the normal distribution of a single latent score, which is read in
    the scale's steps. Its mean is beyond the top where most scores are the top one; by default the expected score."""

    mean: Floats
    sd: Floats
    latent: Floats | None = None

    @property
    def centre(self) -> Floats:
        return self.mean if self.latent is None else self.latent


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
    low = np.where(score - half <= scale.lowest, -np.inf, (score - half - expected.centre) / sd)
    high = np.where(score + half >= scale.top, np.inf, (score + half - expected.centre) / sd)
    # in the upper tail both are near 1 and their difference would vanish: turned round, it does not
    turned = low > 0
    left, right = np.where(turned, -high, low), np.where(turned, -low, high)
    upper, lower = log_ndtr(right), log_ndtr(left)
    return Observed(ndtr(low), ndtr(high), np.asarray(upper + np.log1p(-np.exp(lower - upper))))


def expected_of(
    model: ClinicModel, clients: ClientArrays, directory: Directory, c: Rows, t: Rows, session: Floats
) -> Expected:
    """What a clinic's model expects of ratings: ``c`` of the clients, ``t`` of the directory, and their sessions."""
    features, theirs = client_features(clients), therapist_features(directory)
    table = {"client_id": features["client_id"][c], "therapist_id": directory.ids[t], "session": session}
    found = model.alliance.distribution(
        table | match_features(clients, directory, (c, t)), clients=features, therapists=theirs
    )
    return Expected(found.expected(), found.sd, found.mean)
