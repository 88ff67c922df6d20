"""The page of a client in therapy: whom they work with, and what they said after each session."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from matcher.entities import Scale
from tests.web.conftest import Clinic
from tests.web.desk import Desk, desk_of
from tests.web.speaking import comes
from web.cards import moment_words
from web.checkins import presenters
from web.db.queries import courses
from web.db.tables import AppointmentRow, CheckInRow, TherapistRow
from web.services.courses import Course, SaidAfter


@pytest.fixture
def desk(clinic: Clinic, tmp_path: Path) -> Desk:
    return desk_of(clinic, tmp_path)


def test_somebody_with_sessions_sees_them_drawn_and_as_a_table(desk: Desk) -> None:
    with desk.session() as session:
        client = courses.well_documented(session, 6, 30)
    assert client is not None
    link, _key = desk.intake({}, client_id=client.id)
    page = desk.with_link(link).get("/check-ins/")
    assert page.status_code == 200
    assert "You work with" in page.text and page.text.count("<circle") >= 6
    assert "The same as a table" in page.text and "style=" not in page.text


def test_somebody_without_sessions_reads_what_will_be_here(desk: Desk) -> None:
    link, _key = desk.intake({"concerns": {"concerns": ["grief"]}})
    page = desk.with_link(link).get("/check-ins/")
    assert page.status_code == 200 and "Nothing here yet" in page.text


def test_what_is_planned_is_told_and_what_is_over_or_called_off_is_not(desk: Desk) -> None:
    now = datetime.now(UTC)
    with desk.session() as session:
        client = courses.well_documented(session, 6, 30)
        assert client is not None
        therapist = session.scalars(select(TherapistRow).order_by(TherapistRow.external_id)).first()
        assert therapist is not None
        for days, state in ((3, "planned"), (4, "cancelled"), (-1, "planned")):
            of = {"client_id": client.id, "therapist_id": therapist.id, "made_by": "a test", "made_at": now}
            session.add(AppointmentRow(**of, begins_at=now + timedelta(days=days), state=state))
        session.commit()
        name, key = therapist.name, client.id
    link, _key = desk.intake({}, client_id=key)
    page = desk.with_link(link).get("/check-ins/").text
    assert page.count(f", with {name}</strong>") == 1
    assert moment_words(now + timedelta(days=3)) in page


def test_nobody_comes_in_without_a_link(desk: Desk) -> None:
    assert desk.app.test_client().get("/check-ins/").status_code == 403
    assert desk.browser("clinic_lead").get("/check-ins/").status_code == 403


def test_dots_stand_where_their_scores_are_and_a_gap_stays_a_gap() -> None:
    said = (SaidAfter(1, 0.0, None), SaidAfter(2, 1.0, None), SaidAfter(3, None, None), SaidAfter(5, 0.5, None))
    shown = presenters.course(Course("Maren", {}, said, Scale(0.0, 1.0, 0.025)))
    assert [(dot.x, dot.y) for dot in shown.dots] == [(64.0, 180.0), (203.0, 20.0), (342.0, None), (620.0, 100.0)]
    assert shown.lines == ((64.0, 180.0, 203.0, 20.0),)
    assert [dot.words for dot in shown.dots] == ["hard", "very good", "you did not say anything", "mixed"]
    assert shown.n_sessions == "5 sessions; you said how it was after 3 of them"


def test_how_many_sessions_there_were_agrees_with_the_chart() -> None:
    for numbers, words in (
        ((1,), "1 session"),
        ((1, 2), "2 sessions"),
        ((1, 3), "3 sessions; you said how it was after 2"),
    ):
        course = Course("Maren", {}, tuple(SaidAfter(k, 0.5, None) for k in numbers), Scale(0.0, 1.0, 0.025))
        assert presenters.course(course).n_sessions.startswith(words)


def test_what_was_shared_before_is_not_seen_while_the_newest_is_not(desk: Desk) -> None:
    with desk.session() as session:
        _place, client = comes(session, ["named", "named", "named"])
        check_ins_of = select(CheckInRow).order_by(CheckInRow.said_at)
        first = session.scalars(check_ins_of.where(CheckInRow.shown_to == "named")).all()[-3]
        first.read_at = first.said_at
    link, _key = desk.intake({}, client_id=client)
    browser = desk.with_link(link)
    page = browser.get("/check-ins/").text
    assert (page.count("has not read it yet"), page.count("Not seen now")) == (2, 0)
    with desk.session() as session:
        session.scalars(check_ins_of).all()[-1].shown_to = "aggregate"
    page = browser.get("/check-ins/").text
    assert (page.count("has not read it yet"), page.count("Not seen now: you do not share the newest")) == (0, 2)
    assert page.count(" read it on ") == 1 and page.count("does not see it") == 1


def test_the_way_from_the_first_page_leads_whoever_is_in_therapy_to_their_page(desk: Desk) -> None:
    with desk.session() as session:
        client = courses.well_documented(session, 6, 30)
    assert client is not None
    link, _key = desk.intake({}, client_id=client.id)
    browser = desk.with_link(link)
    assert 'href="/request/"' in browser.get("/").text
    page = browser.get("/request/").text
    assert 'href="/check-ins/"' in page and ">Your therapy</h1>" in page and "not asked for anybody yet" not in page
