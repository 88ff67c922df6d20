"""Weights tried on past data: a replay of past intakes, and what lists that were drawn by chance say of them.

What comes of it is a document of codes, figures and counts, without a cell of fewer than five people. It says which
draft it is about, and what served then, so that a page knows whether it is still about the present ones.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from matcher import backtest, normalised
from matcher.entities import Weights
from matcher.evaluation.backtest import CONFOUNDED, TOO_LITTLE, Backtest
from matcher.evaluation.gate import FEWEST_CLIENTS
from matcher.suppression import FEWEST
from web.db.queries import attended, versions
from web.jobs import rows
from web.jobs.rows import Job
from web.services import audit, clinics, matching, past_intakes, past_lists, weight_checks, weights
from web.services.clinics import Clinic, ClinicTrouble
from web.services.past_lists import Judged, Lists
from web.services.weights import Bounds, Standing

KIND = "backtest"  # of the job, and its key: a clinic has one
DRAFT = "draft"
SERVING, JUDGED = "serving", "judged"
Report = Callable[[int, str], None]
# What is done, and how much of the time is spent when it begins, in percent
STAGES = {"reading": 0, "replaying": 5, "lists": 60}


class NoDraft(ClinicTrouble):
    """There is no draft that could be tried."""


class NoVersion(ClinicTrouble):
    """There are no weights of this name."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """Weights to be tried: what they are called, and the revision where they are the draft."""

    name: str
    judged: Judged
    revision: int | None = None


@dataclass(frozen=True, slots=True)
class OnPast:
    """How the present draft stands on past data.

    ``job`` is the last that was asked for, by ``asked_by``; ``is_current``: what came of it is about this draft, the
    weights that serve and the model as they are now. ``is_enough``: there are past clients enough to say anything.
    """

    job: Job | None
    asked_by: str
    has_draft: bool
    is_current: bool
    is_enough: bool
    n_clients: int

    @property
    def can_ask(self) -> bool:
        """Whether there is something to try, and nothing on its way."""
        return self.has_draft and self.is_enough and not (self.job is not None and self.job.is_open)


def of_draft(session: Session, clinic: Clinic, *, now: datetime) -> Candidate:
    """The draft as it is kept; NoDraft without one."""
    draft = weights.standing(session, clinic, now=now).draft
    if draft is None:
        raise NoDraft("There is no draft. Save one on the page of the weights, or name a preset, a version or a file.")
    return _candidate(DRAFT, draft.weights, draft.bounds, draft.revision)


def of_preset(session: Session, name: str, *, now: datetime) -> Candidate:
    """A preset of the release; clients' bounds are those that serve."""
    return _candidate(name, weight_checks.preset(name), weights.serving(session, now=now).bounds)


def of_version(session: Session, version: str) -> Candidate:
    """Weights that serve or have served; NoVersion for a name that none have."""
    found = weights.version_of(session, None if version == weights.RELEASE else version)
    if found is None:
        raise NoVersion(f"There are no weights {version}. See: rapport weights show")
    return _candidate(version, found.weights, found.bounds)


def of_numbers(session: Session, relative: Mapping[str, float], bounds: Bounds | None, *, now: datetime) -> Candidate:
    """Any relative weights; InvalidInput where they are none. Without bounds those that serve."""
    shares = weight_checks.relative(relative)
    return _candidate("numbers", shares, bounds or weights.serving(session, now=now).bounds)


def run(
    sessions: Callable[[], Session],
    clinic: Clinic,
    choose: Callable[[Session], Candidate],
    *,
    now: datetime,
    report: Report = lambda percent, stage: None,
) -> dict[str, Any]:
    """Try what is chosen beside what serves, and say what came of it. No transaction is open while it computes."""
    report(STAGES["reading"], "reading")
    with sessions() as session:
        clinics.enter(session, clinic)
        candidate = choose(session)
        served, serving = weights.serving(session, now=now), matching.serving_weights(session, now=now)[0]
        found = past_intakes.material(session, clinic.id, now=now)
    replayed = _replay(found, serving, candidate, _within(report, "replaying", STAGES["lists"]))
    lists = past_lists.judge(sessions, clinic, candidate.judged, report=_within(report, "lists", 100))
    return _plain(
        {
            "judged": {"name": candidate.name, "revision": candidate.revision},
            "serving": served.version,
            "model": found.model and found.model.version,
            "n_known": _count(found.n_known),
            "replay": _replayed(replayed),
            "lists": _listed(lists),
        }
    )


