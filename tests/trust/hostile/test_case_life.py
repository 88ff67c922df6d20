"""The life of a case in any order: whatever is done and however often, nothing is half done and nobody overbooked."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from matcher.errors import InvalidInput
from tests.web.conftest import NOW
from tests.web.waiting_room import client_of, person_of, seen, sent, therapist, with_places
from web.db import engine
from web.db.tables import AuditEventRow, CaseEventRow, CaseRow, DepartureRow, PlacementRow, RequestChoiceRow, RequestRow
from web.services import cases, casework, clinics, departures, placing, requests
from web.services.casework import By, Choice
from web.services.conflicts import Conflict, Conflicts
from web.services.departures import Departure

CLIENTS, PLACES = 3, (1, 2)
REFUSED = (Conflict, Conflicts, LookupError, InvalidInput)
OPEN = (placing.HELD, placing.ASKED, placing.GIVEN)
client = st.integers(0, CLIENTS - 1)
whom = st.integers(0, len(PLACES) - 1)
Trials = Callable[[int, int], int]


class Life(RuleBasedStateMachine):
    """Three clients, two therapists with one place and two, and everything that people and the clock do with them."""

    url = ""
    n_steps = 0

    @initialize()
    def begin(self) -> None:
        self.session: Session = engine.sessions(self.url)()
        self.clinic = clinics.find(engine.writing(self.session), None)
        self.now = NOW
        self.kept = [sent(self.session) for _ in range(CLIENTS)]
        self.ids = seen(self.session, self.kept[0])[: len(PLACES)]
        for id_, places in zip(self.ids, PLACES, strict=True):
            with_places(self.session, id_, places)
            person_of(self.session, id_)
        for kept in self.kept:
            cases.opened(self.session, client_of(kept), now=self.now)
        self.session.flush()

    def teardown(self) -> None:
        if hasattr(self, "session"):
            self.session.rollback()
            self.session.close()

    def do(self, work: Callable[[], object]) -> None:
        """One request: what is refused is taken back as a whole, as the edge does it."""
        type(self).n_steps += 1
        self.now += timedelta(minutes=1)
        with self.session.begin_nested() as step:
            try:
                work()
                self.session.flush()
            except REFUSED:
                step.rollback()

    def revision(self, k: int) -> int:
        found = self.session.get(CaseRow, client_of(self.kept[k]))
        row = found or self.session.scalars(select(CaseRow).where(CaseRow.client_id == client_of(self.kept[k]))).one()
        return row.revision

    def by(self, k: int, is_old: bool = False) -> By:
        return By("a test", self.now, self.revision(k) - is_old)

    @rule(k=client, t=whom, holds=st.booleans(), is_old=st.booleans())
    def give(self, k: int, t: int, holds: bool, is_old: bool) -> None:
        act, choice = (casework.hold if holds else casework.assign), Choice(self.ids[t], "other", "as they wished")
        self.do(lambda: act(self.session, self.clinic, client_of(self.kept[k]), choice, self.by(k, is_old)))

    @rule(k=client, first=whom)
    def ask(self, k: int, first: int) -> None:
        chosen = [self.ids[first], self.ids[1 - first]]
        self.do(lambda: requests.ask(self.session, self.clinic, self.kept[k], chosen, now=self.now))

    @rule(k=client)
    def withdraw(self, k: int) -> None:
        self.do(lambda: requests.withdraw(self.session, self.clinic, self.kept[k], now=self.now))

    @rule(k=client, accepts=st.booleans(), other=whom)
    def answer(self, k: int, accepts: bool, other: int) -> None:
        """A therapist answers what was last asked of anybody: their own, or somebody else's."""
        choice = self.session.scalars(
            select(RequestChoiceRow)
            .join(RequestRow, RequestRow.id == RequestChoiceRow.request_id)
            .where(RequestRow.client_id == client_of(self.kept[k]))
            .order_by(RequestChoiceRow.choice)
        ).first()
        if choice is None:
            return
        person, key = person_of(self.session, self.ids[other]), choice.id
        if accepts:
            self.do(lambda: requests.accept(self.session, self.clinic, person, key, first=None, now=self.now))
        else:
            self.do(lambda: requests.decline(self.session, self.clinic, person, key, "no_time", now=self.now))

    @rule(k=client, reason=st.sampled_from(["client_asked", "not_begun"]))
    def give_back(self, k: int, reason: str) -> None:
        place = self.places().get(client_of(self.kept[k]))
        if place is not None:
            self.do(lambda: casework.give_back(self.session, self.clinic, client_of(self.kept[k]), place, self.by(k)))

    @rule(k=client)
    def close(self, k: int) -> None:
        who = client_of(self.kept[k])
        self.do(lambda: casework.close(self.session, who, "no_answer", self.by(k)))

    @rule(k=client, is_old=st.booleans())
    def reopen(self, k: int, is_old: bool) -> None:
        who, revision = client_of(self.kept[k]), self.revision(k) - is_old
        self.do(lambda: cases.reopen(self.session, who, revision=revision, actor="a test", now=self.now))

    @rule(hours=st.integers(1, 400))
    def wait(self, hours: int) -> None:
        """Time goes by, and the clock does what is due."""
        self.now += timedelta(hours=hours)
        self.do(lambda: placing.give_back_overdue(self.session, self.clinic, now=self.now))
        self.do(lambda: requests.lapse(self.session, self.clinic, now=self.now))

    @rule(t=whom, for_good=st.booleans())
    def depart(self, t: int, for_good: bool) -> None:
        day = self.now.date()
        said = Departure(
            "leaves" if for_good else "leave", day + timedelta(days=7), None if for_good else day + timedelta(days=30)
        )
        self.do(lambda: departures.announce(self.session, self.clinic, self.key(t), said, actor="a test", now=self.now))

    @rule(t=whom)
    def stay(self, t: int) -> None:
        self.do(lambda: departures.call_off(self.session, self.clinic, self.key(t), actor="a test", now=self.now))

    def key(self, t: int) -> UUID:
        return therapist(self.session, self.ids[t]).id

    def places(self) -> dict[UUID, UUID]:
        """Client → the place that is open for them; more than one for a client is no dictionary."""
        mine = [client_of(kept) for kept in self.kept]
        rows = self.session.scalars(
            select(PlacementRow).where(PlacementRow.client_id.in_(mine), PlacementRow.state.in_(OPEN))
        ).all()
        assert len({row.client_id for row in rows}) == len(rows), "somebody has two places"
        return {row.client_id: row.id for row in rows}

    @invariant()
    def nobody_is_overbooked(self) -> None:
        if not hasattr(self, "ids"):
            return
        for id_, places in zip(self.ids, PLACES, strict=True):
            row = therapist(self.session, id_)
            n_open = self.session.scalar(
                select(func.count(PlacementRow.id)).where(
                    PlacementRow.therapist_id == row.id, PlacementRow.state.in_(OPEN)
                )
            )
            leaves = self.session.scalars(
                select(DepartureRow).where(DepartureRow.therapist_id == row.id, DepartureRow.called_off_at.is_(None))
            ).first()
            assert row.capacity >= 0 and n_open <= places, (id_, row.capacity, n_open)
            assert (leaves.capacity_before if leaves else row.capacity) + n_open == places, (
                id_,
                "a place is lost, or made",
            )
            assert leaves is None or row.capacity == 0, (id_, "who leaves takes nobody new")

    @invariant()
    def nothing_is_half_done(self) -> None:
        if not hasattr(self, "ids"):
            return
        self.places()
        for kept in self.kept:
            who = client_of(kept)
            case = self.session.scalars(
                select(CaseRow).where(CaseRow.client_id == who).execution_options(populate_existing=True)
            ).one()
            place = self.session.scalars(
                select(PlacementRow).where(PlacementRow.client_id == who, PlacementRow.state.in_(OPEN))
            ).first()
            assert (case.state == cases.PLACED) == (place is not None and place.state == placing.GIVEN), (
                case.state,
                place and place.state,
            )
            assert place is None or case.state != cases.CLOSED, "a closed case has a place"
            asked = self.session.scalars(
                select(RequestRow).where(RequestRow.client_id == who, RequestRow.state == "open")
            ).all()
            assert len(asked) <= 1 and len(asked) == (place is not None and place.state == placing.ASKED), (
                len(asked),
                place and place.state,
            )
            told, noted = self._told(who)
            assert told == noted, "what was done to a case and what was noted of it differ"

    def _told(self, who: UUID) -> tuple[int, int]:
        events = self.session.scalar(select(func.count(CaseEventRow.id)).where(CaseEventRow.client_id == who))
        noted = select(func.count(AuditEventRow.id)).where(
            AuditEventRow.subject == str(who), AuditEventRow.action.like("case.%")
        )
        return events or 0, self.session.scalar(noted) or 0


