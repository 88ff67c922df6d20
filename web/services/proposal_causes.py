"""Why somebody gets another place than their own best, with what the coordinator asked for among the reasons."""

from __future__ import annotations

from typing import Any

import numpy as np

from matcher.assignment import Assignment, Regret
from web.services.proposal_material import Floats
from web.services.proposal_settings import Settings

OWN_BEST = "own_best"


def cause(line: Regret, found: Assignment, score: Floats, at: int, settings: Settings) -> dict[str, Any]:
    """A client's own best of all who could be offered, beside what they get, and the code of what stands between.

    ``own_best``: nothing does. ``parted``: somebody asked not to bring these two together; ``spared``: or left that
    therapist out. Else the code is that of the matcher's ``Regret``, with the ``others`` who have that place.
    """
    problem = found.problem
    assert line.therapist_id is not None and line.score is not None
    column = int(np.nanargmax(score[at]))
    best, best_score = problem.therapist_ids[column], float(score[at, column])
    said = {"best": best, "best_score": best_score, "regret": max(best_score - line.score, 0.0)}
    if said["regret"] == 0:
        return said | {"best": line.therapist_id, "cause": OWN_BEST}
    if line.cause != "locked" and (line.client_id, best) in settings.excluded_pairs:
        return said | {"cause": "parted"}
    if line.cause != "locked" and best in settings.excluded_therapists:
        return said | {"cause": "spared"}
    if line.best_therapist_id is not None and line.best_score is not None and line.regret:
        said = {"best": line.best_therapist_id, "best_score": line.best_score, "regret": line.regret}
    return said | {"cause": line.cause or "order", "others": list(line.others)}
