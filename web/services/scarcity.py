"""What places are worth to those who will come: tried on simulated years of the clinic's own, and served or not.

A forecast is a row that never changes, with its prices and the verdict of the trial. It serves where the clinic has
switched prices on and the trial lets it; the clock asks for a new one every week, and what is older than two weeks does
not serve any more.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from matcher import Directory, Flow, scarcity_prices, scarcity_trial
from matcher.entities import Intake
from web.db import engine, mapping
from web.db.queries import clinics, directory, flow, forecasts, recent
from web.db.tables import ForecastRow
from web.jobs import rows
from web.jobs.rows import Job
from web.services import audit, matching
from web.services import clinics as clinic_service
from web.services.clinics import Clinic
from web.services.matching import GOOD_FOR, Grounds

KIND = "scarcity"  # of the job, and its key: a clinic has one
STAGES = {"reading": 0, "trying": 5, "pricing": 95}
EVERY = timedelta(days=7)
WEEKS, SEEN_WITHIN = 12, timedelta(days=60)
MOST_INTAKES, MOST_COURSES, FEWEST_COURSES = 400, 2_000, 20
MOST_PAIRS = 400_000  # of the simulated years: 3 MB a table
Report = Callable[[int, str], None]


@dataclass(frozen=True, slots=True)
class Priced:
    """A therapist by name, and how much more a place with them is worth to others than the cheapest place.

    Only differences order a list: where more come than there are places for, all prices are high together.
    """

    therapist: str
    price: float


@dataclass(frozen=True, slots=True)
class Standing:
    """How it stands: the switch, the last forecast with its verdict, whether it serves, and a job on its way."""

    is_on: bool
    serves: bool
    made_at: datetime | None
    verdict: Mapping[str, Any]
    prices: tuple[Priced, ...]
    job: Job | None


@dataclass(frozen=True, slots=True)
class _Material:
    grounds: Grounds
    intakes: tuple[Intake, ...]
    waiting: tuple[Intake, ...]
    flow: Flow | None


def run(
    sessions: Callable[[], Session],
    clinic: Clinic,
    *,
    now: datetime,
    report: Report = lambda percent, stage: None,
    actor: str = audit.COMMAND,
) -> dict[str, Any]:
    """Make a forecast, try it, and let it serve where it may. No transaction is open while it is computed."""
    report(STAGES["reading"], "reading")
    with sessions() as session:
        clinic_service.enter(session, clinic)
        found = _material(session, clinic, now)
    by = {"weights": found.grounds.weights, "model": found.grounds.model, "today": found.grounds.today}
    report(STAGES["trying"], "trying")
    if found.flow is None:
        verdict: dict[str, Any] = {"serves": False, "reason": "no_arrivals", "n_clients": len(found.intakes)}
        prices: Mapping[str, float] = {}
    else:
        verdict = scarcity_trial(found.intakes, found.grounds.directory, found.flow, **by).document()
        report(STAGES["pricing"], "pricing")
        priced = scarcity_prices(
            found.intakes, found.grounds.directory, found.flow, waiting=found.waiting, **by
        )  # fmt: skip
        verdict["horizon_days"], prices = priced.horizon_days, priced.prices
    with sessions() as session:
        clinic_service.enter(engine.writing(session), clinic)
        _keep(session, clinic, prices, verdict, actor=actor, now=now)
        session.commit()
    return {"serves": verdict["serves"], "reason": verdict["reason"]}


def standing(session: Session, clinic: Clinic, *, now: datetime) -> Standing:
    """How it stands at the clinic that the session has entered."""
    row, names = forecasts.latest(session), directory.names(session)
    prices = sorted((row.prices if row else {}).items(), key=lambda pair: (-pair[1], pair[0]))
    least = prices[-1][1] if prices else 0.0
    is_on = clinics.by_id(session, clinic.id).scarcity_prices
    return Standing(
        is_on=is_on,
        serves=is_on and forecasts.serving(session, now - GOOD_FOR) is not None,
        made_at=row and row.made_at,
        verdict=row.verdict if row else {},
        prices=tuple(Priced(names[id_], price - least) for id_, price in prices if price > least and id_ in names),
        job=rows.look(session, KIND, now=now),
    )


def ask(session: Session, *, asked_by: str, now: datetime) -> bool:
    """Ask for a forecast; False where one is on its way already."""
    return rows.ask(session, KIND, KIND, asked_by=asked_by, now=now)


def ask_where_due(session: Session, clinic: Clinic, *, now: datetime) -> bool:
    """Ask for the week's forecast where prices are switched on; whether that was due."""
    if not clinics.by_id(session, clinic.id).scarcity_prices:
        return False
    row = forecasts.latest(session)
    due = row is None or row.made_at <= now - EVERY
    return due and ask(session, asked_by="clock", now=now)


