"""The dashboard's page: its states, who may look, and positions in its charts."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import delete

from tests.web.conftest import Clinic
from tests.web.desk import Desk, desk_of, refused_to_others
from web.dashboard import drawn
from web.dashboard.drawn import Value
from web.dashboard.presenters import effect_words
from web.db.tables import RatingRow
from web.services.acknowledging import AcknowledgedEffect
from web.wording.dashboard import say_sides


@pytest.fixture
def desk(clinic: Clinic, tmp_path: Path) -> Desk:
    return desk_of(clinic, tmp_path)


def test_the_page_draws_what_there_is_and_says_what_there_is_not(desk: Desk) -> None:
    page = desk.browser("clinic_lead").get("/dashboard/")
    assert page.status_code == 200
    for words in ("How clients find the work", "Dashed:", "Nothing to draw yet", "not told", "Fewer than 30 clients"):
        assert words in page.text
    assert page.text.count('<svg class="chart months"') >= 1
    assert "style=" not in page.text and "nan" not in page.text


def test_a_clinic_in_which_nobody_has_said_anything(desk: Desk) -> None:
    with desk.session() as session:
        session.execute(delete(RatingRow))
    page = desk.browser("clinic_lead").get("/dashboard/").text
    assert (
        page.count("Nothing to draw yet") >= 5
        and "Nothing to compare yet" in page
        and '<svg class="chart months' not in page
    )


def test_the_dashboard_is_for_the_lead(desk: Desk) -> None:
    assert refused_to_others(desk, "/dashboard/", "clinic_lead") == 4


def test_the_lead_finds_both_pages_and_the_administrator_one(desk: Desk) -> None:
    lead, admin = desk.browser("clinic_lead").get("/insights/").text, desk.browser("administrator").get("/people/").text
    assert 'href="/dashboard/"' in lead and 'href="/jobs/"' in lead
    assert 'href="/dashboard/"' not in admin and 'href="/jobs/"' in admin


def test_months_stand_in_their_places() -> None:
    """Three spans of 1, 2 and 1 months over 616: middles at 12 + 616 · (½, 2, 3½)/4; 40 to 60 fill the height."""
    found = drawn.months(
        [(10, 10), (11, 12), (13, 13)], [Value(50, 40, 60), None, Value(60, 60, 60)],
        [("a", "50"), ("b", ""), ("c", "60")], level=50, bounds=(41.6, 58.4), summary="",
    )  # fmt: skip
    assert [dot.x for dot in found.dots] == [89.0, 551.0]
    assert [dot.y for dot in found.dots] == [101.0, 26.0]
    assert found.gaps == ((166.0, 308.0),) and found.runs == () and found.level == 101.0
    assert (found.last.words, found.last.x) == ("60", 551.0)


def test_a_line_breaks_where_months_were_put_together() -> None:
    """Months 1 and 2, then 3 to 8 as one, then 9 and 10: two lines of two dots, and a dot alone between them."""
    spans = [(1, 1), (2, 2), (3, 8), (9, 9), (10, 10)]
    found = drawn.months(
        spans, [Value(50, 40, 60)] * 5, [("a", "50")] * 5, level=50, bounds=(40, 60), summary=""
    )  # fmt: skip
    x = [dot.x for dot in found.dots]
    assert len(x) == 5
    ends = [[float(point.partition(",")[0]) for point in run.split()] for run in found.runs]
    assert ends == [x[:2], x[3:]]


def test_improvement_and_one_width_of_interval_are_said_on_the_page(desk: Desk) -> None:
    """An association is told of what is better; every interval holds the truth 19 times in 20."""
    assert all("improvement in PHQ-9" in say_sides(of, "outcome") for of in ("alliance", "expectation"))
    words = effect_words(AcknowledgedEffect(9, 2.0, 1.0, 3.0))
    assert "19 times in 20" in words
    page = desk.browser("clinic_lead").get("/dashboard/").text
    assert "improvement in PHQ-9" in page and "change in PHQ-9" not in page
    assert "times in five" not in (page + words).lower()


def test_rows_share_a_line_about_the_mark() -> None:
    bounds = drawn.around([Value(52, 48, 56), Value(45, 40, 50)], 50)
    assert bounds == (40, 60)
    row = drawn.row(Value(55, 50, 60), 50, bounds)
    assert (row.low, row.at, row.high, row.mark) == (120.0, 175.0, 230.0, 120.0)
