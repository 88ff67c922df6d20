"""What a proposal is worked out from: who waits, the score of every pair that can be offered, and free places."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import numpy as np
from numpy.typing import NDArray
from sqlalchemy.orm import Session

from matcher import Panel, rank
from matcher.entities import Intake, MatchList
from matcher.scoring import scores
from web.db import mapping
from web.db.queries import proposals as rows
from web.db.queries import recent
from web.services import matching
from web.services.clinics import Clinic
from web.services.matching import Grounds
from web.services.proposal_settings import Settings

BLOCK_PAIRS = 20_000  # of clients and therapists at once: 1.3 MB of factor values
LONGEST_DAYS = 3_650.0
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Waiting:
    """Somebody who waits: their intake and its version, for how long, how urgently."""

    client: str
    version: int
    intake: Intake
    waited_days: float
    priority: int


@dataclass(frozen=True, slots=True)
class Material:
    """All that decides a proposal besides its settings. ``therapists``: id → (key, name, free places)."""

    waiting: tuple[Waiting, ...]
    grounds: Grounds
    therapists: Mapping[str, tuple[UUID, str, int]]
    held: Mapping[str, int]


def gather(session: Session, clinic: Clinic, settings: Settings, *, now: datetime) -> Material:
    """Who waits at this moment, or whose therapist leaves, and everything that their places depend on."""
    therapists = rows.therapists(session)
    if settings.leaving is None:
        people = rows.without_place(session, now)
    else:
        leaving = therapists.get(settings.leaving)
        people = rows.with_place(session, leaving[0]) if leaving is not None else ()
    said = recent.answers(session, [row.client_id for row in people])
    return Material(
        tuple(
            Waiting(
                str(row.client_id), row.intake_version, mapping.intake_of(str(row.client_id), said[row.client_id]),
                min(max((now - row.waiting_since).total_seconds() / 86_400, 0.0), LONGEST_DAYS), row.priority,
            )
            for row in people
            if row.client_id in said
        ),
        matching.grounds(session, clinic.id, now=now),
        therapists,
        rows.held(session, now),
    )  # fmt: skip


def scored(material: Material, report: Callable[[float], None]) -> tuple[Floats, Floats]:
    """((clients, therapists) scores, NaN where a pair cannot be offered; (therapists,) days until they can begin).

    Some clients at a time, so that no more than two arrays of all pairs are ever held.
    """
    directory, found = material.grounds.directory, material.grounds
    n = len(material.waiting)
    score = np.full((n, len(directory)), np.nan)
    wait_days = np.zeros(len(directory))
    at_once = max(BLOCK_PAIRS // max(len(directory), 1), 1)
    for start in range(0, n, at_once):
        some = [one.intake for one in material.waiting[start : start + at_once]]
        panel = Panel.of(some, directory, model=found.model, today=found.today)
        score[start : start + len(some)] = np.where(panel.offered, scores(panel.values, found.weights), np.nan)
        wait_days = np.clip(panel.wait_days.astype(np.float64), 0, LONGEST_DAYS)
        report(min(start + at_once, n) / n)
    return score, wait_days


def alone(material: Material, one: Waiting) -> MatchList:
    """What stands between somebody and everybody, and the smallest changes that would open places."""
    found = material.grounds
    return rank(one.intake, found.directory, weights=found.weights, model=found.model, today=found.today, top=1)


def therapist_ids(material: Material) -> Sequence[str]:
    """The therapists, in the order of the columns."""
    return [str(id_) for id_ in material.grounds.directory.ids]
