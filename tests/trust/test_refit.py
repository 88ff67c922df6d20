"""A refit that is killed leaves the model that served, or the new one whole; the next refit does what was left."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from sqlalchemy import func, select

from tests.trust.refitted import PROCESSES, fit_again
from tests.web.services.test_refit import says
from tests.web.waiting_room import the_clinic
from web.db import engine
from web.db.tables import AuditEventRow, ModelRow
from web.services import models

Trials, Tried = Callable[[int, int], int], Callable[[int], None]


@pytest.mark.F9
def test_a_refit_that_is_killed_leaves_the_old_model_or_the_whole_new_one(
    harbour: str, trials: Trials, tried: Tried
) -> None:
    dice, took = random.Random(9), 1.0
    for k in range(trials(2, 50)):
        with engine.sessions(harbour)() as session:
            the_clinic(engine.writing(session))
            says(session, 5, float(dice.choice([0.0, 0.5, 1.0])), now=datetime.now(UTC))
            session.commit()
        before, _ = standing(harbour)
        version, took_now = killed(harbour, took * 1.1 * dice.random() if k else None)
        took = took_now or took
        after, served = standing(harbour)
        assert after == version if version is not None else (after == before or served == 1)
        tried(1)
    last, _ = killed(harbour, None)
    assert standing(harbour)[0] == last is not None


def standing(url: str) -> tuple[str, int]:
    """The version that serves, which is one and can be read; how often it was noted that it does."""
    models._loaded.clear()
    with engine.sessions(url)() as session:
        clinic = the_clinic(session)
        (version,) = session.scalars(select(ModelRow.version).where(ModelRow.serving)).all()
        model = models.serving(session, clinic.id)
        assert model is not None and model.version == version
        noted = select(func.count(AuditEventRow.id)).where(
            AuditEventRow.subject == version, AuditEventRow.action == "model.served"
        )
        return version, session.scalar(noted) or 0


def killed(url: str, wait: float | None) -> tuple[str | None, float | None]:
    """(the model of which it said that it serves, how long it took where it was left alone)."""
    here, there = PROCESSES.Pipe()
    process = PROCESSES.Process(target=fit_again, args=(url, there))
    process.start()
    there.close()
    assert here.recv() == "ready"
    begun = time.monotonic()
    here.send("go")
    if wait is not None:
        time.sleep(wait)
        process.kill()
    try:
        version = here.recv()
    except (EOFError, ConnectionResetError):
        version = None
    process.join()
    here.close()
    return version, time.monotonic() - begun if wait is None else None
