"""Who came to whom: clients follow reputation, free places and what they like, so raw means are confounded.

The therapists who do best are also sent the clients with whom an alliance is hardest to form.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matcher.eligibility import flag, refusals
from matcher.encoding import ClientArrays, Directory, match_features
from matcher.encoding.bits import Flags, Floats
from matcher.simulation.effects import standard

# What even a hurried clinic keeps to; distance, times and money were settled by hand
KEPT = ("blocked", "licence", "age_group", "language", "format", "must_gender")
LIKED = {"main_depth": 0.25, "wish_gender": 0.3, "wish_modality": 0.2, "wish_identity": 0.3, "first_language": 0.4}
POPULARITY_SD = 0.6
WITH_SKILL = 0.4  # correlation of popularity, and of being sent difficult clients, with the true therapist effect
DIFFICULTY = 0.15  # log odds by which a client one sd harder goes to a therapist one sd more used to it
FEW_CLIENTS = 2.2  # log odds by which half of the newcomers are seen less; the others have not been seen at all

Rows = NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class Appeal:
    """How each client is drawn to each therapist: log odds, −∞ where they cannot meet; (n_clients, n_therapists)."""

    odds: Floats
    popularity: Floats

    def choose(self, rng: np.random.Generator, clients: Rows, *, but: Rows | None = None) -> Rows:
        """A therapist for each of these clients, another one than ``but``; −1 where there is none."""
        keys = self.odds[clients] + rng.gumbel(size=(len(clients), self.odds.shape[1]))
        if but is not None:
            keys[np.arange(len(clients)), but] = -np.inf
        best = keys.argmax(axis=1)
        return np.where(np.isfinite(keys[np.arange(len(clients)), best]), best, -1)


def appeal(
    rng: np.random.Generator,
    clients: ClientArrays,
    directory: Directory,
    *,
    ease: Floats,
    skill: Floats,
    newcomers: Collection[str],
) -> Appeal:
    """The appeal of every pair; ``ease`` (n_clients,) and ``skill`` (n_therapists,) are the true effects."""
    popularity, used_to = (_like(rng, skill) for _ in range(2))
    m = match_features(clients, directory)
    liked = np.sum([weight * m[name] for name, weight in LIKED.items()], axis=0)
    odds = liked + POPULARITY_SD * popularity - DIFFICULTY * np.outer(standard(ease), used_to)
    odds += np.log(rng.gamma(4.0, size=len(directory)))  # free places over the years
    odds += _rarely_seen(directory, newcomers)
    return Appeal(np.where(_can_meet(clients, directory), odds, -np.inf), popularity)


def _like(rng: np.random.Generator, skill: Floats) -> Floats:
    return np.asarray(WITH_SKILL * standard(skill) + np.sqrt(1 - WITH_SKILL**2) * rng.normal(size=len(skill)))


def _rarely_seen(directory: Directory, newcomers: Collection[str]) -> Floats:
    """Every other newcomer has not been seen at all, the rest by few."""
    less = np.zeros(len(directory))
    rows = [row for row, id_ in enumerate(directory.ids) if id_ in newcomers]
    less[rows[0::2]] = -np.inf
    less[rows[1::2]] = -FEW_CLIENTS
    return less


def _can_meet(clients: ClientArrays, directory: Directory) -> Flags:
    bits = np.uint32(sum(flag(code) for code in KEPT))
    return np.asarray(refusals(clients, directory) & bits == 0)
