"""P4: what a person wrote is in no log, address, header, error page, entry of the trail, job, model or subject."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from flask import request
from sqlalchemy import select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from tests.trust.hostile import leaving, stored
from tests.trust.hostile.clinic import KEY, NOBODY, Caller, DryClinic, bare
from tests.trust.hostile.leaving import (
    N_CANARIES,
    any_mark,
    canary,
    heard,
    holds,
    in_answer,
    in_statements,
    mark,
    taken,
)
from tests.trust.hostile.pages import Visited
from tests.trust.hostile.parameters import Spot, caller_of, path_of
from tests.trust.hostile.test_parameters import families
from tests.web.commands.running import rapport_on
from tests.web.conftest import settings_for
from web import access, create_app, edge, logs
from web.db.tables import Base, JobRow
from web.exchange.model_file import unpack
from web.jobs.worker import Worker
from web.services import letters

Trials = Callable[[int, int], int]
Tried = Callable[[int], None]
# (route, name) of a text that a form by GET may ask for, and why nobody is named by it
IN_ADDRESSES: Mapping[tuple[str, str], str] = {
    ("audit.home", "subject"): "the key of a client, a person or a thing, which the page asks for by that word",
}
OPENED = {("path", "link"), ("path", "token")}  # the private link itself, which the browser keeps in a cookie
FREE = frozenset({"text", "search", "email", "tel", "textarea"})
OF_OUR_OWN_WORDS = ("audit_events", "jobs", "api_tokens", "links", "erasures", "releases", "models")


def leaks(clinic: DryClinic, spots: Sequence[Spot]) -> tuple[list[str], int]:
    """(what left, cases) when each of the spots is sent a canary, by who may and by nobody."""
    wrong, cases = [], 0
    with heard() as outside:
        for spot, n, text in leaving.canaries(spots):
            for caller in (spot.caller, *([Caller(NOBODY)] if spot.where == "form" else [])):
                with clinic.watched() as kept:
                    answer = replace(spot, caller=caller).send(clinic, text)
                in_address = spot.where in {"query", "path"}
                found = in_answer(clinic.app, answer, mark(n), typed_in_address=in_address)
                if (spot.where, spot.name) in OPENED:
                    found = [one for one in found if one != "header Set-Cookie"]
                found += in_statements(kept, mark(n)) + ["log"] * holds(taken(outside), mark(n))
                wrong += [f"{spot.label} as {caller.name}: {one}" for one in found]
                cases += 1
    return wrong, cases


@pytest.mark.P4
def test_nothing_that_anybody_typed_leaves_where_it_should_not(
    dry: DryClinic, spots: list[Spot], trials: Trials, tried: Tried
) -> None:
    some = [spot for spot in families(spots, trials(0, 1) == 1) if spot.kind != "number"]
    wrong, cases = leaks(dry, some)
    assert not wrong, (len(wrong), wrong[:40])
    assert cases > N_CANARIES
    tried(cases)


@pytest.mark.P4
def test_a_careless_line_or_address_would_be_found(
    dry: DryClinic, spots: list[Spot], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The planted holes: the log takes what a form held; a name goes on in the address; a job quotes a goal."""
    goals = [spot for spot in spots if (spot.endpoint, spot.where, spot.name) == ("goals.add", "form", "words")]
    assert goals and leaks(dry, goals)[0] == []
    view = dry.app.view_functions["goals.add"]

    def careless(*args: Any, **more: Any) -> Any:
        logs.log.info(request.form.get("words", ""))
        return view(*args, **more)

    def quoting(*args: Any, **more: Any) -> Any:
        now = datetime.now(UTC)
        edge.session().add(
            JobRow(kind="k", key=request.form.get("words", ""), arguments={}, due_at=now, created_at=now)
        )
        return view(*args, **more)

    for planted, said in ((careless, ": log"), (quoting, ": table jobs")):
        monkeypatch.setitem(dry.app.view_functions, "goals.add", planted)
        assert any(one.endswith(said) for one in leaks(dry, goals)[0]), said
    monkeypatch.undo()
    monkeypatch.setattr("web.services.waiting_list.sealed", lambda clinic, words: words)
    sought = [spot for spot in spots if (spot.endpoint, spot.where, spot.name) == ("queue.home", "form", "words")]
    assert any(": header Location" in one for one in leaks(dry, sought)[0])


