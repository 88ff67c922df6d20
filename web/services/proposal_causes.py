"""Why somebody gets another place than their own best."""

from __future__ import annotations

from typing import Any

import numpy as np

from matcher.assignment import Assignment
from web.services.proposal_material import Floats
from web.services.proposal_settings import Settings

CAUSES = ("own_best", "locked", "parted", "spared", "others", "rules")


def cause(found: Assignment, score: Floats, at: int, settings: Settings) -> dict[str, Any]:
    """A client's own best beside what they get, and the code of what stands between.

    ``own_best``: nothing does. ``locked``: somebody chose this place for them; ``parted``: or kept these two apart;
    ``spared``: or left that therapist out. ``others``: that place is given to others, who are named. ``rules``:
    waiting, balance or the floor for somebody else made this the better place.
    """
    problem = found.problem
    own = int(np.nanargmax(score[at]))
    mine = int(found.choice[at])
    best, best_score = problem.therapist_ids[own], float(score[at, own])
    line = {"best": best, "best_score": best_score, "regret": max(best_score - float(score[at, mine]), 0.0)}
    if line["regret"] <= 0:
        return line | {"best": problem.therapist_ids[mine], "cause": "own_best"}
    client = problem.client_ids[at]
    if client in settings.locks:
        return line | {"cause": "locked"}
    if (client, best) in settings.excluded_pairs:
        return line | {"cause": "parted"}
    if best in problem.conditions.excluded_therapists:
        return line | {"cause": "spared"}
    there = np.flatnonzero(found.choice == own)
    if len(there) >= int(problem.capacity[own]):
        return line | {"cause": "others", "others": [problem.client_ids[row] for row in there.tolist()]}
    return line | {"cause": "rules"}
