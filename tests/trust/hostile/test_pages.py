"""Every page by everybody: what its headers say, whom it asks for anything, and what stored markup becomes in it."""

from __future__ import annotations

import sqlite3
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import pytest
from flask import Flask

from tests.trust.hostile import pages, stored
from tests.trust.hostile.clinic import Caller, DryClinic
from tests.trust.hostile.pages import Page, Visited
from tests.trust.hostile.payloads import MARK, MARKUP, REDIRECTS
from tests.web.staff import address
from web.services import demo_people, directories, intakes, models, panels

EXACT = {
    "content-security-policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}
NEVER = frozenset({"server", "x-powered-by", "access-control-allow-origin", "access-control-allow-credentials"})
# the same for everybody, and without a form: these a browser may keep
KEPT = {"start.how_it_works", "api_v1.reference", "api_v1.document", "start.therapists", "start.home",
        "start.help_now", "start.examples"}  # fmt: skip
Trials = Callable[[int, int], int]


@pytest.mark.S21
def test_every_page_says_the_same_to_the_letter_and_asks_nobody_else(
    visited: Sequence[Visited], tried: Callable[[int], None]
) -> None:
    wrong = opened(visited)
    assert not wrong, wrong[:5]
    assert len({seen.endpoint for seen in visited}) > 70
    assert {seen.caller.name for seen in visited} >= {*demo_people.STAFF, "nobody", "client", "somebody new"}
    tried(len(visited))


def opened(visited: Sequence[Visited]) -> list[str]:
    """What is said otherwise than it should be, or asked of somebody else."""
    wrong = []
    for seen in visited:
        where = f"{seen.caller.name}: {seen.address}"
        wrong += [
            f"{where}: {name}: {seen.headers.get(name)}"
            for name, value in EXACT.items()
            if seen.headers.get(name) != value
        ]
        wrong += [f"{where}: {name}" for name in NEVER & seen.headers.keys()]
        cache = seen.headers.get("cache-control")
        if seen.endpoint == "portraits.draw" and cache == "public, max-age=31536000, immutable":
            continue  # a drawing of what stands in its address
        if cache != "no-store" and not (seen.endpoint in KEPT and cache == "public, no-cache"):
            wrong.append(f"{where}: Cache-Control: {cache}")
        if cache == "public, no-cache" and "set-cookie" in seen.headers:
            wrong.append(f"{where}: a page that is kept sets a cookie")
        if seen.status >= 500:
            wrong.append(f"{where}: {seen.status}")
        wrong += [f"{where}: {foreign}" for foreign in seen.page.foreign if seen.page] if seen.page else []
        wrong += [
            f"{where}: <{tag}>"
            for tag in ("style", "base", "iframe", "object", "embed")
            if seen.page and seen.page.tags[tag]
        ]
        wrong += [f"{where}: {name}" for name in (seen.page.attributes if seen.page else ()) if _acts(name)]
    return wrong


def _acts(attribute: str) -> bool:
    """``tag name`` of what runs or styles from within the page, which the policy forbids."""
    name = attribute.split()[1]
    return name.startswith(("on", "hx-on")) or name in {"style", "srcdoc", "ping"}


@pytest.mark.S21
def test_a_page_that_says_something_else_would_be_found(
    dry: DryClinic, everybody: Mapping[str, Caller], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The planted hole: one header is missing."""
    from web import headers

    monkeypatch.setattr(headers, "SECURITY", {k: v for k, v in headers.SECURITY.items() if k != "Referrer-Policy"})
    assert opened([again(dry, seen) for seen in (Visited(everybody["nobody"], "/", "start.home", 0, None, {}, ""),)])


def again(clinic: DryClinic, seen: Visited) -> Visited:
    """The same page once more."""
    answer = clinic.send(seen.caller, "GET", seen.address)
    page = pages.read(seen.address, answer.text) if answer.mimetype == "text/html" else None
    headers = {name.lower(): value for name, value in answer.headers.items()}
    return Visited(
        seen.caller, seen.address, seen.endpoint, answer.status_code, page, headers, answer.text if page else ""
    )


def test_every_column_of_text_is_theirs_or_ours() -> None:
    """A new column of text has to say whether people write it; what they write is put to the test on every page."""
    known = stored.THEIRS | stored.DOCUMENTS | stored.OURS
    found = set(stored.columns())
    assert not found - known, f"say in stored.py whether people write these: {sorted(found - known)}"
    assert not known - found, f"there are no such columns any more: {sorted(known - found)}"


@pytest.fixture
def clinics_of_payloads(
    furnished: str, everybody: Mapping[str, Caller], tmp_path: Path
) -> Iterator[Callable[[int], DryClinic]]:
    """Makes clinics in which everything that somebody wrote is a payload, another in each place."""

    def make(turn: int) -> DryClinic:
        path = tmp_path / f"{turn}.sqlite"
        with sqlite3.connect(furnished.removeprefix("sqlite:///")) as whole, sqlite3.connect(path) as copy:
            whole.backup(copy)
        assert stored.fill(f"sqlite:///{path}", MARKUP[turn:] + MARKUP[:turn]) > 300
        _forget()
        return DryClinic(f"sqlite:///{path}")

    yield make
    _forget()


def _forget() -> None:
    for kept in (directories._known, models._loaded, intakes._offered, panels._kept):
        kept.clear()  # a process keeps what it read by clinic and version, and copies share both


@pytest.mark.S9
def test_what_people_wrote_is_text_on_every_page(
    clinics_of_payloads: Callable[[int], DryClinic],
    visited: Sequence[Visited],
    trials: Trials,
    tried: Callable[[int], None],
) -> None:
    cases, shown = 0, set[str]()
    shows = [seen for seen in visited if seen.status == 200 and seen.page]
    for turn in range(0, len(MARKUP), -(-len(MARKUP) // trials(1, 60))):
        clinic = clinics_of_payloads(turn)
        for seen in shows:
            now = again(clinic, seen)
            assert now.page is not None and now.status == 200, (seen.caller.name, seen.address, now.status)
            wrong = taken_for_markup(seen.page, now.page)
            assert not wrong, (seen.caller.name, seen.address, wrong)
            cases += now.text.count(MARK)
            if MARK in now.text:
                shown.add(seen.endpoint)
    assert len(shown) > 20 and cases > 120, (len(shown), cases)
    tried(cases)


def taken_for_markup(before: Page | None, after: Page) -> list[str]:
    """What of a page became more than text: elements, handlers, addresses, names."""
    assert before is not None
    wrong = [
        f"<{tag}> {n - before.tags[tag]} more"
        for tag, n in after.tags.items()
        if n > before.tags[tag] and tag in ACTIVE
    ]
    wrong += [f"<{tag}> is new" for tag in after.tags.keys() - before.tags.keys() if tag not in PLAIN]
    wrong += [name for name in after.attributes if _acts(name) or MARK in name]
    wrong += [tag for tag in after.tags if MARK in tag]
    wrong += after.foreign
    return wrong


ACTIVE = frozenset(
    {"script", "svg", "img", "iframe", "style", "link", "meta", "base", "object", "embed", "form", "template"}
)
# that bring nothing with them; code also where time has gone by since the page was first seen
PLAIN = frozenset({"p", "br", "li", "ul", "dd", "dt", "span", "strong", "details", "summary", "div", "q"})
PLAIN |= {"blockquote", "code"}


@pytest.mark.S9
def test_text_that_is_not_escaped_would_be_found(
    clinics_of_payloads: Callable[[int], DryClinic], visited: Sequence[Visited], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The planted hole: templates no longer escape what they show."""
    monkeypatch.setattr(Flask, "select_jinja_autoescape", lambda app, name: False)
    clinic = clinics_of_payloads(0)
    clinic.app.jinja_env.bytecode_cache = None  # which holds them as they are
    cases = [seen for seen in visited if seen.endpoint == "queue.case" and seen.status == 200]
    assert any(taken_for_markup(seen.page, page) for seen in cases if (page := again(clinic, seen).page) is not None)


@pytest.mark.S17
def test_no_address_leads_elsewhere(
    dry: DryClinic, everybody: Mapping[str, Caller], tried: Callable[[int], None]
) -> None:
    wrong, cases = led_away(dry, everybody)
    assert not wrong, wrong[:5]
    tried(cases)


def led_away(clinic: DryClinic, everybody: Mapping[str, Caller]) -> tuple[list[str], int]:
    """Where somebody ends up who signs in, signs out, comes back or is asked to sign in, by each of the addresses."""
    wrong, cases = [], 0
    for wanted in REDIRECTS:
        for name, answer in _ways(clinic, everybody, wanted):
            cases += 1
            there = answer.headers.get("Location")
            if there is not None and _leaves(there):
                wrong.append(f"{name}, {wanted!r}: {there!r}")
            if answer.status_code >= 500 or len(answer.headers.getlist("Location")) > 1:
                wrong.append(f"{name}, {wanted!r}: {answer.status_code}")
    return wrong, cases


def _ways(clinic: DryClinic, everybody: Mapping[str, Caller], wanted: str) -> Iterator[tuple[str, object]]:
    from werkzeug.datastructures import MultiDict

    staff, nobody = everybody["coordinator"], everybody["nobody"]
    yield "signed in already", clinic.send(staff, "GET", "/sign-in", query_string={"next": wanted})
    yield "signing out", clinic.send(staff, "POST", "/sign-out", data=_form(clinic, next=wanted))
    yield "asked to sign in", clinic.send(nobody, "GET", "/", environ_overrides=_at("/queue/" + wanted))
    yield "an address of nothing", clinic.send(nobody, "GET", "/", environ_overrides=_at("/" + wanted))
    yield "a page without its slash", clinic.send(nobody, "GET", "/queue", query_string=MultiDict([("next", wanted)]))
    yield (
        "by a referrer",
        clinic.send(staff, "POST", "/sign-out", data=_form(clinic), headers={"Referer": _plain(wanted)}),
    )
    yield "a list", clinic.send(everybody["client"], "POST", "/matches/again", data=_form(clinic, next=wanted),
                                query_string={"next": wanted, "more": wanted})  # fmt: skip


def _form(clinic: DryClinic, **typed: str) -> dict[str, str]:
    from tests.trust.hostile.parameters import _token

    return {**dict(_token("form")), **typed}


def _at(path: str) -> dict[str, str]:
    """A path as a server hands it on."""
    return {"PATH_INFO": path.encode("utf-8", "surrogatepass").decode("latin-1")}


def _plain(wanted: str) -> str:
    return wanted.encode("ascii", "ignore").decode().translate(dict.fromkeys(range(0x20))) or "x"


def _leaves(there: str) -> bool:
    """Whether a browser that goes there, reading an address as browsers do, leaves the site."""
    read = there.strip().translate(dict.fromkeys(map(ord, "\t\r\n"))).replace("\\", "/")
    parts = urlsplit(urljoin("http://localhost/", read))
    return parts.scheme not in {"http", "https"} or parts.netloc != "localhost"


@pytest.mark.S17
def test_signing_in_leads_to_a_page_of_ours_alone(
    dry: DryClinic, everybody: Mapping[str, Caller], trials: Trials, tried: Callable[[int], None]
) -> None:
    """With the right password, which costs a hash each: all of them at length."""
    email = demo_people.STAFF["coordinator"].email
    some = REDIRECTS[:: max(1, len(REDIRECTS) // trials(6, len(REDIRECTS)))]
    for wanted in (*some, "/queue/"):
        typed = _form(dry, email=email, password=demo_people.PASSWORD, next=wanted)
        answer = dry.app.test_client(use_cookies=False).post(
            "/sign-in",
            data=typed,
            environ_base=address(),
            headers={"Cookie": f"session={everybody['nobody'].cookies['session']}"},
        )
        assert answer.status_code == 303 and answer.location in {"/home", "/queue/"}, (wanted, answer.location)
    tried(len(some))


@pytest.mark.S17
def test_an_address_that_is_taken_as_it_comes_would_be_found(
    dry: DryClinic, everybody: Mapping[str, Caller], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The planted hole: whatever stands in the address is followed."""
    from web.people import addresses

    monkeypatch.setattr(addresses, "own", lambda wanted: wanted)
    monkeypatch.setattr(sys.modules[__name__], "REDIRECTS", ("https://elsewhere.example",))
    assert led_away(dry, everybody)[0]
