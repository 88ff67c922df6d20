"""POST /api/v1/matches/why: why not first, why not at all, and what would change it; the same on the command line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from werkzeug.test import TestResponse

from tests.web.commands.running import as_json, done, rapport_on, refused
from tests.web.conftest import Clinic
from tests.web.desk import desk_of
from tests.web.services.test_lists import sent
from web.services import clinics, lists

ASKED: dict[str, Any] = {"client_id": "c1", "concerns": ["anxiety"], "languages": ["en"]}


def why(clinic: Clinic, therapist_id: str, **said: Any) -> TestResponse:
    headers = {"Authorization": f"Bearer {clinic.token}"}
    body = {"intake": ASKED | said, "therapist_id": therapist_id}
    return clinic.client.post("/api/v1/matches/why", json=body, headers=headers)


def test_the_gaps_add_up_to_what_the_first_has_more(clinic: Clinic) -> None:
    found = clinic.match(ASKED, top=8).get_json()["matches"]
    answer = why(clinic, found[7]["therapist"]["id"]).get_json()
    assert (answer["place"], answer["score"]) == (8, found[7]["score"])
    assert sum(gap["points"] for gap in answer["gaps"]) == pytest.approx(found[0]["score"] - found[7]["score"])
    assert answer["by_weight"] or answer["by_value"]
    assert all(one["text"] for part in ("gaps", "by_weight", "by_value") for one in answer[part])


def test_who_cannot_be_offered_is_told_with_every_reason_and_the_changes_that_help(clinic: Clinic) -> None:
    said = {"formats": ["online"], "max_fee_cents": 500, "languages": ["en"]}
    refusals = clinic.match(ASKED | said).get_json()["refusals"]["therapists"]
    only = next(one for one in refusals if one["codes"] == ["fee"])
    answer = why(clinic, only["therapist_id"], **said).get_json()
    assert answer["place"] is None and [one["code"] for one in answer["refusals"]] == ["fee"]
    (change,) = answer["changes"]
    assert change["code"] == "raise_fee" and "a session" in change["text"]
    again = clinic.match(ASKED | said | {"max_fee_cents": change["params"]["max_fee_cents"]}, top=100).get_json()
    assert only["therapist_id"] in {match["therapist"]["id"] for match in again["matches"]}


def test_somebody_unknown_and_a_body_that_is_none(clinic: Clinic) -> None:
    answer = why(clinic, "nobody")
    assert answer.status_code == 422 and answer.get_json()["errors"][0]["place"] == "therapist_id"
    assert why(clinic, "").status_code == 422


def test_the_command_line_says_the_same(clinic: Clinic, tmp_path: Path) -> None:
    path = tmp_path / "intake.json"
    path.write_text(json.dumps(ASKED))
    run = rapport_on(clinic.database_url)
    third = clinic.match(ASKED, top=3).get_json()["matches"][2]["therapist"]["id"]
    assert as_json(run("match", "--intake", path, "--why", third, "--json")) == why(clinic, third).get_json()
    assert done(run("match", "--intake", path, "--why", third)).startswith("Place 3, ")
    full = next(
        one["therapist_id"]
        for one in clinic.match(ASKED).get_json()["refusals"]["therapists"]
        if "capacity" in one["codes"]
    )
    words = done(run("match", "--intake", path, "--why", full))
    assert "Has no free place now" in words and "No answer of the client changes all of this." in words
    assert "no such therapist" in refused(run("match", "--intake", path, "--why", "nobody"))


def test_a_list_is_made_again_on_the_command_line(clinic: Clinic, tmp_path: Path) -> None:
    desk = desk_of(clinic, tmp_path)
    with desk.session() as session:
        kept = sent(session, {name: said for name, said in ASKED.items() if name != "client_id"})
        lists.make(session, clinics.find(session, None), kept, now=kept.changed_at)
        list_id = lists.newest(session, kept)
    run = rapport_on(desk.url)
    assert "the same, to the byte" in done(run("replay", list_id))
    told = as_json(run("replay", list_id, "--json"))
    assert told["verdict"] == "same" and len(told["record"]["places"]) == 20
    assert "no such list" in refused(run("replay", uuid4()))
