"""Weights over the API: what a program may look at and change, what it is told, and what is left to people."""

from __future__ import annotations

import json
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from matcher import CLIENT_BOUNDS, DEFAULT_WEIGHTS
from tests.web.api.test_matches import BAD, places
from tests.web.conftest import Clinic, settings_for
from tests.web.services.leading import GONE, Leads, clinic_with_leads, copied_clinic
from web import create_app
from web.db import engine
from web.services import clinics, tokens, tuning, weight_drafts, weight_publishing
from web.services.weight_publishing import ask_for_two

DRAFT = {"weights": {"alliance": 3, "access": 1}, "note": "Sooner.", "bounds": {"access": {"least": 0.5, "most": 2}}}


@dataclass(frozen=True)
class Program:
    """A program with a token of a clinic."""

    app: Flask
    leads: Leads
    token: str

    def __call__(self, method: str, path: str, document: Any = None, *, raw: str | None = None) -> TestResponse:
        headers = {"Authorization": f"Bearer {self.token}"}
        if document is not None or raw is not None:
            headers["Content-Type"] = "application/json"
        body = raw if raw is not None else None if document is None else json.dumps(document)
        sent = body and body.encode("utf-8", "surrogatepass")
        return self.app.test_client().open(f"/api/v1/weights{path}", method=method, data=sent, headers=headers)

    def drafted(self, **changes: Any) -> int:
        """A draft with these numbers; its revision."""
        answer = self("PUT", "/draft", DRAFT | changes)
        assert answer.status_code == 200, answer.text
        return int(answer.json["revision"])

    def published(self, **changes: Any) -> TestResponse:
        """The same, published."""
        return self("POST", "/publish", {"revision": self.drafted(**changes)})


def program_of(app: Flask, leads: Leads, *scopes: str) -> Program:
    with engine.sessions(leads.url)() as session:
        clinics.find(engine.writing(session), leads.slug)
        token = tokens.issue(session, now=datetime.now(UTC), scopes=scopes or tokens.SCOPES)
        session.commit()
    return Program(app, leads, token)


@pytest.fixture
def program(tmp_path: Path) -> Program:
    leads = copied_clinic(tmp_path)
    return program_of(create_app(settings_for(leads.url)), leads)


def test_a_new_clinic_has_the_weights_of_the_release(program: Program) -> None:
    found = program("GET", "").json
    assert found["serving"]["version"] is None and found["serving"]["weights"] == dict(DEFAULT_WEIGHTS.values)
    assert (found["draft"], found["history"], found["versions"], found["two_person"]) == (None, [], [], False)
    document = program.app.test_client().get("/api/v1/openapi.json").json
    assert set(found) == set(document["components"]["schemas"]["WeightsOut"]["properties"])


def test_from_a_draft_to_what_serves_and_back(program: Program) -> None:
    drafted = program("PUT", "/draft", DRAFT).json
    assert (drafted["relative"]["alliance"], drafted["weights"]["alliance"]) == (3, 0.75)
    assert drafted["bounds"]["access"] == {"least": 0.5, "most": 2}
    assert drafted["bounds"]["alliance"] == dict(zip(("least", "most"), CLIENT_BOUNDS, strict=True))
    assert program("GET", "").json["draft"] == drafted
    made = program("POST", "/publish", {"revision": drafted["revision"]}).json
    assert (made["version"], made["state"], made["kind"], made["approved_by"]) == ("w1", "serving", "published", None)
    found = program("GET", "").json
    assert found["draft"] is None and found["history"] == [made] and found["serving"]["note"] == "Sooner."
    assert found["versions"] == [found["serving"]]
    assert made["author"] == found["serving"]["author"] == drafted["edited_by"]
    assert made["author"].startswith("program ") and made["author"].removeprefix("program ") not in program.token
    assert program("POST", "/roll-back", {"version": None}).json["kind"] == "rolled_back"
    assert program("GET", "").json["serving"]["version"] is None
    assert program("POST", "/roll-back", {"version": "w1"}).json["version"] == "w1"


def test_a_draft_is_set_aside(program: Program) -> None:
    revision = program.drafted()
    assert program("DELETE", "/draft").status_code == 422
    assert program("DELETE", f"/draft?revision={revision + 1}").status_code == 409
    assert program("DELETE", f"/draft?revision={revision}").json["draft"] is None
    assert program("DELETE", f"/draft?revision={revision}").json["draft"] is None, "a 409 with no draft to show"


def test_who_has_seen_an_older_draft_is_shown_the_newest(program: Program) -> None:
    """What a person changed meanwhile is not overwritten, and comes with the refusal."""
    revision = program.drafted()
    theirs = program.leads.act(
        weight_drafts.save_draft, {"access": 1}, {}, "Mine.", revision, actor=program.leads.ben, at=1
    )
    for method, path, document in (
        ("PUT", "/draft", DRAFT | {"revision": revision, "note": "x"}),
        ("PUT", "/draft", DRAFT | {"note": "x"}),
        ("POST", "/publish", {"revision": revision}),
        ("DELETE", f"/draft?revision={revision}", None),
    ):
        answer = program(method, path, document)
        assert (answer.status_code, answer.content_type) == (409, "application/problem+json"), answer.text
        assert "Ben Moss has changed the draft" in answer.json["detail"]
        assert (answer.json["draft"]["revision"], answer.json["draft"]["note"]) == (theirs.revision, "Mine.")
    assert program("GET", "").json["draft"]["note"] == "Mine."


