"""What a client says by a link: one row a session, corrected for a day, refused where there is nothing to say."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from matcher.entities import Scale
from matcher.errors import InvalidInput
from tests.web.checking_in import FIRST, GOOD, HARD, NOW, OVER, attended, link_to, placed, planned
from tests.web.waiting_room import client_of, the_clinic
from web.db import engine
from web.db.tables import AppointmentRow, CheckInRow, DepartureRow, DyadRow, RatingRow, SessionRow
from web.services import appointments, check_ins, clinics, links
from web.services.check_ins import CORRECTABLE, EARLY, ENDED, EXPIRED, NOT_HELD, OPEN, SAID, UNKNOWN, USED, Said

Tried = Callable[[int], None]
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def counts(session: Session, key: object) -> tuple[int, int]:
    def count(table: type[CheckInRow] | type[RatingRow]) -> int:
        return session.scalars(select(func.count(table.id)).where(table.session_id == key)).one()

    return count(CheckInRow), count(RatingRow)


def score_of(session: Session, key: object) -> float:
    return session.scalars(select(RatingRow.score).where(RatingRow.session_id == key)).one()


def test_what_is_said_is_kept_once_and_read_back_by_its_own_client(at_harbour: Session) -> None:
    who, clinic = attended(at_harbour), the_clinic(at_harbour)
    token = link_to(at_harbour, who)
    page = check_ins.open(at_harbour, clinic, token, OVER)
    assert (page.state, page.held_at, page.said) == (OPEN, FIRST, None) and " " not in page.therapist
    assert check_ins.say(at_harbour, clinic, token, GOOD, OVER).state == SAID
    assert counts(at_harbour, who.session_id) == (1, 1)
    assert score_of(at_harbour, who.session_id) == pytest.approx(0.9)  # (9 + 8 + 9 + 10) / 40
    (told,) = check_ins.of_client(at_harbour, clinic, who.client_id, OVER)
    assert (told.said, told.said_at, told.read_at, told.is_open) == (GOOD, OVER, None, False)
    assert check_ins.open(at_harbour, clinic, token, OVER).said == GOOD


def test_looking_changes_nothing(at_harbour: Session) -> None:
    who, clinic = attended(at_harbour), the_clinic(at_harbour)
    token = link_to(at_harbour, who)
    at_harbour.commit()
    for _ in range(5):
        check_ins.open(at_harbour, clinic, token, OVER)
    assert not at_harbour.dirty and not at_harbour.new
    found = links.of_token(at_harbour, links.CHECK_IN, token, now=OVER)
    assert found is not None and found.state == links.OPEN


@pytest.mark.parametrize(("scale", "expected"), [(Scale(1.0, 7.0, 0.5), 4.75), (Scale(0.0, 40.0, 0.1), 25.0)])
def test_the_mean_is_said_on_the_clinics_scale(scale: Scale, expected: float) -> None:
    """(5 + 5 + 5 + 10) / 40 = 0.625 of the way."""
    assert Said(5, 5, 5, 10).score(scale) == pytest.approx(expected)


def test_the_same_again_is_thanked_for_again_and_other_words_change_nothing(at_harbour: Session) -> None:
    who, clinic = attended(at_harbour), the_clinic(at_harbour)
    token, other = link_to(at_harbour, who), link_to(at_harbour, who)
    check_ins.say(at_harbour, clinic, token, GOOD, OVER)
    assert check_ins.say(at_harbour, clinic, token, GOOD, OVER + HOUR).state == SAID
    assert check_ins.say(at_harbour, clinic, other, GOOD, OVER + HOUR).state == SAID
    again = check_ins.say(at_harbour, clinic, other, HARD, OVER + HOUR)
    assert (again.state, again.page.said) == (CORRECTABLE, GOOD)
    assert check_ins.say(at_harbour, clinic, other, HARD, OVER + 2 * DAY).state == USED
    assert counts(at_harbour, who.session_id) == (1, 1) and score_of(at_harbour, who.session_id) == pytest.approx(0.9)


@pytest.mark.A1
def test_fifty_at_once_leave_one_row_and_each_gets_an_answer(harbour: str, tried: Tried) -> None:
    with engine.sessions(harbour)() as session:
        clinic = clinics.find(engine.writing(session), None)
        who = attended(session)
        tokens = [link_to(session, who), link_to(session, who)]
        session.commit()

    def post(k: int) -> str:
        with engine.sessions(harbour)() as session:
            clinics.enter(engine.writing(session), clinic)
            found = check_ins.say(session, clinic, tokens[k % 2], Said(k % 11, 5, 5, 5), OVER)
            session.commit()
            return found.state

    with ThreadPoolExecutor(10) as pool:
        states = list(pool.map(post, range(50)))
    with engine.sessions(harbour)() as session:
        clinics.enter(session, clinic)
        assert counts(session, who.session_id) == (1, 1)
        bond = session.scalars(select(CheckInRow.bond).where(CheckInRow.session_id == who.session_id)).one()
    same = sum(k % 11 == bond for k in range(50))
    assert states.count(SAID) == same and states.count(CORRECTABLE) == 50 - same
    tried(50)


def test_it_is_corrected_for_a_day_and_read_anew(at_harbour: Session) -> None:
    who, clinic = attended(at_harbour), the_clinic(at_harbour)
    token = link_to(at_harbour, who)
    assert check_ins.correct(at_harbour, clinic, token, HARD, OVER).state == OPEN  # nothing was said yet
    check_ins.say(at_harbour, clinic, token, GOOD, OVER)
    row = at_harbour.scalars(select(CheckInRow).where(CheckInRow.session_id == who.session_id)).one()
    row.read_at = OVER + HOUR
    at_harbour.flush()
    last = OVER + DAY - timedelta(seconds=1)
    assert check_ins.correct(at_harbour, clinic, token, HARD, last).state == SAID
    assert (row.corrected_at, row.read_at, row.said_at, row.shown_to) == (last, None, OVER, "named")
    assert score_of(at_harbour, who.session_id) == pytest.approx(0.3)  # (3 + 2 + 4 + 3) / 40
    row.read_at = last
    at_harbour.flush()
    assert check_ins.correct(at_harbour, clinic, token, HARD, last).state == SAID
    assert row.read_at == last  # the same words are no correction, and need no reading anew
    assert check_ins.correct(at_harbour, clinic, token, GOOD, OVER + DAY).state == USED
    assert score_of(at_harbour, who.session_id) == pytest.approx(0.3)


def test_a_link_that_others_saw_never_shows_what_was_said(at_harbour: Session) -> None:
    who, clinic = attended(at_harbour), the_clinic(at_harbour)
    shown, spare = (link_to(at_harbour, who, shown_by="c") for _ in range(2))
    outcome = check_ins.say(at_harbour, clinic, shown, GOOD, OVER)
    assert outcome.state == SAID and outcome.token not in (shown, spare)
    for token in (shown, spare):
        page = check_ins.open(at_harbour, clinic, token, OVER)
        assert (page.state, page.said) == (USED, None)
        assert check_ins.say(at_harbour, clinic, token, HARD, OVER).state == USED
        assert check_ins.correct(at_harbour, clinic, token, HARD, OVER).state == USED
        assert check_ins.say(at_harbour, clinic, token, GOOD, OVER + timedelta(minutes=9)).state == SAID
        assert check_ins.say(at_harbour, clinic, token, GOOD, OVER + timedelta(minutes=10)).state == USED
    assert check_ins.open(at_harbour, clinic, outcome.token, OVER).said == GOOD  # the browser that said it
    assert check_ins.correct(at_harbour, clinic, outcome.token, HARD, OVER).state == SAID


@pytest.mark.A2
def test_links_that_open_nothing_say_why(at_harbour: Session, tried: Tried) -> None:
    who, clinic = attended(at_harbour), the_clinic(at_harbour)
    token = link_to(at_harbour, who)
    assert check_ins.open(at_harbour, clinic, token, OVER + timedelta(days=7)).state == EXPIRED
    assert check_ins.say(at_harbour, clinic, token, GOOD, OVER + timedelta(days=7)).state == EXPIRED
    assert check_ins.say(at_harbour, clinic, token, GOOD, FIRST - HOUR).state == EARLY
    well = links.make(at_harbour, links.WELL_BEING, who.client_id, now=OVER, until=OVER + DAY)
    wrongs = ("", "nothing of ours", "A" * 22, token[:-1], token + "A", well, "ä" * 22, "\x00" * 22)
    for wrong in wrongs:
        assert check_ins.say(at_harbour, clinic, wrong, GOOD, OVER).state == UNKNOWN
        assert check_ins.correct(at_harbour, clinic, wrong, GOOD, OVER).state == UNKNOWN
    known = links.of_token(at_harbour, links.CHECK_IN, token, now=OVER)
    assert known is not None
    for gone in (replace(known, session_id=uuid4()), replace(known, session_id=None, appointment_id=uuid4())):
        assert check_ins._page(at_harbour, gone, OVER).state == UNKNOWN  # erased since the link was read
    assert check_ins.state_of(at_harbour, uuid4(), OVER) == UNKNOWN
    assert counts(at_harbour, who.session_id) == (0, 0)
    tried(2 * len(wrongs) + 5)


@pytest.mark.A2
def test_nothing_is_said_of_a_session_that_there_is_not_or_before_it_begins(at_harbour: Session, tried: Tried) -> None:
    who, clinic, nowhere = attended(at_harbour), the_clinic(at_harbour), uuid4()
    token, early = link_to(at_harbour, who), FIRST - timedelta(seconds=1)
    assert check_ins.say_of(at_harbour, clinic, nowhere, GOOD, OVER) == UNKNOWN
    for session_id, client_id in ((nowhere, who.client_id), (who.session_id, nowhere), (who.session_id, None)):
        with pytest.raises(LookupError):
            check_ins.own_link(at_harbour, clinic, client_id, session_id, now=OVER)
    with pytest.raises(LookupError):
        check_ins.link_for(at_harbour, clinic, nowhere, now=OVER, until=OVER + DAY)
    assert check_ins.say(at_harbour, clinic, token, GOOD, early).state == EARLY
    assert check_ins.say_of(at_harbour, clinic, who.session_id, GOOD, early) == EARLY
    assert counts(at_harbour, who.session_id) == (0, 0)
    at_harbour.add(RatingRow(session_id=nowhere, score=0.5, created_at=OVER))
    with pytest.raises(IntegrityError):
        at_harbour.flush()
    tried(8)


@pytest.mark.A2
@pytest.mark.parametrize("because", ["missed", "cancelled"])
def test_a_session_that_was_taken_back_or_never_was_is_not_rated(
    at_harbour: Session, because: str, tried: Tried
) -> None:
    who, clinic = attended(at_harbour), the_clinic(at_harbour)
    token = link_to(at_harbour, who)
    appointments.call_off(at_harbour, clinic, who.appointment_id, because=because, actor="a", now=OVER)
    for act in (check_ins.say, check_ins.correct):
        outcome = act(at_harbour, clinic, token, GOOD, OVER)
        assert (outcome.state, outcome.page.held_at, outcome.page.session_id) == (NOT_HELD, FIRST, None)
    assert check_ins.say_of(at_harbour, clinic, who.session_id, GOOD, OVER) == UNKNOWN
    assert counts(at_harbour, who.session_id) == (0, 0)
    with pytest.raises(LookupError):
        check_ins.link_for(at_harbour, clinic, who.session_id, now=OVER, until=OVER + DAY)
    row = planned(at_harbour, placed(at_harbour, "t02"), "t02")
    assert row.session_id is None  # before it, there is none to rate
    appointments.call_off(at_harbour, clinic, row.id, because=because, actor="a", now=NOW)
    assert row not in appointments.hold(at_harbour, clinic, now=OVER) and row.session_id is None
    tried(5)


def test_a_note_that_an_hour_did_not_take_place_silences_nobody(at_harbour: Session) -> None:
    who, clinic = attended(at_harbour), the_clinic(at_harbour)
    token = link_to(at_harbour, who)
    for _time in range(2):  # noted twice is noted once
        appointments.note_missed(at_harbour, clinic, who.appointment_id, actor="a", now=OVER)
    (told,) = check_ins.of_client(at_harbour, clinic, who.client_id, OVER)
    assert told.is_missed and told.is_open
    assert check_ins.say(at_harbour, clinic, token, GOOD, OVER + 2 * DAY).state == SAID
    assert counts(at_harbour, who.session_id) == (1, 1)
    assert at_harbour.get_one(AppointmentRow, who.appointment_id).state == "missed"


def test_a_link_opens_an_hour_that_took_place_after_all(at_harbour: Session) -> None:
    who, clinic = attended(at_harbour), the_clinic(at_harbour)
    token = link_to(at_harbour, who)
    appointments.call_off(at_harbour, clinic, who.appointment_id, actor="a", now=OVER)
    assert check_ins.open(at_harbour, clinic, token, OVER).state == NOT_HELD
    again = planned(at_harbour, who.kept)
    assert again.id == who.appointment_id and check_ins.open(at_harbour, clinic, token, OVER).state == EARLY
    appointments.hold(at_harbour, clinic, now=OVER)
    assert check_ins.say(at_harbour, clinic, token, GOOD, OVER).state == SAID
    assert again.session_id is not None and counts(at_harbour, again.session_id) == (1, 1)


@pytest.mark.A2
@pytest.mark.parametrize("how", ["departure", "dyad"])
def test_ninety_days_after_a_therapist_left_nothing_is_said_any_more(
    at_harbour: Session, how: str, tried: Tried
) -> None:
    who, clinic = attended(at_harbour), the_clinic(at_harbour)
    token = link_to(at_harbour, who, days=200)
    if how == "departure":
        at_harbour.add(DepartureRow(therapist_id=who.therapist_id, kind="leaves", begins_on=OVER.date(),
                                    capacity_before=1, made_at=NOW, made_by="a"))  # fmt: skip
    else:
        dyad = at_harbour.scalars(select(DyadRow).where(DyadRow.client_id == who.client_id)).one()
        dyad.ended_at = OVER
    at_harbour.flush()
    assert check_ins.open(at_harbour, clinic, token, OVER + timedelta(days=90)).state == OPEN
    for then in (OVER + timedelta(days=days) for days in (91, 120)):
        own = check_ins.own_link(at_harbour, clinic, who.client_id, who.session_id, now=then)
        for act, by in ((check_ins.say, token), (check_ins.correct, token), (check_ins.say, own)):
            assert act(at_harbour, clinic, by, GOOD, then).state == ENDED
        assert check_ins.say_of(at_harbour, clinic, who.session_id, GOOD, then) == ENDED
    assert counts(at_harbour, who.session_id) == (0, 0)
    tried(8)


def test_a_session_that_was_rated_elsewhere_is_not_rated_again(at_harbour: Session) -> None:
    who, clinic = attended(at_harbour), the_clinic(at_harbour)
    at_harbour.add(RatingRow(session_id=who.session_id, score=0.5, created_at=NOW))
    at_harbour.flush()
    assert check_ins.say(at_harbour, clinic, link_to(at_harbour, who), GOOD, OVER).state == USED
    assert counts(at_harbour, who.session_id) == (0, 1)


def test_the_client_alone_decides_anew_who_may_see_it(at_harbour: Session) -> None:
    who, other, clinic = attended(at_harbour), placed(at_harbour, "t02"), the_clinic(at_harbour)
    check_ins.say(at_harbour, clinic, link_to(at_harbour, who), HARD, OVER)
    with pytest.raises(LookupError):
        check_ins.show_to(at_harbour, client_of(other), who.session_id, "aggregate")
    for wrong in ("", "everybody", "NAMED"):
        with pytest.raises(InvalidInput):
            check_ins.show_to(at_harbour, who.client_id, who.session_id, wrong)
    check_ins.show_to(at_harbour, who.client_id, who.session_id, "aggregate")
    (told,) = check_ins.of_client(at_harbour, clinic, who.client_id, OVER)
    assert told.said is not None and told.said.shown_to == "aggregate"


def test_an_answer_is_seen_once_and_by_its_client(at_harbour: Session) -> None:
    who, clinic = attended(at_harbour), the_clinic(at_harbour)
    check_ins.say(at_harbour, clinic, link_to(at_harbour, who), HARD, OVER)
    row = at_harbour.scalars(select(CheckInRow).where(CheckInRow.session_id == who.session_id)).one()
    row.read_at, row.reply, row.replied_at = OVER + HOUR, "Thank you.", OVER + HOUR
    at_harbour.flush()
    assert check_ins.has_unseen_reply(check_ins.of_client(at_harbour, clinic, who.client_id, OVER))
    check_ins.replies_seen(at_harbour, who.client_id, OVER)  # of a page made before it was answered, or anew
    check_ins.show_to(at_harbour, who.client_id, who.session_id, "aggregate")
    check_ins.replies_seen(at_harbour, who.client_id, OVER + HOUR)  # of one that did not show it
    assert not check_ins.has_unseen_reply(check_ins.of_client(at_harbour, clinic, who.client_id, OVER))
    check_ins.show_to(at_harbour, who.client_id, who.session_id, "named")
    assert row.reply_seen_at is None
    for hours in (2, 5):
        check_ins.replies_seen(at_harbour, who.client_id, OVER + hours * HOUR)
    assert row.reply_seen_at == OVER + 2 * HOUR
    assert not check_ins.has_unseen_reply(check_ins.of_client(at_harbour, clinic, who.client_id, OVER))


@pytest.mark.parametrize("wrong", [
    {"bond": -1}, {"goals": 11}, {"way": 5.5}, {"overall": None}, {"helped": ("rigid",)}, {"hindered": ("nothing",)},
    {"comment": "a" * 2_001}, {"shown_to": "everybody"},
])  # fmt: skip
def test_what_no_form_offers_is_refused_by_its_name(wrong: dict[str, object]) -> None:
    with pytest.raises(InvalidInput) as refused:
        Said(**({"bond": 5, "goals": 5, "way": 5, "overall": 5} | wrong))  # type: ignore[arg-type]
    assert refused.value.field.startswith(next(iter(wrong)))


def test_the_same_choice_is_the_same_words_in_whatever_order_it_came() -> None:
    one, two = (
        Said(5, 5, 5, 5, ("warm", "heard", "warm"), (), " a\r\nb\x00 "),
        Said(5, 5, 5, 5, ("heard", "warm"), (), "a\nb"),
    )
    assert one == two


@pytest.mark.parametrize(("name", "first"), [("Maren Oduya", "Maren"), ("Dr. Ana Ruiz", "Ana"), ("Dr.", "Dr.")])
def test_a_therapist_is_called_by_the_first_name(name: str, first: str) -> None:
    assert check_ins.first_name(name) == first


def test_sessions_know_no_check_in_of_others(at_harbour: Session) -> None:
    one, two, clinic = attended(at_harbour), attended(at_harbour, "t02"), the_clinic(at_harbour)
    check_ins.say(at_harbour, clinic, link_to(at_harbour, one), GOOD, OVER)
    assert [told.said for told in check_ins.of_client(at_harbour, clinic, two.client_id, OVER)] == [None]
    assert at_harbour.scalars(select(func.count(SessionRow.id)).where(SessionRow.id == two.session_id)).one() == 1
