"""Why somebody stands where they stand, and what would have to change for them to be first, or possible at all."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

import numpy as np

from matcher.eligibility import codes_of, refusals
from matcher.encoding import ClientArrays, Directory
from matcher.encoding.bits import Floats
from matcher.entities import Intake, Reason, Weights
from matcher.errors import InvalidInput
from matcher.factors.base import Circumstances
from matcher.factors.registry import FACTORS
from matcher.remedies import changes_for
from matcher.scoring import best, factor_values, scores
from matcher.weights import DEFAULT, GRID, normalised

if TYPE_CHECKING:
    from matcher.outlook import ClinicModel

_NUDGE = 1e-6  # past the point at which two scores are equal


@dataclass(frozen=True, slots=True)
class Gap:
    """One factor of somebody beside that of the first: values in [0, 1], ``points`` what the first has more."""

    factor: str
    value: float
    first_value: float
    weight: float
    points: float


@dataclass(frozen=True, slots=True)
class Needed:
    """What one factor alone would need for somebody to be first: a share of the weights, or a value.

    ``now`` and ``needed`` are in [0, 1].
    """

    factor: str
    now: float
    needed: float


@dataclass(frozen=True, slots=True)
class WhatIf:
    """The answer for one therapist and one client.

    ``place`` and ``score`` are None for who cannot be offered. ``gaps`` compare with the first, the largest loss first;
    ``by_weight`` and ``by_value`` are the single changes that would make them first, the smallest first. ``refusals``
    are all requirements that stand between; ``changes`` the smallest changes of the client's answers that remove them,
    all of them together; ``fixed`` the requirements that no answer changes.
    """

    therapist_id: str
    place: int | None
    score: float | None
    gaps: tuple[Gap, ...]
    by_weight: tuple[Needed, ...]
    by_value: tuple[Needed, ...]
    refusals: tuple[str, ...]
    changes: tuple[Reason, ...]
    fixed: tuple[str, ...]


def what_if(
    intake: Intake,
    directory: Directory,
    therapist_id: str,
    *,
    weights: Weights = DEFAULT,
    model: ClinicModel | None = None,
    today: date | None = None,
) -> WhatIf:
    """Why a therapist stands where they stand for a client, and what would have to change.

    Parameters
    ----------
    intake : Intake
        The client.
    directory : Directory
        The therapists.
    therapist_id : str
        The one who is asked about.
    weights : Weights
        As in ``rank``.
    model : ClinicModel or None
        As in ``rank``.
    today : date or None
        As in ``rank``.

    Returns
    -------
    WhatIf
        By the strict order of scores, without draws among near-ties.

    Raises
    ------
    InvalidInput
        For somebody who is not in the directory, and as ``rank``.

    Notes
    -----
    With D_u = score_t − score_u and d_u = value_tk − value_uk, the weight x of factor k alone makes t first where
    D_u + (x − weight_k) · d_u ≥ 0 for all u: an interval, of which the end nearest to weight_k is told, as the share
    x / (1 − weight_k + x) that it then has.

    Examples
    --------
    >>> from matcher import Directory, what_if
    >>> from matcher.entities import Intake, Therapist
    >>> people = [Therapist(id=id_, name=id_, profession="counsellor", licence_regions=("DE",), languages=("de",),
    ...                     concerns={"grief": depth}, formats=("online",), capacity=1, fee_cents=fee)
    ...           for id_, depth, fee in (("ana", 3, 6000), ("ben", 1, 2000), ("cem", 3, 9000))]
    >>> intake, directory = Intake(id="c", concerns=("grief",), max_fee_cents=7000), Directory.of(people)
    >>> found = what_if(intake, directory, "ben")
    >>> found.place, found.gaps[0].factor, [needed.factor for needed in found.by_weight]
    (2, 'concern_expertise', ['concern_expertise', 'access'])
    >>> found = what_if(intake, directory, "cem")
    >>> found.refusals, found.changes[0].code, dict(found.changes[0].params)
    (('fee',), 'raise_fee', {'max_fee_cents': 9000})
    """
    row = directory.row(therapist_id)
    if row is None:
        raise InvalidInput("therapist_id", therapist_id, "no such therapist is in the directory")
    weights = normalised(weights.values, version=weights.version)
    clients = ClientArrays.of((intake,))
    refused = refusals(clients, directory)[0]
    if refused[row]:
        changes, fixed = changes_for(intake, directory.take(np.array([row])))
        return WhatIf(therapist_id, None, None, (), (), (), codes_of(int(refused[row])), changes, fixed)
    rows = np.flatnonzero(refused == 0)
    here = Circumstances(today, None if model is None else model.standing(clients, directory, rows))
    values = factor_values(clients, directory.take(rows), here)[:, 0]
    return _placed(therapist_id, int(np.searchsorted(rows, row)), values, weights)


def _placed(therapist_id: str, at: int, values: Floats, weights: Weights) -> WhatIf:
    score = scores(values[:, None], weights)[0]
    order = best(score, None)
    first = int(order[0])
    weight = np.array([weights.values[factor.code] for factor in FACTORS])
    return WhatIf(
        therapist_id,
        int(np.flatnonzero(order == at)[0]) + 1,
        float(score[at]),
        _gaps(values, weight, at, first) if first != at else (),
        _by_weight(values, weight, score, at) if first != at else (),
        _by_value(values, weight, score, at) if first != at else (),
        (), (), (),
    )  # fmt: skip


def _gaps(values: Floats, weight: Floats, at: int, first: int) -> tuple[Gap, ...]:
    found = [
        Gap(factor.code, float(values[k, at]), float(values[k, first]), float(weight[k]),
            float(weight[k] * (values[k, first] - values[k, at])))
        for k, factor in enumerate(FACTORS)
    ]  # fmt: skip
    return tuple(sorted((gap for gap in found if gap.points), key=lambda gap: -gap.points))


def _by_weight(values: Floats, weight: Floats, score: Floats, at: int) -> tuple[Needed, ...]:
    found = []
    for k, factor in enumerate(FACTORS):
        moved = _weight_needed(score[at] - score, values[k, at] - values[k], float(weight[k]))
        if moved is not None and _is_first(values, weight, k, moved, at):
            found.append(Needed(factor.code, float(weight[k]), moved / (1 - float(weight[k]) + moved)))
    return tuple(sorted(found, key=lambda needed: abs(needed.needed - needed.now)))


def _weight_needed(ahead: Floats, apart: Floats, weight: float) -> float | None:
    """The weight nearest to ``weight`` at which ahead + (x − weight) · apart ≥ 0 for everybody; None for none."""
    if (ahead[apart == 0] < 0).any():
        return None
    above, below = apart > 0, apart < 0
    least = max(0.0, float((weight - ahead[above] / apart[above]).max(initial=0.0)))
    most = float((weight - ahead[below] / apart[below]).min(initial=np.inf))
    if least > most:
        return None
    if least >= weight:
        return least + _NUDGE
    return max(most - _NUDGE, 0.0) if most <= weight else None  # None: equal to somebody in all but the id


def _is_first(values: Floats, weight: Floats, k: int, moved: float, at: int) -> bool:
    changed = weight.copy()
    changed[k] = moved
    return bool(changed.sum() > 0 and best(changed @ values, 1)[0] == at)


def _by_value(values: Floats, weight: Floats, score: Floats, at: int) -> tuple[Needed, ...]:
    """The least value on the grid with which a factor alone puts them first, ahead also of who has the smaller id."""
    behind = float(score.max() - score[at])
    found = []
    for k, factor in enumerate(FACTORS):
        if weight[k] <= 0:
            continue
        now = float(values[k, at])
        for more in (math.ceil(behind / weight[k] * GRID), math.ceil(behind / weight[k] * GRID) + 1):
            needed = now + more / GRID
            if needed <= 1 and _leads(score, at, weight[k] * more / GRID):
                found.append(Needed(factor.code, now, needed))
                break
    return tuple(sorted(found, key=lambda one: one.needed - one.now))


def _leads(score: Floats, at: int, gained: float) -> bool:
    moved = score.copy()
    moved[at] += gained
    return bool(best(moved, 1)[0] == at)
