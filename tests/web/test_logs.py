"""Logs hold ids, counts and places, and nothing that a person wrote."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
import structlog

from tests.web.conftest import Clinic, settings_for
from web import create_app, logs

SECRET = "grandmother-4711"


@pytest.fixture(autouse=True)
def as_in_production() -> Iterator[None]:
    handlers, level = logging.root.handlers[:], logging.root.level
    logs.configure()
    yield
    structlog.reset_defaults()
    logging.basicConfig(handlers=handlers, level=level, force=True)


def lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capsys.readouterr().err.splitlines()]


def test_a_request_is_a_line_with_the_template_of_its_route(clinic: Clinic, capsys: pytest.CaptureFixture[str]) -> None:
    clinic.client.get(f"/static/rapport.css?name={SECRET}")
    (line,) = lines(capsys)
    assert (line["event"], line["method"], line["route"], line["status"]) == (
        "request", "GET", "/static/<path:filename>", 200,
    )  # fmt: skip
    assert set(line) <= logs.ALLOWED


def test_a_path_that_is_no_route_is_not_written_down(clinic: Clinic, capsys: pytest.CaptureFixture[str]) -> None:
    clinic.client.get(f"/{SECRET}")
    clinic.client.open(f"/{SECRET}", method=SECRET.upper())
    written = capsys.readouterr().err
    assert SECRET not in written.lower()
    assert json.loads(written.splitlines()[0])["route"] is None


def test_a_key_that_is_not_on_the_list_is_dropped(capsys: pytest.CaptureFixture[str]) -> None:
    logs.log.info("fitted", comment=SECRET, status=200)
    (line,) = lines(capsys)
    assert set(line) == {"event", "level", "at", "status"}


def test_a_failure_is_named_by_type_and_place_and_not_by_its_text(
    clinic: Clinic, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    app = create_app(settings_for(clinic.database_url))

    def broken() -> str:
        raise ZeroDivisionError(f"no way to divide {SECRET}")

    monkeypatch.setitem(app.view_functions, "health.alive", broken)
    answer = app.test_client().get("/healthz")
    assert (answer.status_code, answer.content_type) == (500, "application/problem+json")
    assert SECRET not in answer.text
    written = capsys.readouterr().err
    assert SECRET not in written
    failure = json.loads(written.splitlines()[0])
    assert failure["error"] == "ZeroDivisionError"
    assert failure["places"][-1].startswith("tests/web/test_logs.py:")


def test_of_other_libraries_only_the_speaker_and_the_place_are_kept(capsys: pytest.CaptureFixture[str]) -> None:
    logging.getLogger("some.library").warning("could not store %s", SECRET)
    logging.getLogger("some.library").info("stored")
    (line,) = lines(capsys)
    assert (line["event"], line["logger"]) == ("library", "some.library")
    assert SECRET not in json.dumps(line)


def test_every_answer_bears_the_id_of_its_line(clinic: Clinic, capsys: pytest.CaptureFixture[str]) -> None:
    answer = clinic.client.get("/healthz")
    assert answer.headers["X-Request-Id"] == lines(capsys)[0]["request_id"]
