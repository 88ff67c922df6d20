"""A place that opens: who of those who wait fits it, and what it is to them beside the best of their own list."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from matcher import nearness
from web.db import mapping
from web.db.queries import cases, clinics, intakes, waiting, waiting_list
from web.db.tables import CaseRow
from web.services import casework, loads, matching
from web.services.clinics import Clinic
from web.services.intakes import CONTACT
from web.services.loads import Load

MOST = 2_000
SHOWN = 30
ORDERS = ("near", "fit", "waiting", "priority")  # the first is what a place that opens is given by


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody who fits the place. ``best`` is the score of the first of their own list.

    ``needs_reason``: somebody else comes first in it who has a place as well.
    """

    intake_id: UUID
    revision: int
    contact: Mapping[str, str]
    concerns: tuple[str, ...]
    waiting_since: datetime
    is_over: bool
    priority: int
    is_risk: bool
    score: float
    best: float | None
    needs_reason: bool


@dataclass(frozen=True, slots=True)
class Opening:
    """Who fits a place, in order, the first of them; ``n_fitting`` of ``n_waiting`` fit it in all."""

    therapist_id: str
    load: Load
    candidates: tuple[Candidate, ...]
    n_fitting: int
    n_waiting: int


def of_therapist(session: Session, clinic: Clinic, therapist_id: str, order: str, *, now: datetime) -> Opening | None:
    """Who fits a place with a therapist; None for nobody of the directory. One call of the matcher for all who wait."""
    load = loads.every(session, now=now).get(therapist_id)
    if load is None:
        return None
    rows = waiting.waiting_clients(session, MOST, now)
    said = [mapping.intake_of(external_id, answers) for _case, external_id, answers in rows]
    scores = matching.for_place(session, clinic.id, therapist_id, said, now=now)
    fitting = {case.client_id: scores[external_id] for case, external_id, _answers in rows if external_id in scores}
    ranked = [case for case, _external_id, _answers in rows if case.client_id in fitting]
    newest = waiting_list.newest_lists(session, list(fitting))
    best = {key: newest[key].best if key in newest else None for key in fitting}
    ranked.sort(key=lambda case: _place(order, fitting[case.client_id], best[case.client_id], case))
    over_since = now - timedelta(days=clinics.by_id(session, clinic.id).wait_target_days)
    shown = ranked[:SHOWN]
    found = [
        _candidate(session, case, (fitting[case.client_id], best[case.client_id]), therapist_id, over_since, now)
        for case in shown
    ]
    return Opening(therapist_id, load, tuple(found), len(ranked), len(rows))


def _place(order: str, score: float, best: float | None, case: CaseRow) -> tuple[Any, ...]:
    """What stands first: how near the place is to their own best, in hundredths, the fit, the days, or the priority.

    Among equals by nearness the more urgent comes first; then, as everywhere, who has waited longer.
    """
    by = {
        "near": (-round(100 * nearness(score, best)), -case.priority),
        "fit": (-score,),
        "waiting": (case.waiting_since,),
        "priority": (-case.priority,),
    }
    return (*by[order], case.waiting_since, -score, str(case.client_id))


def _candidate(
    session: Session,
    case: CaseRow,
    scores: tuple[float, float | None],
    therapist_id: str,
    over_since: datetime,
    now: datetime,
) -> Candidate:
    intake = intakes.of_client(session, case.client_id)
    assert intake is not None
    score, best = scores
    return Candidate(
        intake_id=intake.id,
        revision=case.revision,
        contact=intake.answers.get(CONTACT, {}),
        concerns=tuple(intake.answers.get("concerns", {}).get("concerns", ())),
        waiting_since=case.waiting_since,
        is_over=case.waiting_since <= over_since,
        priority=case.priority,
        is_risk=bool(cases.flagged(session, [intake.id], "safety")),
        score=score,
        best=best,
        needs_reason=casework.first_free(session, case.client_id, now=now) != therapist_id,
    )