def test_the_same_twice_is_done_once(program: Program) -> None:
    assert program.drafted() == program.drafted()
    revision = program.drafted()
    assert program("POST", "/publish", {"revision": revision}).status_code == 200
    again = program("POST", "/publish", {"revision": revision})
    assert again.status_code == 409 and again.json["draft"] is None and "no draft" in again.json["detail"]
    assert program("POST", "/roll-back", {"version": None}).status_code == 200
    assert program("POST", "/roll-back", {"version": None}).status_code == 409
    assert len(program("GET", "").json["history"]) == 2


def test_what_other_weights_would_change_is_counted_and_names_no_client(clinic: Clinic) -> None:
    """The clinic of the files: 40 lists; the same weights move nobody, others do."""
    found = programs_of(clinic)("POST", "/preview", {"weights": dict(DEFAULT_WEIGHTS.values)}).json
    assert 5 <= found["n_lists"] <= 40 and (found["n_changed"], found["showings"], found["shut_out"]) == (0, [], [])
    assert found["gini"]["before"] == found["gini"]["after"]
    asked = programs_of(clinic)("POST", "/preview", {"weights": {"access": 1}})
    assert 0 < asked.json["n_other_first"] <= asked.json["n_changed"] <= found["n_lists"]
    assert sum(one["after"] - one["before"] for one in asked.json["showings"]) == 0
    assert "client" not in asked.text and "intake" not in asked.text


def programs_of(clinic: Clinic) -> Program:
    with engine.sessions(clinic.database_url)() as session:
        clinics.find(engine.writing(session), None)
        token = tokens.issue(session, now=datetime.now(UTC), scopes=("weights:read",))
        session.commit()
    return Program(clinic.app, Leads(clinic.database_url, "harbour", UUID(int=1), UUID(int=2)), token)


def test_few_lists_are_not_told(program: Program) -> None:
    found = program("POST", "/preview", {"weights": {"access": 1}}).json
    assert found["n_lists"] is None and found["showings"] == []


def test_weights_can_wait_for_their_day(program: Program) -> None:
    moment = datetime.now(UTC) + timedelta(days=3)
    asked = {"revision": program.drafted(), "effective_at": moment.isoformat()}
    assert program("POST", "/publish", asked).json["state"] == "scheduled"
    assert program("GET", "").json["serving"]["version"] is None
    past = {"revision": program.drafted(note="Later."), "effective_at": "2020-01-01T00:00:00Z"}
    wrong = program("POST", "/publish", past)
    assert (wrong.status_code, wrong.json["errors"][0]["place"]) == (422, "effective_at")
    unzoned = program("POST", "/publish", past | {"effective_at": "2030-01-01T00:00"})
    assert unzoned.status_code == 422 and "zone" in unzoned.json["errors"][0]["mend"]


def test_where_two_are_asked_for_people_decide(program: Program) -> None:
    revision = program.drafted()
    program.leads.act(ask_for_two, True, actor=program.leads.ada)
    answer = program("POST", "/publish", {"revision": revision})
    assert answer.status_code == 409 and "two persons" in answer.json["detail"] and "draft" not in answer.json
    assert program("GET", "").json["draft"]["revision"] == revision and program("GET", "").json["two_person"]


