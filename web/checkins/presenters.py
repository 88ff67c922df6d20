"""A course of sessions as a chart and as a table, so that nothing is computed in a template."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise

from matcher.entities import Scale
from web.services.courses import Course, SaidAfter
from web.wording.language import _, ngettext

LEFT, RIGHT, TOP, BOTTOM = 64.0, 620.0, 20.0, 180.0  # the frame of the chart
LABELS = 12  # at most so many numbers stand under the line
LEVELS = (0.2, 0.4, 0.6, 0.8)


@dataclass(frozen=True, slots=True)
class Dot:
    """What was said after one session; ``y`` is None where nothing was."""

    x: float
    y: float | None
    number: int
    words: str
    day: str
    is_labelled: bool


@dataclass(frozen=True, slots=True)
class Shown:
    """A course: the person, the dots, and the lines between sessions that follow each other."""

    therapist: str
    portrait: Mapping[str, str]
    dots: tuple[Dot, ...]
    lines: tuple[tuple[float, float, float, float], ...]
    n_sessions: str
    summary: str


def course(found: Course) -> Shown:
    """A course as its page shows it."""
    numbers = [said.number for said in found.sessions]
    every = -(-len(numbers) // LABELS)
    dots = tuple(
        _dot(said, found.scale, numbers[0], numbers[-1], k % every == 0) for k, said in enumerate(found.sessions)
    )
    return Shown(
        therapist=found.therapist,
        portrait=found.portrait,
        dots=dots,
        lines=tuple(_lines(dots)),
        n_sessions=_how_many(dots),
        summary=_summary(found.therapist, dots),
    )


def level(score: float, scale: Scale) -> str:
    """A score in words, so that nobody has to read a number about their own therapy."""
    share = _share(score, scale)
    words = (_("hard"), _("not so good"), _("mixed"), _("good"), _("very good"))
    return words[sum(share >= step for step in LEVELS)]


def _dot(said: SaidAfter, scale: Scale, first: int, last: int, is_labelled: bool) -> Dot:
    x = LEFT + (RIGHT - LEFT) * ((said.number - first) / (last - first) if last > first else 0.5)
    y = None if said.score is None else round(BOTTOM - (BOTTOM - TOP) * _share(said.score, scale), 1)
    words = _("you did not say anything") if said.score is None else level(said.score, scale)
    day = said.rated_at.strftime("%Y-%m-%d") if said.rated_at else ""
    return Dot(round(x, 1), y, said.number, words, day, is_labelled)


def _lines(dots: Iterable[Dot]) -> Iterable[tuple[float, float, float, float]]:
    """A line where both ends were said; a gap stays a gap."""
    for one, two in pairwise(dots):
        if one.y is not None and two.y is not None and two.number == one.number + 1:
            yield one.x, one.y, two.x, two.y


def _how_many(dots: tuple[Dot, ...]) -> str:
    """How many sessions there were, by the number of the last, and of how many something was said."""
    n, n_said = dots[-1].number, sum(dot.y is not None for dot in dots)
    met = ngettext("%(num)d session", "%(num)d sessions", n)
    return met if n_said == n else _("%(met)s; you said how it was after %(said)s of them", met=met, said=n_said)


def _summary(therapist: str, dots: tuple[Dot, ...]) -> str:
    said = [dot for dot in dots if dot.y is not None]
    if not said:
        return _("You have not said anything about the sessions with %(name)s yet.", name=therapist)
    return _(
        "What you said after %(n)s sessions with %(name)s: at first %(first)s, last time %(last)s.",
        n=len(said), name=therapist, first=said[0].words, last=said[-1].words,
    )  # fmt: skip


def _share(score: float, scale: Scale) -> float:
    return min(max((score - scale.lowest) / (scale.top - scale.lowest), 0.0), 1.0)
