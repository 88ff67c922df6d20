"""The tuning page: its states, what is computed and what is kept, and nothing typed is lost."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.web.conftest import Clinic
from tests.web.desk import Desk, desk_of, refused_to_others
from tests.web.staff import hire, signed_in
from tests.web.weights.typing import HOME, draft, fields, published, send
from web.db.tables import AuditEventRow, ShownListRow, WeightsActivationRow, WeightsDraftRow, WeightsRow
from web.weights import forms


@pytest.fixture
def desk(clinic: Clinic, tmp_path: Path) -> Desk:
    return desk_of(clinic, tmp_path)


def kept(desk: Desk) -> tuple[int, ...]:
    """How many rows there are of what this page could write."""
    with desk.session() as session:
        rows = (WeightsRow, WeightsDraftRow, WeightsActivationRow, ShownListRow, AuditEventRow)
        return tuple(session.query(row).count() for row in rows)


def test_the_page_shows_every_factor_with_its_evidence_and_where_it_is_a_guess(desk: Desk) -> None:
    page = desk.browser("clinic_lead").get(HOME)
    assert page.status_code == 200
    assert "style=" not in page.text
    assert fields(page.text)["alliance"] == "40"
    assert page.text.count('type="range"') == 8
    for words in ("Flückiger", "r = .278", "(2018)", "a guess", "Where nothing is known", "40 of 100: r = .278"):
        assert words in page.text, words
    assert (
        page.text.count(">a guess<") == 6
    )  # one source of preference fit, concern, credibility, hope, access, continuity
    assert "Nobody moves" in page.text  # nothing was changed yet


def test_weights_are_for_the_lead(desk: Desk) -> None:
    for path in (HOME, "/weights/history", "/weights/publish", "/weights/compare", "/weights/back/release"):
        assert refused_to_others(desk, path, "clinic_lead") == 4


def test_a_preview_computes_and_stores_nothing(desk: Desk) -> None:
    client = desk.browser("clinic_lead")
    said, before = fields(client.get(HOME).text), kept(desk)
    answer = send(client, "/weights/preview", said | {"access": "90", "alliance": "5"}, **{"HX-Request": "true"})
    assert answer.status_code == 200
    assert answer.text.lstrip().startswith('<div id="preview">')
    assert "<html" not in answer.text
    assert re.search(r"The first five change in \d+ of 40 lists", answer.text)
    assert 'role="img" aria-label="Who moves in this list:' in answer.text
    whole = send(client, "/weights/preview", said | {"access": "90", "alliance": "5", "whole": "y"})
    assert fields(whole.text)["access"] == "90"
    assert "Not saved yet" in whole.text
    assert kept(desk) == before


def test_lists_are_looked_through_one_by_one(desk: Desk) -> None:
    client = desk.browser("clinic_lead")
    said = fields(client.get(HOME).text) | {"access": "90"}
    for at, number in (("1", 1), ("2", 2), ("40", 40), ("999", 40), ("0", 1), ("x", 1), ("²", 1)):
        answer = send(client, "/weights/preview", said | {"at": at}, **{"HX-Request": "true"})
        assert f"List {number} of 40" in answer.text, at


def test_a_preset_fills_the_numbers_in_and_saves_nothing(desk: Desk) -> None:
    client = desk.browser("clinic_lead")
    said, before = fields(client.get(HOME).text), kept(desk)
    answer = send(client, "/weights/preview", said | {"fill": "soonest", "alliance": "nonsense"})
    assert answer.status_code == 200
    assert (fields(answer.text)["access"], fields(answer.text)["alliance"]) == ("24", "28")
    assert send(client, "/weights/preview", said | {"fill": "no such preset"}).status_code == 404
    assert kept(desk) == before


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("", "type a number from 0 to 100"),
        ("much", "type a number from 0 to 100"),
        ("-1", "type a number from 0 to 100"),
        ("101", "type a number from 0 to 100"),
        ("1e308", "type a number from 0 to 100"),
        ("nan", "type a number from 0 to 100"),
        ("٣", "type a number from 0 to 100"),
        ("<b>", "type a number from 0 to 100"),
    ],
)
def test_what_is_no_number_is_shown_again_with_what_mends_it(desk: Desk, typed: str, words: str) -> None:
    client = desk.browser("clinic_lead")
    said, before = fields(client.get(HOME).text), kept(desk)
    wrong = said | {"access": typed, "alliance": "33"}
    answer = send(client, "/weights/draft", wrong)
    assert answer.status_code == 422
    assert words in answer.text
    assert 'href="#access"' in answer.text
    assert 'aria-invalid="true"' in answer.text
    assert fields(answer.text)["alliance"] == "33"
    assert 'value="<b>"' not in answer.text
    live = send(client, "/weights/preview", wrong, **{"HX-Request": "true"})
    assert live.status_code == 200
    assert words in live.text
    assert kept(desk) == before


def test_nothing_at_all_is_no_weight(desk: Desk) -> None:
    client = desk.browser("clinic_lead")
    zeros = fields(client.get(HOME).text) | dict.fromkeys(forms.FACTORS, "0")
    answer = send(client, "/weights/draft", zeros)
    assert answer.status_code == 422
    assert "Give at least one of them a number above 0" in answer.text
    half = send(client, "/weights/draft", {"alliance": "40", "revision": ""})
    assert half.status_code == 422  # a request cut short must not empty the other factors


def test_a_draft_is_kept_with_its_bounds_and_can_be_set_aside(desk: Desk) -> None:
    client = desk.browser("clinic_lead")
    said = draft(client, access="22,5", **{"access-least": "0.5", "access-most": "10"})
    assert (said["access"], said["access-least"], said["access-most"]) == ("22.5", "0.5", "10")
    page = client.get(HOME).text
    assert "last changed by Sam clinic_lead" in page
    assert "Compare with what serves" in page
    answer = send(client, "/weights/draft/discard", {"revision": said["revision"]})
    assert answer.location == "/weights/?done=discarded"
    assert fields(client.get(HOME).text)["access"] == "12"


def test_numbers_that_serve_already_make_no_draft(desk: Desk) -> None:
    client = published(desk, access="61")
    said = fields(client.get(HOME).text)
    assert said["access"] == "40.94"  # 61 of 88 + 61
    answer = send(client, "/weights/draft", said)
    assert answer.status_code == 422
    assert "These numbers serve already" in answer.text


def test_two_leads_change_the_same_draft_and_both_are_shown(desk: Desk) -> None:
    other = signed_in(desk.app, desk.url, hire(desk.url, "clinic_lead", name="Kim Oakes"))
    mine = desk.browser("clinic_lead")
    seen = draft(mine, access="20")
    assert send(other, "/weights/draft", seen | {"access": "31"}).status_code == 303
    answer = send(mine, "/weights/draft", seen | {"access": "47", "alliance": "39"})
    assert answer.status_code == 409
    assert "Kim Oakes has changed the draft meanwhile" in answer.text
    again = fields(answer.text)
    assert (again["access"], again["alliance"]) == ("47", "39")
    assert re.search(r'<td class="number">47</td><td class="number">31</td>', answer.text)
    assert fields(mine.get(HOME).text)["access"] == "31"  # nothing was overwritten
    assert send(mine, "/weights/draft", again).status_code == 303  # now it is meant
    assert fields(mine.get(HOME).text)["access"] == "47"


def test_a_draft_that_is_gone_is_said(desk: Desk) -> None:
    client = desk.browser("clinic_lead")
    said = draft(client, access="20")
    send(client, "/weights/draft/discard", {"revision": said["revision"]})
    answer = send(client, "/weights/draft", said | {"access": "21"})
    assert answer.status_code == 409
    assert "There is no draft any more" in answer.text


def test_without_intakes_the_weights_can_still_be_set(desk: Desk) -> None:
    from web.db.tables import ClientRow, IntakeVersionRow

    with desk.session() as session:
        for table in (IntakeVersionRow, ClientRow):
            for row in session.query(table):
                session.delete(row)
            session.flush()
    client = desk.browser("clinic_lead")
    assert "Too few intakes to look at yet" in client.get(HOME).text
    published(desk, access="80")
    assert fields(client.get(HOME).text)["access"] != "12"


def test_numbers_are_read_as_they_are_written() -> None:
    read = {text: forms.number(text) for text in ("12", "12.5", "12,5", "12 %", "100", "0", "100.1", "007", "1e2", "")}
    assert read == {
        "12": 12.0, "12.5": 12.5, "12,5": 12.5, "12 %": 12.0, "100": 100.0, "0": 0.0, "100.1": None, "007": 7.0,
        "1e2": None, "": None,
    }  # fmt: skip