@pytest.mark.A8
def test_who_would_be_shut_out_is_left_to_people_where_there_are_any(
    program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A program that says that it has read the warning does not take the place of those who lead the clinic."""
    program.published(note="First.")
    program("POST", "/roll-back", {"version": None})
    revision = program.drafted()
    monkeypatch.setattr(tuning, "warnings", lambda *_: GONE)
    for acknowledged in (False, True):
        answer = program("POST", "/publish", {"revision": revision, "acknowledged": acknowledged})
        assert answer.status_code == 409 and "propose the draft" in answer.json["detail"]
        answer = program("POST", "/roll-back", {"version": "w1", "acknowledged": acknowledged})
        assert answer.status_code == 409 and "propose the draft" in answer.json["detail"]
    monkeypatch.setattr(weight_publishing, "leads", lambda _session: frozenset())  # a clinic that nobody leads yet
    unread = program("POST", "/publish", {"revision": revision})
    assert unread.json["shuts_out"] == [{"kind": "group", "trait": "language", "option": "tr"}]
    assert program("GET", "").json["serving"]["version"] is None
    assert program("POST", "/publish", {"revision": revision, "acknowledged": True}).json["state"] == "serving"
    assert program.leads.acts()[-1][3] == {"shuts_out": 1}


@pytest.mark.parametrize(
    ("change", "place", "mend"),
    [
        ({"weights": {}}, "weights", "above 0"),
        ({"weights": {"alliance": 0}}, "weights", "above 0"),
        ({"weights": {"alliance": -1}}, "weights.alliance", "0 or more"),
        ({"weights": {"aliance": 1}}, "weights", "did you mean 'alliance'"),
        ({"bounds": {"access": {"least": 2, "most": 2}}}, "bounds.access", "least from 0 to 1"),
        ({"bounds": {"acces": {"least": 1, "most": 2}}}, "bounds", "did you mean 'access'"),
        ({"bounds": {"access": {"least": 1}}}, "bounds.access.most", "required"),
        ({"wieghts": {}}, "wieghts", "did you mean 'weights'"),
        ({"note": "x" * 1_001}, "note", "at most 1000"),
    ],
)
def test_a_bad_draft_is_told_by_place_value_and_mend(
    program: Program, change: dict[str, Any], place: str, mend: str
) -> None:
    answer = program("PUT", "/draft", DRAFT | change)
    assert (answer.status_code, answer.content_type) == (422, "application/problem+json")
    fault = answer.json["errors"][0]
    assert (fault["place"], mend in fault["mend"]) == (place, True), fault
    assert program("GET", "").json["draft"] is None


def test_the_largest_number_is_a_weight(program: Program) -> None:
    assert program("PUT", "/draft", DRAFT | {"weights": {"alliance": 1e308, "access": 1e308}}).json["weights"][
        "access"
    ] == 0.5  # fmt: skip


@pytest.mark.S15
def test_every_field_with_every_bad_value(program: Program, tried: Callable[[int], None]) -> None:
    """Never a 5xx: taken where the value is allowed there, or refused by place and mend; what serves stays."""
    n = 0
    for method, path, document in (
        ("PUT", "/draft", DRAFT | {"revision": 1}),
        ("POST", "/publish", {"revision": 1, "effective_at": "2030-01-01T00:00:00Z", "acknowledged": False}),
        ("POST", "/roll-back", {"version": "w1", "acknowledged": False}),
        ("POST", "/preview", {"weights": {"alliance": 3, "access": 1}}),
    ):
        for at in places(document):
            for raw in BAD.values():
                answer = program(method, path, raw=_with(document, at, raw))
                assert answer.status_code in {200, 400, 409, 422}, (path, at, raw[:40], answer.text)
                if answer.status_code in {400, 422}:
                    assert all(fault["place"] and fault["mend"] for fault in answer.json["errors"])
                n += 1
    assert program("GET", "").json["serving"]["version"] is None
    tried(n)


def _with(document: Any, at: tuple[Any, ...], raw: str) -> str:
    whole = deepcopy(document)
    holder = whole
    for key in at[:-1]:
        holder = holder[key]
    holder[at[-1]] = "«here»"
    return json.dumps(whole, ensure_ascii=False).replace('"«here»"', raw)


@pytest.mark.S1
def test_a_token_does_what_it_was_given_and_sees_its_own_clinic(program: Program, tried: Callable[[int], None]) -> None:
    acts = (("PUT", "/draft", DRAFT), ("DELETE", "/draft?revision=1", None), ("POST", "/publish", {"revision": 1}),
            ("POST", "/roll-back", {"version": None}))  # fmt: skip
    for scopes in (("matches",), ("weights:read",), ("matches", "weights:read")):
        other = program_of(program.app, program.leads, *scopes)
        assert other("GET", "").status_code == (200 if "weights:read" in scopes else 403)
        for method, path, document in acts:
            answer = other(method, path, document)
            assert answer.status_code == 403 and "weights:write" in answer.json["detail"]
    writes = program_of(program.app, program.leads, "weights:write")
    assert writes("GET", "").status_code == 403 and writes("PUT", "/draft", DRAFT).status_code == 200
    south = program_of(program.app, clinic_with_leads(program.leads.url, "south"))
    assert south("GET", "").json["draft"] is None
    assert south("POST", "/publish", {"revision": 1}).json["draft"] is None
    assert south("POST", "/roll-back", {"version": "w1"}).status_code == 422
    tried(3 * (1 + len(acts)) + 5)


def test_a_token_may_no_more_than_matching_unless_it_is_asked_for(program: Program) -> None:
    with engine.sessions(program.leads.url)() as session:
        clinics.find(engine.writing(session), program.leads.slug)
        caller = tokens.verify(session, tokens.issue(session, now=datetime.now(UTC)))
    assert caller is not None and caller.scopes == {"matches"}


def test_what_a_program_writes_is_not_in_the_log(program: Program, capsys: pytest.CaptureFixture[str]) -> None:
    secret = "grandmother-4711"
    program("PUT", "/draft", DRAFT | {"note": secret})
    program("PUT", "/draft", DRAFT | {"weights": {secret: 1}})
    program("POST", "/roll-back", {"version": secret})
    said = capsys.readouterr()
    assert secret not in said.out + said.err
    assert secret not in json.dumps([[*act[:3], dict(act[3])] for act in program.leads.acts()])
