"""Two who want the same in another order: nobody waits for ever, and nothing is done to what has ended meanwhile."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier, Event
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.web.staff import PASSWORD
from tests.web.waiting_room import client_of, place_of, seen, sent, the_clinic, therapist, with_places
from web.db import engine
from web.db.queries import requests as request_rows
from web.db.queries import waiting
from web.db.tables import OutboxRow, PlacementRow
from web.jobs.tending import tend
from web.services import people, placing, requests
from web.services.conflicts import Conflict
from web.services.intakes import KeptIntake
from web.services.placing import HELD, Wanted

Trials = Callable[[int, int], int]
Tried = Callable[[int], None]
NOW = datetime.now(UTC)


def signs_in(session: Session, external_id: str) -> UUID:
    person = people.create(session, f"{external_id}@here.example", external_id, "therapist", password=PASSWORD, now=NOW)
    people.link_therapist(session, person, external_id, now=NOW)
    found = with_places(session, external_id, 500).person_id
    assert found is not None
    return found


def at_once(url: str, works: Sequence[Callable[[Session], object]]) -> list[str]:
    """Each in a transaction of its own, at the same moment; a conflict is an answer, anything else is raised."""
    ready = Barrier(len(works))

    def do(work: Callable[[Session], object]) -> str:
        ready.wait()
        with engine.sessions(url)() as session:
            the_clinic(engine.writing(session))
            try:
                work(session)
            except Conflict as against:
                return against.code
            session.commit()
            return "done"

    with ThreadPoolExecutor(len(works)) as pool:
        return list(pool.map(do, works))


def asked(session: Session, kept: KeptIntake, *chosen: str) -> UUID:
    requests.ask(session, the_clinic(session), kept, chosen, now=NOW)
    request = request_rows.latest(session, client_of(kept))
    assert request is not None
    return request_rows.choices(session, request.id)[0].id


@pytest.mark.F3
def test_therapists_who_decline_crosswise_and_clients_who_withdraw_as_the_clock_strikes(
    harbour: str, trials: Trials, tried: Tried
) -> None:
    with engine.sessions(harbour)() as session:
        the_clinic(engine.writing(session))
        first, second = seen(session, sent(session, now=NOW))[:2]
        person = {id_: signs_in(session, id_) for id_ in (first, second)}
        session.commit()
    for _round in range(trials(3, 50)):
        crosswise(harbour, person)
        tried(2)


def crosswise(url: str, person: dict[str, UUID]) -> None:
    first, second = person
    with engine.sessions(url)() as session:
        clinic = the_clinic(engine.writing(session))
        one, two, over = (sent(session, now=NOW) for _ in range(3))
        choices = {first: asked(session, one, first, second), second: asked(session, two, second, first)}
        asked(session, over, second, first)
        session.commit()

    def declines(id_: str) -> Callable[[Session], object]:
        return lambda session: requests.decline(session, clinic, person[id_], choices[id_], "no_time", now=NOW)

    assert at_once(url, [declines(first), declines(second)]) == ["done", "done"]
    late = NOW + timedelta(days=4)
    works = [
        lambda session: requests.withdraw(session, clinic, over, now=late),
        lambda session: requests.lapse(session, clinic, now=late),
    ]
    assert at_once(url, works) == ["done", "done"]
    with engine.sessions(url)() as session:
        the_clinic(engine.writing(session))
        for kept in (one, two, over):
            requests.withdraw(session, clinic, kept, now=late)
        session.commit()
        assert [therapist(session, id_).capacity for id_ in (first, second)] == [500, 500]


@pytest.mark.F3
def test_a_hold_that_is_used_as_it_ends_is_used(harbour: str, trials: Trials, tried: Tried) -> None:
    """The clock strikes while it becomes a place: it is a place then, whichever came first."""
    for _round in range(trials(3, 50)):
        used_as_it_ends(harbour)
        tried(1)


def used_as_it_ends(url: str) -> None:
    with engine.sessions(url)() as session:
        clinic = the_clinic(engine.writing(session))
        kept = sent(session, now=NOW)
        key = with_places(session, "t01", 1).id
        hold = Wanted(client_of(kept), key, HELD, until=NOW + timedelta(hours=1))
        placing.place(session, clinic, [hold], actor="a", now=NOW)
        session.commit()
    just_before, over = NOW + timedelta(minutes=59), NOW + timedelta(hours=1)
    use = Wanted(client_of(kept), key)
    works = [
        lambda session: placing.place(session, clinic, [use], actor="a", now=just_before),
        lambda session: placing.give_back_overdue(session, clinic, now=over),
    ]
    at_once(url, works)
    with engine.sessions(url)() as session:
        clinic = the_clinic(engine.writing(session))
        place, free = place_of(session, kept), therapist(session, "t01").capacity
        assert place is not None and (place.state, free) == ("given", 0)
        placing.give_back(session, clinic, [place], because="undone", actor="a", now=over)
        session.commit()


def test_a_place_that_ends_while_it_is_booked_is_not_booked(harbour: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The client withdraws after the therapist's page has read the place, and before it may change it."""
    if not harbour.startswith("postgresql"):
        pytest.skip("SQLite has one writer: it cannot come to this")
    with engine.sessions(harbour)() as session:
        clinic = the_clinic(engine.writing(session))
        kept, person = sent(session, now=NOW, name="Wren"), signs_in(session, "t01")
        placing.place(session, clinic, [Wanted(client_of(kept), therapist(session, "t01").id)], actor="a", now=NOW)
        place = place_of(session, kept)
        assert place is not None
        session.commit()
    was_read, has_ended, look = Event(), Event(), waiting.placement

    def looked(session: Session, key: UUID) -> PlacementRow | None:
        found = look(session, key)
        was_read.set()
        assert has_ended.wait(20)
        return found

    monkeypatch.setattr(requests.waiting, "placement", looked)
    with ThreadPoolExecutor(1) as pool, engine.sessions(harbour)() as leaves:
        the_clinic(engine.writing(leaves))
        booking = pool.submit(
            at_once,
            harbour,
            [lambda session: requests.book(session, person, place.id, NOW + timedelta(days=3), now=NOW)],
        )
        assert was_read.wait(20)
        requests.withdraw(leaves, clinic, kept, now=NOW)
        leaves.commit()
        has_ended.set()
        assert booking.result() == ["not_open"]


