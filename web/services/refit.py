"""A clinic's model anew: read, estimated, tried, published. No transaction is open while it is estimated and tried.

Each step is told before it begins, with how much of the work is likely done by then; the estimation itself does not
know how far it is.

Whoever asks for a fit has all chosen anew. The clock asks by itself where ratings have come in (``ask_where_due``), and
its fits go on from the model that serves. The trial fits the past anew each time: a model to go on from has seen what
it would be judged on.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta, tzinfo
from uuid import UUID

from sqlalchemy.orm import Session

from web.db import engine
from web.db.queries import clinics as clinic_rows
from web.db.queries import ratings, versions
from web.jobs import rows
from web.services import audit, clinics, erasing, holding, models, movements
from web.services.clinics import Clinic

KIND = "fit"  # of the job, and its key: a clinic has one
GOES_ON = "goes_on"  # of its arguments
Report = Callable[[int, str], None]
FEWEST_NEW, LEAST_SHARE = 20, 0.02  # ratings since the last fit, and of those that it was of: the larger counts
BY_DAY = 2  # times as many, for a fit in working hours
EVERY = timedelta(hours=6)
# What is done, and how much of the time is spent when it begins, in percent: as the invented clinic's fits went
STAGES = {"reading": 0, "estimating": 5, "trying": 60, "publishing": 95}


def run(
    sessions: Callable[[], Session],
    clinic: Clinic,
    *,
    now: Callable[[], datetime],
    report: Report = lambda percent, stage: None,
    actor: str = audit.COMMAND,
    goes_on: bool = False,
    without: bool = False,
) -> models.Fitted:
    """Fit and publish. ``report`` is told each stage of ``STAGES``; what it raises ends the fit, with nothing done.

    ``goes_on``: from the model that serves, as far as it may, where nobody who was erased waits to be forgotten. One
    that serves already and knows all ratings is left as it is then, so that a job which was killed between its last two
    steps does nothing twice. ``without``: somebody was erased, and the new model serves, whatever a trial would say:
    the one before has read what they said.
    """

    def begin(stage: str) -> None:
        report(STAGES[stage], stage)

    begin("reading")
    with sessions() as session:
        clinics.enter(engine.writing(session), clinic)
        holding.look(session, clinic, now=now())
        session.commit()
    with sessions() as session:
        clinics.enter(session, clinic)
        erased = erasing.waiting_for(session)
        goes_on = goes_on and not erased  # from a model that has read what they said nothing goes on
        known = models.up_to_date(session) if goes_on else None
        if known is not None:
            return known
        found = models.material(session)
    begin("estimating")
    try:
        model = models.estimate(found, clinic, goes_on=goes_on)
    except models.TooFewRatings:
        _nothing_left(sessions, clinic, erased, now())
        raise
    begin("trying")
    tried = None if without else models.try_out(found, clinic, model)
    about = models.about(found, model)
    begin("publishing")
    with sessions() as session:
        clinics.enter(engine.writing(session), clinic)
        fitted = models.publish(session, clinic, model, now=now(), tried=tried, about=about, actor=actor)
        if fitted.serves:
            erasing.forget(session, clinic, erased, now=now())
        session.commit()
    return fitted


def _nothing_left(sessions: Callable[[], Session], clinic: Clinic, erased: frozenset[UUID], now: datetime) -> None:
    """Where those were erased who had said something, no model may remember it."""
    with sessions() as session:
        clinics.enter(engine.writing(session), clinic)
        erasing.forget_without_a_model(session, clinic, erased, now=now)
        session.commit()


def ask_where_due(session: Session, clinic: Clinic, *, zone: tzinfo, now: datetime) -> bool:
    """Ask for a new model where enough ratings have come in since the last fit; whether it was asked for.

    Enough are 20, or a fiftieth of those that it was of; by day twice as many, so that the work is mostly done in the
    clinic's quiet hours. A fit that was refused, or failed, is not tried again before six hours are over, nor before as
    many ratings are new. A clinic without a model gets its first one so. Where what new clients say has moved, the fit
    does not go on from the one before: all is chosen anew, the way of meeting change as well.
    """
    last, job = next(iter(versions.last_models(session, 1)), None), rows.look(session, KIND, now=now)
    if job is not None and (job.is_open or now - job.asked_at < EVERY):
        return False
    if last is not None and now - last.fitted_at < EVERY:
        return False
    n_known = models.n_read(last.summary) if last else 0
    n_new = abs(ratings.count(session) - n_known)
    enough = max(FEWEST_NEW, LEAST_SHARE * n_known) * (
        1 if _is_quiet(session, clinic, now.astimezone(zone)) else BY_DAY
    )
    if n_new < enough:
        return False
    is_quiet = movements.of_clinic(session, now=now) is None
    return rows.ask(session, KIND, KIND, asked_by="clock", now=now, arguments={GOES_ON: is_quiet})


def _is_quiet(session: Session, clinic: Clinic, there: datetime) -> bool:
    """Whether it is one of the clinic's quiet hours, by its own clocks."""
    row = clinic_rows.by_id(session, clinic.id)
    first, end = row.quiet_from, row.quiet_until
    return first <= there.hour < end if first < end else there.hour >= first or there.hour < end
