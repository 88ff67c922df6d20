"""Invented choosers whose true weights are known: factors of pairs, how the pairs turned out, and who was chosen."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr

from matcher import Choice
from matcher.learning import OutOfFold
from matcher.learning.answer import ALLIANCE, CODES, DEFAULT_RELATIVE, OTHERS, PRIOR_SD
from matcher.learning.logit import LOG_SCALE_SD, PLACE_SD, SCALE
from matcher.weights import DEFAULT

N_THERAPISTS = 60
UNIT = 0.18  # expected score that one step of the alliance factor is worth, as whole simulated clinics have it
CLIENT_SD, THERAPIST_SD, DYAD_SD, SESSION_SD = 0.08, 0.02, 0.05, 0.07
SECOND_PAIR, SECOND_LIST = 0.2, 0.3  # shares of clients with a second therapist, with a second list
N_CANDIDATES, N_SHOWN = 30, 12
NEAR_TIES = 0.05  # spread of what is drawn into the order of a list, in units of the score


@dataclass(frozen=True, eq=False)
class Truth:
    """``weights`` (factors,) relative to the alliance's 1, in the registry's order; effects below 0 are possible.

    ``scale`` and ``place`` are how much the sum, and the place in a list, move a choice.
    """

    weights: np.ndarray
    scale: float
    place: float


def drawn_truth(rng: np.random.Generator) -> Truth:
    """From the very prior that the learning uses."""
    others = {code: rng.normal(DEFAULT_RELATIVE[code], PRIOR_SD) for code in OTHERS}
    weights = np.array([others.get(code, 1.0) for code in CODES])
    return Truth(weights, float(np.exp(rng.normal(np.log(SCALE), LOG_SCALE_SD))), float(rng.normal(0, PLACE_SD)))


def factors(rng: np.random.Generator, n_clients: int, n_therapists: int) -> np.ndarray:
    """Factors of every pair, (factors, clients, therapists) in [0, 1], spread and silent as in simulated clinics."""
    shape = (n_clients, n_therapists)
    wishes, depth = rng.beta(5, 2.5, shape), rng.choice([0, 1 / 3, 2 / 3, 1], shape, p=[0.5, 0.2, 0.15, 0.15])
    standing = 0.25 * (wishes - 0.66) / 0.16 + 0.2 * (depth - 0.32) / 0.37 + rng.normal(0, 0.45, shape)
    hopes = rng.random((n_clients, 1)) < 0.36
    former = np.zeros(shape, dtype=bool)
    former[np.arange(n_clients), rng.integers(0, n_therapists, n_clients)] = rng.random(n_clients) < 0.08
    found = {
        "alliance": ndtr(standing + rng.normal(0, 0.2, n_therapists)),
        "preference_fit": wishes,
        "concern_expertise": depth,
        "credibility": np.clip(rng.beta(6, 3, n_therapists) + rng.normal(0, 0.06, shape), 0, 1),
        "expectancy": np.where(hopes, rng.choice([0.4, 0.5, 0.65, 0.85], shape), 0.5),
        "access": rng.beta(3, 1.5, shape),
        "continuity": np.where(former, 1.0, 0.5),
        "experience": np.broadcast_to(rng.beta(6, 3, n_therapists), shape),
    }
    return np.stack([found[code] for code in CODES])


@dataclass(frozen=True, eq=False)
class RatedClinic:
    """What a clinic knows, and ``factors`` (factors, clients, several) and ``outcome`` (clients, several) after it."""

    known: OutOfFold
    factors: np.ndarray
    outcome: np.ndarray


def rated_clinic(rng: np.random.Generator, truth: Truth, n_clients: int, n_later: int, several: int) -> RatedClinic:
    """Ratings of clients with one or two therapists each, then clients who tried ``several``, to be judged on.

    The alliance out of fold is what the model knows; what it does not know (of the therapist, of the pair) comes on top
    of it and is independent of it, as around a shrunken prediction.
    """
    values = factors(rng, n_clients + n_later, N_THERAPISTS)
    unseen = rng.normal(0, THERAPIST_SD, N_THERAPISTS) + rng.normal(0, DYAD_SD, values.shape[1:])
    level = rng.normal(0.7, CLIENT_SD, len(unseen))
    true = level[:, None] + UNIT * np.einsum("k,kct->ct", truth.weights, values) + unseen
    client = np.concatenate([np.arange(n_clients), np.flatnonzero(rng.random(n_clients) < SECOND_PAIR)])
    therapist = rng.integers(0, N_THERAPISTS, len(client))
    known = _known(rng, values, true, client, therapist)
    later = np.arange(n_clients, n_clients + n_later)[:, None]
    met = np.argsort(rng.random((n_later, N_THERAPISTS)), axis=1)[:, :several]
    outcome = true[later, met] + rng.normal(0, SESSION_SD, met.shape)
    return RatedClinic(known, values[:, later, met], outcome)


def _known(
    rng: np.random.Generator, values: np.ndarray, true: np.ndarray, client: np.ndarray, therapist: np.ndarray
) -> OutOfFold:
    n_ratings = rng.integers(1, 6, len(client))
    pairs, usual = values[:, client, therapist], values.mean(axis=2)[:, client]
    alliance = UNIT * values[CODES.index(ALLIANCE)]
    return OutOfFold(
        client=client,
        therapist=therapist,
        n_ratings=n_ratings,
        outcome=true[client, therapist] + rng.normal(0, SESSION_SD / np.sqrt(n_ratings)),
        expected=alliance[client, therapist],
        typical=alliance.mean(axis=1)[client],
        values=pairs,
        usual=usual,
        tells=np.ptp(values, axis=2)[:, client] > 0,
        years=np.full(len(client), np.nan),
        noise=SESSION_SD**2,
        unit=UNIT,
    )


def choices(rng: np.random.Generator, truth: Truth, n_clients: int) -> list[Choice]:
    """Lists in the order of the published weights with near-ties drawn, and who was chosen from each."""
    again = np.flatnonzero(rng.random(n_clients) < SECOND_LIST)
    return [_choice(rng, truth, f"c{client}") for client in np.concatenate([np.arange(n_clients), again])]


def _choice(rng: np.random.Generator, truth: Truth, client_id: str) -> Choice:
    values = factors(rng, 1, N_CANDIDATES)[:, 0].T
    order = np.argsort(-(values @ stated() + rng.normal(0, NEAR_TIES, N_CANDIDATES)))[:N_SHOWN]
    shown, place = values[order], np.arange(1, N_SHOWN + 1)
    appeal = truth.scale * shown @ truth.weights - truth.place * np.log(place)
    return Choice(client_id, shown, place, int(np.argmax(appeal + rng.gumbel(size=N_SHOWN))))


def later_choices(rng: np.random.Generator, truth: Truth, n_clients: int) -> tuple[np.ndarray, np.ndarray]:
    """(factors, clients, shown) and whether each was chosen, (clients, shown): from all candidates, places left out."""
    values = factors(rng, n_clients, N_CANDIDATES)
    appeal = truth.scale * np.einsum("k,kct->ct", truth.weights, values) + rng.gumbel(size=values.shape[1:])
    return values, (appeal == appeal.max(axis=1, keepdims=True)).astype(float)


def stated() -> np.ndarray:
    """The published weights in the registry's order."""
    return np.array([DEFAULT.values[code] for code in CODES])


def auc_within(score: np.ndarray, outcome: np.ndarray) -> float:
    """Mean over choosers of P(score orders two as they turned out); (choosers, several) each, ties of a score half."""
    better = outcome[:, :, None] > outcome[:, None, :]
    right = np.sign(score[:, :, None] - score[:, None, :]) / 2 + 0.5
    pairs = better.sum(axis=(1, 2))
    return float(np.mean((better * right).sum(axis=(1, 2))[pairs > 0] / pairs[pairs > 0]))
