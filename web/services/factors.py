"""What stands behind each factor of the order: its sources, its unit, and its rule for what nobody said."""

from __future__ import annotations

from dataclasses import dataclass

from matcher.factors.registry import FACTORS
from matcher.sources import Source

__all__ = ["Evidence", "Source", "evidence", "sources"]


@dataclass(frozen=True, slots=True)
class Evidence:
    """A factor as its file describes it; ``default_weight`` is its share of 1 where the clinic did not choose."""

    code: str
    sources: tuple[Source, ...]
    unit: str
    direction: str
    missing: str
    why: str
    default_weight: float


def evidence() -> tuple[Evidence, ...]:
    """One for each factor, in the registry's order."""
    return tuple(
        Evidence(one.code, one.sources, one.unit, one.direction, one.missing, one.why, one.default_weight)
        for one in FACTORS
    )


def sources(code: str) -> tuple[Source, ...]:
    """What one factor rests on."""
    return next(one.sources for one in FACTORS if one.code == code)
