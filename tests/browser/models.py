"""The demo's models brought into states that take a fit, or a fault, to come about; and put back as they were."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from tests.browser.serving import database_of, once
from web.db import engine
from web.db.tables import JobRow, ModelRow
from web.jobs.worker import Worker
from web.services import clinics, learned_weights
from web.services.learned_weights import KIND

EARLIER, REFUSED = "0ea7bee7cafe", "bad0fee1bad0"
_learned: dict[str, dict[str, Any]] = {}  # address → what the demo's ratings say
MOVED = {"n_clients": 100, "n_therapists": 40, "mean": 0.011, "most": 0.034, "order": 0.93, "same_first": 0.82}


@contextmanager
def _clinic(address: str) -> Iterator[Session]:
    with engine.sessions(database_of(address))() as session:
        clinics.find(engine.writing(session), None)
        yield session
        session.commit()


def fitting(address: str) -> None:
    """A worker is trying a new model; its lease lasts for an hour."""
    with _clinic(address) as session:
        _job(session, state="running", progress=60, stage="trying", leased_until=datetime.now(UTC) + timedelta(hours=1))


def told(address: str, **values: Any) -> None:
    """The job of the fit stands otherwise than a moment ago."""
    with _clinic(address) as session:
        session.execute(update(JobRow).values(**values))


def work(address: str) -> None:
    """What a worker would do next is done."""
    Worker(engine.sessions(database_of(address))).once()


def served(address: str) -> None:
    """The fit has ended with a model that serves."""
    with _clinic(address) as session:
        result = {"serves": True, "is_new": True, "verdict": "not_worse", "seconds": 41}
        _job(session, state="done", result=result | {"ended_at": datetime.now(UTC).isoformat()})


def refused(address: str) -> None:
    """The model that serves has one before it, and one after it that a trial refused."""
    with _clinic(address) as session:
        now = session.scalars(select(ModelRow).where(ModelRow.serving)).one()
        before, after = deepcopy(now.summary), deepcopy(now.summary)
        before["report"] |= {"rows_used": 5_893, "n_clients": 790, "n_dyads": 931}
        for component, share in zip(before["components"], (0.04, 0.49, 0.05, 0.07, 0.1, 0.01, 0.24), strict=False):
            component["share"] = share
        after["trial"]["verdict"] |= {"serves": False, "reason": "worse_than_champion", "champion": "as_served"}
        rows = after["trial"]["report"]["splits"][0]["rows"]
        rows.insert(1, rows[0] | {"name": "champion"})
        rows[0] = rows[0] | {"rmse": rows[0]["rmse"] * 1.3}
        for version, summary, days in ((EARLIER, before, -35), (REFUSED, after, 7)):
            moment = now.fitted_at + timedelta(days=days)
            session.add(ModelRow(version=version, file=b"", summary=summary, fitted_at=moment))
        now.summary = now.summary | {"before": EARLIER, "shift": MOVED}
        _job(session, state="done", result=_kept(now.version))


def none(address: str) -> None:
    """No model serves."""
    with _clinic(address) as session:
        session.execute(update(ModelRow).values(serving=False))


def restore(address: str) -> None:
    """As the demo made it: its one model serves, and nobody has asked for another."""
    with _clinic(address) as session:
        session.execute(delete(JobRow))
        session.execute(delete(ModelRow).where(ModelRow.version.in_((EARLIER, REFUSED))))
        row = session.scalars(select(ModelRow)).one()
        row.serving, row.summary = True, row.summary | {"before": None, "shift": None}


def learning(address: str) -> None:
    """A worker learns what the ratings say of the weights; its lease lasts for an hour."""
    with _clinic(address) as session:
        lease = datetime.now(UTC) + timedelta(hours=1)
        _job(session, KIND, state="running", progress=39, stage="part 3", leased_until=lease)


def learned(address: str) -> None:
    """It has learned; with plain models, which take seconds, and once for all looks at it."""
    if address not in _learned:
        _learned[address] = once(address, "learned", lambda: _what_is_learned(address))
    with _clinic(address) as session:
        ended = {**_learned[address], "ended_at": datetime.now(UTC).isoformat()}
        _job(session, KIND, state="done", progress=100, result=ended)


def _what_is_learned(address: str) -> dict[str, Any]:
    sessions = engine.sessions(database_of(address))
    with sessions() as session:
        clinic = clinics.find(session, None)
    quick = {"ceiling": "gaussian", "blocks": []}
    return learned_weights.run(sessions, clinic, now=datetime.now(UTC), specification=quick)


def forgotten(address: str) -> None:
    """Nobody has asked what the ratings say."""
    with _clinic(address) as session:
        session.execute(delete(JobRow))


def _kept(serving: str) -> dict[str, Any]:
    verdict = {"serves": False, "is_new": True, "version": REFUSED, "serving": serving, "seconds": 41}
    return verdict | {"verdict": "worse_than_champion", "ended_at": datetime.now(UTC).isoformat()}


def _job(session: Session, kind: str = "fit", **values: Any) -> None:
    now = datetime.now(UTC)
    session.execute(delete(JobRow))
    row = JobRow(kind=kind, key=kind, arguments={}, due_at=now, created_at=now, asked_by="the command line")
    for name, value in values.items():
        setattr(row, name, value)
    session.add(row)
