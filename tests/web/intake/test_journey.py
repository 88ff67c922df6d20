"""The whole way without script: each page sent as a browser would, from several browsers and at the same time."""

from __future__ import annotations

from collections.abc import Callable
from threading import Barrier, Thread

import pytest
from sqlalchemy import func, select
from werkzeug.datastructures import MultiDict

from tests.web.desk import Desk
from tests.web.intake import walking
from tests.web.intake.looking import everything, form_of, names_of
from web.cookies import INTAKE
from web.db.tables import ClientRow, ConsentRow, IntakeVersionRow, ShownListRow, ShownMatchRow
from web.services import intakes


def test_every_page_offers_what_is_said_on_it_and_leads_to_the_next(desk: Desk) -> None:
    """Each step is read, filled in with what stands there, sent to where it says, and followed."""
    client = desk.app.test_client()
    answer = client.post("/intake/begin")
    for name, typed in walking.SAID.items():
        assert (answer.status_code, answer.location) == (303, f"/intake/{name}")
        page = client.get(answer.location).text
        assert set(typed) <= names_of(page), name
        token = dict(form_of(page)).get("csrf_token")
        assert (token is None) == (name == "safety")
        answer = client.post(f"/intake/{name}", data={**typed, **({"csrf_token": token} if token else {})})
    assert answer.location == "/intake/check"
    page = client.get("/intake/check").text
    for words in ("I lie awake.", "Talk about her", "70.50"):
        assert words in page
    answer = client.post("/intake/check", data={**dict(form_of(page)), **walking.CONTACT})
    assert answer.location == "/matches/"
    kept = walking.kept_by(desk, client)
    assert kept.document() == walking.DOCUMENT
    with desk.session() as session:
        (row,) = session.scalars(select(IntakeVersionRow).where(IntakeVersionRow.client_id == kept.client_id))
        assert row.answers == walking.DOCUMENT and row.version == 1
        (shown,) = session.scalars(select(ShownListRow).where(ShownListRow.intake_version_id == row.id))
        places = session.scalars(select(ShownMatchRow.place).where(ShownMatchRow.list_id == shown.id)).all()
        assert sorted(places) == list(range(1, len(places) + 1)) and 5 < len(places) <= 20
        assert shown.wanted == {} and len(places) + len(shown.refusals) == 40


@pytest.mark.S14
def test_what_a_page_shows_sent_back_as_it_stands_is_what_was_said(desk: Desk, tried: Callable[[int], None]) -> None:
    """Back and forth through the pages loses and adds nothing, also for text that is easily mangled."""
    client = walking.begun(desk)
    walking.answer_all(client)
    texts = (
        "one\r\n\r\n  two",
        "<b>&amp;</b> \"quotes\" 'here'",
        "e\u0301 \u00e9 \ufb01 \U0001fad6",
        "\u05e9\u05dc\u05d5\u05dd \u0645\u0631\u062d\u0628\u0627",
        "{{ 7 * 7 }} {% raw %} %s %(x)s",
        "</textarea><p>",
    )
    for text in texts:
        said = {**walking.SAID["concerns"], "concern_text": text}
        assert walking.post(client, "/intake/concerns", said).status_code == 303, text
        before = walking.kept_by(desk, client)
        assert before.said("concerns")["concern_text"] == text.replace("\r\n", "\n")
        for name in reversed(walking.SAID):
            sent = MultiDict(form_of(client.get(f"/intake/{name}").text))
            assert client.post(f"/intake/{name}", data=sent).status_code == 303, (name, text)
        after = walking.kept_by(desk, client)
        assert (after.answers, after.changed_at) == (before.answers, before.changed_at), text
    tried(len(texts) * len(walking.SAID))


def test_two_browsers_of_one_link_at_different_steps_lose_nothing(desk: Desk) -> None:
    first = walking.begun(desk)
    second = desk.with_link(walking.link_of(first))
    browsers = {name: (first, second)[k % 2] for k, name in enumerate(walking.SAID)}
    pages = {name: browsers[name].get(f"/intake/{name}").text for name in walking.SAID}  # all open before one is sent
    for name in reversed(walking.SAID):
        assert "I lie awake" not in pages[name]
        assert walking.post(browsers[name], f"/intake/{name}", walking.SAID[name]).status_code == 303
    assert walking.kept_by(desk, second).document() == walking.DOCUMENT
    walking.send(second)
    assert walking.kept_by(desk, first).client_id is not None


