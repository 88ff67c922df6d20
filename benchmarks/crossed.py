"""Simulated crossed ratings of any size, written as plain arrays that every program can read.

A client sees two or three therapists and rates each of them again and again, as people in treatment do; rows come in
no order, as they do from a service that has many clients at once. Ids are numbers, the case that every program reads
fastest.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Codes = NDArray[np.int32]

COVARIATES = 10
CLIENT, THERAPIST, RESIDUAL = 0.6, 0.1, 1.0  # variances: most is the client's and the session's, little the therapist's
SLOPES = (0.05, 0.04, 0.03, 0.02, 0.01)
EFFECTS = np.linspace(-0.5, 0.5, COVARIATES)
BYTES = 4 + 4 + 8 * COVARIATES + 8  # a rating as it comes in: two ids, the covariates, the score


@dataclass(frozen=True)
class Size:
    """How many ratings, clients and therapists, and of how many covariates the slope differs by therapist."""

    name: str
    ratings: int
    clients: int
    therapists: int
    slopes: int

    @property
    def input_bytes(self) -> int:
        return self.ratings * BYTES


@dataclass(frozen=True)
class Crossed:
    """The ratings: ids (n,), covariates (COVARIATES, n), scores (n,)."""

    client: Codes
    therapist: Codes
    covariates: Floats
    score: Floats

    def table(self) -> dict[str, NDArray]:
        named = {f"x{at}": column for at, column in enumerate(self.covariates)}
        return {"client_id": self.client, "therapist_id": self.therapist, **named}


def simulated(size: Size, seed: int = 0) -> Crossed:
    rng = np.random.default_rng(seed)
    client = rng.integers(0, size.clients, size.ratings, dtype=np.int32)
    seen = rng.integers(0, size.therapists, (size.clients, 3), dtype=np.int32)
    seen[rng.random(size.clients) < 0.5, 2] = -1  # half of the clients see two therapists only
    choice = rng.integers(0, 6, size.ratings)  # a number that two and three divide
    therapist = seen[client, choice % 3]
    therapist = np.where(therapist < 0, seen[client, choice % 2], therapist)
    covariates = rng.standard_normal((COVARIATES, size.ratings))
    score = 3 + EFFECTS @ covariates + rng.normal(0, RESIDUAL**0.5, size.ratings)
    score += (
        rng.normal(0, CLIENT**0.5, size.clients)[client] + rng.normal(0, THERAPIST**0.5, size.therapists)[therapist]
    )
    for variance, column in zip(SLOPES[: size.slopes], covariates, strict=False):
        score += rng.normal(0, variance**0.5, size.therapists)[therapist] * column
    return Crossed(client, therapist, covariates, score)


def written(size: Size, folder: Path) -> Path:
    """The folder of a size's arrays, made where it is not there."""
    place = folder / size.name
    if not (place / "score.bin").exists():
        place.mkdir(parents=True, exist_ok=True)
        made = simulated(size)
        for name in ("client", "therapist", "covariates", "score"):  # the score last: it says that all are there
            getattr(made, name).tofile(place / f"{name}.bin")
    return place


def read(place: Path) -> Crossed:
    ids = {name: np.fromfile(place / f"{name}.bin", dtype=np.int32) for name in ("client", "therapist")}
    covariates = np.fromfile(place / "covariates.bin").reshape(COVARIATES, -1)
    return Crossed(ids["client"], ids["therapist"], covariates, np.fromfile(place / "score.bin"))
