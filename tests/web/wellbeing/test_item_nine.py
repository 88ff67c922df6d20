"""An answer to item 9 above zero reaches a person first of all, whatever fails, or the page says that it did not."""

from __future__ import annotations

import smtplib
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from tests.web.conftest import Clinic, settings_for
from tests.web.desk import Desk, desk_of, token_of
from tests.web.intake.test_yes import garbage, gone, locked, out_of_memory
from tests.web.wellbeing import filling
from tests.web.wellbeing.filling import NOT_TOLD, NOW, TOLD, client_of, link_for, scores, seeker, sheet
from web import create_app
from web.db.queries import cases
from web.services import measures, outbox
from web.wellbeing import routes

HERE = "/well-being/questions"
DARK = sheet("000000001", "0000000")


def intake_of(somebody: filling.Seeker) -> object:
    with somebody.desk.session() as session:
        return somebody.kept(session).id


@pytest.mark.S14
@pytest.mark.parametrize("answer", ["1", "2", "3"])
def test_any_answer_above_zero_raises_the_flag_and_shows_whom_to_call(
    desk: Desk, answer: str, tried: Callable[[int], None]
) -> None:
    ada = seeker(desk)
    sent = ada.browser.post(HERE, data=sheet(f"00000000{answer}", "0000000"))
    assert (sent.status_code, sent.location) == (303, "/well-being/told")
    page = ada.page("/well-being/told")
    assert TOLD in page and 'href="tel:112"' in page and 'name="phone"' in page
    assert (intake_of(ada), "safety") in filling.flags(desk)
    assert scores(desk, client_of(ada)) == {"phq-9": int(answer), "gad-7": 0}
    assert f"/queue/{intake_of(ada)}" in desk.browser("coordinator").get("/queue/").text
    tried(1)


def test_zero_raises_nothing(desk: Desk) -> None:
    ada = seeker(desk)
    before = filling.flags(desk)
    assert ada.browser.post(HERE, data=sheet("333333330", "3333333")).location == "/well-being/"
    assert filling.flags(desk) == before and TOLD not in ada.page("/well-being/told")


@pytest.mark.S14
def test_nothing_stands_before_it(desk: Desk, tried: Callable[[int], None]) -> None:
    """Half a form, answers that are none, several at once, no token, an intake that was never sent."""
    forms = [
        {"phq-9:9": "1!"}, {"phq-9:9": ["0", "2!"]}, {"phq-9:9": ["3!", "0"]}, {"phq-9:9": " 1! ", "phq-9:1": "x"},
        DARK | {"phq-9:1": "\x00", "more": "y" * 10_000},
    ]  # fmt: skip
    for form in forms:
        ada = seeker(desk)
        assert ada.browser.post(HERE, data=form).location == "/well-being/told", form
        assert (intake_of(ada), "safety") in filling.flags(desk)
    link, key = desk.intake({"concerns": {"concerns": ["grief"]}})
    assert desk.with_link(link).post(HERE, data=DARK).location == "/well-being/told"
    assert (key, "safety") in filling.flags(desk)
    tried(len(forms) + 1)


def test_no_limit_stands_before_it(desk: Desk) -> None:
    ada = seeker(desk)
    app = create_app(settings_for(desk.url, address_limit="5 per minute"))
    client = app.test_client()
    client.set_cookie("intake", ada.link)
    assert [client.get("/well-being/").status_code for _ in range(6)][-1] == 429
    token = link_for(desk, client_of(ada))
    for _ in range(12):
        assert client.post(HERE, data=DARK).location == "/well-being/told"
        assert client.post(NOW, data=DARK | {"token": token}).status_code == 200
    assert TOLD in client.get("/well-being/told").text