@pytest.mark.P4
def test_no_form_puts_what_is_typed_into_the_address(visited: Sequence[Visited], dry: DryClinic, tried: Tried) -> None:
    """A form by GET asks for choices, days and numbers, never for free text."""
    forms = [(seen, form) for seen in visited if seen.page for form in seen.page.forms if form.method == "GET"]
    free = {(seen.endpoint, name) for seen, form in forms for name, kind in form.kinds.items() if kind in FREE}
    assert free == IN_ADDRESSES.keys()
    tried(len(forms))


@pytest.fixture
def told(furnished: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> DryClinic:
    """A clinic in which everything that somebody wrote is a canary."""
    path = tmp_path / "told.sqlite"
    with sqlite3.connect(furnished.removeprefix("sqlite:///")) as whole, sqlite3.connect(path) as copy:
        whole.backup(copy)
    monkeypatch.setattr(stored, "WRITTEN", stored.WRITTEN | {"email", "phone"})
    said = [canary(("name", "email", "words")[n % 3], n) for n in range(N_CANARIES)]
    assert stored.fill(f"sqlite:///{path}", said) > N_CANARIES
    return DryClinic(f"sqlite:///{path}")


@pytest.mark.P4
def test_nothing_that_is_kept_leaves_where_it_should_not(
    told: DryClinic, visited: Sequence[Visited], trials: Trials, tried: Tried
) -> None:
    """Every page once more over the canaries, a worker's round, and the tables that hold our own words alone."""
    wrong, shown, asked = [], 0, _some(visited, trials)
    with heard() as outside:
        for seen in asked:
            answer = told.send(seen.caller, "GET", seen.address)
            shown += any_mark(answer.text if answer.mimetype == "text/html" else "")
            found = in_answer(told.app, answer, "", typed_in_address=False)
            wrong += [f"{seen.endpoint}: {one}" for one in found]
        Worker(lambda: told.app.extensions["rapport_sessions"]()).once()  # type: ignore[arg-type]
        wrong += ["log"] * any_mark(taken(outside))
    wrong += [f"/{path}" for path in ("healthz", "readyz") if any_mark(told.app.test_client().get(f"/{path}").text)]
    wrong += in_tables(told.url)
    assert not wrong, wrong[:8]
    assert shown > 20
    tried(len(asked) + len(OF_OUR_OWN_WORDS))


def _some(visited: Sequence[Visited], trials: Trials) -> list[Visited]:
    """One page of each route and kind of caller; at length all."""
    once = {(seen.endpoint, seen.caller.name in access.STAFF, seen.status): seen for seen in visited}
    return list(visited) if trials(0, 1) else list(once.values())


def in_tables(url: str) -> list[str]:
    """The tables of our own words in which a canary stands; models are unpacked first."""
    found = []
    with bare(url).connect() as connection:
        for name in OF_OUR_OWN_WORDS:
            for row in connection.execute(select(Base.metadata.tables[name])):
                files = [unpack(one) for one in row if name == "models" and isinstance(one, bytes) and len(one) > 64]
                if any_mark(repr((tuple(row), files))):
                    found.append(f"table {name}")
    return found


@pytest.mark.P4
def test_no_message_holds_what_somebody_wrote(tried: Tried) -> None:
    """Subject and text of every kind of message, were everything in it somebody's own."""
    params = {name: canary("name", 7) for name in ("name", "client", "therapist", "words", "note", "reason")}
    for kind in letters.KINDS:
        made = letters.letter(kind, params, clinic_name="Harbour", address="https://harbour.example", zone=UTC)
        assert not holds(made.subject + made.text + made.stop, mark(7)), kind
    tried(2 * len(letters.KINDS))


@pytest.mark.P4
@pytest.mark.parametrize("debug", [False, True], ids=["production", "development"])
def test_a_failure_tells_nobody_what_was_typed(
    furnished: str, everybody: Mapping[str, Caller], debug: bool, tried: Tried
) -> None:
    """A view that fails with a text that quotes it, and a database whose error quotes its values, on every route."""
    clinic, cases = _failing(furnished, debug), 0
    wrong: list[str] = []
    for rule in clinic.app.url_map.iter_rules():
        keys = dict.fromkeys(rule.arguments, "00000000-0000-0000-0000-000000000007")
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}) if rule.endpoint != "static" else ():
            wrong += failed(clinic, caller_of(rule, everybody), method, path_of(rule, keys), rule.endpoint, cases)
            cases += 1
    assert not wrong, wrong[:8]
    tried(2 * cases)


