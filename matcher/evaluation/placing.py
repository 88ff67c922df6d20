"""Who would have stood at a place of a list, and how likely, had other weights made it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from math import nan
from typing import TYPE_CHECKING

import numpy as np

from matcher import checks
from matcher.eligibility import refusals
from matcher.encoding import ClientArrays, Directory
from matcher.encoding.bits import Floats
from matcher.entities import Intake, Weights
from matcher.exploration import PLACES, guarded, place_chances, pool
from matcher.factors.alliance import ALLIANCE
from matcher.factors.base import Circumstances
from matcher.factors.registry import FACTORS
from matcher.ranking import Offer, near_ties
from matcher.scoring import best, factor_values, scores
from matcher.weights import normalised

if TYPE_CHECKING:
    from matcher.outlook import ClinicModel


@dataclass(frozen=True, slots=True)
class AtPlace:
    """Who would stand at a place of a list.

    Parameters
    ----------
    chance : float
        That one therapist stands there, from 0 to 1.
    standing : float
        Φ of where a model sees this therapist among typical ones, from 0 to 1; NaN without a model, and where they may
        not be offered.
    average : float
        The same of whoever would stand there, weighed by their chances; NaN, too, where nobody would.

    Examples
    --------
    >>> from matcher import AtPlace
    >>> AtPlace(chance=0.4, standing=0.7, average=0.65).chance
    0.4
    """

    chance: float
    standing: float
    average: float


def at_place(
    intake: Intake,
    directory: Directory,
    therapist_id: str,
    place: int,
    *,
    weights: Weights,
    model: ClinicModel | None = None,
    today: date | None = None,
    seed: int | None,
) -> AtPlace:
    """The chance that a therapist stands at a place of the list that these weights make of an intake, and who else may.

    Parameters
    ----------
    intake, directory, weights, model, today
        As ``rank`` takes them.
    therapist_id : str
        Who; their chance is 0 where they are not in the directory, or may not be offered.
    place : int
        1 … 20, the places that are drawn.
    seed : int or None
        As the list that was shown had it, 0 … 2^63 − 1; None for one that was not drawn. The chance is counted over
        the same draws, so that under the weights that made the list it is the propensity that was kept with it.

    Returns
    -------
    AtPlace
        Its chance is 0 or 1 where nothing is drawn: without a model, and for a client at risk.

    Raises
    ------
    InvalidInput
        For a place outside 1 … 20, or weights that cannot be normalised.

    Examples
    --------
    >>> from matcher import DEFAULT_WEIGHTS, Directory, at_place
    >>> from matcher.entities import Intake, Therapist
    >>> ana = Therapist(id="ana", name="Ana", profession="psychologist", licence_regions=("DE",),
    ...                 concerns={"grief": 3}, languages=("de",), formats=("online",), capacity=2)
    >>> asked, here = Intake(id="c1", concerns=("grief",)), Directory.of([ana])
    >>> at_place(asked, here, "ana", 1, weights=DEFAULT_WEIGHTS, seed=7).chance
    1.0
    """
    checks.whole(place, "place", 1, PLACES)
    weights = normalised(weights.values, version=weights.version)
    clients = ClientArrays.of((intake,))
    rows = np.flatnonzero(refusals(clients, directory)[0] == 0)
    at = np.flatnonzero(directory.ids[rows] == therapist_id)
    if not len(at):
        return AtPlace(0.0, nan, nan)
    offered = directory.take(rows)
    standing = None if model is None else model.standing(clients, directory, rows)
    here = Circumstances(today, standing)
    values = factor_values(clients, offered, here)
    offer = Offer(clients, offered, here, values, weights, np.zeros(len(rows)))
    score = scores(values, weights)[0]
    if model is None or seed is None or guarded(intake):
        chances = _certain(score, place)
    else:
        chances = _drawn(offer, score, model, place, seed)
    seen = np.full(len(rows), nan) if standing is None else values[FACTORS.index(ALLIANCE), 0]
    average = float(chances @ seen) if chances.any() else nan
    return AtPlace(float(chances[at[0]]), float(seen[at[0]]), average)


def _certain(score: Floats, place: int) -> Floats:
    """1 for whoever stands at the place in strict order, (therapists,)."""
    chances = np.zeros(len(score))
    chances[best(score, PLACES)[place - 1 : place]] = 1.0
    return chances


def _drawn(offer: Offer, score: Floats, model: ClinicModel, place: int, seed: int) -> Floats:
    """The chances of all who may be offered where near-ties are drawn, (therapists,)."""
    tied = pool(score, best(score, None), PLACES)
    chances = np.zeros(len(score))
    if place <= len(tied):
        asked = np.sort(tied)
        doubt = model.outlook(offer.clients, offer.directory.take(asked)).doubt[0, np.searchsorted(asked, tied)]
        chances[tied] = place_chances(near_ties(offer, score, tied, doubt), PLACES, seed)[:, place - 1]
    return chances
