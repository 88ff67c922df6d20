"""Factor values and weights → scores on a grid, and the order in which equal ones stand."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from matcher.encoding import ClientArrays, Directory
from matcher.encoding.bits import Floats
from matcher.entities import Weights
from matcher.factors.base import Circumstances
from matcher.factors.registry import FACTORS
from matcher.weights import GRID


def factor_values(clients: ClientArrays, directory: Directory, circumstances: Circumstances) -> Floats:
    """Every factor for every pair, shape (factors, clients, therapists), multiples of 2^-26 in [0, 1]."""
    values = [factor.values(clients, directory, circumstances) for factor in FACTORS]
    return on_grid(np.stack(values))


def on_grid(values: Floats) -> Floats:
    """Multiples of 2^-26."""
    return np.asarray(np.rint(values * GRID) / GRID)


def scores(values: Floats, weights: Weights) -> Floats:
    """Σ_k weight_k · value_k, shape (clients, therapists): exact for weights and values on the grid."""
    column = np.array([weights.values[factor.code] for factor in FACTORS])
    return np.asarray(np.einsum("k,kct->ct", column, values))


def best(score: Floats, top: int | None) -> NDArray[np.intp]:
    """The rows of the highest scores, highest first; equal scores in the order of rows, which is that of the ids."""
    if top is None or top >= len(score):
        return np.argsort(-score, kind="stable")
    threshold = np.partition(score, len(score) - top)[len(score) - top]
    candidates = np.flatnonzero(score >= threshold)
    return candidates[np.argsort(-score[candidates], kind="stable")[:top]]
