"""A job is asked for once, claimed by one, and what a worker writes counts only while the claim is its own."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from sqlalchemy.orm import Session, sessionmaker

from tests.web.jobs.asking import ask, look
from tests.web.jobs.conftest import NOW
from web.jobs import rows

Sessions = sessionmaker[Session]
KINDS = ("count",)
LATER = NOW + rows.LEASE


def claim(sessions: Sessions, now=NOW) -> rows.Claim:
    found = rows.claim(sessions, KINDS, now=now)
    assert found is not None
    return found


def test_asking_twice_is_asking_once_until_it_has_ended(sessions: Sessions) -> None:
    assert (ask(sessions, arguments={"to": 3}), ask(sessions)) == (True, False)
    claimed = claim(sessions)
    assert (claimed.arguments, claimed.asked_by, claimed.attempt) == ({"to": 3}, "a test", 1)
    assert ask(sessions) is False
    rows.finish(sessions, claimed, {"counted": 3}, now=NOW)
    found = look(sessions)
    assert found is not None and (found.state, found.progress, found.result["counted"]) == ("done", 100, 3)
    assert ask(sessions) is True
    again = look(sessions)
    assert again is not None and (again.state, again.progress, again.result) == ("waiting", 0, {})


def test_two_who_ask_at_the_same_moment_ask_once(sessions: Sessions) -> None:
    gate = Barrier(4)

    def one(_: int) -> bool:
        gate.wait()
        return ask(sessions)

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(one, range(4))) == 1


def test_clinics_ask_apart(sessions: Sessions) -> None:
    assert (ask(sessions), ask(sessions, slug="south")) == (True, True)
    clinics = {claim(sessions).clinic_id for _ in range(2)}
    assert len(clinics) == 2 and rows.claim(sessions, KINDS, now=NOW) is None


@pytest.mark.F9
def test_each_job_is_claimed_by_one(sessions: Sessions, tried: Callable[[int], None]) -> None:
    """Eight jobs and two threads that take what they can get."""
    for k in range(8):
        ask(sessions, key=f"count {k}", arguments={"k": k})
    gate = Barrier(2)

    def take(_: int) -> list[int]:
        gate.wait()
        taken, misses = [], 0
        while misses < 3:
            found = rows.claim(sessions, KINDS, now=NOW)
            misses += found is None
            taken += [found.arguments["k"]] if found else []
        return taken

    with ThreadPoolExecutor(2) as pool:
        first, second = pool.map(take, range(2))
    assert sorted(first + second) == list(range(8))
    tried(8)


def test_other_kinds_and_later_jobs_are_left(sessions: Sessions) -> None:
    ask(sessions, kind="sing")
    ask(sessions, now=NOW + timedelta(seconds=1))
    assert rows.claim(sessions, KINDS, now=NOW) is None
    assert rows.claim(sessions, KINDS, now=NOW + timedelta(seconds=1)) is not None


def test_a_lease_that_ran_out_is_claimed_again_and_the_first_worker_can_change_nothing(sessions: Sessions) -> None:
    ask(sessions)
    first = claim(sessions)
    assert rows.claim(sessions, KINDS, now=LATER - timedelta(seconds=1)) is None
    second = claim(sessions, LATER)
    assert second.attempt == 2
    late = {
        "tell": lambda: rows.progress(sessions, first, 90, "late", now=LATER),
        "hold": lambda: rows.renew(sessions, first, now=LATER),
        "finish": lambda: rows.finish(sessions, first, {"late": True}, now=LATER),
        "fail": lambda: rows.fail(sessions, first, "late", now=LATER),
        "give back": lambda: rows.release(sessions, first, now=LATER),
    }
    for what, way in late.items():
        with pytest.raises(rows.LeaseLost):
            pytest.fail(f"{what}: {way()}")
    rows.progress(sessions, second, 40, "counting", now=LATER)
    found = look(sessions, now=LATER)
    assert found is not None and (found.state, found.progress, found.stage) == ("running", 40, "counting")


def test_progress_and_beats_hold_the_lease(sessions: Sessions) -> None:
    ask(sessions)
    claimed = claim(sessions)
    rows.progress(sessions, claimed, 10, "counting", now=NOW + timedelta(seconds=50))
    assert rows.claim(sessions, KINDS, now=LATER) is None
    rows.renew(sessions, claimed, now=LATER)
    assert rows.claim(sessions, KINDS, now=LATER + timedelta(seconds=59)) is None
    assert rows.claim(sessions, KINDS, now=LATER + rows.LEASE) is not None


def test_what_kills_every_worker_is_given_up(sessions: Sessions) -> None:
    ask(sessions)
    for k in range(rows.MOST_ATTEMPTS):
        claim(sessions, NOW + k * rows.LEASE)
    assert rows.claim(sessions, KINDS, now=NOW + 9 * rows.LEASE) is None
    found = look(sessions)
    assert found is not None and (found.state, found.result["reason"]) == ("failed", "gave_up")
    assert ask(sessions) and claim(sessions).attempt == 1


def test_what_is_given_back_waits_a_while_where_it_counts(sessions: Sessions) -> None:
    ask(sessions)
    rows.release(sessions, claim(sessions), now=NOW, counts=False)
    again = claim(sessions)
    assert again.attempt == 1
    rows.release(sessions, again, now=NOW)
    assert rows.claim(sessions, KINDS, now=NOW) is None
    assert claim(sessions, NOW + rows.RETRY_AFTER).attempt == 2


def test_what_nobody_takes_up_is_neglected(sessions: Sessions) -> None:
    ask(sessions)
    patient, tired = (look(sessions, now=NOW + rows.PATIENCE + timedelta(seconds=k)) for k in (0, 1))
    assert patient is not None and tired is not None
    assert (patient.is_neglected, tired.is_neglected) == (False, True)
    claim(sessions)
    found = look(sessions, now=LATER + rows.PATIENCE + timedelta(seconds=1))
    assert found is not None and found.is_neglected and found.is_open
