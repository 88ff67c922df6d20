"""What leaves the application beside the page that somebody asked for, and what of it was written by a person.

Canaries are names, addresses, telephone numbers and words that stand nowhere else. They are looked for in the lines of
the log, in headers, in the addresses that pages hold, in error pages, and in what is written into tables of our own
words.
"""

from __future__ import annotations

import io
import logging
import re
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, redirect_stderr
from html import unescape
from itertools import cycle
from urllib.parse import unquote_plus

import structlog
from flask import Flask
from werkzeug.test import TestResponse

from tests.trust.hostile.clinic import Kept
from tests.trust.hostile.parameters import Spot
from web import logs

N_CANARIES = 200
# where a form that is not taken shows again what was typed, and a program is told its own value
SHOWN_AGAIN = frozenset({400, 409, 422})
OURS = ("audit_events", "jobs", "api_tokens", "models", "links", "sign_ins", "erasures", "releases")
_ADDRESS = re.compile(r'\s(?:href|src|action|formaction|srcset|hx-[a-z-]+|content)="([^"]*)"')
# what is given back to whoever typed it: in the controls of a form, or to be copied where their link is lost
_GIVEN_BACK = re.compile(r'<textarea\b.*?</textarea>|\svalue="[^"]*"|<div class="card said">.*?</div>', re.S)
_STATEMENT = re.compile(r"\s*(?:INSERT INTO|UPDATE)\s+(\w+)", re.I)
_MARK = re.compile(r"zq\d{3}kx")
_AWAY = ("mailto:", "tel:", "sms:")


def mark(n: int) -> str:
    """The part of a canary that is looked for."""
    return f"zq{n:03d}kx"


def any_mark(text: str) -> bool:
    """Whether any canary stands in a text."""
    found = text.lower()
    return _MARK.search(found) is not None or _MARK.search(unquote_plus(unescape(found))) is not None


def canary(kind: str, n: int) -> str:
    """What somebody might type: a name, an address, a telephone number, or words."""
    if kind == "email":
        return f"{mark(n)}@kanarie.example"
    if kind == "phone":
        return f"+49 30 77{n:03d} {mark(n)}"  # no such number; it is looked for as it was typed
    return f"{mark(n).title()} Åkerblom" if kind == "name" else f"since spring {mark(n)} and what came of it"


def kind_of(spot: Spot) -> str:
    """Which kind of canary a parameter is given."""
    name = f"{spot.name} {spot.kind}"
    return next((kind for kind in ("email", "phone", "name") if kind in name), "words")


def canaries(spots: Sequence[Spot]) -> Iterator[tuple[Spot, int, str]]:
    """Each spot with one of the canaries, in turn."""
    for spot, n in zip(spots, cycle(range(N_CANARIES)), strict=False):
        text = canary(kind_of(spot), n)
        yield spot, n, text if spot.where != "header" else text.encode("ascii", "ignore").decode()


@contextmanager
def heard() -> Iterator[io.StringIO]:
    """What is written to standard error meanwhile, by our log, by other libraries and by warnings."""
    handlers, level, outside = logging.root.handlers[:], logging.root.level, io.StringIO()
    logs.configure()
    with redirect_stderr(outside), warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        logging.root.setLevel(logging.DEBUG)
        try:
            yield outside
        finally:
            outside.write("".join(str(one.message) for one in warned))
            structlog.reset_defaults()
            logging.basicConfig(handlers=handlers, level=level, force=True)


def taken(outside: io.StringIO) -> str:
    """What was written since the last time."""
    said = outside.getvalue()
    outside.seek(0)
    outside.truncate()
    return said


def holds(text: str, sought: str) -> bool:
    """Whether a text holds a canary (any, where none is named), as it is or as addresses and pages write it."""
    if not sought:
        return any_mark(text)
    found = text.lower()
    return sought in found or sought in unquote_plus(unescape(found))


def in_answer(app: Flask, answer: TestResponse, sought: str, *, typed_in_address: bool) -> list[str]:
    """The parts of an answer, beside the page itself, in which a canary stands.

    What stood in the address already may stand in the next one; nothing else may come into an address.
    """
    wrong = [
        f"header {name}" for name, value in answer.headers.items()
        if not (typed_in_address and name == "Location") and holds(value, sought)
    ]  # fmt: skip
    wrong += [f"cookie {name}" for name in _cookies(app, answer) if holds(name, sought)]
    text = answer.text if answer.mimetype in {"text/html", "application/json", "application/problem+json"} else ""
    if not typed_in_address:
        wrong += [f"address {one[:80]}" for one in addresses(text) if holds(one, sought)]
    if answer.status_code >= 400 and answer.status_code not in SHOWN_AGAIN and holds(_GIVEN_BACK.sub("", text), sought):
        wrong.append(f"page of an error {answer.status_code}")
    return wrong


def addresses(text: str) -> list[str]:
    """Every address that a page holds, but for those by which somebody is written to or called."""
    return [one for one in map(unescape, _ADDRESS.findall(text)) if not one.startswith(_AWAY)]


def _cookies(app: Flask, answer: TestResponse) -> Iterator[str]:
    """What the session's cookie holds, opened: it is signed, and everybody who has it can read it."""
    opener = app.session_interface.get_signing_serializer(app)  # type: ignore[attr-defined]
    for cookie in answer.headers.getlist("Set-Cookie"):
        name, _, rest = cookie.partition("=")
        if name.endswith("session") and rest.split(";")[0]:
            yield repr(opener.loads(rest.split(";")[0]))


def in_statements(kept: Kept, sought: str) -> list[str]:
    """The tables of our own words into which a canary was written."""
    found = []
    for statement, values in kept.statements:
        table = _STATEMENT.match(statement)
        if table is not None and table[1].lower() in OURS and holds(repr(values), sought):
            found.append(f"table {table[1]}")
    return found
