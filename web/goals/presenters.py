"""Goals in words: how near each is, and what somebody has done for themselves before therapy began."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from uuid import UUID

from web import cards
from web.services.check_ins import NAMED
from web.services.goals import MOST, NEAREST, Goal
from web.wording.language import _, ngettext
from web.wording.measures import say_moment

STEPS = tuple(range(NEAREST + 1))


@dataclass(frozen=True, slots=True)
class Rated:
    """A rating of a goal."""

    day: str
    moment: str
    score: int


@dataclass(frozen=True, slots=True)
class Shown:
    """A goal on the page; ``so_far`` is empty before it was rated, ``own_doing`` unless it came nearer by itself.

    ``is_shared``: the therapist sees it.
    """

    id: UUID
    words: str
    so_far: str
    own_doing: str
    last: int | None
    is_shared: bool
    ratings: tuple[Rated, ...]


@dataclass(frozen=True, slots=True)
class Page:
    """All goals, what one may begin with, and how many fit still."""

    opened: tuple[Shown, ...]
    ended: tuple[Shown, ...]
    beginnings: tuple[str, ...]
    room: int
    is_rated: bool


def page(found: Sequence[Goal], suggested: Iterable[str], zone: tzinfo, typed: Sequence[str] = ()) -> Page:
    """The page; ``typed`` are goals that could not be taken, which are shown again."""
    opened = [goal for goal in found if goal.ended_at is None]
    room = MOST - len(opened)
    beginnings = [*typed] or ([] if found else [*suggested])
    rows = 1 if opened else MOST
    lines = tuple([*beginnings, *[""] * MOST][: max(min(rows, room), min(len(beginnings), MOST))])
    return Page(
        opened=tuple(_shown(goal, zone) for goal in opened),
        ended=tuple(_shown(goal, zone) for goal in found if goal.ended_at is not None),
        beginnings=lines,
        room=room,
        is_rated=bool(opened) and all(goal.ratings for goal in opened),
    )


def _shown(goal: Goal, zone: tzinfo) -> Shown:
    said = goal.ratings
    return Shown(
        id=goal.id,
        words=goal.words,
        so_far=_so_far(goal),
        own_doing=_own_doing(goal),
        last=said[-1].score if said else None,
        is_shared=goal.shown_to == NAMED,
        ratings=tuple(
            Rated(cards.day_words(one.rated_at.astimezone(zone).date()), say_moment(one.moment), one.score)
            for one in reversed(said)
        ),
    )


def _so_far(goal: Goal) -> str:
    if not goal.ratings:
        return ""
    first, last = goal.ratings[0].score, goal.ratings[-1].score
    if len(goal.ratings) == 1:
        return _("%(score)s of 10", score=first)
    if last > first:
        return _("From %(first)s to %(last)s of 10: nearer than when you began", first=first, last=last)
    if last == first:
        return _("%(score)s of 10, as when you began", score=last)
    return _("From %(first)s to %(last)s of 10: further away just now. That happens, and is worth a conversation",
             first=first, last=last)  # fmt: skip


def _own_doing(goal: Goal) -> str:
    change = goal.before_therapy
    if change is None or change <= 0:
        return ""
    return ngettext(
        "Before your first session you came nearer to “%(goal)s”, by one step of ten.",
        "Before your first session you came nearer to “%(goal)s”, by %(num)d steps of ten.",
        change, goal=goal.words,
    )  # fmt: skip
