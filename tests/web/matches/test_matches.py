"""The list as it is shown: from the store, to the last point, in the client's own order, and with a way out."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select

from matcher import seed_of
from matcher.entities import MatchList
from tests.web.conftest import keep_directory, let_serve
from tests.web.desk import Desk
from tests.web.intake import walking
from web.db import mapping
from web.db.queries import directory
from web.db.queries import intakes as intake_rows
from web.db.tables import FlagRow, ShownListRow, ShownMatchRow
from web.matches import routes
from web.services import clinics, matching
from web.wording import say_factor

MUST = {
    "faith_strength": "must",
    "faith_options": ["sikh"],
    "age_band_strength": "must",
    "age_band_options": ["from_65"],
}


@pytest.fixture
def client(desk: Desk) -> FlaskClient:
    """Somebody who has just seen their list."""
    made = walking.begun(desk)
    walking.answer_all(made)
    walking.send(made)
    return made


def computed(desk: Desk, client: FlaskClient, **wanted: int) -> MatchList:
    """The list that the matcher makes of what was said."""
    kept = walking.kept_by(desk, client)
    with desk.session() as session:
        found = clinics.find(session, None)
        assert kept.client_id is not None
        version = intake_rows.current_version(session, kept.client_id)
        grounds = matching.grounds(session, found.id)
        seed = seed_of(str(version.id), grounds.model.version if grounds.model else "", grounds.weights.version)
        intake = mapping.intake_of(str(kept.id), version.answers)
        return matching.by_grounds(session, grounds, intake, top=20, wanted=wanted, seed=seed).matches


def order(page: str) -> list[str]:
    return re.findall(r'data-therapist="([^"]+)"', page)


def bare(page: str) -> str:
    """A page without what is each visit's own."""
    return re.sub(r'name="csrf_token" value="[^"]+"', "", page)


def test_the_page_shows_what_the_matcher_made_and_the_points_add_up(desk: Desk, client: FlaskClient) -> None:
    page = client.get("/matches/").text
    expected = computed(desk, client)
    assert order(page) == [match.therapist_id for match in expected.matches[:5]]
    assert order(client.get("/matches/?more").text) == [match.therapist_id for match in expected.matches[:10]]
    for table in re.findall(r"<tbody>(.*?)</tfoot>", page, re.S):
        points = [round(10 * float(cell)) for cell in re.findall(r"(\d+\.\d)</td></tr>", table)]
        assert len(points) > 5 and sum(points[:-1]) == points[-1]
    with desk.session() as session:
        rows = session.scalars(select(ShownMatchRow).order_by(ShownMatchRow.list_id, ShownMatchRow.place)).all()
        for row in rows:
            assert sum(points for _, _, points in row.contributions.values()) == row.score
    assert not re.search(r"\b[1-4] clients\b", page)


def test_a_stored_list_stays_as_it_was_whatever_changes(desk: Desk, client: FlaskClient) -> None:
    before = bare(client.get("/matches/").text)
    first = order(before)[0]
    with desk.session() as session:
        (row,) = directory.some(session, [first])
        row.name, row.capacity = "Somebody Else", 0
        let_serve(session, None)
        keep_directory(session)
    desk.app.extensions["rapport_match_pages"] = routes.KeptPages()  # as in another worker
    assert bare(client.get("/matches/").text) == before
    assert walking.post(client, "/matches/again", {}).status_code == 303
    assert first not in order(client.get("/matches/").text)
    with desk.session() as session:
        (row,) = directory.some(session, [first])
        row.capacity = 2
        keep_directory(session)


def test_looking_changes_no_row(desk: Desk, client: FlaskClient, tried: Callable[[int], None]) -> None:
    def count() -> list[int]:
        with desk.session() as session:
            tables = (ShownListRow, ShownMatchRow, FlagRow)
            return [session.scalar(select(func.count(table.id))) or 0 for table in tables]

    before, kept = count(), walking.kept_by(desk, client)
    two = order(client.get("/matches/").text)[:2]
    paths = (
        "/matches/",
        "/matches/?more",
        f"/matches/compare?with={two[0]}&with={two[1]}",
        "/intake/check",
        "/intake/link",
    )
    for path in paths:
        assert client.get(path).status_code == 200
    assert count() == before and walking.kept_by(desk, client) == kept
    tried(len(paths))


