"""Moments as days, and what a process that wanders through them looks like at a few of them."""

from __future__ import annotations

from collections.abc import Hashable
from datetime import UTC, date, datetime

import numpy as np
from scipy import linalg

from matcher.alliance.tables import Floats, Values, is_missing
from matcher.errors import InvalidInput

_DAY = 86_400.0  # seconds


def days_of(values: Values, place: str) -> Floats:
    """Moments as days since 1970, (n,), NaN for missing: ISO 8601 text, dates, or numbers, which are days already.

    A moment without a zone counts as UTC, the same on every machine.
    """
    if values.dtype.kind in "biuf":
        return values.astype(np.float64)
    if values.dtype.kind == "M":
        days = values.astype("datetime64[ms]").astype(np.float64) / (1000 * _DAY)
        return np.where(np.isnat(values), np.nan, days)
    given = values.tolist()
    known: dict[object, float] = {}
    for row, value in enumerate(given, start=1):
        if not isinstance(value, Hashable) or value not in known:
            known[value if isinstance(value, Hashable) else row] = _day(value, place, row)
    return np.array([known[value] for value in given], dtype=np.float64)


def _day(value: object, place: str, row: int) -> float:
    if is_missing(value):
        return float("nan")
    try:
        at = datetime.fromisoformat(value) if isinstance(value, str) else value
        if isinstance(at, date) and not isinstance(at, datetime):
            at = datetime(at.year, at.month, at.day)
        if isinstance(at, datetime):
            return (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp() / _DAY
        if isinstance(at, (int, float)):
            return float(at)
    except ValueError:
        pass
    raise InvalidInput(f"{place}, row {row}", value, "expected a moment as ISO 8601, such as 2026-03-02T09:00")


def span(days: Floats) -> float:
    """Days from the first to the latest moment; 0 where there is none."""
    there = days[np.isfinite(days)]
    return float(np.ptp(there)) if len(there) else 0.0


def basis(days: Floats, knots: tuple[float, ...], pace: float) -> Floats:
    """v(s) of each moment, (..., J); zero where the moment is not known. Moments beyond the knots are the nearest."""
    at = np.array(knots)
    inner = linalg.cholesky(np.exp(-np.abs(at[:, None] - at) / pace), lower=True)
    known = np.clip(np.where(np.isnan(days), at[0], days), at[0], at[-1])
    near = np.exp(-np.abs(known.reshape(-1)[:, None] - at) / pace)
    found = linalg.solve_triangular(inner, near.T, lower=True).T
    found /= np.linalg.norm(found, axis=1, keepdims=True)
    found[np.isnan(days.reshape(-1))] = 0.0
    return np.asarray(found.reshape(*days.shape, len(at)))
