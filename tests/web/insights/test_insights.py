"""The clinic lead's page: numbers with words, the model and the weights that serve."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.web.conftest import Clinic
from tests.web.desk import Desk, desk_of, refused_to_others
from web.insights.presenters import bars, told


@pytest.fixture
def desk(clinic: Clinic, tmp_path: Path) -> Desk:
    return desk_of(clinic, tmp_path)


def test_the_page_tells_counts_model_weights_and_events(desk: Desk) -> None:
    page = desk.browser("clinic_lead").get("/insights/")
    assert page.status_code == 200
    for words in ("free places", "check-ins recorded", "Ratings used", "Working well together", "A new model serves"):
        assert words in page.text
    assert "style=" not in page.text


def test_insights_are_for_the_lead(desk: Desk) -> None:
    assert refused_to_others(desk, "/insights/", "clinic_lead") == 4


def test_small_counts_are_not_told() -> None:
    assert [told(count) for count in (0, 1, 4, 5, 1200)] == ["0", "under 5", "under 5", "5", "1,200"]


def test_bars_are_as_long_as_their_share_of_the_longest() -> None:
    drawn = bars({"alliance": 0.5, "access": 0.25, "experience": 0.0, "continuity": 0.25})
    assert [(bar.length, bar.share) for bar in drawn] == [(100.0, "50"), (50.0, "25"), (50.0, "25")]
