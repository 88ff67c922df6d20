"""Places under fire: a commit that is killed leaves all or nothing, and of many who want the last place one has it."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from threading import Barrier
from uuid import UUID

import pytest
from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from tests.trust.killed import PROCESSES, carry_out
from tests.web.conftest import keep_directory
from tests.web.waiting_room import client_of, sent, the_clinic, with_places
from web.db import engine
from web.db.tables import CaseEventRow, CaseRow, PlacementRow, ProposalRow, TherapistRow
from web.services import clinics, placing, proposal_material, proposals, proposing
from web.services.conflicts import Conflict
from web.services.placing import Wanted
from web.services.proposal_settings import Settings

N_PLACED = 12
N_AT_ONCE = 32
Trials = Callable[[int, int], int]
Tried = Callable[[int], None]


def now() -> datetime:
    return datetime.now(UTC)


def everybody_waits(session: Session, n: int) -> list[UUID]:
    return [client_of(sent(session, now=now())) for _ in range(n)]


def empty(session: Session, capacity: dict[str, int]) -> None:
    """Nobody has a place any more, and everybody's places are as they were."""
    for table in (PlacementRow, ProposalRow, CaseEventRow):
        session.execute(delete(table))
    session.execute(update(CaseRow).values(state="waiting"))
    for row in session.scalars(select(TherapistRow)):
        row.capacity = capacity[row.external_id]
    keep_directory(session)


def proposed(session: Session) -> tuple[UUID, int]:
    """A proposal that is ready to be carried out, and its revision."""
    settings = Settings()
    material = proposal_material.gather(session, the_clinic(session), settings, now=now())
    document = proposing.solve(material, settings)
    key = proposals.kept(session, settings, document, actor="a test", now=now())
    session.commit()
    return key, 1


@pytest.mark.F2
def test_a_commit_that_is_killed_leaves_all_or_nothing(harbour: str, trials: Trials, tried: Tried) -> None:
    sessions = engine.sessions(harbour)
    with sessions() as session:
        the_clinic(engine.writing(session))
        clients = everybody_waits(session, N_PLACED)
        capacity = {row.external_id: row.capacity for row in session.scalars(select(TherapistRow))}
        session.commit()
    dice, took = random.Random(6), 0.25
    n_all = 0
    rounds = trials(5, 200)
    for k in range(rounds):
        with sessions() as session:
            the_clinic(engine.writing(session))
            empty(session, capacity)
            key, revision = proposed(session)
        wait = took * 1.2 * dice.random() if k else None  # the first is left alone, to learn how long it takes
        done, took_now = killed(harbour, key, revision, wait)
        took = took_now or took
        with sessions() as session:
            the_clinic(session)
            n_all += whole(session, key, clients, capacity, done=done)
        tried(1)
    assert n_all > 0


def killed(url: str, key: UUID, revision: int, wait: float | None) -> tuple[bool, float | None]:
    """(whether it said that it was done, how long it took where it was left alone)."""
    here, there = PROCESSES.Pipe()
    process = PROCESSES.Process(target=carry_out, args=(url, key, revision, there))
    process.start()
    there.close()
    assert here.recv() == "ready"
    begun = time.monotonic()
    here.send("go")
    if wait is not None:
        time.sleep(wait)
        process.kill()
    try:
        done = here.recv() == "done"
    except (EOFError, ConnectionResetError):
        done = False
    took = time.monotonic() - begun if wait is None else None
    process.join()
    here.close()
    return done, took


def whole(session: Session, key: UUID, clients: list[UUID], capacity: dict[str, int], *, done: bool) -> bool:
    """Whether all were placed; it fails where some were, where one was lost, or where places do not add up."""
    proposal = session.scalars(select(ProposalRow).where(ProposalRow.id == key)).one()
    places = session.scalars(select(PlacementRow)).all()
    events = session.scalar(select(func.count(CaseEventRow.id)))
    now_free = {row.external_id: row.capacity for row in session.scalars(select(TherapistRow))}
    n_taken = sum(capacity.values()) - sum(now_free.values())
    states = set(session.scalars(select(CaseRow.state).where(CaseRow.client_id.in_(clients))))
    if proposal.state == "committed":
        assert len(places) == n_taken == events == N_PLACED and states == {"placed"}
        return True
    assert not done, "it said that it was done, and it was not"
    assert proposal.state == "draft" and not places and not n_taken and not events and states == {"waiting"}
    return False


@pytest.mark.F3
def test_of_thirty_two_who_want_the_last_place_one_has_it(harbour: str, trials: Trials, tried: Tried) -> None:
    with engine.sessions(harbour)() as session:
        the_clinic(engine.writing(session))
        clients, last = everybody_waits(session, N_AT_ONCE), with_places(session, "t01", 1).id
        session.commit()
    rounds = trials(2, 500)
    with ThreadPoolExecutor(N_AT_ONCE) as pool:
        ready = Barrier(N_AT_ONCE)
        for _round in range(rounds):
            one_each(harbour, clients, pool.map(lambda client: grab(harbour, client, last, ready), clients), last)
            tried(1)


@pytest.mark.F3
def test_of_processes_that_want_the_last_place_one_has_it(harbour: str, trials: Trials, tried: Tried) -> None:
    n = trials(4, N_AT_ONCE)
    with engine.sessions(harbour)() as session:
        the_clinic(engine.writing(session))
        clients, last = everybody_waits(session, n), with_places(session, "t01", 1).id
        session.commit()
    engine.engine(harbour).dispose()
    with PROCESSES.Pool(n) as pool:
        for _round in range(trials(2, 500)):
            one_each(harbour, clients, pool.starmap(grab, [(harbour, client, last) for client in clients]), last)
            tried(1)


def grab(url: str, client: UUID, therapist: UUID, ready: Barrier | None = None) -> str:
    """Want the place: ``won``, or the code of what stands against."""
    if ready is not None:
        ready.wait()
    with engine.sessions(url)() as session:
        clinic = clinics.find(engine.writing(session), None)
        try:
            placing.place(session, clinic, [Wanted(client, therapist)], actor="a test", now=now())
        except Conflict as against:
            return against.code
        session.commit()
        return "won"


def one_each(url: str, clients: list[UUID], found: Iterable[str], last: UUID) -> None:
    """One has won, the others were told, and the place is given back for the next round."""
    assert sorted(found) == ["no_place"] * (len(clients) - 1) + ["won"]
    with engine.sessions(url)() as session:
        clinic = the_clinic(engine.writing(session))
        (place,) = session.scalars(select(PlacementRow).where(PlacementRow.state != "ended")).all()
        row = session.get(TherapistRow, last)
        assert row is not None and place.therapist_id == last and row.capacity == 0
        placing.give_back(session, clinic, [place], because="rematch", actor="a test", now=now())
        session.commit()
