"""Every error has an answer: problem+json for programs, a calm page for people, and nothing half done."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from tests.web.conftest import Clinic, settings_for
from tests.web.desk import desk_of
from web import create_app, edge
from web.problems import KINDS, PAGES, Refused


def problem(answer: object) -> dict[str, object]:
    assert answer.content_type == "application/problem+json"  # type: ignore[attr-defined]
    said = json.loads(answer.text)  # type: ignore[attr-defined]
    assert set(said) == {"type", "title", "status", "detail", "errors"}
    assert said["status"] == answer.status_code  # type: ignore[attr-defined]
    assert said["type"] == f"/api/v1/#problem-{said['status']}"
    return said


def test_each_class_of_error_is_a_problem(clinic: Clinic) -> None:
    auth = {"Authorization": f"Bearer {clinic.token}"}
    json_auth = auth | {"Content-Type": "application/json"}
    post = clinic.client.post
    answers = {
        400: post("/api/v1/matches", data="{", headers=json_auth),
        401: post("/api/v1/matches", json={}),
        403: post("/api/v1/matches", json={}, headers={"Authorization": f"Bearer {clinic.token_without_scope}"}),
        404: clinic.client.get("/api/v1/nothing"),
        405: clinic.client.get("/api/v1/matches"),
        406: post("/api/v1/matches", json={}, headers=auth | {"Accept": "text/html"}),
        413: post("/api/v1/matches", data=b" " * 1_000_001, headers=json_auth),
        415: post("/api/v1/matches", data={"intake": "x"}, headers=auth),
        422: post("/api/v1/matches", json={}, headers=auth),
    }
    for status, answer in answers.items():
        assert answer.status_code == status
        said = problem(answer)
        assert said["title"] == KINDS[status][0]
    assert "POST" in answers[405].headers["Allow"]


def test_a_chunked_body_without_a_length_is_bounded_too(clinic: Clinic) -> None:
    import io

    answer = clinic.client.post(
        "/api/v1/matches",
        input_stream=io.BytesIO(b" " * 1_000_001),
        headers={"Authorization": f"Bearer {clinic.token}", "Content-Type": "application/json"},
        environ_overrides={"wsgi.input_terminated": True, "HTTP_TRANSFER_ENCODING": "chunked"},
    )
    assert answer.status_code == 413


def test_people_get_a_page_with_a_way_on(client: FlaskClient) -> None:
    answer = client.get("/nothing")
    assert (answer.status_code, answer.mimetype) == (404, "text/html")
    assert str(PAGES[404][0]) in answer.text
    assert 'href="/help-now"' in answer.text


def test_too_many_requests_are_told_to_wait(clinic: Clinic) -> None:
    app = create_app(settings_for(clinic.database_url, api_limit="2 per minute"))
    headers = {"Authorization": f"Bearer {clinic.token}"}
    first, second, third = (app.test_client().post("/api/v1/matches", json={}, headers=headers) for _ in range(3))
    assert (first.status_code, second.status_code, third.status_code) == (422, 422, 429)
    assert (first.headers["X-RateLimit-Limit"], first.headers["X-RateLimit-Remaining"]) == ("2", "1")
    assert "Retry-After" not in first.headers
    assert 0 < int(third.headers["Retry-After"]) <= 60
    assert problem(third)["title"] == "Too many requests"


def test_guessing_tokens_is_bounded_by_the_address(clinic: Clinic) -> None:
    app = create_app(settings_for(clinic.database_url, address_limit="3 per minute"))
    statuses = [
        app.test_client().post("/api/v1/matches", headers={"Authorization": f"Bearer guess-{k}"}).status_code
        for k in range(5)
    ]
    assert statuses == [401, 401, 401, 429, 429]
    assert app.test_client().get("/").status_code == 429
    assert app.test_client().get("/help-now").status_code == 200
    assert app.test_client().get("/healthz").status_code == 200
    assert app.test_client().get("/static/rapport.css").status_code == 200


def test_a_write_that_cannot_be_committed_is_answered_as_a_failure(
    clinic: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = create_app(settings_for(clinic.database_url))

    class Full:
        rolled_back = closed = 0

        def commit(self) -> None:
            raise OSError("disk full")

        def rollback(self) -> None:
            Full.rolled_back += 1

        def close(self) -> None:
            Full.closed += 1

    monkeypatch.setitem(app.extensions, "rapport_sessions", Full)
    monkeypatch.setitem(app.view_functions, "health.alive", lambda: edge.session() and "ok")
    answer = app.test_client().get("/healthz")
    assert answer.status_code == 500
    assert (Full.rolled_back, Full.closed) == (1, 1)


def test_a_refusal_rolls_back_and_success_commits_once(clinic: Clinic, monkeypatch: pytest.MonkeyPatch) -> None:
    app = create_app(settings_for(clinic.database_url))
    told: list[str] = []

    class Session:
        commit = rollback = close = lambda self: None

        def __getattribute__(self, name: str) -> object:
            told.append(name)
            return lambda: None

    def refuse() -> str:
        edge.session()
        raise Refused(409, "somebody was faster")

    monkeypatch.setitem(app.extensions, "rapport_sessions", Session)
    monkeypatch.setitem(app.view_functions, "health.alive", lambda: edge.session() and edge.session() and "ok")
    app.test_client().get("/healthz")
    assert told == ["commit", "close"]
    told.clear()
    monkeypatch.setitem(app.view_functions, "health.alive", refuse)
    assert app.test_client().get("/healthz").status_code == 409
    assert told == ["rollback", "close"]


def test_staff_who_are_lost_find_their_own_pages_and_no_second_way_in(clinic: Clinic, tmp_path: Path) -> None:
    desk = desk_of(clinic, tmp_path)
    lost = desk.browser("therapist").get("/nowhere")
    assert lost.status_code == 404 and 'href="/home"' in lost.text and "There is no page here" in lost.text
    assert "Sign in" not in lost.text and "/how-it-works" not in lost.text
    nobody = desk.app.test_client().get("/nowhere").text
    assert "Sign in" in nobody and "/how-it-works" in nobody and 'href="/home"' not in nobody
