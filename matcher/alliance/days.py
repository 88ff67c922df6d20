"""Moments as days, and what a process that wanders through them looks like at a few of them."""

from __future__ import annotations

from datetime import UTC, date, datetime

import numpy as np
from scipy import linalg

from matcher.alliance.tables import Flags, Floats, Values, is_missing
from matcher.errors import InvalidInput

LARGEST = 1e6  # days, on either side of 1970: a larger number is of seconds
_DAY = 86_400.0  # seconds
_STRAY = 0.005  # of the moments


def days_of(values: Values, place: str) -> Floats:
    """Moments as days since 1970, (n,), NaN for missing: ISO 8601 text, dates, or numbers, which are days already.

    A moment without a zone counts as UTC, the same on every machine.
    """
    if values.dtype.kind == "M":
        days = values.astype("datetime64[ms]").astype(np.float64) / (1000 * _DAY)
        return np.where(np.isnat(values), np.nan, days)
    if values.dtype.kind in "iuf":
        days = values.astype(np.float64)
        wrong = np.flatnonzero(np.abs(days) > LARGEST)
        if len(wrong):
            raise _no_moment(f"{place}, row {wrong[0] + 1}", values[wrong[0]])
        return days
    known: dict[str, float] = {}  # most ratings share their day with others
    found = np.empty(len(values))
    for row, value in enumerate(values.tolist()):
        if isinstance(value, str):
            if value not in known:
                known[value] = _day(value, f"{place}, row {row + 1}")
            found[row] = known[value]
        else:
            found[row] = _day(value, f"{place}, row {row + 1}")
    return found


def _day(value: object, place: str) -> float:
    if is_missing(value):
        return float("nan")
    try:
        at = datetime.fromisoformat(value) if isinstance(value, str) else value
    except ValueError:
        raise _no_moment(place, value) from None
    if isinstance(at, np.datetime64):
        return float(days_of(np.array([at]), place)[0])
    if isinstance(at, datetime):
        return (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp() / _DAY
    if isinstance(at, date):
        return datetime(at.year, at.month, at.day, tzinfo=UTC).timestamp() / _DAY
    is_number = isinstance(at, int | float | np.integer | np.floating) and not isinstance(at, bool)
    if is_number and abs(days := float(at)) <= LARGEST:  # type: ignore[arg-type]
        return days
    raise _no_moment(place, value)


def _no_moment(place: str, value: object) -> InvalidInput:
    return InvalidInput(place, value, "expected a moment as ISO 8601, such as 2026-03-02T09:00, or days since 1970")


def ends(days: Floats) -> tuple[float, float]:
    """From when to when the moments reach, NaN where there is none; of different ones, one in two hundred may lie
    before, and as many after where that would double the time: today is the latest moment otherwise.

    A year that was mistyped would else stretch the time that everything is seen in. How many ratings a moment has does
    not matter, so that a rating of weight 2 is two.
    """
    there = np.unique(days[np.isfinite(days)])
    if not len(there):
        return float("nan"), float("nan")
    first, last = np.quantile(there, (_STRAY, 1 - _STRAY), method="inverted_cdf").tolist()
    latest = float(there[-1])
    return first, last if latest - last > last - first > 0 else latest


def latest(days: Floats, weight: Floats, share: float) -> Flags:
    """The latest ``share`` of the ratings by weight, (n,): those of its first day are among them."""
    order = np.argsort(days, kind="stable")  # NaN last
    known = order[: int(np.isfinite(days).sum())]
    before = np.cumsum(weight[known]) - weight[known]
    at = np.searchsorted(before, (1 - share) * float(weight[known].sum()), side="right") - 1
    return np.asarray(days >= days[known[at]])


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
