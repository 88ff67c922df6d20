"""Scores and goals that a client shares by name, in words, for the therapist; there is no trace of what is not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from itertools import groupby

from web import cards
from web.score_lines import Line, score_lines
from web.services.goals import Goal
from web.services.measures import Measured
from web.wording.language import _
from web.wording.measures import say_their_moment


@dataclass(frozen=True, slots=True)
class Scores:
    """What was scored at one time, and when in the client's care that was."""

    day: str
    moment: str
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Rating:
    """How near the client found a goal."""

    day: str
    moment: str
    score: int


@dataclass(frozen=True, slots=True)
class SharedGoal:
    """A goal in the client's words; ``now`` says how near it is, ``ratings`` are the latest first."""

    words: str
    now: str
    ratings: tuple[Rating, ...]


@dataclass(frozen=True, slots=True)
class Page:
    """What a client shares beside what they say after sessions."""

    scores: tuple[Scores, ...]
    goals: tuple[SharedGoal, ...]


def page(scores: Sequence[Measured], goals: Sequence[Goal], zone: tzinfo) -> Page:
    """The scores, the latest first, and the goals."""
    latest = sorted(sorted(scores, key=lambda one: one.title), key=lambda one: one.said_at, reverse=True)
    at_once = [tuple(group) for _at, group in groupby(latest, key=lambda one: one.said_at)]
    return Page(
        scores=tuple(
            Scores(_day(some[0].said_at, zone), say_their_moment(some[0].moment), score_lines(some)) for some in at_once
        ),
        goals=tuple(_goal(goal, zone) for goal in goals),
    )


def _goal(goal: Goal, zone: tzinfo) -> SharedGoal:
    said = tuple(
        Rating(_day(one.rated_at, zone), say_their_moment(one.moment), one.score) for one in reversed(goal.ratings)
    )
    if not said:
        now = _("Not rated yet")
    elif goal.change is None:
        now = _("%(score)s of 10", score=said[0].score)
    else:
        now = _("%(score)s of 10; at first %(first)s", score=said[0].score, first=said[-1].score)
    return SharedGoal(goal.words, now, said)


def _day(moment: datetime, zone: tzinfo) -> str:
    return cards.day_words(moment.astimezone(zone).date())
