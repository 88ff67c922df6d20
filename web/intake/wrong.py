"""What is wrong with an answer, in plain words, at the field where it can be mended."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from flask_wtf import FlaskForm

from web.exchange.problems import Problem, Unreadable
from web.exchange.schema.fields import check_text
from web.wording.language import _
from web.wording.problems import say_problem

MAX_CONTACT = 200
_EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s.]+(?:\.[^@\s.]+)+")
_PHONE = re.compile(r"\+?[0-9][0-9 ()/.-]{2,30}")


def put(form: FlaskForm, problems: Iterable[Problem], fields: Mapping[str, str]) -> None:
    """Each problem at the field that its place belongs to: ``fields`` maps the beginning of a place to a field."""
    for problem in problems:
        starts = [start for start in fields if problem.column.startswith(start)]
        name = fields[max(starts, key=len)] if starts else next(iter(fields.values()))
        field = form[name]
        if not field.errors:
            is_chosen = problem.code == "int_type" and hasattr(field, "choices")
            field.errors = [say_problem("unknown_word" if is_chosen else problem.code)]


def contact(name: str, text: str) -> list[str]:
    """What is wrong with a name, an e-mail address or a telephone number; empty where it can be used."""
    try:
        check_text(text, MAX_CONTACT, one_line=True)
    except Unreadable as error:
        return [
            say_problem(error.faults[0].code) if error.faults[0].code != "too_long" else _("Please write less here.")
        ]
    if name == "email" and not _EMAIL.fullmatch(text):
        return [_("Please write an e-mail address such as name@example.org.")]
    if name == "phone" and not _PHONE.fullmatch(text):
        return [_("Please write a telephone number with digits, such as 030 1234567.")]
    return []


def too_old(form: FlaskForm) -> None:
    """Say at the first field, to which a link can lead, that the page is too old; what was typed stays."""
    token = form._fields.get("csrf_token")  # a form without a token has no such field
    if token is not None and token.errors:
        said = _("This page was open for a long time. All that you typed is still here: please send it again.")
        first = next(field for field in form if field is not token)
        token.errors, first.errors = [], [said]
