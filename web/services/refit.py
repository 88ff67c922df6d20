"""A clinic's model anew: read, estimated, tried, published. No transaction is open while it is estimated and tried.

Each step is told before it begins, with how much of the work is likely done by then; the estimation itself does not
know how far it is.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from sqlalchemy.orm import Session

from web.db import engine
from web.services import audit, clinics, models
from web.services.clinics import Clinic

KIND = "fit"  # of the job, and its key: a clinic has one
Report = Callable[[int, str], None]
# What is done, and how much of the time is spent when it begins, in percent: as the invented clinic's fits went
STAGES = {"reading": 0, "estimating": 5, "trying": 60, "publishing": 95}


def run(
    sessions: Callable[[], Session],
    clinic: Clinic,
    *,
    now: Callable[[], datetime],
    report: Report = lambda percent, stage: None,
    actor: str = audit.COMMAND,
) -> models.Fitted:
    """Fit and publish. ``report`` is told each stage of ``STAGES``; what it raises ends the fit, with nothing done."""

    def begin(stage: str) -> None:
        report(STAGES[stage], stage)

    begin("reading")
    with sessions() as session:
        clinics.enter(session, clinic)
        found = models.material(session)
    begin("estimating")
    model = models.estimate(found, clinic)
    begin("trying")
    tried, about = models.try_out(found, clinic, model), models.about(found, model)
    begin("publishing")
    with sessions() as session:
        clinics.enter(engine.writing(session), clinic)
        fitted = models.publish(session, clinic, model, now=now(), tried=tried, about=about, actor=actor)
        session.commit()
    return fitted
