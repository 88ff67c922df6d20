"""One form a topic of the profile: from a therapist document to fields, and back to the topic's part of a document.

The forms read; whether it can be taken is decided by the one schema that files and the API use too. A field that a
browser always sends and that did not arrive is asked for again: a request cut short must not empty a profile.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

from wtforms import BooleanField, Field, FieldList, FormField, HiddenField, SelectField, SelectMultipleField

from matcher import vocabulary as v
from web import fields
from web.caseload.opening import OpeningForm, Rows
from web.exchange.problems import Problem
from web.fields import UNSAID, SentForm
from web.wording.language import _, lazy
from web.wording.problems import say_problem

Said = Mapping[str, Any]
UNSURE = "unsure"
SPARE_ROWS = 3
NOT_SAID = lazy("I would rather not say")
_AMOUNT = re.compile(r"([0-9]{1,7})(?:[.,]([0-9]{1,2}))?")


class TopicForm(SentForm):
    """A topic. ``wrong`` names the sentence for a field whose text cannot be read at all."""

    wrong: ClassVar[Mapping[str, str]] = {}

    def offer(self) -> None:
        """Set the choices."""

    def fill(self, said: Said) -> None:
        """Show what the profile says."""

    def said(self) -> dict[str, Any]:
        """The topic's part of a therapist document."""
        raise NotImplementedError

    def is_complete(self) -> bool:
        """Whether the form came from our page, in full, with nothing chosen that was not offered."""
        if not self.validate() and self.csrf_token.errors:
            self.csrf_token.errors = [_("This page was open for a long time. Please send it once more.")]
        for field in self:
            code = _amiss(field)
            if code is not None:
                _put(field, say_problem(code))
        return not self.errors

    def blame(self, problems: Iterable[Problem]) -> None:
        """Each problem at the field where it can be mended."""
        for problem in problems:
            field = self.field_at(problem.column)
            _put(field, say_problem(self.wrong.get(field.short_name, problem.code)))

    def field_at(self, place: str) -> Field:
        """The field that a place of the document belongs to, such as ``style.lead`` or ``languages[1]``."""
        parts = re.split(r"[.\[\]]+", place)
        named = [name for name in reversed(parts) if name in self]
        return self[named[0]] if named else self[next(iter(self._fields))]

    @property
    def typed(self) -> list[Field]:
        """The fields that a person fills in."""
        return [field for field in self if not isinstance(field, HiddenField)]


def _amiss(field: Field) -> str | None:
    """The code of what is wrong with what arrived, before anybody reads it."""
    if isinstance(field, FormField | FieldList | BooleanField) or field.short_name == "csrf_token":
        return None
    if isinstance(field, SelectMultipleField):
        return None if set(field.data or ()) <= {choice.value for choice in field.choices} else "unknown_word"
    if not field.raw_data:
        return "missing"
    if isinstance(field, SelectField) and field.data not in {choice.value for choice in field.choices}:
        return "unknown_word"
    return None


def _put(field: Field, sentence: str) -> None:
    if not field.errors:
        field.errors = [sentence]


class AboutForm(TopicForm):
    statement = fields.words(
        lazy("Your words to clients"),
        lazy("What clients read first: how you work and what they can expect. Two to five sentences are enough."),
    )
    languages = fields.some_of(lazy("Languages of your sessions"), lazy("Only those you could do therapy in."))
    formats = fields.some_of(lazy("How you meet"))
    modalities = fields.some_of(lazy("Ways of working"), lazy("Clients can ask for one of these."))
    age_groups = fields.some_of(lazy("Whom you work with"))

    def offer(self) -> None:
        for name, words in _ABOUT.items():
            self[name].choices = fields.choices(fields.of(words))

    def fill(self, said: Said) -> None:
        self.statement.data = said.get("statement", "")
        for name in _ABOUT:
            self[name].data = list(said.get(name, ()))

    def said(self) -> dict[str, Any]:
        statement = "\n".join((self.statement.data or "").splitlines()).strip()
        return {"statement": statement} | {name: self[name].data for name in _ABOUT}


