"""No form and no document writes a field that it was not made for, whatever else is sent along."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path
from uuid import UUID

import pytest
from flask import request

from tests.trust.test_things_of_others import copy_of
from tests.trust.town import Town
from tests.trust.townsfolk import body_of, caller, own, path_of, rules
from web import access
from web.services import casework

KEY, WORD, NUMBER, DAY = UUID("5ca1ab1e-5ca1-7ab1-8ca1-5ca1ab1e5ca1"), "zqmasszq", 42_424_242, "1999-09-09T09:09:09"
# fields of tables that no page or program writes by their name
FIELDS = {
    "clinic_id": str(KEY), "id": str(KEY), "client_id_": str(KEY), "person_id": str(KEY), "therapist_key": str(KEY),
    "role": WORD, "state": WORD, "is_demo": "1", "made_by": WORD, "actor": WORD, "author": WORD, "settled_by": WORD,
    "created_at": DAY, "made_at": DAY, "given_at": DAY, "consented_at": DAY, "said_at": DAY, "read_at": DAY,
    "session_number": str(NUMBER), "directory_version": str(NUMBER), "intake_version": str(NUMBER),
    "external_id": WORD, "uniquifier": WORD, "password": WORD, "token_hash": WORD, "link_hash": WORD,
}  # fmt: skip
ENDS_IT = frozenset({"people.sign_in", "people.sign_out", "tour.look", "intake.leave", "static"})


def stored(town: Town) -> list[str]:
    """Tables in which one of the marks stands."""
    marks = (KEY.hex, str(KEY), WORD, str(NUMBER), DAY[:10])
    found = []
    with sqlite3.connect(town.url.removeprefix("sqlite:///")) as opened:
        for (name,) in opened.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
            said = repr(opened.execute(f"SELECT * FROM {name}").fetchall())
            found += [f"{name}: {mark}" for mark in marks if mark in said]
    return found


def overwritten(town: Town) -> tuple[int, list[str]]:
    """(cases, routes after which a mark stands in the database): each route that changes, with every field at once."""
    north, n, wrong = town.houses["north"], 0, []
    for rule, method in rules(town):
        if method in ("GET", "DELETE") or rule.endpoint in ENDS_IT:
            continue
        browser, headers = caller(town, north, rule.endpoint)
        body = body_of(town, north, rule.endpoint) | FIELDS
        kind = "json" if access.ROUTES[rule.endpoint].scope is not None else "data"
        path = path_of(rule, own(north, rule))
        answer = browser.open(path, method=method, headers=headers, query_string=FIELDS, **{kind: body})
        n += len(FIELDS)
        if answer.status_code >= 500 or stored(town):
            wrong.append(f"{method} {rule.rule}: {answer.status_code} {stored(town)[:3]}")
            return n, wrong
    return n, wrong


@pytest.mark.S3
def test_fields_that_nobody_asked_for_are_not_written(town: Town, tmp_path: Path, tried: Callable[[int], None]) -> None:
    n, wrong = overwritten(copy_of(town, tmp_path))
    assert not wrong, "\n".join(wrong)
    tried(n)


@pytest.mark.S3
def test_a_service_that_took_every_field_would_be_seen(
    town: Town, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tried: Callable[[int], None]
) -> None:
    """A planted hole: whoever keeps a note says in the form who did it."""
    whole = casework.say

    def careless(session, client_id, words, *, actor, now):  # type: ignore[no-untyped-def]
        whole(session, client_id, words, actor=request.form.get("actor", actor), now=now)

    monkeypatch.setattr(casework, "say", careless)
    mine = copy_of(town, tmp_path)
    only = [pair for pair in rules(mine) if pair[0].endpoint == "queue.note"]
    monkeypatch.setattr("tests.trust.test_fields.rules", lambda town: iter(only))
    _, wrong = overwritten(mine)
    assert wrong
    tried(1)
