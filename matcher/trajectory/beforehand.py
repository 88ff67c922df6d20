"""What a clinic's model says of pairs before their first session."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from matcher.encoding import ClientArrays, Directory, client_features, match_features, therapist_features
from matcher.entities import Scale
from matcher.trajectory.prior import CoursePrior

if TYPE_CHECKING:
    from matcher.alliance import AllianceModel

LEAST = 1e-3  # of the scale: no spread is smaller, however sure a model is


def prior_of(
    alliance: AllianceModel, scale: Scale, clients: ClientArrays, directory: Directory, rows: NDArray[np.intp]
) -> CoursePrior:
    """Each client with the therapist of their row. Clients count as new, whatever they have said: else the course that
    is to be judged would stand in its own expectation."""
    features = client_features(clients)
    features["client_id"] = np.array([f"\0{row}" for row in range(len(rows))], dtype=object)  # no client's id
    table = {"client_id": features["client_id"], "therapist_id": directory.ids[rows]}
    pairs = match_features(clients, directory, (np.arange(len(rows)), rows))
    found = alliance.beforehand(table | pairs, clients=features, therapists=therapist_features(directory))
    least = LEAST * (scale.top - scale.lowest)
    return CoursePrior(
        mean=found.mean,
        sd=np.maximum(found.sd, least),
        trend=found.trend,
        session_sd=max(found.session_sd, least),
        scale=scale,
        censored=found.censored,
    )