def lived(url: str, n: int, steps: int) -> int:
    """Live so many lives; how many steps those were."""
    Life.url, Life.n_steps = url, 0
    told: dict[str, Any] = {
        "max_examples": n,
        "stateful_step_count": steps,
        "deadline": None,
        "derandomize": True,
        "database": None,
        "phases": [Phase.generate],
    }
    run_state_machine_as_test(Life, settings=settings(**told, suppress_health_check=list(HealthCheck)))
    return Life.n_steps


@pytest.mark.S20
def test_in_whatever_order_a_case_is_lived(harbour: str, trials: Trials, tried: Callable[[int], None]) -> None:
    tried(lived(harbour, trials(6, 300), trials(14, 40)))


@pytest.mark.S20
def test_a_place_that_is_not_counted_would_be_found(harbours: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    """The planted hole: a place that is given is not taken from those that are free."""
    real = placing._take

    def careless(session: Session, one: Any, held: Any, case: Any, whose: Any, *rest: Any) -> None:
        before = whose.capacity
        real(session, one, held, case, whose, *rest)
        whose.capacity = before

    monkeypatch.setattr(placing, "_take", careless)
    with pytest.raises(AssertionError, match=r"a place is lost|capacity"):
        lived(harbours["sqlite"], 8, 12)
