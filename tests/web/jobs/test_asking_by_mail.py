"""The mail that asks how an hour was, through a real mail server: its link, its headers, its hours, its end."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from tests.web.checking_in import FIRST, GOOD, OVER, placed, planned
from tests.web.jobs.test_sending import Postbox, postbox, sender
from tests.web.services.test_measures import LOW
from tests.web.waiting_room import the_clinic
from web.db import engine
from web.db.tables import ClientRow, OutboxRow
from web.jobs import sending
from web.jobs.sending import LEASE
from web.jobs.tending import tend
from web.services import check_ins, measures

__all__ = ["postbox"]
HELD = OVER + timedelta(minutes=1)


@pytest.fixture
def held(harbour: str) -> sessionmaker[Session]:
    """A clinic whose clock has just taken an hour of Ada's as held."""
    made = engine.sessions(harbour)
    with made() as session:
        the_clinic(engine.writing(session))
        planned(session, placed(session, name="Ada"))
        session.commit()
    tend(made, now=HELD)
    return made


def states(made: sessionmaker[Session]) -> list[tuple[str, str, str]]:
    with made() as session:
        the_clinic(session)
        found = select(OutboxRow).where(OutboxRow.kind.like("check_in%")).order_by(OutboxRow.kind)
        return [(row.kind, _state(row), row.recipient) for row in session.scalars(found)]


def _state(row: OutboxRow) -> str:
    """Settled without having been sent is needed no more."""
    return "not needed" if row.state == "sent" and row.sent_at is None else row.state


def link_in(box: Postbox) -> str:
    found = re.search(r"https://harbour\.example/check-ins/link/(\S{22})", box.taken[-1].get_content())
    assert found is not None
    return found[1]


