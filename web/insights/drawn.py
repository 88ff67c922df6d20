"""Positions of the model card's charts: predicted beside what came, tenths, parts of a whole, dots on intervals."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

SIZE, EDGE = 320.0, 10.0  # of the square of a calibration chart
ROW, MIDDLE = 240.0, 120.0  # the length of a row with a dot on an interval, and where it says "no difference"
Z95 = 1.959964
WHOLE = 400.0


@dataclass(frozen=True, slots=True)
class Dot:
    """A dot on an interval that stands upright in a chart, or lies in a row."""

    at: float
    across: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Calibration:
    """Dots in a square whose diagonal is where what comes is what was expected; ``ticks`` are (position, value)."""

    dots: tuple[Dot, ...]
    lowest: float
    highest: float


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a bar: where it begins and how long it is, and how it is filled."""

    left: float
    length: float
    fill: str


@dataclass(frozen=True, slots=True)
class Tenths:
    """Ten columns as (left, top, height), and the height at which a tenth stands."""

    columns: tuple[tuple[float, float, float], ...]
    tenth: float


def calibration(points: Sequence[Mapping[str, Any]], lowest: float, top: float) -> Calibration:
    """What was predicted to the right, what came upwards, on the same stretch of the scale."""
    ends = [(p["observed"] - Z95 * (p["se"] or 0.0), p["observed"] + Z95 * (p["se"] or 0.0)) for p in points]
    values = [p["predicted"] for p in points] + [value for pair in ends for value in pair]
    low, high = max(min(values), lowest), min(max(values), top)
    margin = 0.06 * ((high - low) or (top - lowest))
    low, high = max(low - margin, lowest), min(high + margin, top)

    def place(value: float) -> float:
        share = (min(max(value, low), high) - low) / (high - low)
        return EDGE + share * (SIZE - 2 * EDGE)

    return Calibration(
        tuple(
            Dot(
                at=round(place(p["predicted"]), 1),
                across=round(SIZE - place(p["observed"]), 1),
                low=round(SIZE - place(first), 1),
                high=round(SIZE - place(last), 1),
            )
            for p, (first, last) in zip(points, ends, strict=True)
        ),
        low,
        high,
    )


def tenths(shares: Sequence[float], height: float = 120.0) -> Tenths:
    """Ten columns beside each other in a frame of 320 by ``height``; the highest reaches its top, or twice a tenth."""
    most = max(*shares, 0.2)
    columns = tuple(
        (round(4 + 31.2 * k, 1), round(height * (1 - share / most), 1), round(height * share / most, 1))
        for k, share in enumerate(shares)
    )
    return Tenths(columns, round(height * (1 - 0.1 / most), 1))


def pieces(shares: Mapping[str, float], fills: Mapping[str, str]) -> tuple[Piece, ...]:
    """Parts of one bar, in their order."""
    found, left = [], 0.0
    for part, share in shares.items():
        found.append(Piece(round(left, 1), round(WHOLE * share, 1), fills[part]))
        left += WHOLE * share
    return tuple(found)


def effects(intervals: Iterable[tuple[float, float, float]], least: float = 0.0) -> tuple[Dot, ...]:
    """Rows of (low, estimate, high) about the same zero, in the same measure; the furthest end reaches the edge."""
    told = list(intervals)
    reach = max((abs(end) for low, _, high in told for end in (low, high)), default=0.0)
    scale = (MIDDLE - EDGE) / (max(reach, least) or 1.0)

    def place(value: float) -> float:
        return round(MIDDLE + scale * value, 1)

    return tuple(Dot(place(at), 0.0, place(low), place(high)) for low, at, high in told)
