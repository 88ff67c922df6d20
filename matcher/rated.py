"""Ratings as rows and numbers: which client, which therapist, which score."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from matcher.encoding import ClientArrays, Directory
from matcher.encoding.bits import Floats
from matcher.entities import Rating, Scale
from matcher.errors import InvalidInput

Rows = NDArray[np.intp]


def rows_of(ratings: Sequence[Rating], clients: ClientArrays, directory: Directory) -> tuple[Rows, Rows]:
    """The client and therapist row of each rating; InvalidInput where one of the two is not given."""
    client_row = {id_: row for row, id_ in enumerate(clients.ids)}
    therapist_row = {id_: row for row, id_ in enumerate(directory.ids)}
    for rating in ratings:
        if rating.client_id not in client_row:
            raise InvalidInput("ratings.client_id", rating.client_id, "no intake of this client is given")
        if rating.therapist_id not in therapist_row:
            raise InvalidInput("ratings.therapist_id", rating.therapist_id, "no such therapist is given")
    return (
        np.array([client_row[rating.client_id] for rating in ratings], dtype=np.intp),
        np.array([therapist_row[rating.therapist_id] for rating in ratings], dtype=np.intp),
    )


def scores_of(ratings: Sequence[Rating], scale: Scale) -> Floats:
    """The score of each rating; InvalidInput for one that is not on the scale."""
    for rating in ratings:
        if not scale.lowest <= rating.score <= scale.top:
            mend = f"the clinic's scale goes from {scale.lowest:g} to {scale.top:g}"
            raise InvalidInput("ratings.score", rating.score, mend)
    return np.array([rating.score for rating in ratings], dtype=np.float64)
