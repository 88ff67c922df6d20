"""Small things that a security standard asks for, each by its own test."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest
from flask import request
from werkzeug.datastructures import MultiDict

from tests.trust.hostile.clinic import KEY, Caller, DryClinic
from tests.trust.hostile.parameters import Spot
from tests.web.conftest import settings_for
from web import create_app, headers


@pytest.mark.S21
def test_nothing_is_listed_or_traced(dry: DryClinic, everybody: Mapping[str, Caller]) -> None:
    nobody = everybody["nobody"]
    for path in ("/static/", "/static/vendor/", "/static/vendor", "/templates/", "/.git/config"):
        assert dry.send(nobody, "GET", path).status_code == 404, path
    for path in ("/", "/queue/", "/api/v1/", "/static/rapport.css", "/healthz"):
        answer = dry.send(nobody, "TRACE", path, headers={"X-Told": "told"})
        assert answer.status_code == 405 and "told" not in answer.text, path


@pytest.mark.parametrize(("proxies", "address", "scheme"), [(0, "10.9.9.9", "http"), (1, "192.0.2.7", "https")])
def test_who_calls_is_said_by_as_many_proxies_as_there_are(
    furnished: str, proxies: int, address: str, scheme: str
) -> None:
    """What a caller says of itself counts where a proxy stands before us, and only the last word of it."""
    app = create_app(settings_for(furnished, secret_key=KEY, proxies=proxies))
    app.view_functions["health.alive"] = lambda: f"{request.remote_addr} {request.scheme} {request.host}"
    said = {"X-Forwarded-For": "203.0.113.1, 192.0.2.7", "X-Forwarded-Proto": "http, https", "X-Real-IP": "203.0.113.1"}
    answer = app.test_client().get("/healthz", headers=said, environ_base={"REMOTE_ADDR": "10.9.9.9"})
    assert answer.text == f"{address} {scheme} localhost"


@pytest.mark.S3
def test_a_name_that_is_sent_twice_counts_once(dry: DryClinic, spots: list[Spot]) -> None:
    """One note where a form says two, and none where the address says what the form has to."""
    (note,) = [spot for spot in spots if (spot.endpoint, spot.where, spot.name) == ("queue.note", "form", "note")]
    rest = [pair for pair in note.pairs if pair[0] != "note"]
    for path, said, n in ((note.path, ("one", "two"), 1), (f"{note.path}?note=three", (), 0)):
        with dry.watched() as kept:
            dry.send(note.caller, "POST", path, data=MultiDict([*rest, *(("note", words) for words in said)]))
        written = [values for statement, values in kept.statements if statement.startswith("INSERT INTO case_events")]
        assert len(written) == n, (path, written)


def test_no_script_of_ours_keeps_anything_in_the_browser() -> None:
    scripts = list(Path(headers.STATIC).glob("*.js"))
    assert len(scripts) >= 2
    for script in scripts:
        text = script.read_text()
        kept = [word for word in ("localStorage", "sessionStorage", "indexedDB", "document.cookie") if word in text]
        assert not kept, (script.name, kept)
