"""The dashboard's figures: counted by hand on both engines, in whole months, and refused where few people stand."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from web.db.tables import (
    AppointmentRow,
    CaseRow,
    CheckInRow,
    ClientRow,
    DyadRow,
    IntakeRow,
    IntakeVersionRow,
    MeasureRow,
    PlacementRow,
    RatingRow,
    SessionRow,
    ShownListRow,
    TherapistRow,
)
from web.services import check_ins, clinics, dashboard
from web.services.dashboard import Dashboard, groups_of

JANUARY = datetime(2026, 1, 10, 12, tzinfo=UTC)
MARCH = datetime(2026, 3, 20, 12, tzinfo=UTC)


@pytest.fixture
def quiet(at_harbour: Session) -> Session:
    """The clinic before anybody has said anything."""
    for table in (RatingRow, SessionRow, DyadRow):
        at_harbour.execute(delete(table))
    return at_harbour


def of(session: Session, now: datetime = MARCH) -> Dashboard:
    session.flush()
    return dashboard.of_clinic(session, clinics.find(session, None), now=now, zone=UTC)


def everybody(session: Session, n: int) -> list[UUID]:
    return list(session.scalars(select(ClientRow.id).order_by(ClientRow.external_id).limit(n)))


def therapist(session: Session) -> UUID:
    return session.scalars(select(TherapistRow.id).order_by(TherapistRow.external_id)).first()  # type: ignore[return-value]


def rated(session: Session, client: UUID, *scores: float, at: datetime = JANUARY) -> list[UUID]:
    """Sessions a week apart, each rated; their keys."""
    dyad = DyadRow(client_id=client, therapist_id=therapist(session), created_at=at)
    session.add(dyad)
    session.flush()
    keys = []
    for k, score in enumerate(scores):
        row = SessionRow(dyad_id=dyad.id, number=k + 1)
        session.add(row)
        session.flush()
        when = at + timedelta(days=7 * k)
        session.add(RatingRow(session_id=row.id, score=score, rated_at=when, created_at=when))
        keys.append(row.id)
    return keys


def test_a_mean_by_hand_and_its_interval_by_client(quiet: Session) -> None:
    """Five clients at 60, 70, 80, 90, 100: mean 80, SD of means √250; se = √(250/5) = 7.071, t(4) = 2.776."""
    for client, score in zip(everybody(quiet, 5), (0.6, 0.7, 0.8, 0.9, 1.0), strict=True):
        rated(quiet, client, score, score)
    found = of(quiet).alliance
    assert found.total is not None and found.total.n == 10
    assert found.total.mean.value == pytest.approx(80)
    assert found.total.mean.se == pytest.approx(50**0.5)
    assert found.total.mean.upper == pytest.approx(80 + 2.7764451 * 50**0.5)
    assert [(p.span.first, p.span.last) for p in found.periods] == [(24312, 24312)]  # January 2026


def test_four_people_are_told_of_when_a_fifth_has_come(quiet: Session) -> None:
    people = everybody(quiet, 5)
    for client in people[:4]:
        rated(quiet, client, 0.5)
    assert of(quiet).alliance.total is None and of(quiet).alliance.periods == ()
    rated(quiet, people[4], 0.5, at=JANUARY + timedelta(days=31))
    assert [(p.span.first, p.span.last) for p in of(quiet).alliance.periods] == [(24312, 24313)]


def test_the_month_that_is_not_over_waits(quiet: Session) -> None:
    for client in everybody(quiet, 5):
        rated(quiet, client, 0.5)
    assert of(quiet, JANUARY + timedelta(days=20)).alliance.total is None  # the 30th of January
    assert of(quiet, JANUARY + timedelta(days=23)).alliance.total is not None  # the 2nd of February


def test_shares_of_sessions_with_a_check_in(quiet: Session) -> None:
    """Ten sessions of ten people, six with a check-in; with four without it would not be told."""
    people = everybody(quiet, 11)
    for k, client in enumerate(people):
        key = rated(quiet, client, 0.5)[0] if k < 6 else None
        quiet.add(
            AppointmentRow(
                client_id=client, therapist_id=therapist(quiet), session_id=key, begins_at=JANUARY, state="held",
                made_at=JANUARY, made_by="test",
            )
        )  # fmt: skip
        if k == 9:
            assert of(quiet).check_ins.total is None
    total = of(quiet).check_ins.total
    assert total is not None and (total.n, total.mean.value) == (11, pytest.approx(6 / 11))


def test_read_within_seven_days(quiet: Session) -> None:
    """Of eleven shared by name five were read in time, one too late, five never; one in aggregate does not count."""
    for k, client in enumerate(everybody(quiet, 12)):
        (key,) = rated(quiet, client, 0.5)
        read = JANUARY + timedelta(days=3 if k < 5 else 9) if k < 6 else None
        named = {"shown_to": "aggregate" if k == 11 else "named", "said_at": JANUARY, "read_at": read}
        quiet.add(CheckInRow(session_id=key, bond=5, goals=5, way=5, overall=5, helped=[], hindered=[], **named))
    found = of(quiet)
    assert found.acknowledged.total is not None
    assert (found.acknowledged.total.n, found.acknowledged.total.mean.value) == (11, pytest.approx(5 / 11))


def test_who_takes_consent_back_moves_no_month_that_was_told(quiet: Session) -> None:
    """Twelve shared by name, six of them read; one after the other takes it back, as does one who was not read."""
    for k, client in enumerate(everybody(quiet, 12)):
        (key,) = rated(quiet, client, 0.5)
        read = JANUARY + timedelta(days=3) if k < 6 else None
        said = {"shown_to": "named", "said_at": JANUARY, "read_at": read}
        quiet.add(CheckInRow(session_id=key, bond=5, goals=5, way=5, overall=5, helped=[], hindered=[], **said))
    before = of(quiet).acknowledged
    assert before.total is not None and (before.total.n, before.total.mean.value) == (12, pytest.approx(0.5))
    for row in quiet.scalars(select(CheckInRow).order_by(CheckInRow.read_at.is_(None), CheckInRow.id)).all()[5:7]:
        dyad = quiet.get_one(DyadRow, quiet.get_one(SessionRow, row.session_id).dyad_id)
        check_ins.show_to(quiet, dyad.client_id, row.session_id, "aggregate")
        assert of(quiet).acknowledged == before


def test_change_from_the_first_score(quiet: Session) -> None:
    """PHQ-9 from 15: five fall to 5 (−10, reliable from −5.61 on), five to 13 (−2). Mean −6, half reliably better."""
    for k, client in enumerate(everybody(quiet, 10)):
        for score, at in ((15, JANUARY), (5 if k < 5 else 13, JANUARY + timedelta(days=15))):
            quiet.add(
                MeasureRow(
                    client_id=client, instrument="phq-9", version="1", moment="course", answers={}, score=score,
                    said_at=at,
                )
            )  # fmt: skip
    phq, gad = of(quiet).outcomes
    assert phq.total is not None and gad.total is None
    assert (phq.total.n, phq.total.mean.value, phq.total.share) == (10, pytest.approx(-6), pytest.approx(0.5))


def came(session: Session, client: UUID, *, wait: int | None, sees: bool = True, gone: int | None = None) -> None:
    """Somebody sent their answers in January; ``wait`` days later they had a first session."""
    session.add(
        IntakeRow(
            link_hash=client.bytes * 2, client_id=client, answers={}, started_at=JANUARY, changed_at=JANUARY,
            expires_at=JANUARY, sent_at=JANUARY,
        )
    )  # fmt: skip
    version = session.scalars(select(IntakeVersionRow.id).where(IntakeVersionRow.client_id == client)).first()
    if sees:
        session.add(
            ShownListRow(
                intake_version_id=version, weights_version="release", seed=1, refusals={}, remedies=[], notes=[],
                made_at=JANUARY,
            )
        )  # fmt: skip
    if wait is not None:
        at = JANUARY + timedelta(days=wait)
        session.add(
            PlacementRow(
                client_id=client, therapist_id=therapist(session), state="given", origin="coordinator", made_at=JANUARY,
                made_by="test", first_session_at=at,
            )
        )  # fmt: skip
    if gone is not None:
        at = JANUARY + timedelta(days=gone)
        session.add(CaseRow(client_id=client, state="closed", waiting_since=JANUARY, changed_at=at))


def test_the_way_and_the_wait(quiet: Session) -> None:
    """Twenty sent: ten came after 1 … 10 days, five saw a list and left on day 4, five saw none and wait.

    At 5 days: S = 19/20 · 18/19 · 17/18 · 16/17 (day 4, before those who left) · then 10 … of 11 watched (six who
    come later and five who wait): S(5) = .8 · 10/11 = .727 ≤ ¾; S(9) = .8 · 6/11 = .436 ≤ ½.
    """
    for k, client in enumerate(everybody(quiet, 20)):
        came(quiet, client, wait=k + 1 if k < 10 else None, sees=k < 15, gone=4 if 10 <= k < 15 else None)
    found = of(quiet).begin
    assert found.as_of == 24312
    assert [(s.name, s.n_reached) for s in found.steps] == [
        ("sent", 20), ("seen", 15), ("asked", 10), ("first", 10), ("third", 0),
    ]  # fmt: skip
    assert [(s.n_open, s.n_gone) for s in found.steps[:2]] == [(5, 0), (0, 5)]
    assert found.total is not None and found.total.n_people == 20
    assert found.total.days[:2] == (5.0, 9.0)


def test_a_loss_of_two_is_not_told(quiet: Session) -> None:
    """Of twelve who sent, ten saw a list and came: neither ten nor two stands anywhere."""
    for k, client in enumerate(everybody(quiet, 12)):
        came(quiet, client, wait=3 if k < 10 else None, sees=k < 10)
    steps = {step.name: step for step in of(quiet).begin.steps}
    assert steps["sent"].n_reached == 12 and steps["first"].n_reached is None and steps["sent"].n_open is None


def test_groups_have_one_name_each() -> None:
    said = {"languages": ["en", "de"], "gender": "woman", "age_band": None}
    assert groups_of(said) == {
        "languages": "several", "gender": "woman", "age_band": "not_said", "background": "not_said",
    }  # fmt: skip


def test_an_empty_clinic_tells_nothing(quiet: Session) -> None:
    found = of(quiet)
    assert found.alliance.total is None and found.begin.as_of is None and found.check_ins.periods == ()
    assert [one.rho for one in found.pathway] == [None] * 3
