"""Factors and weights → a ranked, explained list."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from matcher.eligibility import RefusalTable, refusals
from matcher.encoding import ClientArrays, Directory
from matcher.encoding.bits import Floats
from matcher.entities import Contribution, Intake, MatchList, Outlook, RankedMatch, Weights
from matcher.errors import InvalidInput
from matcher.explanation import explained
from matcher.factors.base import Circumstances, Pair
from matcher.factors.registry import FACTORS
from matcher.index import Found, search
from matcher.remedies import ENOUGH, remedies
from matcher.scoring import best, scores
from matcher.weights import DEFAULT, normalised

if TYPE_CHECKING:
    from matcher.outlook import ClinicModel


def rank(
    intake: Intake,
    directory: Directory,
    *,
    weights: Weights = DEFAULT,
    model: ClinicModel | None = None,
    today: date | None = None,
    top: int | None = None,
) -> MatchList:
    """Everyone who can be offered to a client, best first, each with the reasons.

    Parameters
    ----------
    intake : Intake
        The client. What they did not say is asked of nobody.
    directory : Directory
        The therapists, n rows.
    weights : Weights
        How much each factor counts; rounded to the grid of ``matcher.weights`` where they are not on it.
    model : ClinicModel or None
        The clinic's alliance model. Without one the alliance factor is neutral, and the note ``no_model`` says so.
    today : date or None
        The day from which waiting is counted. Without it, waiting is left out.
    top : int or None
        At most so many matches, 1 or more; None for all who are eligible.

    Returns
    -------
    MatchList
        Matches by falling score (in [0, 1]), ties by therapist id; refusals in the order of ids; remedies where fewer
        than three are eligible. The same input gives the same list, whatever the order of the therapists was.

    Raises
    ------
    InvalidInput
        For ``top`` below 1 or weights that cannot be normalised.

    Notes
    -----
    score(c, t) = Σ_k weight_k · factor_k(c, t) over eligible pairs only. No factor looks at the other therapists, so a
    therapist who leaves changes nobody else's score. Weights and values are multiples of 2^-26: each ``points`` is
    exactly ``weight · value``, and the points add up to the score to the last bit, in any order.

    Examples
    --------
    >>> from matcher import Directory, rank
    >>> from matcher.entities import Intake, Therapist
    >>> ana = Therapist(id="ana", name="Ana", profession="psychologist", licence_regions=("DE",),
    ...                 concerns={"grief": 3}, languages=("de",), formats=("online",), capacity=2)
    >>> ben = Therapist(id="ben", name="Ben", profession="counsellor", licence_regions=("DE",),
    ...                 concerns={"panic": 2}, languages=("de",), formats=("online",), capacity=1)
    >>> answer = rank(Intake(id="c1", concerns=("grief",)), Directory.of([ben, ana]))
    >>> [match.therapist_id for match in answer.matches], answer.notes
    (['ana', 'ben'], ('no_model', 'few_matches'))
    """
    if top is not None and top < 1:
        raise InvalidInput("top", top, "ask for at least one match, or None for all")
    weights = normalised(weights.values, version=weights.version)
    clients = ClientArrays.of((intake,))
    refused = refusals(clients, directory)[0]
    found = search(clients, directory, weights, model=model, today=today, top=top)
    return MatchList(
        intake_id=intake.id,
        matches=_matches(_offer(clients, directory, found, weights, model, today), model),
        refusals=RefusalTable(directory.ids[refused != 0], refused[refused != 0]),
        remedies=remedies(intake, directory) if found.n_eligible < ENOUGH else (),
        weights_version=weights.version,
        model_version=None if model is None else model.version,
        notes=_notes(found.n_eligible, len(directory), model),
    )


@dataclass(frozen=True, eq=False)
class Offer:
    """One client, those who are offered, and all that the score is made of."""

    clients: ClientArrays
    directory: Directory
    circumstances: Circumstances
    values: Floats
    weights: Weights


def _offer(
    clients: ClientArrays,
    directory: Directory,
    found: Found,
    weights: Weights,
    model: ClinicModel | None,
    today: date | None,
) -> Offer:
    """What was found, in the order of ids."""
    order = np.argsort(found.rows)
    rows = found.rows[order]
    standing = None if model is None else model.standing(clients, directory, rows)
    values = found.values[:, None, order]
    return Offer(clients, directory.part(rows), Circumstances(today, standing), values, weights)


def _matches(offer: Offer, model: ClinicModel | None) -> tuple[RankedMatch, ...]:
    score = scores(offer.values, offer.weights)[0]
    order = best(score, None)
    outlooks = _outlooks(offer, order, model)
    return tuple(
        _match(offer, int(row), place, float(score[row]), outlooks.get(int(row)))
        for place, row in enumerate(order, start=1)
    )


def _outlooks(offer: Offer, order: NDArray[np.intp], model: ClinicModel | None) -> dict[int, Outlook]:
    if model is None or not len(order):
        return {}
    outlook = model.outlook(offer.clients, offer.directory)
    return {int(row): outlook.at(0, int(row)) for row in order}


def _match(offer: Offer, row: int, place: int, score: float, outlook: Outlook | None) -> RankedMatch:
    contributions = tuple(
        Contribution(factor.code, value, weight, weight * value)
        for factor, value in zip(FACTORS, offer.values[:, 0, row].tolist(), strict=True)
        for weight in (offer.weights.values[factor.code],)
    )
    one = np.array([row])
    pair = Pair(offer.clients, offer.directory.part(one), offer.circumstances.take(one), outlook)
    reasons, caution = explained(pair, contributions)
    return RankedMatch(str(pair.therapist.ids[0]), place, score, contributions, reasons, caution, outlook)


def _notes(n_eligible: int, n_therapists: int, model: ClinicModel | None) -> tuple[str, ...]:
    notes = [] if model is not None else ["no_model"]
    if n_therapists == 0:
        notes.append("empty_directory")
    elif n_eligible < ENOUGH:
        notes.append("few_matches" if n_eligible else "no_match")
    return tuple(notes)
