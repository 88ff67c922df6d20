"""The kinds of fields that forms are made of. What may be chosen is checked by the schema of what they fill in."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from flask import request
from flask_wtf import FlaskForm
from govuk_frontend_wtf.wtforms_widgets import GovCheckboxesInput, GovRadioInput, GovSelect, GovTextArea, GovTextInput
from wtforms import RadioField, SelectField, SelectMultipleField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice

from matcher.vocabulary import Vocabulary
from web.wording.language import label as say
from web.wording.language import lazy

UNSAID = ""
NOT_SAID = lazy("I would rather not say")


class SentForm(FlaskForm):
    """A form as browsers send it: JSON and files, which the library would read too, are no answers."""

    class Meta(FlaskForm.Meta):
        def wrap_formdata(self, form: FlaskForm, formdata: Any) -> Any:
            return None if formdata is None else request.form or None


Choices = Iterable[tuple[str, Any]]


def of(words: Vocabulary) -> list[tuple[str, str]]:
    """(code, label) of every term, in the reader's language."""
    return [(code, say(words, code)) for code in words.codes]


def choices(pairs: Choices) -> list[SelectChoice]:
    """Options of a field."""
    return [SelectChoice(value, str(words)) for value, words in pairs]


def one_of(label: Any, hint: Any = "", *, widget: Any = None, **more: Any) -> RadioField:
    """One of a few, each to be seen."""
    return RadioField(label, description=hint, widget=widget or GovRadioInput(), validate_choice=False, **more)


def one_of_many(label: Any, hint: Any = "") -> SelectField:
    """One of many, in a list that opens."""
    return SelectField(label, description=hint, widget=GovSelect(), validate_choice=False)


def some_of(label: Any, hint: Any = "") -> SelectMultipleField:
    """Any number of them."""
    return SelectMultipleField(label, description=hint, widget=GovCheckboxesInput(), validate_choice=False)


def line(label: Any, hint: Any = "") -> StringField:
    """A line of text."""
    return StringField(label, description=hint, widget=GovTextInput())


def words(label: Any, hint: Any = "") -> TextAreaField:
    """A few lines of text."""
    return TextAreaField(label, description=hint, widget=GovTextArea())


def cents(typed: str | None) -> Any:
    """``70``, ``70.50``, ``70,50``, ``1 200`` and ``€ 70`` in cents; what is no amount stays for the schema to refuse.

    White space stands between thousands: ``1 2`` is not 12.
    """
    text = re.sub(r"[€$£]", "", typed or "").strip()
    found = re.fullmatch(r"([0-9]{1,7}|[0-9]{1,3}(?:\s[0-9]{3}){1,2})(?:[.,]([0-9]{1,2}))?", text)
    if found is None:
        return text or (typed or "").strip() or None
    return int(re.sub(r"\s", "", found[1])) * 100 + int((found[2] or "0").ljust(2, "0"))


def amount(found: int | None) -> str:
    """Cents as somebody would type them."""
    return "" if found is None else f"{found / 100:.2f}".removesuffix(".00")
