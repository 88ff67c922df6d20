"""The loop: what clients say after sessions leads to a new model, by the clock, once, and to other lists."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from matcher import Moved
from tests.web.conftest import _QUICK, NOW
from tests.web.waiting_room import seen, sent, the_clinic
from web.db import engine
from web.db.queries import versions
from web.db.tables import (
    AuditEventRow,
    CheckInRow,
    ClientRow,
    DyadRow,
    JobRow,
    ModelRow,
    RatingRow,
    ReleaseRow,
    SessionRow,
    TherapistRow,
)
from web.jobs import kinds, rows
from web.jobs.kinds import Asked
from web.jobs.tending import tend
from web.services import lists, models, movements, refit

NIGHT, DAY = NOW + timedelta(hours=11), NOW + timedelta(hours=24)  # 23:00 and 12:00


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """The clinic's model is a plain one, so that the next may go on from it."""
    monkeypatch.setattr(models, "METHOD", _QUICK)


def says(session: Session, n: int, score: float, *, of: str = "", now: datetime = NOW) -> None:
    """The next sessions of n dyads, all rated alike by check-ins that were told; ``of`` whom, if of one therapist."""
    found = select(DyadRow.id, DyadRow.therapist_id).join(ClientRow, ClientRow.id == DyadRow.client_id)
    found = found.join(TherapistRow, TherapistRow.id == DyadRow.therapist_id)
    found = found.order_by(ClientRow.external_id, TherapistRow.external_id)  # keys of one millisecond have no order
    for dyad, whom in session.execute(found.where(TherapistRow.external_id == of) if of else found).all()[:n]:
        last = session.scalar(select(func.max(SessionRow.number)).where(SessionRow.dyad_id == dyad)) or 0
        held = SessionRow(dyad_id=dyad, number=last + 1)
        session.add(held)
        session.flush()
        release = ReleaseRow(therapist_id=whom, n_clients=5, figures={"figures": []}, released_at=now)
        session.add(release)
        session.flush()
        said = dict.fromkeys(("bond", "goals", "way", "overall"), round(10 * score))
        said |= {"helped": [], "hindered": [], "said_at": now, "release_id": release.id}
        session.add(CheckInRow(session_id=held.id, **said))
        session.add(RatingRow(session_id=held.id, score=score, rated_at=now, created_at=now))
    session.flush()


def asked(session: Session, now: datetime) -> bool:
    return refit.ask_where_due(session, the_clinic(session), zone=UTC, now=now)


def test_what_clients_say_leads_to_another_model_and_another_list(harbour: str) -> None:
    sessions = engine.sessions(harbour)
    with sessions() as session:
        clinic = the_clinic(engine.writing(session))
        kept = sent(session, now=NOW)
        first, before = seen(session, kept), versions.serving_model(session)
        for _again in range(4):
            says(session, 8, 0.0, of=first[0])
        session.commit()
    assert tend(sessions, now=NIGHT) >= 1 and tend(sessions, now=NIGHT) == 0
    with sessions() as session:
        the_clinic(session)
        job = rows.look(session, refit.KIND, now=NIGHT)
    assert job is not None and (job.state, job.asked_by) == ("waiting", "clock")
    wanted = Asked({refit.GOES_ON: True}, "clock")
    done = kinds.fit(sessions, clinic, wanted, lambda percent, stage: None)
    again = kinds.fit(sessions, clinic, wanted, lambda percent, stage: None)
    assert (done["serves"], done["is_new"]) == (True, True)
    assert (again["version"], again["is_new"]) == (done["version"], False)
    with sessions() as session:
        the_clinic(engine.writing(session))
        assert versions.serving_model(session) == done["version"] != before
        row = versions.model(session, done["version"])
        assert row is not None and row.summary["report"]["warm"]
        served = select(func.count(AuditEventRow.id)).where(AuditEventRow.subject == done["version"])
        assert session.scalar(served) == 1
        lists.make(session, clinic, kept, now=NIGHT)
        assert seen(session, kept)[0] != first[0]


def test_enough_is_twenty_or_a_fiftieth_and_twice_that_by_day(at_harbour: Session) -> None:
    assert 24 < models.n_read(session_summary(at_harbour)) / 50 < 25
    says(at_harbour, 24, 1.0)
    assert not asked(at_harbour, NIGHT)
    says(at_harbour, 1, 1.0)
    assert not asked(at_harbour, DAY)
    assert asked(at_harbour, NIGHT) and not asked(at_harbour, NIGHT)
    at_harbour.execute(delete(JobRow))
    says(at_harbour, 25, 1.0)
    assert asked(at_harbour, DAY)
    at_harbour.execute(delete(JobRow))
    at_harbour.execute(update(ModelRow).values(summary={"report": {"rows_read": 100_000}}))
    assert not asked(at_harbour, NIGHT - timedelta(hours=6))


