"""POST /api/v1/matches: what goes in is checked to the last field, what comes out is as described, nothing is kept."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from copy import deepcopy
from typing import Any

import pytest
from sqlalchemy import func, select

from tests.web.conftest import Clinic
from web.db import engine
from web.db.tables import Base
from web.db.tenancy import ACROSS_CLINICS

FULL: Mapping[str, Any] = {
    "client_id": "c1",
    "concerns": ["anxiety", "sleep"],
    "concern_text": "I lie awake.",
    "at_risk": False,
    "formats": ["online", "in_person"],
    "region": "XR-N",
    "location": {"latitude": 57.31, "longitude": 2.1},
    "max_distance_km": 12.5,
    "times": ["mon_evening", "tue_evening", "wed_evening", "thu_evening"],
    "max_fee_cents": 9000,
    "insurance": "statutory",
    "languages": ["en"],
    "urgency": "within_six_weeks",
    "age_band": "from_25",
    "gender": "woman",
    "background": "mixed",
    "faith": "none",
    "communities": ["students"],
    "wishes": {"gender": {"options": ["woman"], "strength": "matters"}},
    "style": {"lead": 1, "feeling": -2, "time": 0, "challenge": None},
    "had_therapy": True,
    "helped": ["warm"],
    "hindered": ["rigid"],
    "hope": 6,
    "goals": ["Sleep through"],
    "investment": {"time": "some"},
    "recommended_by": "friend",
    "recommended_therapist_id": "t03",
    "former_therapist_id": "t11",
    "blocked_therapist_ids": ["t08"],
}
# Sent as raw JSON, so that what Python would not write can be sent too
BAD = {
    "true": "true",
    "a word": '"xqzv"',
    "an object": '{"a": 1}',
    "a list of lists": "[[1]]",
    "NaN": "NaN",
    "Infinity": "-Infinity",
    "a number beyond all": "1e400",
    "a long whole number": "9" * 5_000,
    "2^63": str(2**63),
    "minus one half": "-0.5",
    "10,000 characters": json.dumps("a" * 10_000),
    "NUL": '"a\\u0000b"',
    "right-to-left override": '"a\\u202eb"',
    "lone surrogate": '"a\\ud800b"',
    "Arabic digits": '"١٢"',
    "ten thousand of them": json.dumps(["anxiety"] * 10_000),
}


def post(clinic: Clinic, body: str) -> Any:
    headers = {"Authorization": f"Bearer {clinic.token}", "Content-Type": "application/json"}
    return clinic.client.post("/api/v1/matches", data=body.encode("utf-8", "surrogatepass"), headers=headers)


def places(document: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Every place in a document where a value stands."""
    if path:
        yield path
    inner = (
        document.items() if isinstance(document, dict) else enumerate(document) if isinstance(document, list) else ()
    )
    for key, value in inner:
        yield from places(value, (*path, key))


def with_value(path: tuple[Any, ...], raw: str) -> str:
    document: Any = deepcopy({"intake": dict(FULL), "top": 3})
    holder = document
    for key in path[:-1]:
        holder = holder[key]
    holder[path[-1]] = "«here»"
    return json.dumps(document, ensure_ascii=False).replace('"«here»"', raw)


def test_a_full_intake_is_answered_as_described(clinic: Clinic) -> None:
    answer = clinic.match(FULL, top=3)
    assert answer.status_code == 200, answer.text
    found = answer.json
    assert [match["place"] for match in found["matches"]] == [1, 2, 3]
    assert "t08" in {entry["therapist_id"] for entry in found["refusals"]["therapists"] if "blocked" in entry["codes"]}
    schema = clinic.client.get("/api/v1/openapi.json").json["components"]["schemas"]["MatchListOut"]
    assert set(found) == set(schema["properties"])


