"""What is no form, what is missing, and hostile input where one is reached, sends, and comes back with a link."""

from __future__ import annotations

from collections.abc import Callable
from html import escape
from io import BytesIO
from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.web.desk import Desk
from tests.web.intake import walking
from tests.web.intake.looking import everything
from tests.web.intake.test_hostile import FIELDS, HOSTILE

SAFETY = "/intake/safety"  # where nothing chosen is an answer too
PATHS = [*(f"/intake/{name}" for name in walking.SAID if name != "safety"),
         "/intake/check", "/intake/carry-on", "/intake/safety/told"]  # fmt: skip
TYPED = [("/intake/check", "name"), ("/intake/check", "email"), ("/intake/check", "phone"),
         ("/intake/safety/told", "name"), ("/intake/safety/told", "phone"), ("/intake/carry-on", "link")]  # fmt: skip
A_NAME = {"half a letter", "not UTF-8", "markup", "template", "SQL", "unknown", "number", "not a number",
          "other digits", "list"}  # fmt: skip


@pytest.fixture
def client(desk: Desk) -> FlaskClient:
    """Somebody who has answered everything and said yes about their safety."""
    made = walking.begun(desk)
    walking.answer_all(made)
    made.post("/intake/safety", data={"at_risk": "yes"})
    return made


@pytest.mark.S15
def test_json_and_files_are_no_form_and_change_nothing(
    desk: Desk, client: FlaskClient, tried: Callable[[int], None]
) -> None:
    token = walking.token_of(client)
    values: list[Any] = [5, True, None, [5], {"a": 1}, 1e400, "yes", "\ud800"]
    bodies: list[Any] = [[1, 2], 5, None, "x", True, {}]
    kinds = ("multipart/form-data", "multipart/form-data; boundary=x", "text/plain", "application/json", "")
    before, cases = everything(desk.url), 0
    for path in [*PATHS, SAFETY]:
        fields = walking.SAID.get(path.removeprefix("/intake/"), walking.CONTACT | {"link": ""})
        answers = [client.post(path, json=body) for body in bodies]
        answers += [client.post(path, json={"csrf_token": token, **dict.fromkeys(fields, value)}) for value in values]
        answers += [client.post(path, data={field: (BytesIO(b"hello"), "hello.txt")}) for field in fields]
        answers += [client.post(path, data=b"--x\r\nfirst=grief\x00\xff", content_type=kind) for kind in kinds]
        found = {answer.status_code for answer in answers}
        assert found <= ({303} if path == SAFETY else {400, 422}), path
        after = everything(desk.url)
        assert after == before if path != SAFETY else after["flags"] == before["flags"], path
        cases += len(answers)
    tried(cases)


# What is left of the document without a field; fields that say nothing in it change nothing
WITHOUT: dict[tuple[str, str], dict[str, Any]] = {
    ("concerns", "first"): {"concerns": ["sleep"]},
    ("concerns", "second"): {"concerns": ["grief"]},
    ("concerns", "concern_text"): {"concern_text": None},
    ("safety", "at_risk"): {"at_risk": None},
    ("practicalities", "meet"): {"formats": None},
    ("practicalities", "region"): {"region": None},
    ("practicalities", "distance"): {"max_distance_km": None},
    ("practicalities", "times"): {"times": None},
    ("practicalities", "urgency"): {"urgency": None},
    ("practicalities", "max_fee"): {"max_fee_cents": None},
    ("practicalities", "languages"): {"languages": None},
    ("about", "age_band"): {"age_band": None},
    ("about", "gender"): {"gender": None},
    ("about", "communities"): {"communities": None},
    ("wishes", "gender_strength"): {"wishes": None},
    ("style", "lead"): {"style": {"feeling": 0, "challenge": 3}},
    ("style", "feeling"): {"style": {"lead": -2, "challenge": 3}},
    ("style", "challenge"): {"style": {"lead": -2, "feeling": 0}},
    ("before", "had_therapy"): {"had_therapy": None},
    ("before", "helped"): {"helped": None},
    ("before", "hindered"): {"hindered": None},
    ("expectations", "hope"): {"hope": None},
    ("expectations", "goal_1"): {"goals": ["Talk about her"]},
    ("expectations", "goal_3"): {"goals": ["Sleep"]},
    ("expectations", "time"): {"investment": {"effort": "a_lot"}},
    ("expectations", "effort"): {"investment": {"time": "some"}},
    ("expectations", "recommended_by"): {"recommended_by": None},
    ("expectations", "recommended_therapist"): {"recommended_therapist_id": None},
}


