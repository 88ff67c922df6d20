"""Answers that have to reach a person, on both engines: one flag names each, and is raised anew once it was seen."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, timedelta
from uuid import UUID

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from tests.web.conftest import NOW
from tests.web.waiting_room import client_of, person_of, sent
from web.db import engine
from web.db.tables import ClientRow, FlagRow, IntakeRow, OutboxRow
from web.services import calls, clinics, intakes, letters, people, queue, safety
from web.services.intakes import PHQ_9, QUESTIONNAIRE, SAFETY_QUESTION, KeptIntake

DAY = timedelta(days=1)


def flags(session: Session, kept: KeptIntake) -> list[FlagRow]:
    found = select(FlagRow).where(FlagRow.intake_id == kept.id)
    return list(session.scalars(found.execution_options(populate_existing=True)))


def see(session: Session, kept: KeptIntake, days: float) -> None:
    (flag,) = flags(session, kept)
    intakes.see_flag(session, flag.id, person_id=person_of(session, "t01"), now=NOW + days * DAY)


def test_an_alarm_stands_in_the_queue_on_the_intake_of_the_client_and_says_why(at_harbour: Session) -> None:
    kept = sent(at_harbour)
    intakes.raise_flag(at_harbour, kept, "safety", source=SAFETY_QUESTION, now=NOW)
    for _ in range(3):
        safety.alarm(at_harbour, client_of(kept), None, PHQ_9, now=NOW)
    (line,) = [one for one in queue.waiting(at_harbour, now=NOW).flagged if one.intake_id == kept.id]
    assert (line.flag.kind, line.flag.sources) == ("safety", (SAFETY_QUESTION, PHQ_9))
    assert safety.state(at_harbour, kept.id, now=NOW) == safety.TOLD


def test_an_answer_after_somebody_has_looked_raises_it_anew_for_itself(at_harbour: Session) -> None:
    kept = sent(at_harbour)
    intakes.raise_flag(at_harbour, kept, "safety", source=SAFETY_QUESTION, now=NOW)
    see(at_harbour, kept, 1)
    safety.alarm(at_harbour, client_of(kept), kept, PHQ_9, now=NOW + 30 * DAY)
    (flag,) = flags(at_harbour, kept)
    assert (flag.seen_at, flag.seen_by, flag.raised_at, flag.sources) == (None, None, NOW + 30 * DAY, [PHQ_9])
    see(at_harbour, kept, 31)
    safety.alarm(at_harbour, client_of(kept), kept, PHQ_9, now=NOW + 60 * DAY)
    assert flags(at_harbour, kept)[0].raised_at == NOW + 60 * DAY


def test_that_a_person_was_told_is_said_of_this_answer_alone(at_harbour: Session) -> None:
    kept = sent(at_harbour)

    def state(days: float) -> str:
        return safety.state(at_harbour, kept.id, now=NOW + days * DAY)

    assert state(0) == safety.NOT_TOLD
    intakes.raise_flag(at_harbour, kept, "safety", source=SAFETY_QUESTION, now=NOW)
    assert state(0) == safety.EARLIER  # it stands for another question
    safety.alarm(at_harbour, None, kept, QUESTIONNAIRE, now=NOW)
    assert state(0) == state(9) == safety.TOLD  # nobody has looked yet
    see(at_harbour, kept, 9)
    assert state(9) == safety.EARLIER  # what was said nine days ago, and seen to
    safety.alarm(at_harbour, None, kept, QUESTIONNAIRE, now=NOW + 10 * DAY)
    see(at_harbour, kept, 10.1)
    assert state(10.2) == safety.SEEN and state(11.1) == safety.EARLIER


def test_a_number_to_call_raises_it_anew_and_keeps_why(at_harbour: Session) -> None:
    kept = sent(at_harbour)
    safety.alarm(at_harbour, None, kept, PHQ_9, now=NOW)
    see(at_harbour, kept, 1)
    intakes.raise_flag(at_harbour, kept, "safety", now=NOW + 2 * DAY)
    (flag,) = flags(at_harbour, kept)
    assert (flag.seen_at, flag.sources) == (None, [PHQ_9])


def test_a_client_without_an_intake_gets_one_so_that_the_flag_has_a_place(at_harbour: Session) -> None:
    found = at_harbour.scalars(select(ClientRow.id).order_by(ClientRow.external_id)).first()
    assert found is not None
    before = at_harbour.scalar(select(func.count(IntakeRow.id)))
    for _ in range(2):
        safety.alarm(at_harbour, found, None, PHQ_9, now=NOW)
    made = at_harbour.scalars(select(IntakeRow).where(IntakeRow.client_id == found)).all()
    assert len(made) == 1 and at_harbour.scalar(select(func.count(IntakeRow.id))) == (before or 0) + 1
    assert safety.state(at_harbour, made[0].id, now=NOW) == safety.TOLD
    with pytest.raises(LookupError):
        safety.alarm(at_harbour, None, None, PHQ_9, now=NOW)


def test_a_double_click_raises_one_flag_and_neither_fails(harbour: str) -> None:
    with engine.sessions(harbour)() as session:
        clinics.find(engine.writing(session), None)
        kept = sent(session)
        session.commit()

    def press(source: str) -> UUID:
        with engine.sessions(harbour)() as session:
            clinics.find(engine.writing(session), None)
            safety.alarm(session, client_of(kept), None, source, now=NOW)
            session.commit()
            return kept.id

    with ThreadPoolExecutor(8) as pool:
        assert len(list(pool.map(press, [PHQ_9, QUESTIONNAIRE] * 8))) == 16
    with engine.sessions(harbour)() as session:
        clinics.find(session, None)
        (flag,) = flags(session, kept)
    assert sorted(flag.sources) == [PHQ_9, QUESTIONNAIRE]


def test_every_coordinator_is_called_by_a_mail_that_names_nobody(at_harbour: Session) -> None:
    """Once each time that the flag is raised; the leads where there is no coordinator, and nobody who was suspended."""
    kept = sent(at_harbour, name="Ada")
    people.create(at_harbour, "lead@here.example", "Lea", "clinic_lead", password=None, now=NOW)
    intakes.raise_flag(at_harbour, kept, "safety", source=SAFETY_QUESTION, now=NOW)
    assert called(at_harbour) == ["lead@here.example"]
    for name in ("ina", "ole", "una"):
        people.create(at_harbour, f"{name}@here.example", name, "coordinator", password=None, now=NOW)
    people.change(at_harbour, "una@here.example", "suspended", now=NOW)
    intakes.raise_flag(at_harbour, kept, "safety", source=SAFETY_QUESTION, now=NOW)  # nothing new
    assert called(at_harbour) == ["lead@here.example"]
    later = NOW + timedelta(hours=1)
    intakes.raise_flag(at_harbour, kept, "safety", source=intakes.PHQ_9, now=later)
    assert called(at_harbour) == ["ina@here.example", "lead@here.example", "ole@here.example"]
    intakes.raise_flag(at_harbour, kept, "choose_for_me", now=later)
    assert len(called(at_harbour)) == 3
    said = letters.letter("safety", {}, clinic_name="Harbour", address="https://h.example", zone=UTC)
    assert "https://h.example/queue/" in said.text and "Ada" not in said.text + said.subject


def called(session: Session) -> list[str]:
    return sorted(row.recipient for row in session.scalars(select(OutboxRow).where(OutboxRow.kind == "safety")))


def test_the_flag_stands_where_nobody_can_be_called(at_harbour: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    people.create(at_harbour, "ina@here.example", "Ina", "coordinator", password=None, now=NOW)

    def fails(session: Session, *given: object, **more: object) -> None:
        raise OperationalError("INSERT", {}, Exception("disk full"))

    kept = sent(at_harbour, name="Ada")
    monkeypatch.setattr(calls.outbox, "promise", fails)
    intakes.raise_flag(at_harbour, kept, "safety", source=SAFETY_QUESTION, now=NOW)
    at_harbour.commit()
    assert at_harbour.scalars(select(FlagRow.kind).where(FlagRow.intake_id == kept.id)).all() == ["safety"]
