"""The check-in in words: our own four questions, written for Rapport and free to use (CC0), not validated."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from web.wording.language import _, lazy

THEIR_NAME = lazy("your therapist")  # where the name is not known, as when the database is away


@dataclass(frozen=True, slots=True)
class Question:
    """One slider in words: what is asked, and what its two ends mean."""

    name: str
    words: str
    low: str
    high: str


# slider → (what is asked, its lower end, its upper end)
QUESTIONS: Mapping[str, tuple[Any, Any, Any]] = {
    "bond": (lazy("How was it between you and %(name)s?"), lazy("We were far apart"), lazy("We were close")),
    "goals": (
        lazy("Did the hour lead towards what matters to you?"),
        lazy("Away from it"),
        lazy("Straight towards it"),
    ),
    "way": (
        lazy("Did you get on with the way in which you worked?"),
        lazy("It was not my way"),
        lazy("It was just my way"),
    ),
    "overall": (lazy("All in all, how much use was this hour to you?"), lazy("Of no use"), lazy("Of great use")),
}
WRONG: Mapping[str, Any] = {
    "unanswered": lazy("Choose a circle: %(question)s"),
    "too_long": lazy("Write at most %(most)s letters"),
    "not_offered": lazy("Choose from what is offered"),
}


def questions(therapist: str) -> tuple[Question, ...]:
    """The four questions about an hour with somebody."""
    name = therapist or str(THEIR_NAME)
    return tuple(
        Question(code, _(str(words), name=name) if "%(name)s" in str(words) else str(words), str(low), str(high))
        for code, (words, low, high) in QUESTIONS.items()
    )
