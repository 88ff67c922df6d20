"""A clinic model whose standings a test chooses."""

from __future__ import annotations

from typing import Any, cast

import numpy as np

from matcher.encoding import ClientArrays, Directory
from matcher.outlook import ClinicModel, OutlookTable


class FakeModel:
    """``standing`` by therapist id; the outlook follows it: mean .6 + standing / 10."""

    version = "fake-1"

    def __init__(
        self,
        standing: dict[str, float],
        n_clients: int = 9,
        n_similar: int = 5,
        personal: float = 0.9,
        doubt: float = 0.5,
    ):
        self.by_id, self.n_clients, self.n_similar, self.personal = standing, n_clients, n_similar, personal
        self.doubt = doubt

    def standing(self, clients: ClientArrays, directory: Directory, rows: Any = None) -> Any:
        ids = directory.ids if rows is None else directory.ids[rows]
        return np.array([[self.by_id.get(id_, 0.0) for id_ in ids]] * len(clients))

    def line(self, client: ClientArrays) -> None:
        """It is asked about every pair."""

    def outlook(self, clients: ClientArrays, directory: Directory) -> OutlookTable:
        standing = self.standing(clients, directory)
        gain = standing / 10
        return OutlookTable(
            mean=0.6 + gain,
            sd=np.full_like(gain, 0.05),
            lower80=0.6 + gain - 0.064,
            upper80=0.6 + gain + 0.064,
            typical=np.full(len(clients), 0.6),
            personal=self.personal * gain,
            above_typical=np.where(standing > 0.4, 0.8, np.where(standing < -0.4, 0.2, 0.5)),
            doubt=np.full_like(gain, self.doubt),
            n_clients=np.full(len(directory), self.n_clients),
            n_similar=np.full_like(gain, self.n_similar, dtype=int),
        )


def a_model(standing: dict[str, float], **counts: Any) -> ClinicModel:
    return cast(ClinicModel, FakeModel(standing, **counts))
