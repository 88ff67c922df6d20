"""What a page is made of, read as a browser reads it, and the way from page to page by links and forms."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import parse_qsl, urljoin, urlsplit

from flask import Flask

from tests.trust.hostile.clinic import CLIENTS, NEW, NOBODY, TABLET, Caller, DryClinic
from web import access
from web.services import demo_people

ADDRESSES = frozenset({"href", "src", "action", "formaction", "poster", "srcset", "data", "xlink:href", "ping",
                       "hx-get", "hx-post", "hx-delete", "hx-put"})  # fmt: skip
OTHERS = frozenset({*CLIENTS[1:], NEW, TABLET})
OUTGOING = frozenset(
    {"https://www.wikipedia.org/"}
)  # by which somebody leaves the page at once; nothing is asked there
ALIKE = frozenset({"choose", demo_people.NO_MATCH, "comes Edvin"})
PER_ADDRESS = 2  # pages of one kind, with one set of questions in the address, that one caller opens


@dataclass
class Form:
    """A form as a browser would send it, had nobody touched it; what must be chosen is chosen."""

    action: str
    method: str
    fields: list[tuple[str, str]] = field(default_factory=list)
    kinds: dict[str, str] = field(default_factory=dict)


@dataclass
class Page(HTMLParser):
    """The elements, handlers and addresses of a page, and its links and forms."""

    address: str = ""
    tags: Counter[str] = field(default_factory=Counter)
    attributes: Counter[str] = field(default_factory=Counter)
    links: list[str] = field(default_factory=list)
    forms: list[Form] = field(default_factory=list)
    foreign: list[str] = field(default_factory=list)
    words: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._select: tuple[str, bool] | None = None
        self._area: tuple[str, int] | None = None
        self._chosen: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = {name: value or "" for name, value in attrs}
        self.tags[tag] += 1
        self.attributes.update(f"{tag} {name}" for name, _ in attrs)
        for name in said.keys() & ADDRESSES:
            self._address(tag, said[name])
        if tag == "form":
            self._chosen = set()
            action = urljoin(self.address, said.get("action", "") or self.address)
            self.forms.append(Form(action, said.get("method", "get").upper()))
        elif self.forms:
            self._control(tag, said)

    def handle_endtag(self, tag: str) -> None:
        if tag == "select":
            self._select = None
        if tag == "textarea":
            self._area = None

    def handle_data(self, data: str) -> None:
        self.words.append(data)
        if self._area is not None and self.forms:
            name, k = self._area
            self.forms[-1].fields[k] = (name, self.forms[-1].fields[k][1] + data)

    def _address(self, tag: str, value: str) -> None:
        parts = urlsplit(urljoin(self.address, value.strip()))
        if parts.scheme in {"mailto", "tel", "sms"} or (tag == "a" and value in OUTGOING):
            return
        if parts.scheme not in {"http", "https"} or parts.netloc not in {"localhost", ""}:
            self.foreign.append(value)
        elif tag == "a":
            self.links.append(parts._replace(fragment="").geturl().removeprefix("http://localhost"))

    def _control(self, tag: str, said: dict[str, str]) -> None:
        form, name, kind = self.forms[-1], said.get("name", ""), said.get("type", "text").lower()
        if tag == "option" and self._select is not None:
            self._option(form, said)
        if not name or tag not in {"input", "select", "textarea", "button"} or "disabled" in said:
            return
        if tag == "button":
            kind = "submit"
        form.kinds.setdefault(name, said.get("inputmode") or (kind if tag == "input" else tag))
        if tag == "select":
            self._select = (name, False)
        elif tag == "textarea":
            self._area = (name, len(form.fields))
            form.fields.append((name, ""))
        elif kind in {"radio", "checkbox"}:
            self._choice(form, name, kind, said)
        elif kind == "submit":
            if name not in self._chosen:
                self._chosen.add(name)
                form.fields.append((name, said.get("value", "")))
        else:
            form.fields.append((name, said.get("value", "")))

    def _choice(self, form: Form, name: str, kind: str, said: dict[str, str]) -> None:
        value = said.get("value", "on")
        if kind == "radio" and name in self._chosen and "checked" in said:
            form.fields[:] = [pair for pair in form.fields if pair[0] != name]
        if kind == "checkbox" or name not in self._chosen or "checked" in said:
            if kind == "radio" or "checked" in said or name not in self._chosen:
                form.fields.append((name, value))
            self._chosen.add(name)

    def _option(self, form: Form, said: dict[str, str]) -> None:
        assert self._select is not None
        name, has_one = self._select
        value = said.get("value", "")
        if has_one and "selected" not in said and (name not in {n for n, v in form.fields if not v} or not value):
            return
        form.fields[:] = [pair for pair in form.fields if pair[0] != name] + [(name, value)]
        self._select = (name, True)


def read(address: str, text: str) -> Page:
    """A page, parsed."""
    page = Page(address=urljoin("http://localhost/", address))
    page.feed(text)
    page.close()
    return page


@dataclass
class Visited:
    """A page that somebody came to."""

    caller: Caller
    address: str
    endpoint: str
    status: int
    page: Page | None
    headers: dict[str, str]
    text: str


def crawl(clinic: DryClinic, caller: Caller) -> Iterator[Visited]:
    """Every page that a caller comes to from what has no name in its address, by links alone, a few of each kind."""
    adapter, homes = clinic.app.url_map.bind("localhost"), firsts(clinic.app, caller)
    seen, opened, todo = set(homes), Counter[tuple[str, tuple[str, ...]]](), list(homes)
    while todo:
        path = todo.pop(0)
        parts = urlsplit(path)
        endpoint = endpoint_of(adapter, parts.path, "GET")
        kind = (endpoint, tuple(sorted({name for name, _ in parse_qsl(parts.query, keep_blank_values=True)})))
        if endpoint == "static" or opened[kind] >= (PER_ADDRESS if path not in homes else 99):
            continue
        opened[kind] += 1
        answer = clinic.send(caller, "GET", path)
        is_page = answer.mimetype == "text/html"
        page = read(path, answer.text) if is_page else None
        headers = {name.lower(): value for name, value in answer.headers.items()}
        yield Visited(caller, path, endpoint, answer.status_code, page, headers, answer.text if is_page else "")
        found = [*(page.links if page else ()), *([answer.location] if answer.location else ())]
        for link in found:
            link = link.removeprefix("http://localhost")
            if link.startswith("/") and link not in seen:
                seen.add(link)
                todo.append(link)


def firsts(app: Flask, caller: Caller) -> list[str]:
    """Where somebody may begin who types an address: every one that names nothing.

    One client is enough to be turned away where staff goes, and one program to ask for documents.
    """
    rules = [rule for rule in app.url_map.iter_rules() if not rule.arguments and "GET" in (rule.methods or ())]
    if caller.name in OTHERS:
        rules = [
            rule for rule in rules if not access.ROUTES[rule.endpoint].roles and not access.ROUTES[rule.endpoint].scope
        ]
    return sorted({rule.rule for rule in rules})


def endpoint_of(adapter: object, path: str, method: str) -> str:
    """The route that answers at a path; nothing where none does."""
    from werkzeug.exceptions import HTTPException

    try:
        return str(adapter.match(path, method=method)[0])  # type: ignore[attr-defined]
    except HTTPException:
        return ""


def everywhere(clinic: DryClinic, callers: dict[str, Caller]) -> list[Visited]:
    """The pages of everybody, those of nobody first. Clients whose pages are like another's are not walked with."""
    walked = [caller for caller in callers.values() if caller.name not in ALIKE]
    order = sorted(walked, key=lambda caller: caller.name != NOBODY)
    return [visited for caller in order for visited in crawl(clinic, caller)]