@pytest.mark.S15
def test_every_field_with_every_bad_value(clinic: Clinic, tried: Callable[[int], None]) -> None:
    """Never a 5xx, never a trace: accepted where the value is allowed there, or refused by place, value and mend."""
    refused = 0
    found = list(places({"intake": dict(FULL), "top": 3}))
    for path in found:
        for name, raw in BAD.items():
            answer = post(clinic, with_value(path, raw))
            assert answer.status_code in {200, 400, 422}, (path, name, answer.status_code)
            if answer.status_code == 200:
                assert allowed(path, name), (path, name)
                continue
            refused += 1
            faults = answer.json["errors"]
            assert faults and all(fault["place"] and fault["mend"] for fault in faults), (path, name)
            assert len(answer.text) < 60_000, (path, name)
            near = [fault["place"] for fault in faults if str(path[0]) in fault["place"] or answer.status_code == 400]
            assert near, (path, name, faults)
    assert refused > 0.9 * len(found) * len(BAD)
    tried(len(found) * len(BAD))


TEXTS = {
    "client_id",
    "concern_text",
    "goals",
    "blocked_therapist_ids",
    "recommended_therapist_id",
    "former_therapist_id",
}


def allowed(path: tuple[Any, ...], name: str) -> bool:
    """A text may say anything legible, yes-or-no may be true, and a place may lie south or west."""
    last = path[-1]
    return (
        (name in {"a word", "Arabic digits"} and bool(TEXTS & set(path)))
        or (name == "true" and last in {"at_risk", "had_therapy"})
        or (name == "minus one half" and last in {"latitude", "longitude"})
    )


def test_every_required_field_is_asked_for(clinic: Clinic) -> None:
    for missing in ("client_id", "concerns"):
        answer = clinic.match({key: value for key, value in FULL.items() if key != missing})
        assert answer.status_code == 422
        assert [fault["place"] for fault in answer.json["errors"]] == [f"intake.{missing}"]
    assert post(clinic, "{}").json["errors"][0]["place"] == "intake"


@pytest.mark.parametrize(
    ("body", "status"),
    [("", 400), ("{", 400), ("[]", 422), ("null", 422), ('{"intake": {}, "intake": {}}', 400), ("[" * 50_000, 400),
     ('{"intake": {"client_id": "c", "concerns": ["grief"], "role": "admin"}}', 422),
     ('{"intake": {"client_id": "c", "concerns": ["grief"]}, "top": 0}', 422),
     ('{"intake": {"client_id": "c", "concerns": ["grief"]}, "clinic_id": "x"}', 422)],
)  # fmt: skip
def test_what_is_no_request_is_refused(clinic: Clinic, body: str, status: int) -> None:
    answer = post(clinic, body)
    assert answer.status_code == status, answer.text
    assert answer.json["errors"]


def test_nothing_is_kept_of_an_intake(clinic: Clinic) -> None:
    def rows() -> dict[str, int]:
        with engine.sessions(clinic.database_url)() as session:
            return {
                mapper.local_table.name: session.scalar(
                    select(func.count()).select_from(mapper.class_), execution_options=ACROSS_CLINICS
                ) or 0
                for mapper in Base.registry.mappers
            }  # fmt: skip

    before = rows()
    assert clinic.match(FULL).status_code == 200
    assert clinic.match(FULL | {"concerns": ["nonsense"]}).status_code == 422
    assert rows() == before


def test_nothing_that_a_person_wrote_is_in_the_log(clinic: Clinic, capsys: pytest.CaptureFixture[str]) -> None:
    secret = "grandmother-4711"
    clinic.match(FULL | {"concern_text": secret, "goals": [secret], "client_id": secret})
    clinic.match(FULL | {"concerns": [secret], "hope": secret})
    post(clinic, '{"intake": "' + secret)
    said = capsys.readouterr()
    assert secret not in said.out + said.err and "/api/v1/matches" in said.out + said.err


def test_the_order_of_the_directory_and_the_number_asked_for_change_no_list(clinic: Clinic) -> None:
    few, many = clinic.match(FULL, top=3).json, clinic.match(FULL, top=100).json
    assert few["matches"] == many["matches"][:3]
    assert clinic.match(FULL, top=3).json == few