@pytest.mark.S15
def test_a_field_that_is_missing_is_not_said_and_takes_nothing_else_with_it(
    desk: Desk, tried: Callable[[int], None]
) -> None:
    client = walking.begun(desk)
    walking.answer_all(client)
    for name, field in FIELDS:
        typed = {key: value for key, value in walking.SAID[name].items() if key != field}
        answer = walking.post(client, f"/intake/{name}", typed)
        found = walking.kept_by(desk, client).document()
        if field in {"gender_options", "place"}:  # a wish that matters names what would do; a distance has a beginning
            assert answer.status_code == 422 and found == walking.DOCUMENT
            continue
        expected = walking.DOCUMENT | WITHOUT.get((name, field), {})
        assert answer.status_code == 303, (name, field)
        assert found == {key: value for key, value in expected.items() if value is not None}, (name, field)
        walking.post(client, f"/intake/{name}", walking.SAID[name])
    tried(len(FIELDS))


@pytest.mark.S14
@pytest.mark.S15
def test_how_one_is_reached_and_a_link_with_every_hostile_value(
    desk: Desk, client: FlaskClient, tried: Callable[[int], None]
) -> None:
    """Told at the field, shown again as it was typed, nothing changed; a strange name is still a name."""
    before, cases = everything(desk.url), 0
    for path, field in TYPED:
        for kind, value in HOSTILE.items():
            for times in (1, 2):
                pairs = [(field, value)] * times + ([("consent", b"y")] if path == "/intake/check" else [])
                if path == "/intake/check" and field == "name" and kind in A_NAME:
                    pairs = pairs[:-1]  # it would be sent
                if path == "/intake/safety/told" and field == "name" and kind in A_NAME:
                    pairs.append(("phone", b"none"))
                answer = walking.post_raw(client, path, pairs)
                cases += 1
                where = (path, field, kind, times, answer.status_code)
                assert answer.status_code == 422 and "govuk-error-message" in answer.text, where
                if path != "/intake/safety/told":
                    assert walking.errors_lead_to_fields(answer.text) == 1, where
                assert "<script>alert" not in answer.text, where
                if kind not in {"NUL", "half a letter", "not UTF-8"}:
                    shown = answer.text.replace("&#34;", "&quot;").replace("&#39;", "&#x27;")
                    assert f'value="{escape(value.decode())}"' in shown, where
    assert everything(desk.url) == before
    tried(cases)


@pytest.mark.S14
def test_what_was_typed_beside_what_is_wrong_is_shown_again(client: FlaskClient, tried: Callable[[int], None]) -> None:
    """One wrong field a step; every other line, text and choice of it is still there."""
    words = 'My <b>words</b> & "more"'
    wrong = {
        "concerns": ({"first": "", "concern_text": words}, ["third"]),
        "practicalities": ({"max_fee": words}, ["max_fee"]),
        "expectations": ({"goal_1": words, "goal_2": "Second", "hope": "11"}, ["hope"]),
    }
    for name, (typed, _) in wrong.items():
        said = {**walking.SAID[name], **typed} | ({"second": "", "third": "none"} if name == "concerns" else {})
        answer = walking.post(client, f"/intake/{name}", said)
        assert answer.status_code == 422, name
        assert escape(words, quote=False).replace('"', "&#34;") in answer.text and "<b>words" not in answer.text, name
        for field, value in said.items():
            for one in value if isinstance(value, list) else [value]:
                if one in {"11", "none", "", "  "} or one.startswith(" ") or words in one:
                    continue
                assert f'value="{one}"' in answer.text or f">{one}<" in answer.text, (name, field, one)
    tried(len(wrong))


def test_an_old_page_is_told_at_a_field_whatever_else_was_typed(client: FlaskClient) -> None:
    """Not that a link leads nowhere, or that something is wrong with a telephone number: the page is too old."""
    for path, typed in (
        ("/intake/carry-on", {"link": f"http://localhost/intake/link/{walking.link_of(client)}"}),
        ("/intake/check", walking.CONTACT),
        ("/intake/safety/told", {"name": "Ada", "phone": "030 1234567"}),
        *((f"/intake/{name}", said) for name, said in walking.SAID.items() if name != "safety"),
    ):
        answer = client.post(path, data=typed)
        assert answer.status_code == 422 and "open for a long time" in answer.text, path
        assert "CSRF" not in answer.text and "leads to nothing" not in answer.text, path
        if path != "/intake/safety/told":
            assert walking.errors_lead_to_fields(answer.text) == 1, path