def session_summary(session: Session) -> dict[str, object]:
    version = versions.serving_model(session)
    row = version and versions.model(session, version)
    assert row
    return dict(row.summary)


def test_night_is_by_the_clinics_own_clocks(at_harbour: Session) -> None:
    says(at_harbour, 25, 1.0)
    clinic, noon = the_clinic(at_harbour), NOW + timedelta(hours=24)
    assert not refit.ask_where_due(at_harbour, clinic, zone=ZoneInfo("Europe/Berlin"), now=noon)
    assert refit.ask_where_due(at_harbour, clinic, zone=ZoneInfo("Asia/Tokyo"), now=noon)


def test_a_fit_is_asked_for_every_six_hours_at_most(at_harbour: Session) -> None:
    says(at_harbour, 60, 1.0)
    assert not asked(at_harbour, NOW + timedelta(hours=5, minutes=59))  # the model that serves is of NOW
    assert asked(at_harbour, NIGHT)
    at_harbour.execute(update(JobRow).values(state="failed"))
    assert not asked(at_harbour, NIGHT + timedelta(hours=5, minutes=59))
    assert asked(at_harbour, NIGHT + timedelta(hours=6))


def test_one_that_was_refused_is_not_tried_again_before_as_many_are_new(at_harbour: Session) -> None:
    says(at_harbour, 25, 1.0)
    n = at_harbour.scalar(select(func.count(RatingRow.id)))
    refused = {"report": {"rows_read": n}, "trial": {"verdict": {"serves": False}}}
    at_harbour.add(ModelRow(version="0" * 12, file=b"", summary=refused, fitted_at=NIGHT))
    at_harbour.flush()
    later = NIGHT + timedelta(hours=24)
    assert not asked(at_harbour, later)
    says(at_harbour, 26, 1.0)
    assert asked(at_harbour, later)


def test_whoever_asks_has_all_chosen_anew(harbour: str, monkeypatch: pytest.MonkeyPatch) -> None:
    sessions, starts = engine.sessions(harbour), []
    fit: Callable[..., object] = models.ClinicModel.fit
    monkeypatch.setattr(models.ClinicModel, "fit", lambda *a, **k: starts.append(k.get("start")) or fit(*a, **k))
    with sessions() as session:
        clinic = the_clinic(engine.writing(session))
        says(session, 20, 1.0)
        session.commit()
    refit.run(sessions, clinic, now=lambda: NIGHT)
    assert starts[0] is None


def test_where_what_new_clients_say_has_moved_all_is_chosen_anew(
    at_harbour: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    says(at_harbour, 25, 1.0)
    for found, goes_on in ((None, True), (Moved("up", 20_500.0, 3, 0.1), False)):
        monkeypatch.setattr(movements, "of_clinic", lambda session, now, found=found: found)
        assert asked(at_harbour, NIGHT)
        assert at_harbour.scalars(select(JobRow.arguments)).one() == {refit.GOES_ON: goes_on}
        at_harbour.execute(delete(JobRow))


def test_a_movement_is_read_from_each_clients_first_rating(at_harbour: Session) -> None:
    assert movements.of_clinic(at_harbour, now=NOW) is None
    moment = NOW - timedelta(weeks=26)
    rated = select(RatingRow, DyadRow.client_id).join(SessionRow, SessionRow.id == RatingRow.session_id)
    rows = at_harbour.execute(rated.join(DyadRow, DyadRow.id == SessionRow.dyad_id)).all()
    of_clients = {client: [row for row, whose in rows if whose == client] for _row, client in rows}
    for at, (first, *later) in enumerate(of_clients.values()):
        is_late = at % 3 == 0
        first.rated_at = moment + timedelta(days=(1 + at % 50) * (1 if is_late else -1))
        first.score = 1.0 if is_late else at % 2 / 2
        for row in later:
            row.rated_at, row.score = first.rated_at + timedelta(hours=1), 1.0 - first.score
    at_harbour.flush()
    found = movements.of_clinic(at_harbour, now=NOW)
    assert found is not None and found.way == "up"
    assert movements.of_clinic(at_harbour, now=moment) is None
