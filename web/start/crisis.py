"""Whom to call: read from the clinic's file and rendered once, at start, so that nothing can stand before the page.

The page is answered before routing, session, limiter and database; it is there when all of them are gone.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from web.settings import WrongSetting

ADDRESS = "/help-now"
CONTACTS = Path(__file__).with_name("crisis_contacts.toml")
NUMBER = re.compile(r"\+?[0-9][0-9 ()-]{1,24}")


@dataclass(frozen=True, slots=True)
class Line:
    """Somebody to talk to."""

    name: str
    number: str
    when: str

    @property
    def dialled(self) -> str:
        """The number as a telephone takes it."""
        return re.sub(r"[ ()-]", "", self.number)


@dataclass(frozen=True, slots=True)
class Country:
    """The emergency number of a country, and its help lines."""

    name: str
    emergency: str
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Contacts:
    """A clinic's list, its own country first, and when somebody last called every number."""

    checked: str
    countries: tuple[Country, ...]


def read_contacts(path: Path = CONTACTS) -> Contacts:
    """The contacts of a file, in its order. Raises WrongSetting where the file cannot be used."""
    try:
        found = tomllib.loads(path.read_text(encoding="utf-8"))
        contacts = Contacts(_text(found["checked"]), tuple(_country(entry) for entry in found["countries"]))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, KeyError, TypeError, AttributeError) as error:
        raise WrongSetting("RAPPORT_CRISIS_CONTACTS", f"{path.name} cannot be read ({error}); {_LOOK}") from error
    if not contacts.countries:
        raise WrongSetting("RAPPORT_CRISIS_CONTACTS", f"{path.name} names no country; {_LOOK}")
    return contacts


_LOOK = "compare it with web/start/crisis_contacts.toml"


def _country(entry: dict[str, Any]) -> Country:
    lines = tuple(Line(_text(e["name"]), _number(e["number"]), _text(e["when"])) for e in entry.get("lines", ()))
    return Country(_text(entry["name"]), _number(entry["emergency"]), lines)


def _text(value: object) -> str:
    if not isinstance(value, str) or not value.strip():
        raise TypeError(f"expected words in quotes, not {value!r}")
    return value


def _number(value: object) -> str:
    if not isinstance(value, str) or not NUMBER.fullmatch(value):
        raise TypeError(f"expected a telephone number in quotes, not {value!r}")
    return value


def served_first(app: WSGIApplication, page: bytes, headers: Iterable[tuple[str, str]]) -> WSGIApplication:
    """``app`` with the crisis page before it."""
    ready = [
        ("Content-Type", "text/html; charset=utf-8"),
        ("Content-Length", str(len(page))),
        ("Cache-Control", "no-store"),
        *headers,
    ]

    def serve(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if environ.get("PATH_INFO") != ADDRESS or environ["REQUEST_METHOD"] not in {"GET", "HEAD"}:
            return app(environ, start_response)
        start_response("200 OK", list(ready))
        return [page] if environ["REQUEST_METHOD"] == "GET" else []

    return serve
