"""A list in the store, on both engines: it comes back as it was made, whatever has changed since."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from matcher import moves, seed_of
from tests.web.conftest import NOW, keep_directory
from web.db import mapping
from web.db.queries import clinics as clinic_rows
from web.db.queries import directory
from web.db.queries import intakes as intake_rows
from web.db.tables import ForecastRow, ModelRow, ShownListRow, ShownMatchRow
from web.services import clinics, intakes, lists, matching, replays
from web.services.intakes import KeptIntake

SAID = {"concerns": ["anxiety", "sleep"], "languages": ["en"], "hope": 6, "urgency": "within_six_weeks",
        "wishes": {"gender": {"options": ["woman"], "strength": "matters"}}}  # fmt: skip
WANTED = {"access": 2, "alliance": -2}


@pytest.fixture
def session(at_harbour: Session) -> Session:
    return at_harbour


def sent(session: Session, document: dict[str, Any] = SAID) -> KeptIntake:
    """An intake with these answers, as it was sent."""
    kept = intakes.of_link(session, intakes.begin(session, now=NOW), now=NOW)
    assert kept is not None
    for step, said in intakes.by_step(document).items():
        kept = intakes.save(session, kept, step, said, now=NOW)
    return intakes.send(session, kept, consent="1", now=NOW)


def computed(session: Session, kept: KeptIntake, **more: Any) -> matching.Matched:
    assert kept.client_id is not None
    grounds = matching.grounds(session, clinics.find(session, None).id, now=NOW)
    model = grounds.model.version if grounds.model else ""
    seed = seed_of(str(intake_rows.current_version(session, kept.client_id).id), model, grounds.weights.version)
    return matching.by_grounds(session, grounds, mapping.intake_of(str(kept.id), SAID), seed=seed, **more)


def latest(session: Session, kept: KeptIntake, **more: int) -> lists.StoredList:
    session.expire_all()
    found = lists.latest(session, clinics.find(session, None), kept, **more)
    assert found is not None
    return found


def test_what_was_made_comes_back_to_the_bit_and_stays(session: Session) -> None:
    """Scores, contributions, reasons, outlook, refusals and notes; then directory and model change."""
    kept, clinic = sent(session), clinics.find(session, None)
    made = computed(session, kept, top=20)
    lists.make(session, clinic, kept, now=NOW)
    before = latest(session, kept)
    assert before.matches.matches == made.matches.matches and len(made.matches.matches) == 20
    assert list(before.matches.refusals) == list(made.matches.refusals) and before.matches.notes == made.matches.notes
    assert before.matches.model_version == made.matches.model_version is not None
    assert before.matches.weights_version == made.matches.weights_version
    assert before.therapists == {key: lists.ShownTherapist.of(therapist) for key, therapist in made.therapists.items()}
    assert (before.wanted, before.moved, before.made_at, before.has_more) == ({}, {}, NOW, False)
    for match in before.matches.matches:
        assert sum(c.points for c in match.contributions) == match.score
        assert all(c.points == c.weight * c.value for c in match.contributions)
    for row in directory.every(session):
        row.name, row.capacity, row.profile = "Gone", 0, {**row.profile, "statement": "Nothing is as it was."}
    session.execute(update(ModelRow).values(serving=False))
    keep_directory(session)
    session.flush()
    assert computed(session, kept).matches.matches == ()
    assert latest(session, kept) == before


def test_the_own_order_is_kept_with_where_everybody_stood(session: Session) -> None:
    kept, clinic = sent(session), clinics.find(session, None)
    usual, own = (computed(session, kept, top=20, wanted=wanted).matches.matches for wanted in ({}, WANTED))
    places = {match.therapist_id: match.place for match in usual}
    assert [m.therapist_id for m in usual] != [m.therapist_id for m in own]
    lists.make(session, clinic, kept, now=NOW, wanted=WANTED | {"continuity": 0})
    found = latest(session, kept)
    assert found.wanted == WANTED and found.matches.matches == own
    assert {key: move.was for key, move in found.moved.items()} == {
        m.therapist_id: places.get(m.therapist_id) for m in own
    }
    assert tuple(found.moved.values()) == moves(usual, own)
    for match in own:
        move = found.moved[match.therapist_id]
        assert move.factor is None or move.was != move.place
        assert sum(c.points for c in match.contributions) == match.score


def test_the_newest_counts_and_only_so_many_places_are_read(session: Session) -> None:
    kept, clinic = sent(session), clinics.find(session, None)
    assert lists.latest(session, clinic, kept) is None and lists.newest(session, kept) is None
    for days, wanted in enumerate(({}, WANTED, {})):
        lists.make(session, clinic, kept, now=NOW + timedelta(days=days), wanted=wanted)
        found = latest(session, kept, most=5)
        assert found.wanted == wanted and found.id == lists.newest(session, kept)
        assert [match.place for match in found.matches.matches] == [1, 2, 3, 4, 5] and found.has_more
        assert len(found.therapists) == 5
    assert not latest(session, kept, most=20).has_more
    assert session.scalar(select(func.count(ShownListRow.id))) == 3
    assert session.scalar(select(func.count(ShownMatchRow.id))) == 60
    other = sent(session)
    assert lists.newest(session, other) is None and lists.latest(session, clinic, other) is None


def test_an_intake_that_was_not_sent_has_no_list(session: Session) -> None:
    kept = intakes.of_link(session, intakes.begin(session, now=NOW), now=NOW)
    assert kept is not None
    with pytest.raises(LookupError):
        lists.make(session, clinics.find(session, None), kept, now=NOW)
    assert lists.newest(session, kept) is None


def forecast(session: Session, prices: dict[str, float], *, days_ago: int = 0) -> None:
    """The clinic leaves places that are worth more to others, by these prices."""
    clinic = clinic_rows.by_id(session, clinics.find(session, None).id)
    clinic.scarcity_prices = True
    made_at = NOW - timedelta(days=days_ago)
    session.add(ForecastRow(prices=prices, verdict={}, serving=True, made_at=made_at, made_by="a test"))
    session.flush()


def test_places_that_are_worth_more_to_others_are_left_to_them_and_the_list_says_so(session: Session) -> None:
    """A price above every score takes the first down to the end; the list is made again by the forecast it names."""
    kept, clinic = sent(session), clinics.find(session, None)
    lists.make(session, clinic, kept, now=NOW)
    first = latest(session, kept).matches.matches[0]
    forecast(session, {first.therapist_id: 1.0, "gone meanwhile": 0.5})
    lists.make(session, clinic, kept, now=NOW + timedelta(minutes=1))
    found = latest(session, kept)
    assert first.therapist_id not in [match.therapist_id for match in found.matches.matches[:5]]
    assert "scarce_places" in found.matches.notes
    assert replays.replay(session, clinic, found.id).verdict == replays.SAME
    session.execute(delete(ForecastRow))
    assert replays.replay(session, clinic, found.id).verdict == replays.NO_FORECAST


@pytest.mark.parametrize("how", ["in danger", "old", "switched off"])
def test_nobody_in_danger_steps_aside_and_old_prices_and_those_that_nobody_wants_do_not_serve(
    session: Session, how: str
) -> None:
    kept, clinic = sent(session, SAID | ({"at_risk": True} if how == "in danger" else {})), clinics.find(session, None)
    lists.make(session, clinic, kept, now=NOW)
    first = latest(session, kept).matches.matches[0].therapist_id
    forecast(session, {first: 1.0}, days_ago=15 if how == "old" else 0)
    if how == "switched off":
        clinic_rows.by_id(session, clinic.id).scarcity_prices = False
        session.flush()
    lists.make(session, clinic, kept, now=NOW + timedelta(minutes=1))
    found = latest(session, kept)
    assert found.matches.matches[0].therapist_id == first and "scarce_places" not in found.matches.notes
    assert replays.replay(session, clinic, found.id).verdict == replays.SAME