@pytest.mark.parametrize("wanted", [{"access": 2, "alliance": -2}, {"concern_expertise": 2}, {"preference_fit": -2}])
def test_what_matters_most_gives_the_order_of_the_moved_weights_and_says_what_moved(
    desk: Desk, client: FlaskClient, wanted: dict[str, int]
) -> None:
    answer = walking.post(client, "/matches/order", {code: str(step) for code, step in wanted.items()})
    assert (answer.status_code, answer.location) == (303, "/matches/")
    page = client.get("/matches/?more").text
    before, after = computed(desk, client), computed(desk, client, **wanted)
    assert order(page) == [match.therapist_id for match in after.matches[:10]]
    was = {match.therapist_id: match.place for match in before.matches}
    said = re.findall(r'class="chip moved \w+">.*?</svg>([^<]+)<', page, re.S)
    for match, words in zip(after.matches[:10], said, strict=True):
        up = was[match.therapist_id] - match.place if match.therapist_id in was else None
        expected = "new" if up is None else f"up {up}" if up > 0 else f"down {-up}" if up < 0 else "same place"
        assert words == expected
    for code in wanted:
        assert re.search(rf'name="{code}" value="{wanted[code]}"[^>]* checked', page)
    for factor in re.findall(r"(?:Gains|Loses) most by: ([^<]+)<", page):
        assert factor in {say_factor(c.factor) for c in before.matches[0].contributions}
    walking.post(client, "/matches/order", dict.fromkeys(wanted, "0"))
    assert "chip moved" not in client.get("/matches/").text


@pytest.mark.S15
def test_an_order_that_cannot_be_read_is_told_and_changes_nothing(
    desk: Desk, client: FlaskClient, tried: Callable[[int], None]
) -> None:
    before = order(client.get("/matches/").text)
    hostile = ("3", "-3", "1.5", "NaN", "", "two", "9" * 400, "a\x00b", "\u0661", "2 ")
    for value in hostile:
        answer = walking.post(client, "/matches/order", {"access": value})
        assert answer.status_code == 422 and "could not be read" in answer.text and order(answer.text) == before, value
    assert walking.post(client, "/matches/order", {"nothing_of_ours": "2", "experience": "2"}).status_code == 303
    assert order(client.get("/matches/").text) == before
    tried(len(hostile) + 1)


def test_up_to_three_stand_side_by_side_in_the_order_of_the_list(client: FlaskClient) -> None:
    first, second, third, fourth = order(client.get("/matches/").text)[:4]

    def compared(*keys: str) -> tuple[int, list[str]]:
        answer = client.get("/matches/compare", query_string=[("with", key) for key in keys])
        return answer.status_code, re.findall(r'class="name">([^<]+)<', answer.text)

    names = compared(first, second, third)[1]
    assert compared(third, first, second) == (200, names) and len(set(names)) == 3
    assert compared(second, first)[1] == names[:2]
    assert compared(first, second, third, fourth) == (422, names)
    assert compared(first, first, first) == (422, names[:1])
    assert compared("nobody", first) == (422, names[:1])
    assert compared() == (422, [])


def test_where_nobody_fits_the_page_says_what_stands_between_and_a_person_can_be_asked(desk: Desk) -> None:
    client = walking.begun(desk)
    walking.answer_all(client)
    walking.post(client, "/intake/wishes", MUST)
    walking.send(client)
    page = client.get("/matches/").text
    assert "Nobody fits all that you need right now" in page and order(page) == []
    found = computed(desk, client)
    counts = Counter(code for refusal in found.refusals for code in refusal.codes)
    told = [int(n) for n in re.findall(r": (\d+) therapists?</li>", page)]
    assert told == sorted(counts.values(), reverse=True) and max(told) == counts["must_faith"]
    assert '<a href="/intake/wishes?checked">' in page
    for remedy in found.remedies:
        assert f"({remedy.opens} more" in page
    assert walking.post(client, "/matches/ask/no_match", {}).status_code == 303
    assert walking.post(client, "/matches/ask/no_match", {}).status_code == 303
    assert "The practice knows" in client.get("/matches/").text
    key = walking.kept_by(desk, client).id
    with desk.session() as session:
        assert session.scalars(select(FlagRow.kind).where(FlagRow.intake_id == key)).all() == ["no_match"]
    assert walking.post(client, "/matches/ask/anything", {}).status_code == 404


def test_a_list_of_another_day_says_so(desk: Desk, client: FlaskClient) -> None:
    with desk.session() as session:
        for row in session.scalars(select(ShownListRow)):
            row.made_at -= timedelta(days=3)
    page = client.get("/matches/").text
    assert "Made on" in page and "Bring it up to date" in page


def test_before_anything_was_sent_there_is_no_list(desk: Desk) -> None:
    client = walking.begun(desk)
    assert client.get("/matches/").location == client.get("/matches/compare").location == "/intake/"
    for path in ("/matches/order", "/matches/again", "/matches/ask/choose_for_me"):
        assert walking.post(client, path, {}).location == "/intake/"
    assert desk.app.test_client().get("/matches/").status_code == 403
