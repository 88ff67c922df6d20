"""Every field of every form with everything that may come: told at the field, what was typed kept, nothing changed."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from tests.web.desk import Desk
from tests.web.intake import walking
from web.intake import forms, steps

TEXTS = {"concern_text", "goal_1", "goal_2", "goal_3"}
HOSTILE = {
    "long": b"a" * 10_000,
    "NUL": b"a\x00b",
    "override": "a\u202eb".encode(),
    "half a letter": b"a\xed\xa0\x80b",
    "not UTF-8": b"\xff\xfe",
    "markup": b'"><script>alert(1)</script>',
    "template": b"{{7*7}}",
    "SQL": b"' OR 1=1 --",
    "unknown": b"nothing_of_ours",
    "number": b"-99",
    "huge": b"9" * 400,
    "not a number": b"NaN",
    "other digits": "\u0661\u0662".encode(),
    "list": b"['a']",
}
# what is no UTF-8 arrives as the text that it was sent as: %ED%A0%80
HARMLESS_IN_TEXT = {
    "half a letter",
    "not UTF-8",
    "markup",
    "template",
    "SQL",
    "unknown",
    "number",
    "huge",
    "not a number",
    "other digits",
    "list",
}


def fields() -> Iterator[tuple[str, str]]:
    """(step, field) of every field that a step has."""
    for name, step in steps.ALL.items():
        yield from ((name, field) for field in vars(step.form) if hasattr(getattr(step.form, field), "field_class"))
    yield from (("wishes", f"{trait}_{part}") for trait in ("gender", "modality") for part in ("strength", "options"))


FIELDS = sorted(set(fields()))


@pytest.mark.S14
@pytest.mark.S15
def test_every_field_with_every_hostile_value(
    desk: Desk, tried: Callable[[int], None], trials: Callable[[int, int], int]
) -> None:
    """Each once or twice in a form, in turn; at length both."""
    assert len(FIELDS) > 40
    client = walking.begun(desk)
    walking.answer_all(client)
    before = walking.kept_by(desk, client)
    cases = 0
    for name, field in FIELDS:
        rest = [(key, value) for key, value in walking.pairs_of(walking.SAID[name]) if key != field]
        if field.endswith("_options"):  # what would do counts only where it matters
            strength = field.replace("_options", "_strength")
            rest = [pair for pair in rest if pair[0] != strength] + [(strength, b"matters")]
        for k, (kind, value) in enumerate(HOSTILE.items()):
            for times in (1, 2) if trials(0, 1) else (1 + (k + len(field)) % 2,):
                answer = walking.post_raw(client, f"/intake/{name}", [*rest, *[(field, value)] * times])
                cases += 1
                where = (name, field, kind, times, answer.status_code)
                harmless = field in TEXTS and kind in HARMLESS_IN_TEXT
                assert answer.status_code in ({303} if harmless else {303, 422} if field == "third" else {422}), where
                if answer.status_code == 422:
                    assert walking.errors_lead_to_fields(answer.text) >= 1, where
                    assert "<script>alert" not in answer.text, where
                    if field in TEXTS and kind == "long":
                        assert "a" * 10_000 in answer.text, where
                    assert walking.kept_by(desk, client).answers == before.answers, where
                else:
                    shown = client.get(f"/intake/{name}").text
                    assert "<script>alert" not in shown, where
                    walking.post(client, f"/intake/{name}", walking.SAID[name])
    tried(cases)


@pytest.mark.S3
def test_fields_that_no_form_has_change_nothing(desk: Desk, tried: Callable[[int], None]) -> None:
    client = walking.begun(desk)
    before = walking.kept_by(desk, client)
    more = {"clinic_id": "0" * 32, "client_id": "0" * 32, "sent_at": "2020-01-01", "id": "1", "link_hash": "x",
            "expires_at": "2999-01-01", "blocked_therapist_ids": "t01", "role": "administrator"}  # fmt: skip
    for name in walking.SAID:
        assert walking.post(client, f"/intake/{name}", {**walking.SAID[name], **more}).status_code == 303
    after = walking.kept_by(desk, client)
    assert (after.id, after.client_id, after.sent_at) == (before.id, None, None)
    assert after.document() == walking.DOCUMENT
    tried(len(walking.SAID) * len(more))


def test_a_step_that_is_none_and_methods_that_are_none(desk: Desk) -> None:
    client = walking.begun(desk)
    for path in ("/intake/nothing", "/intake/concerns/more", "/intake/CHECK"):
        assert client.get(path).status_code == 404
    for method in ("PUT", "PATCH", "DELETE"):
        assert client.open("/intake/concerns", method=method).status_code == 405


@pytest.mark.S4
def test_what_another_site_sends_changes_nothing(desk: Desk, tried: Callable[[int], None]) -> None:
    """Step forms show again what was typed; small buttons are refused; the answer about safety needs no token."""
    client = walking.begun(desk)
    walking.post(client, "/intake/concerns", walking.SAID["concerns"])
    before = walking.kept_by(desk, client)
    foreign = walking.token_of(desk.app.test_client()).replace(".", "")
    cases = 0
    for name, typed in walking.SAID.items():
        if name == "safety":
            continue
        for token in (None, "", "nonsense", foreign):
            data = {**typed, **({} if token is None else {"csrf_token": token})}
            answer = client.post(f"/intake/{name}", data=data)
            assert answer.status_code == 422 and "open for a long time" in answer.text, (name, token)
            if name == "concerns":
                assert "I lie awake." in answer.text
            cases += 1
    for path in (*(f"/intake/{name}" for name in walking.SAID), "/intake/check", "/intake/leave", "/matches/order",
                 "/matches/again", "/matches/ask/choose_for_me", "/intake/begin"):  # fmt: skip
        for headers in (
            {"Sec-Fetch-Site": "cross-site"},
            {"Sec-Fetch-Site": "same-site"},
            {"Origin": "https://evil.example"},
        ):
            data = {**walking.SAID.get(path.rsplit("/", 1)[-1], {}), "csrf_token": walking.token_of(client)}
            assert client.post(path, data=data, headers=headers).status_code == 403, path
            cases += 1
    for path in ("/intake/leave", "/matches/order", "/matches/again", "/matches/ask/no_match"):
        for data in ({}, {"csrf_token": foreign}):
            assert client.post(path, data=data).status_code == 400, path
            cases += 1
    assert walking.kept_by(desk, client) == before
    assert client.post("/intake/safety", data={"at_risk": "no"}).status_code == 303
    assert isinstance(forms.SafetyForm, type)
    tried(cases)
