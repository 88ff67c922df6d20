"""A clinic's past clients as arrays: what they asked for, whom they attended, how they rated their first sessions.

The directory, the model and the day are those of now, since nobody kept who could have been offered then. Clients stand
in it as if nobody here had met them, so that the model does not know them again; their ratings did teach it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

import numpy as np
from numpy.typing import NDArray
from sqlalchemy.orm import Session

from matcher import ClinicModel, Directory, Panel, Past
from matcher.encoding import ClientArrays
from matcher.entities import Intake, Weights
from matcher.evaluation.panel import KINDS, NOT_SAID
from matcher.ranking import scores
from web.db import mapping
from web.db.queries import attended, recent
from web.services import matching, models

MOST = 2_000
MOST_PAIRS = 1_000_000  # of clients and therapists: half a minute, and eight megabytes an array
EARLY = 3  # sessions whose ratings count as the early alliance
AT_ONCE = 100  # clients

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Material:
    """The newest past clients, n of them: ``attended`` is the therapist whom they began with, ``outcome`` how it went.

    ``n_known`` is how many past clients the clinic has. ``outcome`` is NaN where no early session was rated.
    """

    intakes: tuple[Intake, ...]
    attended: tuple[str, ...]
    outcome: tuple[float, ...]
    directory: Directory
    directory_version: int
    model: ClinicModel | None
    today: date
    n_known: int


def material(session: Session, clinic_id: UUID, *, now: datetime) -> Material:
    """What the clinic that the session has entered knows."""
    version, directory = matching.directory_of(session, clinic_id)
    keys = attended.clients(session, min(MOST, max(MOST_PAIRS // max(len(directory), 1), 1)))
    first = {row.client: row for row in reversed(attended.pairs(session, keys, EARLY))}
    said = recent.answers(session, keys)
    rows = [first[key] for key in keys if key in said]
    return Material(
        intakes=tuple(mapping.intake_of(str(row.client), said[row.client]) for row in rows),
        attended=tuple(row.therapist for row in rows),
        outcome=tuple(np.nan if row.alliance is None else float(row.alliance) for row in rows),
        directory=directory,
        directory_version=version,
        model=models.serving(session, clinic_id),
        today=now.date(),
        n_known=attended.count(session),
    )


def arrays(
    found: Material, weights: Mapping[str, Weights], *, report: Callable[[float], None] = lambda share: None
) -> tuple[Past, dict[str, Floats]]:
    """The same as the matcher's arrays, and the score of every pair under each of these weights.

    ``report`` is told which share of it is done.
    """
    shape = (len(found.intakes), len(found.directory))
    eligible, score = np.zeros(shape, dtype=np.bool_), {name: np.zeros(shape) for name in weights}
    expected = np.zeros(shape) if found.model is not None else None
    waiting = np.zeros(shape[1])
    for start in range(0, shape[0], AT_ONCE):
        some, at = found.intakes[start : start + AT_ONCE], slice(start, start + AT_ONCE)
        panel = Panel.of(some, found.directory, model=found.model, today=found.today)
        eligible[at], waiting = panel.offered, panel.wait_days.astype(np.float64)
        for name, one in weights.items():
            score[name][at] = scores(panel.values, one)
        if expected is not None and found.model is not None:
            expected[at] = found.model.outlook(ClientArrays.of(some), found.directory).mean
        report(min(start + AT_ONCE, shape[0]) / shape[0])
    past = Past(
        eligible, attended=_columns(found), outcome=np.array(found.outcome), expected=expected, waiting_days=waiting,
        openings=found.directory.capacity.astype(np.float64), groups=_groups(found.intakes),
    )  # fmt: skip
    return past, score


def _columns(found: Material) -> NDArray[np.intp]:
    """(n,) the column of whom they attended; −1 for somebody who is not in the directory any more."""
    column = {str(id_): at for at, id_ in enumerate(found.directory.ids)}
    return np.array([column.get(id_, -1) for id_ in found.attended], dtype=np.intp)


def _groups(intakes: Sequence[Intake]) -> dict[str, list[str]]:
    return {kind: [getattr(one, kind) or NOT_SAID for one in intakes] for kind in KINDS}