def test_the_flag_is_kept_before_anything_else_is_tried(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    ada = seeker(desk)

    def fails(*args: object, **kwargs: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(measures, "save", fails)
    assert ada.browser.post(HERE, data=DARK).location == "/well-being/told"
    assert (intake_of(ada), "safety") in filling.flags(desk) and TOLD in ada.page("/well-being/told")


def test_behind_a_link_of_its_own_also_where_that_is_used_or_too_old(desk: Desk) -> None:
    """The answer to the form says it itself: no cookie, and no address at which it could be read again."""
    for days, uses in ((7, 0), (7, 1), (-1, 0)):
        ada, bare = seeker(desk), desk.app.test_client(use_cookies=False)
        token = link_for(desk, client_of(ada), days=days)
        for _ in range(uses):
            bare.post(NOW, data=sheet(token=token))
        answer = bare.post(NOW, data=DARK | {"token": token})
        assert answer.status_code == 200 and answer.headers["Cache-Control"] == "no-store"
        assert TOLD in answer.text and 'href="tel:112"' in answer.text and 'name="phone"' not in answer.text
        assert (intake_of(ada), "safety") in filling.flags(desk)


def test_the_cookie_is_enough_where_the_form_lost_its_link(desk: Desk) -> None:
    ada, anybody = seeker(desk), desk.app.test_client()
    anybody.get(f"/well-being/link/{link_for(desk, client_of(ada))}")
    assert TOLD in anybody.post(NOW, data=DARK).text


def test_an_old_link_tells_nobody_what_its_client_has_answered(desk: Desk) -> None:
    for days, uses in ((-1, 0), (7, 1), (7, 0)):
        ada, anybody = seeker(desk), desk.app.test_client()
        token = link_for(desk, client_of(ada), days=days)
        for _ in range(uses):
            anybody.post(NOW, data=sheet(token=token))

        def pages(token: str = token, anybody: FlaskClient = anybody) -> list[str]:
            there = (f"/well-being/link/{token}/told", f"/well-being/link/{token}", NOW)
            return [anybody.get(path, follow_redirects=True).text for path in there]

        before = pages()
        ada.browser.post(HERE, data=DARK)  # on their own page
        assert TOLD in ada.page("/well-being/told")
        assert pages() == before and not any(TOLD in page for page in before)
        assert all('href="/help-now"' in page for page in before)


def test_whoever_is_not_known_reads_that_nobody_was_told(desk: Desk) -> None:
    anybody = desk.app.test_client()
    for path, token in ((HERE, ""), (NOW, "A" * 22), (NOW, "")):
        answer = anybody.post(path, data=DARK | {"token": token})
        assert answer.status_code == 503 and NOT_TOLD in answer.text and 'href="tel:112"' in answer.text


@pytest.mark.parametrize("trouble", [garbage, locked, out_of_memory, gone])
def test_with_the_database_down_the_page_says_plainly_that_nobody_was_told(
    clinic: Clinic, tmp_path: Path, trouble: Callable[[Desk], object]
) -> None:
    desk = desk_of(clinic, tmp_path)
    ada = seeker(desk)
    token = link_for(desk, client_of(ada))
    with trouble(desk):  # type: ignore[attr-defined]
        for address in (HERE, NOW):
            answer = ada.browser.post(address, data=DARK | {"token": token})
            assert answer.status_code == 503 and NOT_TOLD in answer.text and TOLD not in answer.text
            assert 'href="tel:112"' in answer.text and answer.headers["Cache-Control"] == "no-store"
            assert "<form" not in answer.text.split("<main", 1)[1]
    assert filling.flags(desk) == []
    assert ada.browser.post(HERE, data=DARK).location == "/well-being/told"
    assert len(filling.flags(desk)) == 1


def test_no_mail_stands_between_the_answer_and_the_queue(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever becomes of mail: the flag stands where coordinators look, without it."""

    def down(*args: object, **kwargs: object) -> None:
        raise OSError("no mail server")

    monkeypatch.setattr(smtplib, "SMTP", down)
    monkeypatch.setattr(outbox, "promise", down)
    ada = seeker(desk)
    assert ada.browser.post(HERE, data=DARK).location == "/well-being/told"
    assert (intake_of(ada), "safety") in filling.flags(desk)


def test_the_flag_is_committed_before_the_browser_is_sent_on(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    ada = seeker(desk)
    seen: list[int] = []
    real, before = routes.redirect, len(filling.flags(desk))

    def noted(*args: object) -> object:
        seen.append(len(filling.flags(desk)))
        return real(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(routes, "redirect", noted)
    ada.browser.post(HERE, data=DARK)
    assert seen == [before + 1]


def test_the_coordinator_reads_where_it_comes_from_and_the_therapist_only_that_it_stands(desk: Desk) -> None:
    ada = seeker(desk)
    ada.browser.post(HERE, data=DARK)
    coordinator, why = desk.browser("coordinator"), "Thoughts of being better off dead, or of hurting themselves"
    with desk.session() as session:
        key = ada.kept(session).id
    for path in ("/queue/", f"/queue/{key}"):
        assert why in coordinator.get(path).text
    case = coordinator.get(f"/queue/{key}").text
    assert "call them today" in case and "Said yes to the safety question" not in case
    ada.post("/request/ask", first="t01", second="")
    (choice,) = ada.choices()
    page = desk.browser("therapist").get(f"/caseload/requests/{choice}").text
    assert "A safety flag stands" in page and why not in page


def test_a_new_answer_after_somebody_has_looked_is_a_new_alarm(desk: Desk) -> None:
    ada = seeker(desk)
    ada.browser.post(HERE, data=DARK)
    coordinator = desk.browser("coordinator")
    with desk.session() as session:
        key = ada.kept(session).id
        flag = cases.flags(session, key)[0]
        flag.raised_at -= timedelta(days=40)
        flag_id = flag.id
    coordinator.post(f"/queue/flags/{flag_id}/seen", data={"csrf_token": token_of(coordinator)})
    page = ada.page("/well-being/told")
    assert TOLD not in page and NOT_TOLD not in page and "something that you said earlier" in page
    assert 'href="tel:112"' in page and 'name="phone"' not in page
    assert ada.browser.post(HERE, data=DARK).location == "/well-being/told"
    assert TOLD in ada.page("/well-being/told")
    with desk.session() as session:
        assert cases.flags(session, key)[0].seen_at is None
