"""The therapist's own page, and the profile that they edit topic by topic."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from matcher import vocabulary as v
from tests.web.conftest import Clinic
from tests.web.desk import Desk, desk_of, refused_to_others, token_of
from web.db.queries import clinics, courses, overview
from web.services import clinics as clinic_service
from web.services.profiles import TOPICS

ABOUT = {
    "statement": "I listen first.",
    "languages": ["en", "de"],
    "formats": ["online"],
    "modalities": ["act"],
    "age_groups": ["adults"],
}
GOOD: dict[str, dict[str, Any]] = {
    "about": ABOUT,
    "yourself": {"gender": "woman", "age_band": "from_35", "background": "", "faith": "", "communities": ["carers"]},
    "concerns": dict.fromkeys(v.CONCERNS.codes, "0") | {"grief": "3", "sleep": "1"},
    "style": {"lead": "-3", "feeling": "unsure", "time": "0", "challenge": "2"},
    "openings": {"openings-0-weekday": "mon", "openings-0-time": "9:30", "openings-0-format": "online",
                 "openings-1-weekday": "", "openings-1-time": "", "openings-1-format": "",
                 "n_rows": "2"},
    "capacity": {"capacity": "3", "available_from": "2026-12-01"},
    "fee": {"fee_cents": "72,50", "sliding_fee_cents": "", "insurances": ["statutory"]},
}  # fmt: skip
HOSTILE: tuple[Any, ...] = ("x" * 10_000, "a\0b", "a\u202eb", b"\xed\xa0\x80", "no_such_thing", "-1", "9" * 10_000, "²")
FREE = {("about", "statement")}  # what a person writes: any words will do


@pytest.fixture
def desk(clinic: Clinic, tmp_path: Path) -> Desk:
    return desk_of(clinic, tmp_path)


def row(desk: Desk) -> tuple[int, dict[str, Any], int]:
    """(capacity, profile, directory version)."""
    with desk.session() as session:
        found = courses.therapist_of(session, desk.staff["therapist"].id)
        version = clinics.by_id(session, clinic_service.find(session, None).id).directory_version
        return found.capacity, dict(found.profile), version


def post(client: FlaskClient, topic: str, typed: dict[str, Any]) -> Any:
    return client.post(f"/caseload/profile/{topic}", data={"csrf_token": token_of(client), **typed})


def test_the_page_shows_the_card_and_what_would_help(desk: Desk) -> None:
    page = desk.browser("therapist").get("/caseload/")
    assert page.status_code == 200
    assert "Maren Oduya" in page.text and "As clients see you" in page.text and "What would help" in page.text
    assert "clients here" in page.text and "style=" not in page.text


def test_every_topic_can_be_opened_and_saved_as_it_is_without_a_change(desk: Desk) -> None:
    client, before = desk.browser("therapist"), row(desk)
    assert client.get("/caseload/profile").status_code == 200
    for topic in TOPICS:
        assert client.get(f"/caseload/profile/{topic}").status_code == 200, topic
    assert client.get("/caseload/profile/licence_regions").status_code == 404
    assert row(desk) == before


def test_each_topic_changes_its_own_fields_and_tells_the_matching(desk: Desk) -> None:
    client = desk.browser("therapist")
    for topic, typed in GOOD.items():
        capacity, profile, version = row(desk)
        done = post(client, topic, typed)
        assert (done.status_code, done.location) == (303, f"/caseload/?saved={topic}"), topic
        after = row(desk)
        assert after[2] == version + 1
        kept = {name: value for name, value in profile.items() if name not in TOPICS[topic]}
        assert {name: value for name, value in after[1].items() if name not in TOPICS[topic]} == kept
        assert post(client, topic, typed).status_code == 303
        assert row(desk) == after, "the same again is no change"
    capacity, profile, version = row(desk)
    assert capacity == 3 and profile["fee_cents"] == 7250 and "sliding_fee_cents" not in profile
    assert profile["style"] == {"lead": -3, "time": 0, "challenge": 2}
    assert profile["concerns"] == {"grief": 3, "sleep": 1}
    assert profile["openings"] == [{"weekday": "mon", "time": "09:30", "format": "online"}]
    assert "Saved" in client.get("/caseload/?saved=fee").text
    with desk.session() as session:
        last = next(event for event in overview.last_events(session, 5) if event.action == "profile.changed")
        assert last.details == {"fields": "fee_cents sliding_fee_cents insurances"}
        assert last.actor == str(desk.staff["therapist"].id)


def test_two_tabs_at_two_topics_lose_nothing(desk: Desk) -> None:
    one, two = desk.browser("therapist"), desk.browser("therapist")
    one.get("/caseload/profile/about"), two.get("/caseload/profile/fee")
    assert post(one, "about", ABOUT).status_code == post(two, "fee", GOOD["fee"]).status_code == 303
    _capacity, profile, _version = row(desk)
    assert profile["statement"] == "I listen first." and profile["fee_cents"] == 7250


def test_an_opening_is_taken_away_and_a_half_filled_row_is_asked_about(desk: Desk) -> None:
    client = desk.browser("therapist")
    half = GOOD["openings"] | {"openings-1-time": "quarter past nine"}
    answer = post(client, "openings", half)
    assert answer.status_code == 422 and "quarter past nine" in answer.text and "such as 18:30" in answer.text
    twice = {
        key.replace("-0-", f"-{k}-"): GOOD["openings"][key] for k in (0, 1) for key in GOOD["openings"] if "-0-" in key
    }
    twice["n_rows"] = "2"
    answer = post(client, "openings", twice)
    assert answer.status_code == 422 and "twice" in answer.text
    assert post(client, "openings", twice | {"openings-1-remove": "y", "then": "more"}).location.endswith("/openings")
    assert len(row(desk)[1]["openings"]) == 1


@pytest.mark.S14
def test_nothing_hostile_gets_into_a_profile(
    desk: Desk, tried: Callable[[int], None], trials: Callable[[int, int], int]
) -> None:
    """Every field × every third hostile value in turn, at length all: words, nothing changed, and it is still there."""
    client, before, n, step = desk.browser("therapist"), row(desk), 0, trials(3, 1)
    for topic, typed in GOOD.items():
        for k, name in enumerate(typed):
            for value in HOSTILE[k % step :: step]:
                answer = post(client, topic, typed | {name: value})
                n += 1
                if answer.status_code == 303 and ((topic, name) in FREE or value in {"-1"} or name.startswith("style")):
                    before = row(desk)
                    continue
                assert answer.status_code in {400, 422}, (topic, name, str(value)[:20], answer.status_code)
                assert row(desk) == before, (topic, name)
                if answer.status_code == 422:
                    assert "govuk-error-message" in answer.text, (topic, name, str(value)[:20])
    tried(n)


def test_what_was_typed_is_kept_beside_what_is_wrong(desk: Desk) -> None:
    client = desk.browser("therapist")
    answer = post(client, "about", ABOUT | {"statement": "I listen.\u202e", "languages": []})
    assert answer.status_code == 422 and "I listen." in answer.text
    assert "cannot be seen" in answer.text and 'href="#statement"' in answer.text
    long = post(client, "about", ABOUT | {"statement": "y" * 10_000})
    assert long.status_code == 422 and "y" * 10_000 in long.text


def test_a_request_cut_short_empties_nothing(desk: Desk) -> None:
    client, before = desk.browser("therapist"), row(desk)
    for topic in TOPICS:
        assert post(client, topic, {}).status_code == 422, topic
    one_row = {name: value for name, value in GOOD["openings"].items() if "-0-" in name}
    for cut in (one_row, one_row | {"n_rows": "2"}, one_row | {"n_rows": ""}):
        answer = post(client, "openings", cut)
        assert answer.status_code == 422 and "did not arrive" in answer.text
    assert row(desk) == before


def test_what_no_browser_sends_is_no_profile(desk: Desk) -> None:
    client, before = desk.browser("therapist"), row(desk)
    for topic in TOPICS:
        for body in ({"json": ["statement"]}, {"json": ABOUT}, {"data": b"{", "content_type": "application/json"},
                     {"data": {"statement": (BytesIO(b"x"), "x.txt")}}):  # fmt: skip
            assert client.post(f"/caseload/profile/{topic}", **body).status_code in {400, 403, 422}, (topic, body)
    assert row(desk) == before


def test_rows_with_strange_numbers_are_passed_over(desk: Desk) -> None:
    client, before = desk.browser("therapist"), row(desk)
    for number in ("²", "9" * 5_000, "-1", "0x1"):
        answer = post(client, "openings", {f"openings-{number}-time": "9:00"})
        assert answer.status_code == 422, number[:10]
    assert row(desk) == before


def test_a_forged_or_old_form_is_shown_again(desk: Desk) -> None:
    client, before = desk.browser("therapist"), row(desk)
    answer = client.post("/caseload/profile/about", data=ABOUT | {"csrf_token": "old"})
    assert answer.status_code == 422 and "I listen first." in answer.text and "open for a long time" in answer.text
    elsewhere = client.post("/caseload/profile/about", data=ABOUT, headers={"Origin": "https://evil.example"})
    assert elsewhere.status_code == 403
    assert row(desk) == before


def test_a_therapist_who_is_not_in_the_directory_is_told(desk: Desk) -> None:
    with desk.session() as session:
        courses.therapist_of(session, desk.staff["therapist"].id).person_id = None
    client = desk.browser("therapist")
    assert "not in the directory yet" in client.get("/caseload/").text
    assert client.get("/caseload/profile").status_code == client.get("/caseload/profile/fee").status_code == 404
    assert post(client, "fee", GOOD["fee"]).status_code == 404


def test_profiles_are_for_therapists(desk: Desk) -> None:
    assert refused_to_others(desk, "/caseload/", "therapist") == 4
    assert refused_to_others(desk, "/caseload/profile/about", "therapist") == 4
