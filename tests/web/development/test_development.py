"""The page of a therapist's development: nothing before five clients, figures with words and no rank after."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

from matcher.development import Batches
from tests.web.conftest import Clinic
from tests.web.desk import desk_of
from tests.web.speaking import spoke
from tests.web.waiting_room import the_clinic
from web.services import releases

BEGIN = datetime.now(UTC) - timedelta(days=30)


def test_nothing_then_bands_with_words_beside_them(clinic: Clinic, tmp_path: Path) -> None:
    desk = desk_of(clinic, tmp_path)
    browser = desk.browser("therapist")
    assert "Not enough yet" in browser.get("/development/").text
    with desk.session() as session:
        for whose in ("t01", "t02", "t03", "t04"):
            for k in range(3):
                spoke(session, 3, at=BEGIN, whose=whose, score=5 + k, helped=["heard"] if k else [])
        at_once = Batches(days=(0.0, 0.0), days_apart=0.0)
        assert releases.release_due(session, the_clinic(session), now=datetime.now(UTC), batches=at_once) == 4
    page = browser.get("/development/").text
    assert page.count('class="band finding"') >= 4 + 8 + 9 and "From at least 5 clients" in page
    assert re.search(r"likely between \d+ and \d+ in 20", page) and "as far as can be told" in page
    assert not re.search(r"\b(rank|best|worst|place \d)\b", re.sub("<[^>]+>", " ", page))
    assert "Not enough yet: this needs sessions that you rated" in page


def test_who_is_no_therapist_of_the_directory_finds_nothing(clinic: Clinic, tmp_path: Path) -> None:
    from tests.web.staff import hire, signed_in

    desk = desk_of(clinic, tmp_path)
    stranger = signed_in(desk.app, desk.url, hire(desk.url, "therapist"))
    assert stranger.get("/development/").status_code == 404
    assert "Nobody comes to you just now" in stranger.get("/courses/").text
