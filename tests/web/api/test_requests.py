"""A program asks for a therapist for a client."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import pytest

from tests.web.api.test_proposals import Program
from tests.web.conftest import Clinic
from tests.web.desk import Desk, desk_of
from tests.web.waiting_room import client_of, place_of, seen, sent, therapist, with_places
from web.services import requests
from web.services.intakes import KeptIntake


@pytest.fixture
def desk(clinic: Clinic, tmp_path: Path) -> Desk:
    return desk_of(clinic, tmp_path)


def two(desk: Desk) -> tuple[KeptIntake, KeptIntake, list[str]]:
    """Two people who want the same one, who has one place, and whom they may ask for."""
    with desk.session() as session:
        first, second = (sent(session, now=datetime.now(UTC)) for _time in range(2))
        found = seen(session, second)
        with_places(session, found[0], 1)
        with_places(session, found[1], 2)
        return first, second, found


def test_asked_twice_with_a_key_it_is_one_and_the_second_choice_follows(desk: Desk) -> None:
    kept, _other, (best, next_, *_rest) = two(desk)
    program = Program(desk, "requests:write")
    body = {"client_id": str(client_of(kept)), "therapist_ids": [best, next_]}
    said = [program.ask("POST", "/requests", json=body, headers={"Idempotency-Key": "a"}) for _time in range(2)]
    assert [one.status_code for one in said] == [200, 200] and said[0].json == said[1].json
    found = said[0].json
    assert (found["state"], found["client_id"]) == ("open", body["client_id"])
    stands = [(one["therapist_id"], one["choice"], one["state"]) for one in found["choices"]]
    assert stands == [(best, 1, "asked"), (next_, 2, "waiting")]
    assert found["choices"][0]["answer_by"] is not None and found["choices"][1]["answer_by"] is None
    with desk.session() as session:
        place = place_of(session, kept)
        assert place is not None and place.state == "asked"
        assert requests.status(session, kept).state == "open"


def test_who_has_no_place_is_a_conflict_with_both_ids_and_who_is_free_and_nothing_is_done(desk: Desk) -> None:
    first, second, (best, next_, *_rest) = two(desk)
    program = Program(desk, "requests:write")
    bodies = [{"client_id": str(client_of(one)), "therapist_ids": [best]} for one in (first, second)]
    assert program.ask("POST", "/requests", json=bodies[0]).status_code == 200
    full = program.ask("POST", "/requests", json=bodies[1])
    assert full.status_code == 409
    (against,) = full.json["conflicts"]
    assert (against["code"], against["client_id"], against["therapist_id"]) == (
        "no_place", str(client_of(second)), best,
    )  # fmt: skip
    assert len(against["next_best"]) == 3 and best not in against["next_best"]
    with desk.session() as session:
        assert all(therapist(session, id_).capacity for id_ in against["next_best"])
    with desk.session() as session:
        assert requests.status(session, second).state is None
    again = program.ask("POST", "/requests", json=bodies[0] | {"therapist_ids": [next_]})
    assert again.status_code == 409 and again.json["conflicts"][0]["code"] == "has_request"
    stranger = program.ask("POST", "/requests", json=bodies[1] | {"therapist_ids": ["nobody"]})
    assert stranger.status_code == 409 and stranger.json["conflicts"][0]["code"] == "not_on_list"


def test_what_is_no_request_is_refused(desk: Desk) -> None:
    kept, _other, (best, *_rest) = two(desk)
    body = {"client_id": str(client_of(kept)), "therapist_ids": [best]}
    assert Program(desk, "proposals:write").ask("POST", "/requests", json=body).status_code == 403
    program = Program(desk, "requests:write")
    assert program.ask("POST", "/requests", json=body | {"client_id": str(uuid4())}).status_code == 404
    for wrong in ({"therapist_ids": []}, {"therapist_ids": ["a", "b", "c"]}, {"client_id": "Ada"}, {"when": "now"}):
        assert program.ask("POST", "/requests", json=body | wrong).status_code == 422
    long = program.ask("POST", "/requests", json=body, headers={"Idempotency-Key": "k" * 201})
    assert long.status_code == 400
