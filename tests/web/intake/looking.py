"""What a browser without script would send from a page, and all that a database holds."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from html.parser import HTMLParser

Pairs = list[tuple[str, str]]


def everything(url: str) -> dict[str, list[tuple[object, ...]]]:
    """Every row of every table of a SQLite database."""
    with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as database:
        tables = [name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {name: sorted(database.execute(f'SELECT * FROM "{name}"'), key=repr) for name in tables}


def form_of(page: str) -> Pairs:
    """(name, value) of what is filled in and chosen in the largest form of a page, as a browser would send it."""
    reader = _Forms()
    reader.feed(page)
    return max(reader.forms, key=len)


def names_of(page: str) -> set[str]:
    """The names of all that can be filled in on a page."""
    reader = _Forms()
    reader.feed(page)
    return reader.names


class _Forms(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Pairs] = []
        self.names: set[str] = set()
        self._text: list[str] | None = None
        self._select: tuple[str, list[tuple[str, bool]]] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = {name: value or "" for name, value in attrs}
        name = said.get("name", "")
        if tag == "form":
            self.forms.append([])
        elif tag in {"input", "textarea", "select"} and name:
            self.names.add(name)
        if tag == "input" and name and (said.get("type") not in {"radio", "checkbox"} or "checked" in said):
            self._sent(name, said.get("value", ""))
        elif tag == "textarea":
            self._text, self._name = [], name
        elif tag == "select":
            self._select = (name, [])
        elif tag == "option" and self._select is not None:
            self._select[1].append((said.get("value", ""), "selected" in said))

    def handle_data(self, data: str) -> None:
        if self._text is not None:
            self._text.append(data)

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea" and self._text is not None:
            self._sent(self._name, "".join(self._text).replace("\r\n", "\n").replace("\n", "\r\n"))
            self._text = None
        elif tag == "select" and self._select is not None:
            name, options = self._select
            self._sent(name, next((value for value, chosen in options if chosen), options[0][0]))
            self._select = None

    def _sent(self, name: str, value: str) -> None:
        if self.forms:
            self.forms[-1].append((name, value))
