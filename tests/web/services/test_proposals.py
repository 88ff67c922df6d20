"""Proposals: worked out as a draft, changed, worked out again, carried out as a whole or not at all."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID, uuid4, uuid5

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from matcher import vocabulary as v
from matcher.errors import InvalidInput
from tests.web.conftest import NOW, keep_directory
from tests.web.waiting_room import client_of, place_of, seen, sent, the_clinic, therapist, with_places
from web.db.queries import proposals as rows
from web.db.tables import PlacementRow, TherapistRow
from web.services import (
    cases,
    placing,
    proposal_commits,
    proposal_conflicts,
    proposal_material,
    proposals,
    proposing,
)
from web.services import intakes as intake_service
from web.services.conflicts import Conflict, Conflicts
from web.services.intakes import KeptIntake
from web.services.placing import Wanted
from web.services.proposal_settings import Settings
from web.services.proposals import Proposal


@pytest.fixture
def session(at_harbour: Session) -> Session:
    return at_harbour


@pytest.fixture
def two(session: Session) -> tuple[KeptIntake, KeptIntake]:
    """Two people who want the same one of two therapists, each with one place; nobody else has any."""
    first, second = sent(session, now=NOW - timedelta(days=20)), sent(session, now=NOW - timedelta(days=10))
    best, next_ = seen(session, first)[:2]
    session.execute(update(TherapistRow).values(capacity=0))
    keep_directory(session)
    with_places(session, best, 1)
    with_places(session, next_, 1)
    return first, second


def told(session: Session, conflict: Conflict) -> tuple[proposal_conflicts.Against, ...]:
    return proposal_conflicts.told(session, the_clinic(session), conflict, now=NOW)


def begin(session: Session, settings: Settings | None = None) -> UUID:
    key = proposals.begin(session, settings or Settings(), actor="a test", now=NOW)
    work(session, key)
    return key


def work(session: Session, key: UUID, *, now: datetime = NOW) -> None:
    """What the worker does, in this session."""
    found = look(session, key)
    material = proposal_material.gather(session, the_clinic(session), found.settings, now=now)
    proposals.found(session, key, found.revision, proposing.solve(material, found.settings), now=now)


def look(session: Session, key: UUID) -> Proposal:
    found = proposals.look(session, key, now=NOW)
    assert found is not None
    return found


def line_of(found: Proposal, kept: KeptIntake) -> dict[str, object]:
    assert found.result is not None
    return next(line for line in found.result["lines"] if line["client"] == str(client_of(kept)))


def commit(session: Session, key: UUID, revision: int | None = None) -> int:
    seen_at = look(session, key).revision if revision is None else revision
    return proposal_commits.commit(session, the_clinic(session), key, seen_at, actor="a test", now=NOW)


def n_open(session: Session) -> int:
    return session.scalar(select(func.count(PlacementRow.id)).where(PlacementRow.state != "ended")) or 0


def test_everybody_has_a_line_beside_their_own_best_and_both_are_placed(
    session: Session, two: tuple[KeptIntake, KeptIntake]
) -> None:
    best = seen(session, two[0])[0]
    found = look(session, begin(session))
    lines = [line_of(found, one) for one in two]
    assert {line["therapist"] for line in lines} == set(seen(session, two[0])[:2])
    gets, gives_up = sorted(lines, key=lambda line: float(str(line["regret"])))
    assert (gets["cause"], gets["therapist"]) == ("own_best", best)
    assert (gives_up["cause"], gives_up["best"], gives_up["others"]) == ("needed", best, [gets["client"]])
    assert float(str(gives_up["regret"])) == pytest.approx(
        float(str(gives_up["best_score"])) - float(str(gives_up["score"]))
    )
    assert found.result is not None and {totals["n_placed"] for totals in found.result["totals"].values()} == {2}
    assert n_open(session) == 0 and found.can_commit
    assert commit(session, found.id) == 2 and n_open(session) == 2
    assert therapist(session, best).capacity == 0 and place_of(session, two[0]) is not None
    assert look(session, found.id).state == "committed" and look(session, found.id).is_current


def test_sending_twice_is_carrying_out_once(session: Session, two: tuple[KeptIntake, KeptIntake]) -> None:
    key = begin(session)
    revision = look(session, key).revision
    assert [commit(session, key, revision) for _time in range(2)] == [2, 2] and n_open(session) == 2
    for another in (revision - 1, revision + 2):  # whoever saw another draft is not told that theirs was carried out
        with pytest.raises(Conflict, match="not_open"):
            commit(session, key, another)
    with pytest.raises(Conflict, match="not_open"):
        proposals.change(session, key, revision + 1, "lock", "a", "b", actor="a test", now=NOW)


def test_a_lock_is_kept_and_an_excluded_pair_is_not(session: Session, two: tuple[KeptIntake, KeptIntake]) -> None:
    key = begin(session)
    one = look(session, key)
    other = next(kept for kept in two if line_of(one, kept)["cause"] == "needed")
    best = str(line_of(one, other)["best"])
    proposals.change(session, key, one.revision, "lock", str(client_of(other)), best, actor="a", now=NOW)
    stale = look(session, key)
    assert not stale.is_current and not stale.can_commit
    with pytest.raises(Conflict, match="proposal_changed"):  # seen before somebody else changed it
        commit(session, key, one.revision)
    assert n_open(session) == 0
    with pytest.raises(Conflict, match="not_solved"):
        commit(session, key)
    with pytest.raises(Conflict, match="proposal_changed"):
        proposals.change(session, key, one.revision, "lock", str(client_of(other)), best, actor="b", now=NOW)
    work(session, key)
    assert (line_of(look(session, key), other)["therapist"], line_of(look(session, key), other)["locked"]) == (
        best, True,
    )  # fmt: skip
    proposals.change(
        session, key, look(session, key).revision, "part", str(client_of(other)), best, actor="a", now=NOW
    )  # fmt: skip
    work(session, key)
    parted = line_of(look(session, key), other)
    assert parted["therapist"] != best and parted["cause"] == "parted" and look(session, key).settings.locks == {}


def test_locks_that_cannot_be_kept_are_named_all_at_once(session: Session, two: tuple[KeptIntake, KeptIntake]) -> None:
    best = seen(session, two[0])[0]
    full = next(id_ for id_ in rows.therapists(session) if id_ not in seen(session, two[0])[:2])
    third = sent(session)
    locks = {str(client_of(two[0])): best, str(client_of(two[1])): best, str(client_of(third)): full}
    found = look(session, begin(session, Settings(locks=locks)))
    assert found.result is not None and not found.can_commit
    told = {one["therapist"]: (one["code"], len(one["clients"])) for one in found.result["troubles"]}
    assert told == {best: ("lock_too_many", 2), full: ("lock_too_many", 1)}
    with pytest.raises(Conflict, match="not_solved"):
        commit(session, found.id)


def test_what_contradicts_itself_or_is_unknown_is_refused(session: Session) -> None:
    one = str(uuid4())
    for wrong in (
        Settings(policy="fair"), Settings(balance="total"), Settings(floor=1.5), Settings(locks={"a": "t01"}),
        Settings(locks={one: "t01"}, excluded_clients=(one,)), Settings(excluded_therapists=("",)),
        Settings(locks={one: "t01"}, excluded_pairs=((one, "t01"),)), Settings(locks={one: "x" * 101}),
        Settings(locks={one: "t01"}, excluded_therapists=("t01",)),
    ):  # fmt: skip
        with pytest.raises(InvalidInput):
            proposals.begin(session, wrong, actor="a", now=NOW)
    with pytest.raises(ValueError, match="none of"):
        proposals.change(session, begin(session), 2, "marry", "a", "b", actor="a", now=NOW)


def test_all_that_changed_meanwhile_is_named_and_nobody_is_placed(session: Session) -> None:
    people = [sent(session) for _ in range(5)]
    best = seen(session, people[0])[:5]
    session.execute(update(TherapistRow).values(capacity=0))
    keep_directory(session)
    for id_ in best:
        with_places(session, id_, 1)
    key = begin(session)
    found = look(session, key)
    gets = {line["client"]: line["therapist"] for line in found.result["lines"]}  # type: ignore[index]
    closed, placed, lowered, changed, stays = people
    assert len(set(gets.values())) == 5
    cases.close(session, client_of(closed), "no_answer", actor="b", now=NOW)
    taken = therapist(session, gets[str(client_of(placed))])
    placing.place(session, the_clinic(session), [Wanted(client_of(placed), taken.id)], actor="b", now=NOW)
    with_places(session, gets[str(client_of(lowered))], 0)
    intake_service.block(session, client_of(changed), gets[str(client_of(changed))], now=NOW)
    with pytest.raises(Conflicts) as against:
        commit(session, key)
    assert {(one.code, one.client_id) for one in against.value.all} == {
        ("case_closed", client_of(closed)), ("has_place", client_of(placed)), ("no_place", client_of(lowered)),
        ("case_changed", client_of(changed)),
    }  # fmt: skip
    lost = {one.client_id: one for one in told(session, against.value)}
    taken_place = lost[client_of(lowered)]
    assert taken_place.therapist is not None and taken_place.therapist.id == gets[str(client_of(lowered))]
    free = {id_ for id_ in best if therapist(session, id_).capacity}
    here = {
        id_ for id_ in seen(session, lowered) if id_ in free
    }  # whose near-ties are drawn: their order is not this one's
    named = [one.id for one in taken_place.next_best]
    assert len(named) == len(set(named)) == 3 and set(named) <= here
    assert not any(one.next_best for key, one in lost.items() if key != client_of(lowered))
    assert n_open(session) == 1 and place_of(session, stays) is None
    assert therapist(session, gets[str(client_of(stays))]).capacity == 1 and look(session, key).state == "draft"
    work(session, key)
    assert line_of(look(session, key), changed)["therapist"] != gets[str(client_of(changed))]
    assert commit(session, key) == 3 and n_open(session) == 4  # the place of who was closed is free for somebody


def test_who_cannot_be_placed_is_told_why_and_what_would_help(
    session: Session, two: tuple[KeptIntake, KeptIntake]
) -> None:
    third = sent(session)
    spoken = {code for row in session.scalars(select(TherapistRow)) for code in row.profile["languages"]}
    nobody = sent(session, languages=[next(code for code in v.LANGUAGES.codes if code not in spoken)])
    found = look(session, begin(session))
    left = [line for line in found.result["lines"] if line["therapist"] is None]  # type: ignore[index]
    told = {line["client"]: line["reason"] for line in left}
    assert len(left) == 2 and told.pop(str(client_of(nobody))) == "nobody_allowed"
    assert set(told.values()) == {"too_few_places"} and set(told) <= {str(client_of(one)) for one in (*two, third)}
    ways = line_of(found, nobody)
    assert "language" in ways["refusals"] and ways["remedies"]  # type: ignore[operator]
    assert found.result is not None and found.result["shortages"][0]["n_missing"] == 1


def test_the_same_key_is_the_same_proposal(session: Session) -> None:
    key = uuid5(the_clinic(session).id, "sent once")
    made = [proposals.begin(session, Settings(), actor="a", now=NOW, key=key) for _time in range(2)]
    assert made == [key, key] and len(rows.newest(session, 9)) == 1
    proposals.discard(session, key, 1, actor="a", now=NOW)
    proposals.discard(session, key, 1, actor="a", now=NOW)
    assert rows.newest(session, 9) == []
    with pytest.raises(Conflict, match="not_open"):
        commit(session, key, 1)