def test_steps_and_the_sending_at_the_same_moment_lose_nothing_and_send_once(
    desk: Desk, tried: Callable[[int], None], trials: Callable[[int, int], int]
) -> None:
    """Eight tabs send eight steps at once; then three send the same intake at once."""
    rounds = trials(2, 20)
    for _ in range(rounds):
        client = walking.begun(desk)
        link = walking.link_of(client)
        _at_once(desk, link, [(f"/intake/{name}", typed) for name, typed in walking.SAID.items()])
        assert walking.kept_by(desk, client).document() == walking.DOCUMENT
        _at_once(desk, link, [("/intake/check", walking.CONTACT)] * 3)
        kept = walking.kept_by(desk, client)
        with desk.session() as session:
            for row in (IntakeVersionRow, ConsentRow):
                assert session.scalar(select(func.count(row.id)).where(row.client_id == kept.client_id)) == 1
    tried(rounds * (len(walking.SAID) + 3))


def _at_once(desk: Desk, link: str, posts: list[tuple[str, walking.Typed]]) -> None:
    start, found = Barrier(len(posts)), []

    def send(path: str, typed: walking.Typed) -> None:
        browser = desk.with_link(link)
        start.wait(10)
        found.append(walking.post(browser, path, typed).status_code)

    threads = [Thread(target=send, args=post) for post in posts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert found == [303] * len(posts)


def test_another_way_to_be_reached_is_no_other_answer(desk: Desk) -> None:
    client = walking.begun(desk)
    walking.answer_all(client)
    walking.send(client)
    first = walking.kept_by(desk, client)
    client.post("/intake/safety/told", data={"phone": "030 1234567", "csrf_token": walking.token_of(client)})
    assert walking.kept_by(desk, client).said(intakes.CONTACT)["phone"] == "030 1234567"
    assert "You changed your answers" not in client.get("/matches/").text
    typed = {**walking.CONTACT, "email": "", "phone": "040 765"}
    assert walking.post(client, "/intake/check", typed).status_code == 303
    kept = walking.kept_by(desk, client)
    assert kept.said(intakes.CONTACT) == {"name": "Ada", "phone": "040 765"} and kept.sent_at == first.sent_at
    with desk.session() as session:
        assert session.scalars(select(ClientRow.intake_version).where(ClientRow.id == kept.client_id)).all() == [1]


@pytest.mark.S23
def test_looking_at_any_page_changes_no_row_of_any_table_and_gives_no_link(
    desk: Desk, tried: Callable[[int], None]
) -> None:
    client = walking.begun(desk)
    walking.answer_all(client)
    walking.send(client)
    link = walking.link_of(client)
    pages = ["/intake/", "/intake/check", "/intake/link", "/intake/carry-on", f"/intake/link/{link}",
             "/intake/safety/told", "/matches/", "/matches/?more", "/matches/compare?with=t01",
             *(f"/intake/{name}" for name in walking.SAID)]  # fmt: skip
    before = everything(desk.url)
    assert before["intakes"] and before["shown_matches"]
    for path in pages:
        for method in ("GET", "HEAD", "OPTIONS"):
            answer = client.open(path, method=method)
            assert answer.status_code < 400 or path.startswith("/matches/compare"), path
            assert not any("intake=" in cookie for cookie in answer.headers.getlist("Set-Cookie")), path
            assert answer.headers["Referrer-Policy"] == "no-referrer"
        scanner = desk.app.test_client()
        scanner.get(path)
        assert scanner.get_cookie(INTAKE.name) is None
    assert everything(desk.url) == before
    tried(4 * len(pages))


@pytest.mark.S23
def test_a_link_brings_back_to_where_one_was(desk: Desk, tried: Callable[[int], None]) -> None:
    """Step by step: the link opens at the first step that was not answered, and at the list once it was sent."""
    client = walking.begun(desk)
    link = walking.link_of(client)
    following = [*walking.SAID, "check"]
    for name, typed in walking.SAID.items():
        assert _lands(desk, link) == f"/intake/{name}"
        walking.post(client, f"/intake/{name}", typed)
    assert _lands(desk, link) == "/intake/check"
    walking.send(client)
    assert _lands(desk, link) == "/matches/"
    tried(len(following) + 1)


def _lands(desk: Desk, link: str) -> str | None:
    elsewhere = desk.app.test_client()
    there = walking.post(elsewhere, f"/intake/link/{link}", {}).location
    pasted = walking.post(desk.app.test_client(), "/intake/carry-on", {"link": f"http://localhost/intake/link/{link}"})
    assert pasted.location == there and walking.link_of(elsewhere) == link
    return there
