"""A page of questionnaires, and what was scored before, in words."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from itertools import groupby
from uuid import UUID

from web import cards
from web.score_lines import Line, score_lines
from web.services.check_ins import AGGREGATE, NAMED
from web.services.measures import Answers, Asked, Measured, is_shared
from web.services.moments import IMPORTED
from web.wellbeing.forms import name_of, value_of
from web.wording.language import _
from web.wording.measures import say_moment

FEW = 4  # so many answers stand beside each other on a line; more are numbers


@dataclass(frozen=True, slots=True)
class Choice:
    """An answer that can be chosen."""

    id: str
    value: str
    words: str
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class Shown:
    """A question with its answers."""

    name: str
    words: str
    choices: tuple[Choice, ...]
    is_numbers: bool


@dataclass(frozen=True, slots=True)
class Sheet:
    """A questionnaire on the page; ``first`` is where an error leads."""

    code: str
    lead: str
    attribution: str
    questions: tuple[Shown, ...]
    first: str
    is_short: bool


@dataclass(frozen=True, slots=True)
class Check:
    """What was said at one time. ``who`` says who sees it, ``other`` is what the other choice would be.

    Scores that the practice brought in are no choice of the client's: there ``who`` and ``other`` are empty.
    """

    id: UUID
    day: str
    moment: str
    lines: tuple[Line, ...]
    who: str
    other: str


def sheets(found: Sequence[Asked], said: Answers, short: Collection[str] = ()) -> list[Sheet]:
    """The questionnaires with what was answered; those of ``short`` need more answers.

    A question that stands apart from the scores is asked once, although both of ours end with it.
    """
    made, asked_apart = [], set[str]()
    for k, one in enumerate(found):
        questions = []
        for n, question in enumerate(one.questions):
            if question.is_apart and question.words in asked_apart:
                continue
            if question.is_apart:
                asked_apart.add(question.words)
            questions.append(_shown(one, n, k, said.get(one.code, {})))
        made.append(
            Sheet(one.code, one.lead, one.attribution, tuple(questions), questions[0].choices[0].id, one.code in short)
        )
    return made


def checks(found: Sequence[Measured], zone: tzinfo) -> list[Check]:
    """What was scored each time, the latest first."""
    by_title = sorted(found, key=lambda one: one.title)
    latest_first = sorted(by_title, key=lambda one: (one.said_at, one.moment), reverse=True)
    groups = [tuple(group) for _key, group in groupby(latest_first, key=lambda one: (one.said_at, one.moment))]
    return [_check(group, is_shared(found), zone) for group in groups]


def _check(said: tuple[Measured, ...], is_newest_shared: bool, zone: tzinfo) -> Check:
    one = said[0]
    is_named = one.shown_to == NAMED
    if one.moment == IMPORTED:
        who, other = "", ""
    elif is_named:
        seen = _("Your therapist sees it.")
        who, other = seen if is_newest_shared else _("Not seen now: you do not share the newest."), AGGREGATE
    else:
        who, other = _("Nobody sees it with your name."), NAMED
    return Check(one.id, cards.day_words(one.said_at.astimezone(zone).date()), say_moment(one.moment),
                 score_lines(said), who, other)  # fmt: skip


def _shown(asked: Asked, n: int, k: int, said: Mapping[str, float | None]) -> Shown:
    question = asked.questions[n]
    choices = tuple(
        Choice(f"q{k}-{n}-{j}", value_of(question, value), words or f"{value:g}", said.get(question.id) == value)
        for j, (value, words) in enumerate(question.answers)
    )
    return Shown(name_of(asked, question), question.words, choices, len(choices) > FEW)