def test_a_first_session_is_not_booked_with_whoever_has_left(harbour: str) -> None:
    with engine.sessions(harbour)() as session:
        clinic = the_clinic(engine.writing(session))
        kept = sent(session, now=NOW, name="Wren")
        person = signs_in(session, "t01")
        placing.place(session, clinic, [Wanted(client_of(kept), therapist(session, "t01").id)], actor="a", now=NOW)
        place = place_of(session, kept)
        assert place is not None
        session.commit()
    codes = at_once(
        harbour,
        [
            lambda session: requests.withdraw(session, clinic, kept, now=NOW),
            lambda session: requests.book(session, person, place.id, NOW + timedelta(days=3), now=NOW),
        ],
    )
    with engine.sessions(harbour)() as session:
        the_clinic(session)
        kinds = [event.kind for event in waiting.events(session, client_of(kept))]
        mails = [row.kind for row in session.scalars(select(OutboxRow).order_by(OutboxRow.id))]
        ended = session.scalars(select(PlacementRow)).one()
    assert ended.state == "ended" and codes[0] == "done"
    if codes[1] == "done":  # they had booked before
        assert kinds.index("booked") < kinds.index("given_back")
    else:
        assert codes[1] == "not_open" and "booked" not in kinds + mails and ended.first_session_at is None
    with engine.sessions(harbour)() as session:
        assert tend(engine.sessions(harbour), now=NOW) == 0
