"""Scores of questionnaires in words, for the client who gave them and for a therapist who may see them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from web.services.measures import Measured
from web.wording.measures import say_band, say_change


@dataclass(frozen=True, slots=True)
class Line:
    """A score: the range in which it lies by its authors' name, and how it has changed since the first one."""

    title: str
    score: str
    top: str
    band: str
    change: str


def score_lines(found: Iterable[Measured]) -> tuple[Line, ...]:
    """Each score in words, in the order given."""
    return tuple(
        Line(
            title=one.title,
            score=f"{one.score:g}",
            top=f"{one.top:g}",
            band=say_band(one.band) if one.band else "",
            change=say_change(one.change.direction, is_reliable=one.change.is_reliable) if one.change else "",
        )
        for one in found
    )
