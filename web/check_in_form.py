"""A check-in as a form sends it, read without losing anything: what was typed stands on the page that comes back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from werkzeug.datastructures import MultiDict

from matcher.errors import InvalidInput
from matcher.vocabulary import HELPS, HINDRANCES
from web.fields import of
from web.services.check_ins import AGGREGATE, LONGEST, MOST, NAMED, SLIDERS, Page, Said
from web.wording.check_ins import THEIR_NAME, WRONG, Question, questions
from web.wording.language import _


@dataclass(frozen=True, slots=True)
class Typed:
    """What stands in the form: by slider the chosen number as text, tags, words, who may see it."""

    sliders: Mapping[str, str]
    helped: tuple[str, ...] = ()
    hindered: tuple[str, ...] = ()
    comment: str = ""
    shown_to: str = AGGREGATE


@dataclass(frozen=True, slots=True)
class Shown:
    """The form as its page shows it."""

    questions: tuple[Question, ...]
    typed: Typed
    errors: Mapping[str, str]
    therapist: str
    helps: tuple[tuple[str, str], ...]
    hindrances: tuple[tuple[str, str], ...]
    numbers: tuple[int, ...] = tuple(range(MOST + 1))
    longest: int = LONGEST

    @property
    def summary(self) -> list[dict[str, str]]:
        """Each error with the way to its field."""
        return [{"text": words, "href": f"#{name}"} for name, words in self.errors.items()]


def read(sent: MultiDict[str, str]) -> Typed:
    """What a form sent, as it is."""
    return Typed(
        sliders={name: sent.get(name, "") for name in SLIDERS},
        helped=tuple(sent.getlist("helped")),
        hindered=tuple(sent.getlist("hindered")),
        comment=sent.get("comment", ""),
        shown_to=sent.get("shown_to", AGGREGATE),
    )


def of_said(said: Said | None) -> Typed:
    """The form with what was said before; nothing chosen where nothing was, but that nobody sees it by name."""
    if said is None:
        return Typed(sliders={})
    sliders = {name: str(getattr(said, name)) for name in SLIDERS}
    return Typed(sliders, said.helped, said.hindered, said.comment, said.shown_to)


def accepted(typed: Typed, therapist: str) -> tuple[Said | None, dict[str, str]]:
    """What is said, or what has to be mended first: field → words."""
    asked = {one.name: one.words for one in questions(therapist)}
    numbers = {name: _number(typed.sliders.get(name, "")) for name in SLIDERS}
    errors = {
        name: _(str(WRONG["unanswered"]), question=asked[name]) for name, value in numbers.items() if value is None
    }
    chosen = {name: 0 if value is None else value for name, value in numbers.items()}
    try:
        said = Said(
            **chosen, helped=typed.helped, hindered=typed.hindered, comment=typed.comment, shown_to=typed.shown_to
        )
    except InvalidInput as wrong:
        errors[wrong.field] = _wrong(wrong.field)
        return None, errors
    return (None if errors else said), errors


def shown(typed: Typed, page: Page, errors: Mapping[str, str] | None = None) -> Shown:
    """The form for its page."""
    return Shown(
        questions=questions(page.therapist),
        typed=typed,
        errors=errors or {},
        therapist=page.therapist or str(THEIR_NAME),
        helps=tuple(of(HELPS)),
        hindrances=tuple(of(HINDRANCES)),
    )


def _number(written: str) -> int | None:
    return (
        int(written) if written.isascii() and written.isdigit() and len(written) < 3 and int(written) <= MOST else None
    )


def _wrong(name: str) -> str:
    return _(str(WRONG["too_long"]), most=LONGEST) if name == "comment" else str(WRONG["not_offered"])


__all__ = ["NAMED", "Shown", "Typed", "accepted", "of_said", "read", "shown"]