_ABOUT = {"languages": v.LANGUAGES, "formats": v.FORMATS, "modalities": v.MODALITIES, "age_groups": v.AGE_GROUPS}


class YourselfForm(TopicForm):
    gender = fields.one_of(lazy("Your gender"), lazy("Some clients find it easier to talk to a woman, or to a man."))
    age_band = fields.one_of_many(lazy("Your age"), lazy("A few clients wish for somebody older, or of their own age."))
    background = fields.one_of_many(
        lazy("Where your family comes from"), lazy("Being understood without explaining everything can help.")
    )
    faith = fields.one_of_many(
        lazy("Your faith"), lazy("For clients whose faith belongs to what they want to talk about.")
    )
    communities = fields.some_of(
        lazy("Whose life you know well"), lazy("From your work or your own life: clients cannot see which of the two.")
    )

    def offer(self) -> None:
        for name, words in _YOURSELF.items():
            offered = [pair for pair in fields.of(words) if pair[0] not in _MINORS]
            self[name].choices = fields.choices([*offered, (UNSAID, NOT_SAID)])
        self.communities.choices = fields.choices(fields.of(v.COMMUNITIES))

    def fill(self, said: Said) -> None:
        for name in _YOURSELF:
            self[name].data = said.get(name, UNSAID)
        self.communities.data = list(said.get("communities", ()))

    def said(self) -> dict[str, Any]:
        chosen = {name: self[name].data for name in _YOURSELF if self[name].data != UNSAID}
        return chosen | {"communities": self.communities.data}


_YOURSELF = {"gender": v.GENDERS, "age_band": v.AGE_BANDS, "background": v.BACKGROUNDS, "faith": v.FAITHS}
_MINORS = frozenset({"under_13", "from_13"})


class _Concerns(TopicForm):
    """One field a concern, made below: how much of the work is about it."""

    def offer(self) -> None:
        depths = fields.choices([("0", _("Not")), ("1", _("Some")), ("2", _("Much")), ("3", _("A main field"))])
        for code in v.CONCERNS.codes:
            self[code].choices = depths

    def fill(self, said: Said) -> None:
        for code in v.CONCERNS.codes:
            self[code].data = str(said.get("concerns", {}).get(code, 0))

    def said(self) -> dict[str, Any]:
        depths = {code: int(self[code].data) for code in v.CONCERNS.codes}
        return {"concerns": {code: depth for code, depth in depths.items() if depth}}


ConcernsForm: type[TopicForm] = type(
    "ConcernsForm", (_Concerns,), {code: fields.one_of(lazy(v.CONCERNS.label(code))) for code in v.CONCERNS.codes}
)


class _Style(TopicForm):
    """One field a scale, made below."""

    def offer(self) -> None:
        steps = [(str(step), str(step)) for step in range(-v.STYLE_LIMIT, v.STYLE_LIMIT + 1)]
        for scale in v.STYLES.codes:
            self[scale].choices = fields.choices([*steps, (UNSURE, _("I am not sure"))])

    def fill(self, said: Said) -> None:
        for scale in v.STYLES.codes:
            place = said.get("style", {}).get(scale)
            self[scale].data = UNSURE if place is None else str(place)

    def said(self) -> dict[str, Any]:
        chosen = {scale: self[scale].data for scale in v.STYLES.codes}
        return {"style": {scale: int(place) for scale, place in chosen.items() if place != UNSURE}}


# Each scale as a therapist reads it: what it is about, its left end, its right end
STYLE: Mapping[str, tuple[Any, Any, Any]] = {
    "lead": (lazy("Who leads the session"), lazy("I lead"), lazy("The client leads")),
    "feeling": (lazy("How close to feelings"), lazy("Deep into feelings"), lazy("Feelings at a distance")),
    "time": (lazy("Past or present"), lazy("We look at the past"), lazy("We look at the present")),
    "challenge": (lazy("Support or challenge"), lazy("Warm support"), lazy("Focused challenge")),
}
StyleForm: type[TopicForm] = type(
    "StyleForm", (_Style,), {scale: fields.one_of(words[0]) for scale, words in STYLE.items()}
)


