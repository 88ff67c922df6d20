"""A course as a chart: dots for the client, squares for the therapist, the expected band, positions in a frame."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from web.services.shared_courses import Held
from web.wording.language import _, ngettext

LEFT, RIGHT, TOP, BOTTOM = 64.0, 620.0, 20.0, 180.0
LABELS = 12
MOST = 10.0


@dataclass(frozen=True, slots=True)
class Mark:
    """One session: heights are None where nobody said anything, or nothing that may be seen.

    ``waits``: it was said and is shared, and is seen once the therapist has rated the session.
    """

    x: float
    client: float | None
    own: float | None
    number: int
    is_labelled: bool
    waits: bool


@dataclass(frozen=True, slots=True)
class Chart:
    """Marks, lines between sessions that follow each other, the band as points of a polygon, the typical line."""

    marks: tuple[Mark, ...]
    lines: tuple[tuple[float, float, float, float], ...]
    band: str
    typical: str
    words: str


def chart(sessions: Sequence[Held], waiting: int | None = None) -> Chart:
    """The chart of at least one session; ``waiting`` is the number of one that waits for the therapist's rating."""
    numbers = [one.number for one in sessions]
    every = -(-len(numbers) // LABELS)
    marks = tuple(_mark(one, numbers[0], numbers[-1], k % every == 0, waiting) for k, one in enumerate(sessions))
    lower = [(mark.x, at(one.expected.lower)) for mark, one in zip(marks, sessions, strict=True) if one.expected]
    upper = [(mark.x, at(one.expected.upper)) for mark, one in zip(marks, sessions, strict=True) if one.expected]
    usual = [(mark.x, at(one.expected.typical)) for mark, one in zip(marks, sessions, strict=True) if one.expected]
    return Chart(marks, tuple(_lines(marks)), _points([*upper, *reversed(lower)]), _points(usual), _words(sessions))


def at(score: float) -> float:
    """The height of a score from 0 to 10."""
    return round(BOTTOM - (BOTTOM - TOP) * min(max(score / MOST, 0.0), 1.0), 1)


def _mark(one: Held, first: int, last: int, is_labelled: bool, waiting: int | None) -> Mark:
    x = round(LEFT + (RIGHT - LEFT) * ((one.number - first) / (last - first) if last > first else 0.5), 1)
    client = None if one.shared is None else at(one.shared.score)
    return Mark(x, client, None if one.own is None else at(one.own), one.number, is_labelled, one.number == waiting)


def _lines(marks: Sequence[Mark]) -> Iterator[tuple[float, float, float, float]]:
    for one, two in pairwise(marks):
        if one.client is not None and two.client is not None and two.number == one.number + 1:
            yield one.x, one.client, two.x, two.client


def _points(points: Sequence[tuple[float, float]]) -> str:
    return " ".join(f"{x:g},{y:g}" for x, y in points)


def _words(sessions: Sequence[Held]) -> str:
    said = [one.shared for one in sessions if one.shared is not None]
    if not said:
        return ngettext("%(num)d session", "%(num)d sessions", sessions[-1].number)
    return _(
        "What your client said after %(n)s sessions, from 0 to 10: at first %(first)s, last time %(last)s.",
        n=len(said), first=f"{said[0].score:g}", last=f"{said[-1].score:g}",
    )  # fmt: skip
