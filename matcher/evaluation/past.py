"""Past intakes as arrays: who could have been offered, whom they attended, what came of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from matcher.errors import InvalidInput
from matcher.evaluation.checked import Floats, Rows, codes, require_finite

Flags = NDArray[np.bool_]
Labels = NDArray[np.str_]


@dataclass(frozen=True, eq=False)
class Past:
    """Past intakes as arrays, n of them by m therapists.

    Parameters
    ----------
    eligible : array of bool, (n, m)
        Who could have been offered.
    attended : array of int, (n,), optional
        The column of whom they attended; −1 where nobody, or nobody of these.
    outcome : array, (n,), optional
        What came of it on the clinic's scale, such as the alliance at the third session; NaN where nobody knows.
    expected : array, (n, m), optional
        What the model expects, on the same scale, finite for those who are eligible.
    waiting_days : array, (n, m) or (m,), optional
        Days to the first opening, NaN where nobody knows.
    openings : array, (m,), optional
        Places of each therapist, 0 or more; one each where it is None. It is over these that exposure is spread.
    client : array, (n,), optional
        Whose each intake is, ids or codes; everybody their own where it is None.
    groups : mapping of str to array of str, (n,)
        Labels of the intakes by trait, for the figures by group.

    Examples
    --------
    >>> from matcher import Past
    >>> Past([[True, False, True], [True, True, True]]).shape
    (2, 3)
    """

    eligible: ArrayLike
    attended: ArrayLike | None = None
    outcome: ArrayLike | None = None
    expected: ArrayLike | None = None
    waiting_days: ArrayLike | None = None
    openings: ArrayLike | None = None
    client: ArrayLike | None = None
    groups: Mapping[str, ArrayLike] = field(default_factory=dict)

    @property
    def shape(self) -> tuple[int, int]:
        """Intakes, therapists."""
        found = np.shape(self.eligible)
        if len(found) != 2:
            raise InvalidInput("eligible", found, "expected intakes × therapists")
        return found[0], found[1]


@dataclass(frozen=True, eq=False)
class Known:
    """``Past``, checked: arrays of one size, clients as codes, days for every pair."""

    eligible: Flags
    client: Rows
    openings: Floats
    attended: Rows | None
    outcome: Floats | None
    expected: Floats | None
    waiting_days: Floats | None
    groups: Mapping[str, Labels]

    @property
    def n_clients(self) -> int:
        """Different people among the intakes."""
        return int(self.client.max(initial=-1)) + 1

    def scores(self, name: str, values: ArrayLike) -> Floats:
        """(n, m) numbers, finite for whoever is eligible."""
        found = _shaped(name, values, self.eligible.shape)
        require_finite(name, found[self.eligible])
        return found


def known(past: Past) -> Known:
    """The same with every array as it should be, or an InvalidInput that names the one that is not."""
    n, m = past.shape
    eligible = np.asarray(past.eligible)
    if eligible.dtype != bool:
        raise InvalidInput("eligible", str(eligible.dtype), "expected True or False for each intake and therapist")
    waiting = None if past.waiting_days is None else np.asarray(past.waiting_days, dtype=np.float64)
    if waiting is not None and waiting.shape == (m,):
        waiting = np.broadcast_to(waiting, (n, m))
    found = Known(
        eligible=eligible,
        client=np.arange(n) if past.client is None or not n else codes("client", past.client, n),
        openings=_openings(past.openings, m),
        attended=None if past.attended is None else _attended(past.attended, n, m),
        outcome=None if past.outcome is None else _shaped("outcome", past.outcome, (n,)),
        expected=None,
        waiting_days=None if waiting is None else _shaped("waiting_days", waiting, (n, m)),
        groups={trait: _labels(f"groups.{trait}", labels, n) for trait, labels in past.groups.items()},
    )
    return found if past.expected is None else replace(found, expected=found.scores("expected", past.expected))


def _shaped(name: str, values: ArrayLike, shape: tuple[int, ...]) -> Floats:
    found = np.asarray(values, dtype=np.float64)
    if found.shape != shape:
        raise InvalidInput(name, found.shape, f"expected the shape {shape}, as the intakes and therapists have it")
    return found


def _openings(values: ArrayLike | None, m: int) -> Floats:
    found = np.ones(m) if values is None else _shaped("openings", values, (m,))
    if not (np.isfinite(found) & (found >= 0)).all() or not found.sum() > 0:
        raise InvalidInput("openings", float(found.sum()), "expected finite numbers, 0 or more, at least one above 0")
    return found


def _attended(values: ArrayLike, n: int, m: int) -> Rows:
    found = np.asarray(values)
    if found.shape != (n,) or (n and found.dtype.kind not in "iu"):
        raise InvalidInput("attended", found.shape, f"expected {n} columns of therapists, −1 for nobody")
    for outside in found[(found < -1) | (found >= m)][:1].tolist():
        raise InvalidInput("attended", outside, f"expected columns from 0 to {m - 1}, or −1 for nobody")
    return found.astype(np.intp)


def _labels(name: str, values: ArrayLike, n: int) -> Labels:
    found = np.asarray(values, dtype=np.str_)
    if found.shape != (n,):
        raise InvalidInput(name, found.shape, f"expected {n} labels in one row")
    return found
