"""The well-being check in the browser: asked word for word, kept, corrected, by one's own link or one for it alone."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from html import unescape
from pathlib import Path

import pytest

from matcher.measures import GAD_7, PHQ_9
from tests.web.conftest import Clinic
from tests.web.desk import Desk, desk_of
from tests.web.exchange.a_questionnaire import as_bytes, whole
from tests.web.seekers import Seeker
from tests.web.wellbeing import filling
from tests.web.wellbeing.filling import NOW, client_of, link_for, scores, seeker, sheet
from web.services import clinics, instruments

HERE = "/well-being/questions"


@pytest.fixture
def ada(desk: Desk) -> Seeker:
    return seeker(desk)


def test_every_item_stands_word_for_word_with_whose_it_is(ada: Seeker) -> None:
    page = unescape(ada.page(HERE))
    for instrument in (PHQ_9, GAD_7):
        assert instrument.lead in page and instrument.attribution in page
        for item in instrument.items:
            assert item.words in page
    # how hard daily life is, is asked once; two more choose who may see the scores
    assert page.count('type="radio"') == 4 * (9 + 7 + 1) + 2
    assert page.count("2!") == page.count("1!") == page.count("3!") == 1
    assert "No permission required" in page and " style=" not in page
    assert page.count(" checked>") == 1 and 'name="shown_to" value="aggregate" checked>' in page


def test_what_is_sent_is_kept_scored_and_shown(desk: Desk, ada: Seeker) -> None:
    assert "Answer the questions" in ada.page("/well-being/")
    answer = ada.browser.post(HERE, data=sheet("222222220", "3333333", **{"phq-9:10": "2"}))
    assert (answer.status_code, answer.location) == (303, "/well-being/")
    assert scores(desk, client_of(ada)) == {"phq-9": 16, "gad-7": 21}
    page = ada.page("/well-being/")
    assert "Thank you for telling us" in page and "moderately severe" in page and "no diagnosis" in page
    assert filling.flags(desk) == []
    ada.browser.post(HERE, data=sheet("000000000", "0000000"))  # changed on the same day
    assert scores(desk, client_of(ada)) == {"phq-9": 0, "gad-7": 0}


def test_too_little_is_asked_for_again_and_nothing_typed_is_lost(desk: Desk, ada: Seeker) -> None:
    answer = ada.browser.post(HERE, data=sheet("22.......", "1111111"))
    assert answer.status_code == 422 and "Please answer a few more of these" in answer.text
    assert answer.text.count(" checked>") == 9 + 1 and answer.text.count("Please answer a few more") == 2
    assert ada.browser.post(HERE, data={}).status_code == 422
    assert scores(desk, client_of(ada)) == {}
    assert ada.browser.post(HERE, data=sheet("1111111..", ".......")).status_code == 303
    assert scores(desk, client_of(ada)) == {"phq-9": 9}


@pytest.mark.parametrize("value", ["4", "-1", "x", "1" * 5_000, "\x00", "1!"])
def test_what_is_no_answer_counts_as_none(desk: Desk, ada: Seeker, value: str) -> None:
    answer = ada.browser.post(HERE, data=sheet("1111111..", ".......") | {"phq-9:8": value, "other:1": value})
    assert answer.status_code == 303
    assert scores(desk, client_of(ada)) == {"phq-9": 9}


def test_it_is_offered_on_the_pages_of_a_client_where_it_is_due(desk: Desk, ada: Seeker) -> None:
    assert "How have you been?" in ada.page("/check-ins/")
    ada.browser.post(HERE, data=sheet())
    page = ada.page("/check-ins/")
    assert "How have you been?" not in page and 'href="/goals/"' in page


def test_before_the_answers_are_sent_there_is_nothing_to_fill_in(desk: Desk) -> None:
    link, _ = desk.intake({"concerns": {"concerns": ["grief"]}})
    browser = desk.with_link(link)
    assert "Your answers come first" in browser.get("/well-being/").text
    assert browser.get(HERE).location == "/well-being/" == browser.post(HERE, data=sheet()).location
    assert desk.app.test_client().get("/well-being/").status_code == 403


def test_a_link_is_used_once_and_looking_does_not_use_it(desk: Desk, ada: Seeker) -> None:
    token, anybody = link_for(desk, client_of(ada)), desk.app.test_client()
    for _ in range(3):
        left = anybody.get(f"/well-being/link/{token}")
        assert (left.status_code, left.location, left.headers["Referrer-Policy"]) == (303, NOW, "no-referrer")
        assert "Little interest or pleasure" in anybody.get(NOW).text
    held = anybody.get_cookie("well_being")
    assert held is not None and held.http_only and held.value == token and f'value="{token}"' in anybody.get(NOW).text
    assert anybody.head(NOW).status_code == 200
    assert anybody.post(NOW, data=sheet("22.......", token=token)).status_code == 422
    assert anybody.post(NOW, data=sheet(token=token)).location == NOW
    page = anybody.get(NOW)
    assert (
        page.status_code == 200 and "your answers are here" in page.text and "<form" not in page.text.split("<main")[1]
    )
    anybody.post(NOW, data=sheet("333333330", token=token))
    assert scores(desk, client_of(ada)) == {"phq-9": 8, "gad-7": 7}


@pytest.mark.S23
def test_links_that_lead_nowhere_say_so(desk: Desk, ada: Seeker) -> None:
    anybody, client_id = desk.app.test_client(), client_of(ada)
    old = link_for(desk, client_id, days=-1)
    anybody.get(f"/well-being/link/{old}")
    assert anybody.get(NOW).status_code == 410 and "too old" in anybody.get(NOW).text
    assert anybody.post(NOW, data=sheet(token=old)).status_code == 410
    for wrong in ("A" * 22, "x", "A" * 5_000, "%00"):
        assert anybody.get(f"/well-being/link/{wrong}").location == NOW
        assert anybody.get(NOW).status_code == 404
        assert anybody.post(NOW, data=sheet(token=wrong)).status_code == 404
    assert scores(desk, client_id) == {}


def test_a_browser_that_keeps_nothing_pastes_the_link_and_is_thanked(desk: Desk, ada: Seeker) -> None:
    token, bare = link_for(desk, client_of(ada)), desk.app.test_client(use_cookies=False)
    assert "Open your link once more" in bare.get(NOW).text
    page = bare.post(NOW, data={"link": f" https://x.example/well-being/link/{token} "})
    assert page.status_code == 200 and f'name="token" value="{token}"' in page.text
    answer = bare.post(NOW, data=sheet(token=token))
    assert answer.status_code == 200 and "your answers are here" in answer.text
    assert scores(desk, client_of(ada)) == {"phq-9": 8, "gad-7": 7}


def test_two_links_in_two_tabs_are_each_answered_for_their_own_client(desk: Desk, ada: Seeker) -> None:
    bo, anybody = seeker(desk, name="Bo"), desk.app.test_client()
    first, second = (link_for(desk, client_of(one)) for one in (ada, bo))
    for token in (first, second):  # the cookie is the second's
        anybody.get(f"/well-being/link/{token}")
    anybody.post(NOW, data=sheet(token=first))
    assert scores(desk, client_of(ada)) and not scores(desk, client_of(bo))


def test_no_other_site_sends_anything_here(desk: Desk, ada: Seeker) -> None:
    elsewhere = {"Sec-Fetch-Site": "cross-site"}
    assert ada.browser.post(HERE, data=sheet(), headers=elsewhere).status_code == 403
    sent = sheet(token=link_for(desk, client_of(ada)))
    assert desk.app.test_client().post(NOW, data=sent, headers=elsewhere).status_code == 403
    assert scores(desk, client_of(ada)) == {}


def choices(page: str) -> list[tuple[str, str]]:
    """(address, what the other choice would be) of each check that can be shown or hidden."""
    found = re.findall(r'action="(/well-being/[0-9a-f-]{36}/shown-to)".*?name="shown_to" value="(\w+)"', page, re.S)
    return [(path, other) for path, other in found]


def test_who_may_see_the_scores_is_chosen_and_changed_at_any_time(ada: Seeker) -> None:
    ada.browser.post(HERE, data=sheet())
    page = ada.page("/well-being/")
    ((path, other),) = choices(page)
    assert other == "named" and "Nobody sees it with your name." in page
    assert ada.post(path, shown_to="named").location == "/well-being/?changed"
    page = ada.page("/well-being/?changed")
    assert choices(page) == [(path, "aggregate")] and "Your therapist sees it." in page and "holds from now on" in page
    ada.browser.post(HERE, data=sheet(shown_to="aggregate"))  # said again on the same day
    assert choices(ada.page("/well-being/"))[0][1] == "named"
    ada.browser.post(HERE, data=sheet(shown_to="named"))
    assert choices(ada.page("/well-being/"))[0][1] == "aggregate"


@pytest.mark.parametrize("sent", ["", "all", "named\x00", "1" * 5_000])
def test_what_is_no_choice_shows_nothing_to_anybody(desk: Desk, ada: Seeker, sent: str) -> None:
    ada.browser.post(HERE, data=sheet(shown_to=sent))
    ((path, other),) = choices(ada.page("/well-being/"))
    assert other == "named"
    assert ada.post(path, shown_to=sent).status_code == 404
    assert seeker(desk, name="Bo").post(path, shown_to="named").status_code == 404  # somebody else's
    assert choices(ada.page("/well-being/")) == [(path, "named")]


def test_the_choice_stands_as_it_was_where_answers_are_missing_and_holds_behind_a_link(desk: Desk, ada: Seeker) -> None:
    answer = ada.browser.post(HERE, data=sheet("22.......", shown_to="named"))
    assert answer.status_code == 422 and 'value="named" checked>' in answer.text
    token = link_for(desk, client_of(ada))
    desk.app.test_client().post(NOW, data=sheet(shown_to="named", token=token))
    assert choices(ada.page("/well-being/"))[0][1] == "aggregate"


def test_the_page_promises_a_person_only_where_an_answer_reaches_one(clinic: Clinic, tmp_path: Path) -> None:
    desk, silent = desk_of(clinic, tmp_path), whole()
    ada, promise = seeker(desk), "stands at the top of the list that the practice works from at once"
    assert promise in ada.page(HERE)
    del silent["scoring"]["safety"]
    with desk.session() as session:
        made = clinics.find(session, None)
        instruments.bring(session, made, as_bytes(silent), "bought", actor="a test", now=datetime.now(UTC))
    page = ada.page(HERE)
    assert promise not in page and "Nobody at the practice reads single answers" in page
