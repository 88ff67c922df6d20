"""What was answered on a page of questionnaires, as browsers send it.

The answers to an item that has to reach a person bear a mark in the page itself, so that a cry for help is understood
also where the database, which knows the questionnaires, is gone.
"""

from __future__ import annotations

from collections.abc import Iterable

from flask import request

from web.services.check_ins import AGGREGATE, NAMED
from web.services.intakes import PHQ_9
from web.services.measures import Answers, Asked, Question
from web.services.safety import source_of

MARK = "!"


def name_of(asked: Asked, question: Question) -> str:
    """The name of a question in the form."""
    return f"{asked.code}:{question.id}"


def value_of(question: Question, value: float) -> str:
    """An answer as the form sends it: its worth, marked where it has to reach a person."""
    return f"{value:g}{MARK if question.is_for_a_person and value > question.lowest else ''}"


def concern() -> str:
    """For what a flag is to stand by the answers that bear the mark, however often and whatever else was sent, or "".

    Item 9 of the PHQ-9 goes before whatever else asks for a person.
    """
    marked = (name for name, values in request.form.lists() if any(value.strip().endswith(MARK) for value in values))
    found = {source_of(name.partition(":")[0]) for name in marked if ":" in name}
    return PHQ_9 if PHQ_9 in found else next(iter(found), "")


def shown_to() -> str:
    """Who may see the scores: the therapist only where that, and nothing else, was chosen."""
    return NAMED if request.form.getlist("shown_to") == [NAMED] else AGGREGATE


def answers(found: Iterable[Asked]) -> Answers:
    """Questionnaire → item → value; what was not answered, or cannot be one of the answers, is left out."""
    return {one.code: _said(one) for one in found}


def _said(asked: Asked) -> dict[str, float | None]:
    said: dict[str, float | None] = {}
    for question in asked.questions:
        known = {value_of(question, value): value for value, _ in question.answers}
        sent = [known[each] for each in request.form.getlist(name_of(asked, question)) if each in known]
        if sent:
            said[question.id] = max(sent)
    return said