def switch(session: Session, clinic: Clinic, wanted: bool, *, person_id: UUID, now: datetime) -> None:
    """Let lists leave places to those to whom they are worth more, while the trial says that it helps; or not."""
    clinics.lock(session, clinic.id)
    row = clinics.by_id(session, clinic.id)
    if row.scarcity_prices == wanted:
        return
    row.scarcity_prices = wanted
    last = forecasts.latest(session)
    _serve(session, last if wanted and last is not None and last.verdict.get("serves") else None)
    audit.record(
        session, "scarcity.on" if wanted else "scarcity.off", now=now, subject=clinic.slug, actor=str(person_id)
    )
    if wanted:
        ask_where_due(session, clinic, now=now)


def _keep(
    session: Session,
    clinic: Clinic,
    prices: Mapping[str, float],
    verdict: dict[str, Any],
    *,
    actor: str,
    now: datetime,
) -> None:
    clinics.lock(session, clinic.id)
    row = ForecastRow(prices=dict(prices), verdict=verdict, made_at=now, made_by=actor)
    session.add(row)
    session.flush()
    is_on = clinics.by_id(session, clinic.id).scarcity_prices
    _serve(session, row if is_on and verdict["serves"] else None)
    audit.record(session, "scarcity.forecast", now=now, subject=str(row.id), actor=actor, reason=str(verdict["reason"]))


def _serve(session: Session, wanted: ForecastRow | None) -> None:
    """Let one forecast serve, or none."""
    for row in forecasts.all_serving(session):
        row.serving = False
    session.flush()
    if wanted is not None:
        wanted.serving = True
        session.flush()


def _material(session: Session, clinic: Clinic, now: datetime) -> _Material:
    grounds = matching.grounds(session, clinic.id, now=now)
    most = min(MOST_INTAKES, max(MOST_PAIRS // max(len(grounds.directory), 1), 1))
    keys = [row.id for row in recent.clients(session, most)]
    waits = flow.waiting(session)[:most]
    said = recent.answers(session, [*keys, *waits])
    people = {key: mapping.intake_of(str(key), said[key]) for key in {*keys, *waits}}
    return _Material(
        grounds,
        tuple(people[key] for key in keys),
        tuple(people[key] for key in waits),
        _flow(session, grounds.directory, now),
    )


def _flow(session: Session, of: Directory, now: datetime) -> Flow | None:
    """How clients come and go; None where nobody came in the last weeks."""
    n_came, first = flow.first_case(session, now - timedelta(weeks=WEEKS))
    if first is None:
        return None
    weeks = max((now - first) / timedelta(weeks=1), 1.0)
    days = [max((last - began).days + 7, 7) for began, last in flow.courses(session, MOST_COURSES)]
    seen = {id_: n for id_, n in flow.caseload(session, now - SEEN_WITHIN).items() if of.row(id_) is not None}
    known = {"course_days": tuple(float(one) for one in days)} if len(days) >= FEWEST_COURSES else {}
    return Flow(n_came / weeks, caseload=seen, **known)