def test_the_mail_bears_a_link_that_works_and_nothing_personal(
    held: sessionmaker[Session], postbox: tuple[Postbox, str]
) -> None:
    box, url = postbox
    sender(held, url).send_due(now=HELD)
    mine = [message for message in box.taken if message["Subject"] == "A short question for you"]
    assert len(mine) == 1
    words = mine[0].as_string().lower()
    assert not any(
        word in words for word in ("oduya", "maren", "session", "therap", "anxiety", FIRST.strftime("%H:%M"))
    )
    stop = mine[0]["List-Unsubscribe"].strip()
    assert re.fullmatch(r"<https://harbour\.example/check-ins/reminders/\S{22}>", stop)
    assert mine[0]["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    box.taken[:] = mine
    with held() as session:
        clinic = the_clinic(engine.writing(session))
        assert check_ins.say(session, clinic, link_in(box), GOOD, HELD).state == check_ins.SAID
        session.commit()
    assert sender(held, url).send_due(now=HELD + timedelta(days=1)) == 0  # no reminder of what was said
    assert states(held) == [("check_in", "sent", ""), ("check_in_again", "not needed", "")]


def test_a_reminder_goes_out_once_when_the_night_is_over(
    held: sessionmaker[Session], postbox: tuple[Postbox, str]
) -> None:
    box, url = postbox
    sender(held, url).send_due(now=HELD)
    n_before, night = len(box.taken), (HELD + timedelta(days=1)).replace(hour=23)
    assert sender(held, url).send_due(now=night) == 0
    morning = (night + timedelta(days=1)).replace(hour=8, minute=0, second=0)
    assert sender(held, url).send_due(now=morning - timedelta(seconds=1)) == 0
    assert [sender(held, url).send_due(now=morning + timedelta(hours=k)) for k in range(2)] == [1, 0]
    assert len(box.taken) == n_before + 1 and "We do not ask again" in box.taken[-1].get_content()


def test_who_wants_no_mail_gets_none_that_was_promised(
    held: sessionmaker[Session], postbox: tuple[Postbox, str]
) -> None:
    with held() as session:
        the_clinic(engine.writing(session))
        for row in session.scalars(select(ClientRow)):
            row.reminders_off_at = HELD
        session.commit()
    sender(held, postbox[1]).send_due(now=HELD)
    assert not any(message["List-Unsubscribe"] for message in postbox[0].taken)
    assert states(held)[0][1:] == ("not needed", "")


def test_a_worker_that_died_writes_a_new_link_into_the_same_message(
    held: sessionmaker[Session], postbox: tuple[Postbox, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    box, url = postbox
    with monkeypatch.context() as patched:
        patched.setattr(sending.Sender, "_settle", lambda *given, **more: None)
        sender(held, url).send_due(now=HELD)
    sender(held, url).send_due(now=HELD + LEASE)
    mine = [message for message in box.taken if message["List-Unsubscribe"]]
    assert len(mine) == 2 and len({message["Message-ID"] for message in mine}) == 1
    tokens = set()
    for message in mine:
        box.taken[:] = [message]
        tokens.add(link_in(box))
    assert len(tokens) == 2
    with held() as session:
        clinic = the_clinic(engine.writing(session))
        found = [check_ins.say(session, clinic, token, GOOD, HELD).state for token in sorted(tokens)]
    assert found == [check_ins.SAID] * 2  # whichever arrived


def test_the_clock_asks_about_each_hour_once(held: sessionmaker[Session]) -> None:
    tend(held, now=HELD + timedelta(minutes=1))
    assert [kind for kind, _state, _to in states(held)] == ["check_in", "check_in_again"]
    with held() as session:
        the_clinic(session)
        (params,) = session.scalars(select(OutboxRow.params).where(OutboxRow.kind == "check_in")).all()
    assert set(params) == {"session_id"}


@pytest.fixture
def near(harbour: str) -> sessionmaker[Session]:
    """A clinic of which Ada meets her therapist for the first time in two days."""
    made = engine.sessions(harbour)
    with made() as session:
        the_clinic(engine.writing(session))
        planned(session, placed(session, name="Ada"))
        session.commit()
    return made


def test_before_a_first_session_one_mail_asks_how_somebody_has_been(
    near: sessionmaker[Session], postbox: tuple[Postbox, str]
) -> None:
    (box, url), now = postbox, FIRST - timedelta(days=2)
    for k in range(3):
        tend(near, now=now + timedelta(minutes=k))
        sender(near, url).send_due(now=now + timedelta(minutes=k))
    (mine,) = [message for message in box.taken if message["Subject"] == "A short question for you"]
    words = mine.as_string().lower()
    assert not any(word in words for word in ("oduya", "maren", "session", "therap", "anxiety", "phq"))
    assert mine["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert "take about three minutes" in " ".join(mine.get_content().split())
    found = re.search(r"https://harbour\.example/well-being/link/(\S{22})", mine.get_content())
    assert found is not None
    with near() as session:
        the_clinic(engine.writing(session))
        assert measures.save_by_link(session, found[1], LOW, now=now) == "open"
        session.commit()
    tend(near, now=now + timedelta(hours=20))
    assert sender(near, url).send_due(now=now + timedelta(hours=20)) == 0


def test_at_night_it_waits_for_the_morning(near: sessionmaker[Session], postbox: tuple[Postbox, str]) -> None:
    (box, url), night = postbox, (FIRST - timedelta(days=2)).replace(hour=23)
    sender(near, url).send_due(now=night)  # what else was promised
    n_before = len(box.taken)
    tend(near, now=night)
    assert sender(near, url).send_due(now=night) == 0
    assert sender(near, url).send_due(now=(night + timedelta(days=1)).replace(hour=8)) == 1
    assert len(box.taken) == n_before + 1 and "/well-being/link/" in box.taken[-1].get_content()


def test_the_mail_on_an_hour_bears_the_check_that_is_due_with_it(
    held: sessionmaker[Session], postbox: tuple[Postbox, str]
) -> None:
    box, url = postbox
    sender(held, url).send_due(now=HELD)
    mine = [message for message in box.taken if message["Subject"] == "A short question for you"]
    assert len(mine) == 1 and len(re.findall(r"/well-being/link/\S{22}", mine[0].get_content())) == 1
