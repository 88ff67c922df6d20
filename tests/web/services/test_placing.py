"""Places under contention: all or nothing, holds that end, and one winner of the last place, on both engines."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from threading import Barrier
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from tests.web.checking_in import OVER, attended
from tests.web.conftest import NOW
from tests.web.waiting_room import client_of, person_of, place_of, seen, sent, the_clinic, therapist, with_places
from web.db import engine, mapping
from web.db.queries import waiting
from web.db.tables import DyadRow, OutboxRow, PlacementRow
from web.exchange.writing import write_therapists
from web.services import cases, clinics, erasing, importing, placing
from web.services.conflicts import Conflict, Conflicts
from web.services.placing import BY_THEMSELVES, HELD, Wanted

N_AT_ONCE = 8


@pytest.fixture
def session(at_harbour: Session) -> Session:
    return at_harbour


def test_a_batch_is_taken_as_a_whole_or_not_at_all_and_names_all_that_stands_against(session: Session) -> None:
    one, two, three, gone = (sent(session) for _ in range(4))
    first, second = (with_places(session, id_, 1) for id_ in seen(session, one)[:2])
    cases.close(session, client_of(gone), "no_answer", actor="a", now=NOW)
    pairs = [(one, first), (two, first), (three, second), (gone, second), (one, second)]
    with pytest.raises(Conflicts) as against:
        placing.place(session, the_clinic(session), [Wanted(client_of(k), t.id) for k, t in pairs], actor="a", now=NOW)
    assert [(c.code, c.client_id) for c in against.value.all] == [
        ("no_place", client_of(two)), ("case_closed", client_of(gone)), ("has_place", client_of(one)),
    ]  # fmt: skip
    assert session.scalars(select(PlacementRow)).all() == [] and first.capacity == second.capacity == 1
    wanted = [Wanted(client_of(one), first.id), Wanted(client_of(three), second.id, score=0.7)]
    placing.place(session, the_clinic(session), wanted, actor="a", now=NOW)
    assert (therapist(session, first.external_id).capacity, therapist(session, second.external_id).capacity) == (0, 0)


def test_who_is_not_there_gets_and_gives_no_place(session: Session) -> None:
    kept = sent(session)
    there = with_places(session, seen(session, kept)[0], 1)
    nobody = uuid4()
    for wanted, code in ((Wanted(nobody, there.id), "no_case"), (Wanted(client_of(kept), nobody), "no_therapist")):
        with pytest.raises(Conflict, match=code):
            placing.place(session, the_clinic(session), [wanted], actor="a", now=NOW)
    assert there.capacity == 1


def test_who_is_erased_while_a_place_is_held_for_them_frees_it_and_nobody_is_told(session: Session) -> None:
    kept, clinic = sent(session), the_clinic(session)
    first = seen(session, kept)[0]
    last = with_places(session, first, 1)
    hold = Wanted(client_of(kept), last.id, HELD, until=NOW + timedelta(hours=48))
    placing.place(session, clinic, [hold], actor="a", now=NOW)
    erasing.forget(session, clinic, [], now=NOW)  # nobody was erased: nothing is forgotten
    erasing.forget_without_a_model(session, clinic, [], now=NOW)
    assert erasing.erase(session, clinic, client_of(kept), asked_by="client", now=NOW) > 0
    assert therapist(session, first).capacity == 1
    assert "withdrawn" not in session.scalars(select(OutboxRow.kind)).all()


def test_a_hold_keeps_the_place_until_it_is_used_or_over(session: Session) -> None:
    one, two = sent(session), sent(session)
    last = with_places(session, seen(session, one)[0], 1)
    until = NOW + timedelta(hours=48)
    hold = Wanted(client_of(one), last.id, HELD, until=until)
    placing.place(session, the_clinic(session), [hold], actor="a", now=NOW)
    with pytest.raises(Conflict, match="no_place"):
        placing.place(session, the_clinic(session), [Wanted(client_of(two), last.id)], actor="a", now=NOW)
    placing.place(session, the_clinic(session), [Wanted(client_of(two), last.id)], actor="a", now=until)
    assert place_of(session, one) is None
    ended = session.scalars(select(PlacementRow).where(PlacementRow.client_id == client_of(one))).one()
    assert (ended.state, ended.ended_because) == ("ended", "hold_over")
    assert therapist(session, last.external_id).capacity == 0


def test_a_hold_becomes_the_place_and_takes_no_second_one(session: Session) -> None:
    kept = sent(session)
    last = with_places(session, seen(session, kept)[0], 1)
    hold = Wanted(client_of(kept), last.id, HELD, until=NOW + timedelta(hours=1))
    placing.place(session, the_clinic(session), [hold], actor="a", now=NOW)
    placing.place(session, the_clinic(session), [Wanted(client_of(kept), last.id)], actor="a", now=NOW)
    place = place_of(session, kept)
    assert place is not None and (place.state, place.until) == ("given", None)
    assert therapist(session, last.external_id).capacity == 0
    placing.give_back(session, the_clinic(session), [place], because="hold_over", actor="clock", now=NOW)
    assert place_of(session, kept) is not None  # the hold that the clock had seen was used meanwhile
    for _ in range(2):
        placing.give_back(session, the_clinic(session), [place], because="rematch", actor="a", now=NOW)
    assert therapist(session, last.external_id).capacity == 1


def test_whoever_ended_a_place_themselves_is_not_told_of_it(session: Session) -> None:
    """Client and therapist hear of an end by somebody else: each of the two once."""
    person_of(session, "t01")
    with_places(session, "t01", 9)
    for n, because in enumerate((*BY_THEMSELVES, "rematch")):
        kept = sent(session, name=f"Ada{n}")
        wanted = Wanted(client_of(kept), therapist(session, "t01").id)
        placing.place(session, the_clinic(session), [wanted], actor="a", now=NOW)
        place = place_of(session, kept)
        assert place is not None
        placing.give_back(session, the_clinic(session), [place], because=because, actor="a", now=NOW)
        told = session.scalars(select(OutboxRow.kind).where(OutboxRow.key.endswith(f":{place.id}")))
        found = set(told) - {"place_given", "new_client"}
        assert found == (set() if because in BY_THEMSELVES else {"withdrawn", "place_ended"}), because


def test_a_case_that_was_closed_stays_closed_when_its_place_comes_back(session: Session) -> None:
    kept = sent(session)
    hold = Wanted(client_of(kept), therapist(session, "t01").id, HELD, until=NOW + timedelta(hours=1))
    placing.place(session, the_clinic(session), [hold], actor="a", now=NOW)
    case, place = waiting.locked(session, [client_of(kept)])[client_of(kept)], place_of(session, kept)
    assert place is not None
    cases.became(case, cases.CLOSED, now=NOW)
    session.flush()
    placing.give_back(session, the_clinic(session), [place], because="withdrawn", actor="a", now=NOW)
    assert (case.state, place_of(session, kept)) == (cases.CLOSED, None)


def test_work_is_over_with_its_place_and_goes_on_with_the_next(session: Session) -> None:
    who, row = attended(session), select(DyadRow).execution_options(populate_existing=True)
    own = row.where(DyadRow.client_id == who.client_id)
    assert session.scalars(own).one().ended_at is None
    place = place_of(session, who.kept)
    assert place is not None
    placing.give_back(session, the_clinic(session), [place], because="rematch", actor="a", now=OVER)
    assert session.scalars(own).one().ended_at == OVER
    placing.place(session, the_clinic(session), [Wanted(who.client_id, who.therapist_id)], actor="a", now=OVER)
    assert session.scalars(own).one().ended_at is None


def test_a_request_is_answered_by_its_own_place_alone(session: Session) -> None:
    """A place that a request keeps becomes what answers that request; another request finds it taken."""
    kept = sent(session)
    key = therapist(session, "t01").id
    known = PlacementRow(client_id=client_of(kept), therapist_id=key, state="asked", choice_id=None)
    for mine, theirs, becomes in ((1, 1, True), (1, 2, False), (None, None, False), (1, None, False)):
        choices = {None: None, 1: UUID(int=1), 2: UUID(int=2)}
        known.choice_id = choices[mine]
        wanted = Wanted(client_of(kept), key, choice_id=choices[theirs])
        assert placing._becomes(known, wanted) is becomes, (mine, theirs)
        assert not placing._becomes(known, replace(wanted, therapist_id=UUID(int=9)))


def test_the_clock_gives_back_what_is_over(session: Session) -> None:
    kept = sent(session)
    id_ = seen(session, kept)[0]
    before = therapist(session, id_).capacity
    hold = Wanted(client_of(kept), therapist(session, id_).id, HELD, until=NOW + timedelta(hours=1))
    placing.place(session, the_clinic(session), [hold], actor="a", now=NOW)
    assert placing.give_back_overdue(session, the_clinic(session), now=NOW) == 0
    assert placing.give_back_overdue(session, the_clinic(session), now=NOW + timedelta(hours=1)) == 1
    assert therapist(session, id_).capacity == before


def test_the_database_refuses_what_the_code_would_get_wrong(session: Session) -> None:
    """A second open place of a client, and a capacity below nothing."""
    kept = sent(session)
    first, second = (therapist(session, id_) for id_ in seen(session, kept)[:2])
    placing.place(session, the_clinic(session), [Wanted(client_of(kept), first.id)], actor="a", now=NOW)
    session.commit()
    doubled = PlacementRow(client_id=client_of(kept), therapist_id=second.id, state="given", origin="batch",
                           made_at=NOW, made_by="a")  # fmt: skip
    session.add(doubled)
    with pytest.raises(IntegrityError):
        session.flush()
    session.rollback()
    the_clinic(engine.writing(session))
    session.expunge_all()
    therapist(session, "t01").capacity = -1
    with pytest.raises(IntegrityError):
        session.flush()


def test_of_many_who_want_the_last_place_at_once_one_has_it(harbour: str) -> None:
    with engine.sessions(harbour)() as opened:
        the_clinic(engine.writing(opened))
        everybody = [client_of(sent(opened)) for _ in range(N_AT_ONCE)]
        last = with_places(opened, "t01", 1).id
        opened.commit()
    ready = Barrier(N_AT_ONCE)

    def grab(client_id: object) -> str:
        with engine.sessions(harbour)() as mine:
            ready.wait()
            clinic = clinics.find(engine.writing(mine), None)
            try:
                placing.place(mine, clinic, [Wanted(client_id, last)], actor="a", now=NOW)  # type: ignore[arg-type]
            except Conflict as against:
                return against.code
            mine.commit()
            return "won"

    with ThreadPoolExecutor(N_AT_ONCE) as pool:
        found = sorted(pool.map(grab, everybody))
    assert found == ["no_place"] * (N_AT_ONCE - 1) + ["won"]
    with engine.sessions(harbour)() as opened:
        the_clinic(opened)
        assert len(waiting.placements(opened, everybody)) == 1
        assert therapist(opened, "t01").capacity == 0


def test_a_file_that_says_the_same_again_gives_back_no_place_and_another_number_is_believed(
    session: Session, tmp_path: Path
) -> None:
    """t01 has 3 places by the file; one is given, one held. The same file changes nothing; one of 5 leaves 4."""
    given, held = sent(session), sent(session)
    one = replace(mapping.therapist_of(therapist(session, "t01")), capacity=3)

    def bring_in(capacity: int) -> int:
        write_therapists(tmp_path / "one.csv", [replace(one, capacity=capacity)])
        importing.import_file(session, the_clinic(session), "therapists", tmp_path / "one.csv", now=NOW)
        return therapist(session, "t01").capacity

    assert bring_in(3) == 3
    key = therapist(session, "t01").id
    hold = Wanted(client_of(held), key, HELD, until=NOW + timedelta(hours=1))
    placing.place(session, the_clinic(session), [Wanted(client_of(given), key), hold], actor="a", now=NOW)
    assert bring_in(3) == 1
    assert bring_in(5) == 4  # the one that is held is not free
    assert bring_in(0) == 0
    holding = place_of(session, held)
    assert holding is not None
    placing.give_back(session, the_clinic(session), [holding], because="rematch", actor="a", now=NOW)
    assert therapist(session, "t01").capacity == 1