def _failing(url: str, debug: bool) -> DryClinic:
    clinic = DryClinic(url)
    environment = "development" if debug else "test"
    clinic.app = create_app(settings_for(url, secret_key=KEY, environment=environment))
    clinic.app.debug = debug
    return clinic


def failed(clinic: DryClinic, caller: Caller, method: str, path: str, endpoint: str, n: int) -> list[str]:
    """What left when the view failed, and when the database did."""
    sought, text, wrong = mark(n % N_CANARIES), canary("words", n % N_CANARIES), []

    def broken(*args: Any, **more: Any) -> Any:
        raise ValueError(f"no such thing: {text!r} {dict(request.form)}")

    view, sessions = clinic.app.view_functions[endpoint], clinic.app.extensions["rapport_sessions"]
    form = {"csrf_token": "0", "words": text, "name": canary("name", n % N_CANARIES), "comment": text}
    with heard() as outside:
        for what in ("view", "database"):
            clinic.app.view_functions[endpoint] = broken if what == "view" else view
            clinic.app.extensions["rapport_sessions"] = sessions if what == "view" else _away(text)
            more = {"json": {"intake": form}} if path.startswith("/api/") else {"data": form}
            answer = clinic.send(caller, method, path, **(more if method != "GET" else {}))
            found = in_answer(clinic.app, answer, sought, typed_in_address=False)
            found += ["log"] * holds(taken(outside), sought)
            wrong += [f"{what}: {method} {endpoint}: {one}" for one in found]
    clinic.app.view_functions[endpoint], clinic.app.extensions["rapport_sessions"] = view, sessions
    return wrong


def _away(text: str) -> Callable[[], Session]:
    def refuse() -> Session:
        raise OperationalError("SELECT … WHERE words = :words", {"words": text}, Exception(f"could not read {text}"))

    return refuse


@pytest.mark.P4
def test_a_failure_that_is_told_would_be_found(
    furnished: str, everybody: Mapping[str, Caller], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The planted hole: the log tells a failure by its text."""
    clinic = _failing(furnished, False)
    monkeypatch.setattr(logs, "places", lambda error: [str(error)])
    assert any(
        "log" in one for one in failed(clinic, everybody[NOBODY], "GET", "/how-it-works", "start.how_it_works", 3)
    )


@pytest.mark.P4
def test_a_command_that_fails_quotes_nothing_of_what_it_read(
    database: str, monkeypatch: pytest.MonkeyPatch, tried: Tried
) -> None:
    """Whatever goes wrong within: a database whose error quotes values, and a mistake of ours whose text does."""
    text, run = canary("words", 11), rapport_on(database)
    assert run("clinic", "create", "harbour", "--name", "Harbour").exit_code == 0
    for error in (OperationalError("SELECT", {"words": text}, Exception(text)), KeyError(text), ValueError(text)):

        def broken(*args: Any, error: Exception = error, **more: Any) -> Any:
            raise error

        monkeypatch.setattr("web.services.clinics.find", broken)
        for words in (("people", "list"), ("fit",), ("token", "issue"), ("erase", "c1", "--yes"), ("weights", "show")):
            result = run(*words)
            assert result.exit_code == 1, words
            assert not holds(result.output + repr(result.exception), mark(11)), (words, result.output)
    tried(3 * 5)
