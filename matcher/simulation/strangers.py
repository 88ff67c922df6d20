"""Courses of clients who are strangers to each other, with what can be known of each before: no clinic around them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from matcher.encoding.bits import Flags, Floats
from matcher.entities import CHECK_IN
from matcher.simulation.courses import TYPICAL_SESSION, follow
from matcher.simulation.scores import Ruler
from matcher.simulation.truth import EXPLAINED_OF_CLIENT, TREND, Shares, Truth
from matcher.trajectory.prior import CoursePrior


@dataclass(frozen=True, eq=False)
class Strangers:
    """n courses: what is known before, by somebody who knows all parameters; each dyad's true ``level`` beside it, in
    the scale's units; scores (n, sessions) with NaN where a form is missing, and which sessions were held."""

    prior: CoursePrior
    level: Floats
    scores: Floats
    held: Flags


def strangers(rng: np.random.Generator, n: int, dyad_share: float) -> Strangers:
    """Courses in which nothing changes. Features explain their share of dyads and clients, and therapists are known."""
    shares = Shares.of(dyad_share)
    unknown = shares.dyad + (1 - EXPLAINED_OF_CLIENT) * shares.client
    known = shares.match + EXPLAINED_OF_CLIENT * shares.client + shares.therapist
    expected, level = rng.normal(0, np.sqrt(known), n), rng.normal(0, np.sqrt(unknown), n)
    truth = Truth(shares, expected, np.zeros(1), np.zeros((n, 1)), level[:, None])
    courses, _ = follow(rng, truth, np.arange(n), np.zeros(n, dtype=np.intp))
    ruler = Ruler.with_ceiling(courses.alliance[courses.form], CHECK_IN)
    prior = CoursePrior(
        mean=ruler.latent(expected - TREND * np.log(TYPICAL_SESSION)),
        sd=np.full(n, ruler.unit * np.sqrt(unknown)),
        trend=np.full(n, ruler.unit * TREND),
        session_sd=ruler.unit * truth.session_sd,
        scale=CHECK_IN,
    )
    scores = np.where(courses.form, ruler.score(courses.alliance), np.nan)
    return Strangers(prior, ruler.unit * level, scores, courses.held)
