"""Factors and weights → a ranked, explained list."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
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
from matcher.exploration import PLACES, WAITING, NearTies, drawn, guarded, pool
from matcher.factors.alliance import ALLIANCE
from matcher.factors.base import Circumstances, Pair
from matcher.factors.registry import FACTORS
from matcher.index import Found, search
from matcher.remedies import ENOUGH, remedies
from matcher.scoring import best, scores
from matcher.weights import DEFAULT, GRID, normalised

if TYPE_CHECKING:
    from matcher.outlook import ClinicModel

RULES = "1"  # to be raised with whatever lets the same grounds make another list


def rank(
    intake: Intake,
    directory: Directory,
    *,
    weights: Weights = DEFAULT,
    model: ClinicModel | None = None,
    today: date | None = None,
    top: int | None = None,
    seed: int | None = None,
    prices: Mapping[str, float] | None = None,
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
    seed : int or None
        With a seed, 0 … 2^63 − 1, near-ties among the first twenty stand in an order that is drawn
        (``matcher.exploration``); never for a client at risk, and not without a model. None for the strict order.
    prices : mapping of therapist id to number, or None
        Points that are taken off a therapist's score in [0, 1] before the order is made, 0 or more: what a place with
        them is worth to others who wait. Whoever is not named costs nothing.

    Returns
    -------
    MatchList
        Matches by falling score less price (the score in [0, 1]), ties by therapist id, near-ties as drawn; refusals in
        the order of ids; remedies where fewer than three are eligible. The same input gives the same list, whatever the
        order of the therapists was.

    Raises
    ------
    InvalidInput
        For ``top`` below 1, weights that cannot be normalised, a seed that is no whole number in its range, or a price
        that is no finite number of 0 or more or of nobody in the directory.

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
    found = search(clients, directory, weights, model=model, today=today, top=_looked_at(top, prices))
    offer = _offer(clients, directory, found, Circumstances(today), weights, model, _prices(prices or {}, directory))
    ordered = _ordered(offer, top, model, None if guarded(intake) else _seed(seed))
    return MatchList(
        intake_id=intake.id,
        matches=tuple(_match(offer, ordered, place) for place in range(len(ordered.rows))),
        refusals=RefusalTable(directory.ids[refused != 0], refused[refused != 0]),
        remedies=remedies(intake, directory) if found.n_eligible < ENOUGH else (),
        weights_version=weights.version,
        model_version=None if model is None else model.version,
        notes=_notes(found.n_eligible, len(directory), model, ordered),
    )


@dataclass(frozen=True, eq=False)
class Offer:
    """One client, those who are offered, and all that the score is made of."""

    clients: ClientArrays
    directory: Directory
    circumstances: Circumstances
    values: Floats
    weights: Weights
    prices: Floats


def _looked_at(top: int | None, prices: Mapping[str, float] | None) -> int | None:
    """How many of the best by score the order is made of: prices may bring up anybody."""
    return None if top is None or prices else max(top, PLACES) + WAITING


def _offer(
    clients: ClientArrays,
    directory: Directory,
    found: Found,
    circumstances: Circumstances,
    weights: Weights,
    model: ClinicModel | None,
    prices: Floats,
) -> Offer:
    """Those who were found, in the order of ids."""
    order = np.argsort(found.rows)
    rows = found.rows[order]
    standing = None if model is None else model.standing(clients, directory, rows)
    here, values = replace(circumstances, standing=standing), found.values[:, None, order]
    return Offer(clients, directory.part(rows), here, values, weights, prices[rows])


@dataclass(frozen=True, eq=False)
class _Ordered:
    """Who stands in the list, by place: rows of the offer, scores, outlooks, propensities; ``mixed`` where any place
    is another than that of the strict order, ``priced`` where prices make the strict order another."""

    rows: NDArray[np.intp]
    score: Floats
    outlooks: Mapping[int, Outlook]
    propensities: Floats
    mixed: bool
    priced: bool


def _ordered(offer: Offer, top: int | None, model: ClinicModel | None, seed: int | None) -> _Ordered:
    score = scores(offer.values, offer.weights)[0]
    net = score - offer.prices
    strict = best(net, None if top is None else max(top, PLACES) + WAITING)
    rows, propensities = strict[:top], np.ones(len(strict[:top]))
    tied = pool(net, strict, PLACES) if seed is not None and model is not None else strict[:0]
    asked = np.union1d(rows, tied)
    table = model.outlook(offer.clients, offer.directory.part(asked)) if model is not None and len(asked) else None
    if table is not None and seed is not None and len(tied):
        first, propensities = drawn(
            near_ties(offer, net, tied, table.doubt[0, np.searchsorted(asked, tied)]), PLACES, seed
        )
        first = tied[first]
        rest = strict[~np.isin(strict, first)]
        rows = np.concatenate([first, rest])[:top]
        propensities = np.concatenate([propensities, np.full(len(rest), np.nan)])[: len(rows)]
    outlooks = {} if table is None else {int(row): table.at(0, int(np.searchsorted(asked, row))) for row in rows}
    mixed = bool((rows != strict[: len(rows)]).any())
    priced = bool(offer.prices.any()) and bool((best(score, len(rows)) != strict[: len(rows)]).any())
    return _Ordered(rows, score, outlooks, propensities, mixed, priced)


def near_ties(offer: Offer, net: Floats, rows: NDArray[np.intp], doubt: Floats) -> NearTies:
    """Rows of an offer, best first, as the draw takes them; ``doubt`` is that of each of them."""
    standing = offer.circumstances.standing
    assert standing is not None
    ids = tuple(map(str, offer.directory.ids[rows]))
    return NearTies(ids, net[rows], standing[0, rows], doubt, offer.weights.values[ALLIANCE.code])


def _prices(prices: Mapping[str, float], directory: Directory) -> Floats:
    """A price for each row of the directory, on the grid, so that what it leaves of a score is exact."""
    found = np.zeros(len(directory))
    for therapist_id, price in prices.items():
        row = directory.row(therapist_id)
        if row is None:
            raise InvalidInput("prices", therapist_id, "no such therapist is in the directory")
        if not (math.isfinite(price) and price >= 0):
            raise InvalidInput(f"prices.{therapist_id}", price, "expected a finite number, 0 or more")
        found[row] = round(price * GRID) / GRID
    return found


def _seed(seed: int | None) -> int | None:
    if seed is not None and (isinstance(seed, bool) or not isinstance(seed, int) or not 0 <= seed < 2**63):
        raise InvalidInput("seed", seed, "expected a whole number from 0 to 2^63 − 1, or None for the strict order")
    return seed


def _match(offer: Offer, ordered: _Ordered, place: int) -> RankedMatch:
    row = int(ordered.rows[place])
    contributions = tuple(
        Contribution(factor.code, value, weight, weight * value)
        for factor, value in zip(FACTORS, offer.values[:, 0, row].tolist(), strict=True)
        for weight in (offer.weights.values[factor.code],)
    )
    one = np.array([row])
    outlook = ordered.outlooks.get(row)
    pair = Pair(offer.clients, offer.directory.part(one), offer.circumstances.take(one), outlook)
    reasons, caution = explained(pair, contributions)
    return RankedMatch(
        str(pair.therapist.ids[0]),
        place + 1,
        float(ordered.score[row]),
        contributions,
        reasons,
        caution,
        outlook,
        float(offer.prices[row]),
        None if np.isnan(ordered.propensities[place]) else float(ordered.propensities[place]),
    )


def _notes(n_eligible: int, n_therapists: int, model: ClinicModel | None, ordered: _Ordered) -> tuple[str, ...]:
    notes = [] if model is not None else ["no_model"]
    if ordered.mixed:
        notes.append("near_ties")
    if ordered.priced:
        notes.append("scarce_places")
    if n_therapists == 0:
        notes.append("empty_directory")
    elif n_eligible < ENOUGH:
        notes.append("few_matches" if n_eligible else "no_match")
    return tuple(notes)
