"""A page of questionnaires, and what was scored before, in words."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import tzinfo

from web import cards
from web.services.measures import Answers, Asked, Measured
from web.wellbeing.forms import name_of, value_of
from web.wording.measures import say_band, say_change, say_moment

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
class Line:
    """A score that was said before."""

    title: str
    day: str
    moment: str
    score: str
    band: str
    change: str


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


def lines(found: Iterable[Measured], zone: tzinfo) -> list[Line]:
    """What was scored, the latest first."""
    return [
        Line(
            title=one.title,
            day=cards.day_words(one.said_at.astimezone(zone).date()),
            moment=say_moment(one.moment),
            score=f"{one.score:g}",
            band=say_band(one.band) if one.band else "",
            change=say_change(one.change.direction, is_reliable=one.change.is_reliable) if one.change else "",
        )
        for one in sorted(found, key=lambda one: one.said_at, reverse=True)
    ]


def _shown(asked: Asked, n: int, k: int, said: Mapping[str, float | None]) -> Shown:
    question = asked.questions[n]
    choices = tuple(
        Choice(f"q{k}-{n}-{j}", value_of(question, value), words or f"{value:g}", said.get(question.id) == value)
        for j, (value, words) in enumerate(question.answers)
    )
    return Shown(name_of(asked, question), question.words, choices, len(choices) > FEW)
