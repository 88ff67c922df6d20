"""Pairs who met, with the truth known: what ``out_of_fold`` would have made of their ratings."""

from __future__ import annotations

from typing import Any

import numpy as np

from matcher.learning import OutOfFold
from matcher.learning.answer import CODES, DEFAULT_RELATIVE

UNIT, SESSION_SD = 0.2, 0.1
TRUTH = DEFAULT_RELATIVE | {"preference_fit": 0.9, "concern_expertise": 0.0, "experience": -0.3, "expectancy": 0.4}


def met(
    n_clients: int = 400,
    n_therapists: int = 30,
    *,
    noise: float = 1.0,
    years: Any = None,
    seed: int = 1,
    **truth: float,
) -> OutOfFold:
    """Two therapists a client. ``noise`` multiplies every spread; effects relative to the alliance's by factor code.

    ``years`` (n_therapists,) are the therapists' years; None where nobody has said.
    """
    rng = np.random.default_rng(seed)
    client = np.repeat(np.arange(n_clients), 2)
    therapist = (rng.integers(0, n_therapists, n_clients)[:, None] + [0, 7]).reshape(-1) % n_therapists
    values = rng.random((len(CODES), n_clients, n_therapists))
    values[CODES.index("experience")] = rng.random(n_therapists)
    pairs, usual = values[:, client, therapist], values.mean(axis=2)[:, client]
    effects = np.array([1.0 if code == "alliance" else (TRUTH | truth)[code] for code in CODES])
    n_ratings = rng.integers(1, 5, len(client))
    alliance = UNIT * values[CODES.index("alliance")]
    level = 0.5 + noise * 0.1 * rng.normal(size=n_clients)[client]
    chance = 0.02 * rng.normal(size=n_therapists)[therapist] + 0.05 * rng.normal(size=len(client))
    chance += SESSION_SD / np.sqrt(n_ratings) * rng.normal(size=len(client))
    return OutOfFold(
        client=client,
        therapist=therapist,
        n_ratings=n_ratings,
        outcome=level + UNIT * effects @ pairs + noise * chance,
        expected=0.5 + alliance[client, therapist],
        typical=0.5 + alliance.mean(axis=1)[client],
        values=pairs,
        usual=usual,
        tells=np.ones(pairs.shape, dtype=bool),
        years=np.full(len(client), np.nan) if years is None else np.asarray(years, dtype=float)[therapist],
        noise=(noise * SESSION_SD) ** 2,
        unit=UNIT,
    )