class OpeningsForm(TopicForm):
    """Rows of weekly places; a few empty ones stand ready, and one that is left empty is passed over."""

    openings = Rows(FormField(OpeningForm), max_entries=7 * 24 + SPARE_ROWS)
    n_rows = HiddenField()  # stands last on the page: what was cut short on its way has lost it

    def offer(self) -> None:
        for row in self.openings:
            row.form.offer()

    def fill(self, said: Said) -> None:
        for opening in said.get("openings", ()):
            self.openings.append_entry(opening)
        for _row in range(SPARE_ROWS):
            self.openings.append_entry()
        self.n_rows.data = len(self.openings)
        self.offer()

    def is_complete(self) -> bool:
        arrived, self.n_rows.data = self.n_rows.data, len(self.openings)
        if not self.openings.entries or arrived != str(len(self.openings)):
            self.openings.errors = [_("A part of this page did not arrive. Please look at it and send it again.")]
            return False
        is_complete = super().is_complete()  # first: it forgets what was wrong in the rows
        found = [(field, code) for row in self._kept for field in row.form if (code := _amiss(field))]
        for field, code in found:
            _put(field, say_problem(code))
        return is_complete and not found

    def said(self) -> dict[str, Any]:
        return {"openings": [row.form.said() for row in self._kept]}

    def blame(self, problems: Iterable[Problem]) -> None:
        for problem in problems:
            found = re.fullmatch(r"openings\[(\d+)\]\.(\w+)", problem.column)
            if found:
                _put(self._kept[int(found[1])].form[found[2]], say_problem(problem.code))
            else:
                self.openings.errors = [say_problem(problem.code)]

    @property
    def _kept(self) -> list[FormField]:
        return [row for row in self.openings if row.form.is_kept]


class CapacityForm(TopicForm):
    wrong: ClassVar[Mapping[str, str]] = {"capacity": "whole_number", "available_from": "day"}

    capacity = fields.line(
        lazy("How many new clients could you take on now?"),
        lazy("With 0 you are offered to nobody. Change it as often as you like."),
    )
    available_from = fields.line(lazy("From which day?"), lazy("Leave it empty if somebody new can start at any time."))

    def fill(self, said: Said) -> None:
        self.capacity.data = str(said["capacity"])
        self.available_from.data = said.get("available_from", "")

    def said(self) -> dict[str, Any]:
        typed = (self.capacity.data or "").strip()
        day = (self.available_from.data or "").strip()
        capacity = int(typed) if re.fullmatch(r"[0-9]{1,6}", typed) else typed
        return {"capacity": capacity} | ({"available_from": day} if day else {})


class FeeForm(TopicForm):
    wrong: ClassVar[Mapping[str, str]] = {"fee_cents": "amount", "sliding_fee_cents": "amount"}

    fee_cents = fields.line(lazy("Your fee for a session"), lazy("Leave it empty to say it in the first talk."))
    sliding_fee_cents = fields.line(
        lazy("The lowest fee, for those who cannot pay the full one"), lazy("Leave it empty if you have only one fee.")
    )
    insurances = fields.some_of(lazy("Who may pay instead"))

    def offer(self) -> None:
        self.insurances.choices = fields.choices(fields.of(v.INSURANCES))

    def fill(self, said: Said) -> None:
        self.fee_cents.data = fields.amount(said.get("fee_cents"))
        self.sliding_fee_cents.data = fields.amount(said.get("sliding_fee_cents"))
        self.insurances.data = list(said.get("insurances", ()))

    def said(self) -> dict[str, Any]:
        fees = {name: fields.cents(self[name].data) for name in ("fee_cents", "sliding_fee_cents")}
        return {name: fee for name, fee in fees.items() if fee != ""} | {"insurances": self.insurances.data}


FORMS: Mapping[str, type[TopicForm]] = {
    "about": AboutForm,
    "yourself": YourselfForm,
    "concerns": ConcernsForm,
    "style": StyleForm,
    "openings": OpeningsForm,
    "capacity": CapacityForm,
    "fee": FeeForm,
}


def of_topic(topic: str) -> TopicForm:
    """The form of a topic with what was sent, and its choices."""
    form = FORMS[topic]()
    form.offer()
    return form
