"""Hostile text and numbers in every parameter of every route: no statement changes, no row more, no failure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pytest
from flask import request

from matcher.factors.registry import FACTOR as FACTORS
from tests.trust.hostile import parameters
from tests.trust.hostile.clinic import DryClinic, Kept
from tests.trust.hostile.parameters import Spot
from tests.trust.hostile.payloads import HARMLESS, MARK, SQL, TEXTS
from web import edge
from web.db import texts

KEY = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}")
REFUSALS = frozenset({400, 401, 403, 404, 409, 410, 413, 414, 415, 422, 429})
# named by the source outside of any feature; each is read of every request, and what it decides is tested where it is
ELSEWHERE = {("limits.py", "form", "email"), ("headers.py", "query", "v")}
# pages that pass over what is none of their words, and so show as much as without it
PASSES_OVER = frozenset({"audit.home"})
Trials = Callable[[int, int], int]


def test_every_name_that_the_source_asks_for_is_swept(spots: list[Spot], dry: DryClinic) -> None:
    """A new parameter is met by the crawl or by the source; one that is met by neither is named here."""
    met = {(spot.where, spot.name) for spot in spots}
    unknown = {one for one in parameters.named_in_code() if one[1:] not in met} - ELSEWHERE
    assert not unknown, f"no sweep sends these: {sorted(unknown)}"
    stale = ELSEWHERE - parameters.named_in_code()
    assert not stale, f"nothing asks for these any more: {stale}"
    posts = {rule.endpoint for rule in dry.app.url_map.iter_rules() if "POST" in (rule.methods or ())}
    assert not posts - {spot.endpoint for spot in spots if spot.method == "POST"} - {"intake.begin"}
    assert len(spots) > 600 and {spot.where for spot in spots} == {"form", "query", "path", "json", "header"}


def test_nearly_every_request_around_a_parameter_is_let_in(spots: list[Spot], dry: DryClinic) -> None:
    """A sweep that is turned away at the door would prove nothing."""
    routes = {(spot.endpoint, spot.method): spot for spot in spots if spot.where in {"form", "query", "json"}}
    refused = [
        spot.label for spot in routes.values()
        if spot.send(dry, dict(spot.pairs).get(spot.name, "x")).status_code in {401, 403, 405}
    ]  # fmt: skip
    assert len(refused) < 0.08 * len(routes), refused


def families(spots: Sequence[Spot], is_long: bool) -> list[Spot]:
    """One of each family of names that one loop or place reads (``openings-0-time``, ``-1-time``); at length all."""
    kinds: dict[tuple[str, ...], Spot] = {}
    for spot in spots:
        name = re.sub(r"[0-9a-f-]{36}|\d+", "#", spot.name)
        name = "a factor" + name.partition("-")[2] if name.partition("-")[0] in FACTORS else name
        name = name.replace(".".join(name.split(".")[:3]), "a wish") if name.startswith("intake.wishes.") else name
        is_one = spot.where == "json" or name == parameters.CSRF  # read in one place, whatever the route
        kinds.setdefault((spot.where, name, "" if is_one else spot.endpoint), spot)
    return list(spots) if is_long else list(kinds.values())


def shared_out(spots: Sequence[Spot], texts: Sequence[Any], n: int) -> Iterator[tuple[Spot, Any]]:
    """``n`` of the texts to each spot, in turn, so that every text meets many spots; all where n is their number."""
    for k, spot in enumerate(spots):
        for j in range(min(n, len(texts))):
            yield spot, texts[(k * n + j) % len(texts)]


def fits(spot: Spot, value: str) -> bool:
    """Whether a text can be sent there at all: a header holds no control characters."""
    return spot.where != "header" or (value.isascii() and value.isprintable())


@pytest.mark.S8
def test_no_text_is_ever_a_part_of_a_statement_or_finds_other_rows(
    dry: DryClinic, spots: list[Spot], trials: Trials, tried: Callable[[int], None]
) -> None:
    found, cases = injected(dry, families(spots, trials(0, 1) == 1), trials(1, len(SQL)))
    assert not found, found[:5]
    tried(cases)


@pytest.mark.S8
def test_no_text_is_ever_a_part_of_a_statement_on_postgresql(
    dry_on_postgresql: DryClinic, spots: list[Spot], trials: Trials, tried: Callable[[int], None]
) -> None:
    some = [spot for spot in families(spots, trials(0, 1) == 1) if spot.method == "GET" or trials(0, 1)]
    found, cases = injected(dry_on_postgresql, some, trials(1, len(SQL)))
    assert not found, found[:5]
    tried(cases)


@pytest.mark.S8
def test_a_query_that_is_put_together_as_text_would_be_found(dry: DryClinic, spots: list[Spot], hole: Any) -> None:
    """The planted hole: the words of a search become a part of the statement."""
    hole(lambda: edge.session().connection().exec_driver_sql(f"SELECT 1 -- {request.args.get('words', '')!r}"))
    found, _ = injected(dry, [spot for spot in spots if spot.endpoint == "queue.home" and spot.name == "words"], 9)
    assert found


@pytest.fixture
def hole(dry: DryClinic) -> Iterator[Callable[[Callable[[], object]], None]]:
    """Something careless that the waiting list does before it answers, until the test ends."""
    before = dry.app.before_request_funcs.setdefault("queue", [])
    yield lambda work: before.append(lambda: work() and None)
    before.clear()


def injected(clinic: DryClinic, spots: Sequence[Spot], n: int) -> tuple[list[str], int]:
    """(what went wrong, cases): a payload in a statement, a failure, or other rows than for a harmless text."""
    wrong, cases, harmless = [], 0, {}
    for spot, payload in shared_out([spot for spot in spots if spot.kind != "number"], SQL, n):
        if not fits(spot, payload):
            continue
        if id(spot) not in harmless:
            harmless[id(spot)] = _answered(clinic, spot, HARMLESS)
            if spot.endpoint in PASSES_OVER:
                harmless[id(spot)][1].update(_answered(clinic, spot, "")[1])
        status, keys, kept = _answered(clinic, spot, payload)
        cases += 1
        if status >= 500:
            wrong.append(f"{spot.label}: {payload!r} answers {status}")
        if any(MARK in statement for statement, _ in kept.statements):
            wrong.append(f"{spot.label}: {payload!r} stands in a statement")
        if keys - harmless[id(spot)][1] and spot.method == "GET":
            wrong.append(f"{spot.label}: {payload!r} finds rows")
        if len(kept.statements) > len(harmless[id(spot)][2].statements) + 25:
            wrong.append(f"{spot.label}: {payload!r} asks the database {len(kept.statements)} times")
    return wrong, cases


def _answered(clinic: DryClinic, spot: Spot, value: str) -> tuple[int, set[str], Kept]:
    with clinic.watched() as kept:
        answer = spot.send(clinic, value)
    return answer.status_code, set(KEY.findall(answer.text)) if answer.mimetype == "text/html" else set(), kept


@pytest.mark.S14
def test_both_databases_take_and_refuse_the_same_texts(
    dry: DryClinic, dry_on_postgresql: DryClinic, spots: list[Spot], trials: Trials, tried: Callable[[int], None]
) -> None:
    """Each spot with some of the texts, and with NUL, which one of the two would keep."""
    some = families(spots, trials(0, 1) == 1)
    for said, n in ((("a\x00b",), 1), (TEXTS, trials(1, len(TEXTS)))):
        found, cases = told_apart(dry, dry_on_postgresql, some if n > 1 or trials(0, 1) else written(some), said, n)
        assert not found, found[:5]
        tried(cases)


def written(spots: Sequence[Spot]) -> list[Spot]:
    """Where words are typed, or where only the source says what is taken."""
    return [spot for spot in spots if spot.kind in {"text", "textarea", "email", "tel", "hidden", "url", "search"}]


def told_apart(
    dry: DryClinic, other: DryClinic, spots: Sequence[Spot], texts: Sequence[str], n: int
) -> tuple[list[str], int]:
    """(what went wrong, cases): a text that one database takes and the other does not, or a failure."""
    wrong, cases = [], 0
    for spot, value in shared_out([spot for spot in spots if spot.kind != "number"], texts, n):
        if not fits(spot, value):
            continue
        found = [spot.send(clinic, value).status_code for clinic in (dry, other)]
        cases += 2
        if found[0] != found[1] or found[0] >= 500:
            wrong.append(f"{spot.label}: {value[:20]!r} answers {found}")
    return wrong, cases


@pytest.mark.S14
def test_a_text_that_one_database_refuses_would_be_found(
    dry: DryClinic, dry_on_postgresql: DryClinic, spots: list[Spot], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The planted hole: nobody looks any more at what a database cannot keep, and a search asks for it."""
    monkeypatch.setattr(texts, "can_be_kept", lambda text: True)
    for clinic in (dry, dry_on_postgresql):
        monkeypatch.setitem(clinic.app.before_request_funcs, "queue", [_measure_the_words])
    searched = [spot for spot in spots if (spot.endpoint, spot.name) == ("queue.home", "words")]
    assert told_apart(dry, dry_on_postgresql, searched, ("a\x00b",), 1)[0]


def _measure_the_words() -> None:
    connection, words = edge.session().connection(), request.args.get("words", "")
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("SELECT length(?)", (words,))
    else:
        connection.exec_driver_sql("SELECT length(%(words)s::text)", {"words": words})
