"""How many clients stand behind what is said of a therapist."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matcher import vocabulary as v
from matcher.encoding import ClientArrays, Directory

Counts = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Evidence:
    """Clients who rated, by therapist and main concern: ``counts`` (therapists, concerns), rows in the order of ids."""

    ids: NDArray[np.object_]
    counts: Counts

    @classmethod
    def of(cls, clients: ClientArrays, directory: Directory, c: Counts, t: Counts) -> Evidence:
        """Count each client once a therapist; ``c`` and ``t`` are the rows of each rating."""
        counts = np.zeros((len(directory), len(v.CONCERNS)), dtype=np.int64)
        dyads = np.unique(np.stack([t, c], axis=1), axis=0)
        np.add.at(counts, (dyads[:, 0], clients.concerns[dyads[:, 1], 0]), 1)
        return cls(directory.ids, counts)

    def of_therapists(self, directory: Directory) -> Counts:
        """Clients of each therapist, shape (therapists, concerns); zeros for one never seen."""
        if not len(self.ids):
            return np.zeros((len(directory), len(v.CONCERNS)), dtype=np.int64)
        at = np.minimum(np.searchsorted(self.ids, directory.ids), len(self.ids) - 1)
        known = self.ids[at] == directory.ids
        return np.where(known[:, None], self.counts[at], 0)

    def to_arrays(self) -> dict[str, NDArray[np.generic]]:
        """Plain arrays that ``npz`` holds without pickle."""
        return {"ids": np.array(self.ids, dtype=np.str_), "counts": self.counts}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[np.generic]]) -> Evidence:
        """The evidence that ``to_arrays`` wrote."""
        ids = np.empty(len(arrays["ids"]), dtype=object)
        ids[:] = arrays["ids"].tolist()
        return cls(ids, np.asarray(arrays["counts"], dtype=np.int64))