def on_past(session: Session, standing: Standing, *, now: datetime) -> OnPast:
    """How the present draft stands on past data."""
    job = rows.look(session, KIND, now=now)
    n_clients = attended.count(session)
    asked_by = weights.names_of(session, [job.asked_by])[job.asked_by] if job else ""
    model = versions.serving_model(session)
    is_current = job is not None and standing.draft is not None and _is_about(job.result, standing, model)
    is_enough = n_clients >= FEWEST_CLIENTS
    return OnPast(job, asked_by, standing.draft is not None, is_current, is_enough, _count(n_clients))


def ask(session: Session, clinic: Clinic, *, now: datetime, person_id: UUID) -> bool:
    """Ask for the draft to be tried; False where it is on its way already, or there is nothing to try it on."""
    found = on_past(session, weights.standing(session, clinic, now=now), now=now)
    if not found.can_ask or not rows.ask(session, KIND, KIND, asked_by=str(person_id), now=now):
        return False
    audit.record(session, "weights.tried", now=now, subject=DRAFT, actor=str(person_id))
    return True


def is_too_little(document: Mapping[str, Any]) -> bool:
    """Whether there were too few past clients to say anything."""
    return TOO_LITTLE in document["replay"]["notes"]


def _candidate(name: str, shares: Mapping[str, float], bounds: Bounds, revision: int | None = None) -> Candidate:
    return Candidate(name, Judged(normalised(shares, version=JUDGED), bounds), revision)


def _replay(
    found: past_intakes.Material, serving: Weights, candidate: Candidate, report: Callable[[float], None]
) -> Backtest:
    n = len(found.intakes)
    if n < FEWEST_CLIENTS or not found.directory.capacity.sum():
        return Backtest(SERVING, n, n, (CONFOUNDED, TOO_LITTLE))
    past, scores = past_intakes.arrays(found, {SERVING: serving, JUDGED: candidate.judged.weights}, report=report)
    return backtest(past, scores, serving=SERVING)


def _replayed(found: Backtest) -> dict[str, Any]:
    few = {"n_intakes": _count(found.n_intakes), "n_clients": _count(found.n_clients)}
    return found.document() | few | {"params": found.params | {"clients": few["n_clients"]}}


def _listed(found: Lists) -> dict[str, Any]:
    value = found.value
    estimate = value.estimates.get(value.by)
    counts = {name: _count(value.params[name]) for name in ("clients", "decisions", "without")}
    return {
        "verdict": value.verdict,
        "reason": value.reason,
        "params": value.params | counts,
        "lift": estimate and asdict(estimate.lift),
        "n_left_out": _count(found.n_left_out),
    }


def _is_about(result: Mapping[str, Any], standing: Standing, model: str | None) -> bool:
    assert standing.draft is not None
    judged = result.get("judged") or {}
    known = (judged.get("revision"), result.get("serving"), result.get("model"))
    return known == (standing.draft.revision, standing.serving.version, model)


def _within(report: Report, stage: str, end: int) -> Callable[[float], None]:
    """Told which share of a stage is done, this tells how much of the whole is."""
    begin = STAGES[stage]
    report(begin, stage)
    return lambda share: report(begin + int((end - begin) * min(share, 1.0)), stage)


def _count(n: float) -> int:
    """So many people; fewer than may be told are none."""
    return int(n) if n >= FEWEST else 0


def _plain(value: Any) -> Any:
    """The same in what JSON knows: a number that is none becomes null."""
    if isinstance(value, Mapping):
        return {key: _plain(one) for key, one in value.items()}
    if isinstance(value, tuple | list):
        return [_plain(one) for one in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
