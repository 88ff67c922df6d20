"""What an emergency opens is no more than the therapist sees; and a reason is one that somebody can read."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from tests.trust.test_emergencies import REASON, opened
from tests.trust.test_emergencies import mine as mine
from tests.trust.town import Town
from tests.trust.townsfolk import token_of_host
from web.services import goals
from web.services.check_ins import SHOWN_TO


@pytest.mark.P9
def test_a_goal_that_is_shown_to_nobody_or_has_ended_is_not_there(mine: Town, tried: Callable[[int], None]) -> None:
    house, now = mine.houses["north"], datetime.now(UTC)
    client, goal = house.things["client_id"]["client8"], house.things["goal_id"]["client8"]
    with mine.session(house) as session:
        words = next(one.words for one in goals.of_client(session, client) if one.id == goal)
    browser, path = mine.browser(house, house.staff["coordinator"]), opened(mine)
    for shown_to in SHOWN_TO:
        with mine.session(house) as session:
            goals.show_to(session, client, goal, shown_to)
        assert (words in browser.get(path).text) is (shown_to == "named"), shown_to
    with mine.session(house) as session:
        goals.show_to(session, client, goal, "named")
        goals.end(session, client, goal, now=now)
    assert words not in browser.get(path).text
    tried(len(SHOWN_TO) + 1)


@pytest.mark.P9
@pytest.mark.parametrize("reason", ["." * 40, "- " * 30, "\u2800" * 40, "a b c " + "!" * 40, "\u200b" * 40])
def test_a_reason_of_signs_that_say_nothing_is_none(mine: Town, reason: str, tried: Callable[[int], None]) -> None:
    house, before = mine.houses["north"], mine.state()
    browser = mine.browser(house, house.staff["coordinator"])
    said = {"whom": str(house.things["client_id"]["client8"]), "reason": reason}
    token = {"csrf_token": token_of_host(browser)}
    assert browser.post("/emergency/", data=said | token).status_code == 422
    assert mine.state() == before
    assert browser.post("/emergency/", data=said | token | {"reason": REASON}).status_code == 303
    tried(2)
