"""Arrays at the border of the evaluation: as numbers of one shape, finite, or an InvalidInput that names the field."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from matcher.errors import InvalidInput

Floats = NDArray[np.float64]
Rows = NDArray[np.intp]


def alike(truth: ArrayLike, predicted: ArrayLike, *, least: int = 0) -> tuple[Floats, Floats]:
    """Both as finite arrays of one shape; with ``least``, as clients × at least so many therapists."""
    found, given = np.asarray(truth, dtype=np.float64), np.asarray(predicted, dtype=np.float64)
    if found.shape != given.shape:
        raise InvalidInput("predicted", given.shape, f"expected the shape of truth, {found.shape}")
    if not found.size or (least and (found.ndim != 2 or found.shape[1] < least)):
        raise InvalidInput("truth", found.shape, f"expected clients × at least {max(least, 1)} therapists")
    for name, values in (("truth", found), ("predicted", given)):
        require_finite(name, values)
    return found, given


def row(name: str, values: ArrayLike, n: int | None = None) -> Floats:
    """One finite number for each of n ratings, shape (n,)."""
    found = np.asarray(values, dtype=np.float64)
    if found.ndim != 1 or not len(found) or (n is not None and len(found) != n):
        expected = "at least one number" if n is None else f"{n} numbers"
        raise InvalidInput(name, found.shape, f"expected {expected} in one row")
    require_finite(name, found)
    return found


def codes(name: str, values: ArrayLike, n: int | None = None) -> Rows:
    """Which of its kind each row belongs to, (n,): ids of any kind as 0, 1, … in the order of the sorted ids."""
    found = np.asarray(values)
    if found.ndim != 1 or not len(found) or (n is not None and len(found) != n):
        expected = "at least one id" if n is None else f"{n} ids"
        raise InvalidInput(name, found.shape, f"expected {expected} in one row")
    return np.asarray(np.unique(found, return_inverse=True)[1], dtype=np.intp)


def require_finite(name: str, values: Floats) -> None:
    if not np.isfinite(values).all():
        raise InvalidInput(name, "NaN or infinite", "expected finite numbers only")


def clustered_error(influence: Floats, cluster: Rows) -> float:
    """Standard error of Σ influence over ratings that belong together by cluster, (n,) each; NaN for one cluster.

    √(C/(C−1) · Σ_c (Σ_{i in c} influence_i)²): Liang and Zeger (1986) with the correction for few clusters.
    """
    sums = np.bincount(cluster, influence)
    n = len(np.unique(cluster))
    return float(np.sqrt(n / (n - 1) * np.sum(sums**2))) if n > 1 else float("nan")
