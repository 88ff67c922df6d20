"""How likely a therapist would have stood at a place of a list, had other weights made it."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import numpy as np

from matcher import checks
from matcher.eligibility import refusals
from matcher.encoding import ClientArrays, Directory
from matcher.encoding.bits import Floats
from matcher.entities import Intake, Weights
from matcher.exploration import PLACES, guarded, place_chances, pool
from matcher.factors.base import Circumstances
from matcher.ranking import Offer, near_ties
from matcher.scoring import best, factor_values, scores
from matcher.weights import normalised

if TYPE_CHECKING:
    from matcher.outlook import ClinicModel


def place_chance(
    intake: Intake,
    directory: Directory,
    therapist_id: str,
    place: int,
    *,
    weights: Weights,
    model: ClinicModel | None = None,
    today: date | None = None,
    seed: int | None,
) -> float:
    """The chance that a therapist stands at a place of the list that these weights make of an intake.

    Parameters
    ----------
    intake, directory, weights, model, today
        As ``rank`` takes them.
    therapist_id : str
        Who; 0 for somebody who is not in the directory, or may not be offered.
    place : int
        1 … 20, the places that are drawn.
    seed : int or None
        As the list that was shown had it, 0 … 2^63 − 1; None for one that was not drawn. The chance is counted over
        the same draws, so that under the weights that made the list it is the propensity that was kept with it.

    Returns
    -------
    float
        From 0 to 1; 0 or 1 where nothing is drawn: without a model, and for a client at risk.

    Raises
    ------
    InvalidInput
        For a place outside 1 … 20, or weights that cannot be normalised.

    Examples
    --------
    >>> from matcher import DEFAULT_WEIGHTS, Directory, place_chance
    >>> from matcher.entities import Intake, Therapist
    >>> ana = Therapist(id="ana", name="Ana", profession="psychologist", licence_regions=("DE",),
    ...                 concerns={"grief": 3}, languages=("de",), formats=("online",), capacity=2)
    >>> asked, here = Intake(id="c1", concerns=("grief",)), Directory.of([ana])
    >>> place_chance(asked, here, "ana", 1, weights=DEFAULT_WEIGHTS, seed=7)
    1.0
    """
    checks.whole(place, "place", 1, PLACES)
    weights = normalised(weights.values, version=weights.version)
    clients = ClientArrays.of((intake,))
    rows = np.flatnonzero(refusals(clients, directory)[0] == 0)
    at = np.flatnonzero(directory.ids[rows] == therapist_id)
    if not len(at):
        return 0.0
    offered = directory.take(rows)
    here = Circumstances(today, None if model is None else model.standing(clients, directory, rows))
    values = factor_values(clients, offered, here)
    offer = Offer(clients, offered, here, values, weights, np.zeros(len(rows)))
    score = scores(values, weights)[0]
    strict = best(score, PLACES)
    if model is None or seed is None or guarded(intake):
        return float(place <= len(strict) and strict[place - 1] == at[0])
    return _drawn(offer, score, model, int(at[0]), place, seed)


def _drawn(offer: Offer, score: Floats, model: ClinicModel, at: int, place: int, seed: int) -> float:
    """The same where near-ties are drawn; ``at`` is their row among those who may be offered."""
    tied = pool(score, best(score, None), PLACES)
    of = np.flatnonzero(tied == at)
    if not len(of) or place > len(tied):
        return 0.0
    asked = np.sort(tied)
    doubt = model.outlook(offer.clients, offer.directory.take(asked)).doubt[0, np.searchsorted(asked, tied)]
    return float(place_chances(near_ties(offer, score, tied, doubt), PLACES, seed)[of[0], place - 1])
