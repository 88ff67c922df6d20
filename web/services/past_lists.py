"""Lists that were drawn by chance, and whose clients attended somebody of them: what they say of other weights.

A decision is one pair of a client and a therapist, by the last list before they began in which the therapist stood.
Lists are made again by their own directory, model, day and answers, and with the weights that are judged.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import Any
from uuid import UUID

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Row
from sqlalchemy.orm import Session

from matcher import (
    DEFAULT_WEIGHTS,
    RULES,
    AtPlace,
    ClinicModel,
    Directory,
    Expectations,
    at_place,
    cross_fitted,
    emphasised,
    policy_value,
)
from matcher.entities import Weights
from matcher.evaluation.off_policy import PolicyValue
from web.db import mapping
from web.db.queries import attended, directory, versions
from web.services import clinics, matching, models
from web.services.clinics import Clinic
from web.services.past_intakes import EARLY

MOST = 2_000
FOLDS = 5
NOTHING = PolicyValue("refused", "too_few_clients", 0, 0, 0)


@dataclass(frozen=True, slots=True)
class Judged:
    """Weights that are judged, and how far clients may move them."""

    weights: Weights
    bounds: Mapping[str, tuple[float, float]]


@dataclass(frozen=True, slots=True)
class Lists:
    """What they say, and how many were left out: not made by what is kept, by the rules of today, or without prices."""

    value: PolicyValue
    n_left_out: int


@dataclass(frozen=True, slots=True)
class _Decision:
    """``wanted`` by the weights that are judged, ``made`` by those that made the list; ``logged`` as it was kept."""

    client: str
    reward: float
    logged: float
    wanted: AtPlace
    made: AtPlace


def judge(
    sessions: Callable[[], Session],
    clinic: Clinic,
    judged: Judged,
    *,
    report: Callable[[float], None] = lambda share: None,
) -> Lists:
    """What the clinic's lists say of these weights. No transaction is open while they are made again."""
    with sessions() as session:
        clinics.enter(session, clinic)
        rows = _last_of_each(attended.shown(session, EARLY, MOST))
        said = attended.answers(session, [row.intake_version for row in rows])
    kept = sorted((row for row in rows if _is_kept(row)), key=_grounds)
    found: list[_Decision] = []
    for _key, some in groupby(kept, key=_grounds):
        found.extend(_decisions(sessions, clinic, judged, list(some), said))
        report(len(found) / len(kept))
    if not found:
        return Lists(NOTHING, len(rows))
    columns = zip(*((one.client, one.reward, one.logged, one.wanted.chance) for one in found), strict=True)
    return Lists(policy_value(*columns, expected=_expected(found)), len(rows) - len(found))


def _expected(found: list[_Decision]) -> Expectations | None:
    """What is expected of each decision, reward = a + b · Φ(standing), a and b learned from other clients' decisions.

    A list's model was fitted before its client met anybody of it. None where a list was made without a model, or there
    are too few clients to learn from others.
    """
    standings = np.array([(one.wanted.standing, one.wanted.average, one.made.average) for one in found]).T
    clients, rewards = [one.client for one in found], np.array([one.reward for one in found])
    if not np.isfinite(standings).all() or len(set(clients)) < FOLDS:
        return None

    def predict(train: NDArray[np.intp], test: NDArray[np.intp]) -> Expectations:
        seen, said = standings[0, train], rewards[train]
        spread = seen - seen.mean()
        slope = spread @ said / (spread @ spread) if spread.any() else 0.0
        return Expectations(*(said.mean() + slope * (standings[:, test] - seen.mean())))

    return cross_fitted(clients, predict, folds=FOLDS)


def _last_of_each(rows: Any) -> list[Row[Any]]:
    """For each pair the newest of its lists; rows come with the newest first."""
    return list({row.dyad: row for row in reversed(rows)}.values())


def _is_kept(row: Row[Any]) -> bool:
    return row.directory_version is not None and row.release == RULES and row.forecast_id is None


def _grounds(row: Row[Any]) -> tuple[int, str]:
    return row.directory_version, row.model_version or ""


def _decisions(
    sessions: Callable[[], Session], clinic: Clinic, judged: Judged, rows: list[Row[Any]], said: Mapping[UUID, Any]
) -> Iterator[_Decision]:
    """Those of one version of directory and model; none where the model is not kept any more."""
    with sessions() as session:
        clinics.enter(session, clinic)
        then = Directory.of(map(mapping.therapist_of, directory.profiles_at(session, rows[0].directory_version)))
        version = rows[0].model_version
        model = None if version is None else models.of_version(session, clinic.id, version)
        known = {row.weights_version: _weights(session, row.weights_version) for row in rows}
    if model is None and version is not None:
        return
    for row in rows:
        logged = known[row.weights_version]
        if logged is None:
            continue
        wanted, made = (_at_place(row, said[row.intake_version], then, model, by) for by in (judged, logged))
        yield _Decision(row.client, float(row.alliance), row.propensity, wanted, made)


def _at_place(row: Row[Any], answers: Any, then: Directory, model: ClinicModel | None, by: Judged) -> AtPlace:
    """Who would stand at the place of this row, the list made by these weights."""
    weights = emphasised(by.weights, row.wanted, by.bounds) if row.wanted else by.weights
    return at_place(
        mapping.intake_of(row.client, answers), then, row.therapist, row.place,
        weights=weights, model=model, today=row.made_at.date(), seed=row.seed or None,
    )  # fmt: skip


def _weights(session: Session, version: str) -> Judged | None:
    """The weights that made a list; None where they are not kept any more."""
    row = versions.weights(session, version)
    if row is not None:
        return Judged(mapping.weights_of(row), matching.bounds_of(row))
    return Judged(DEFAULT_WEIGHTS, {}) if version == DEFAULT_WEIGHTS.version else None
