"""How far expectations move when one model takes another's place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from matcher.encoding import ClientArrays, Directory
from matcher.entities import Intake, Therapist
from matcher.errors import InvalidInput
from matcher.evaluation.metrics import rank_correlation
from matcher.outlook import ClinicModel

MOST_CLIENTS, MOST_THERAPISTS = 100, 200


@dataclass(frozen=True, slots=True)
class Shift:
    """Over pairs of clients and therapists: the mean distance of two expected scores, the distance that one pair in
    twenty exceeds, the mean rank correlation of a client's therapists, the share of clients whose first stays first."""

    n_clients: int
    n_therapists: int
    mean: float
    most: float
    order: float
    same_first: float

    def document(self) -> dict[str, Any]:
        """As JSON values."""
        return {name: value if np.isfinite(value) else None for name, value in asdict(self).items()}


def shift(before: ClinicModel, after: ClinicModel, intakes: Sequence[Intake], therapists: Sequence[Therapist]) -> Shift:
    """How far the expectations of one model are from those of another, for the same clients and therapists.

    Parameters
    ----------
    before, after : ClinicModel
        The two models, on the same scale.
    intakes : sequence of Intake
        Clients; of more than 100, so many evenly spaced ones stand for all.
    therapists : sequence of Therapist
        Therapists; of more than 200, so many stand for all.

    Returns
    -------
    Shift
        ``mean`` is the mean over pairs of |E y after − E y before| and ``most`` its 95 % quantile, in units of the
        scale; ``order`` the mean over clients of Spearman's rank correlation between the two orders of therapists by
        expected alliance, NaN for a single therapist; ``same_first`` the share of clients, 0 … 1, whose
        first therapist is the same.

    Raises
    ------
    InvalidInput
        Where the scales differ, or there is no client or no therapist.

    Examples
    --------
    >>> import numpy as np
    >>> from matcher import ClinicModel, shift, simulate
    >>> clinic = simulate(np.random.default_rng(1), n_therapists=4, n_clients=20)
    >>> model = ClinicModel.fit(clinic.intakes, clinic.therapists, clinic.ratings, scale=clinic.scale)
    >>> found = shift(model, model, clinic.intakes, clinic.therapists)
    >>> found.mean, found.most, found.same_first
    (0.0, 0.0, 1.0)
    """
    if before.scale != after.scale:
        raise InvalidInput("after", str(after.scale), "expected two models on the same scale")
    for name, people in (("intakes", intakes), ("therapists", therapists)):
        if not people:
            raise InvalidInput(name, 0, "expected at least one")
    clients = ClientArrays.of(_evenly(intakes, MOST_CLIENTS))
    directory = Directory.of(_evenly(therapists, MOST_THERAPISTS))
    apart = np.abs(after.outlook(clients, directory).mean - before.outlook(clients, directory).mean)
    one, other = before.standing(clients, directory), after.standing(clients, directory)
    return Shift(
        n_clients=len(clients),
        n_therapists=len(directory),
        mean=float(apart.mean()),
        most=float(np.quantile(apart, 0.95)),
        order=rank_correlation(one, other) if len(directory) > 1 else float("nan"),
        same_first=float(np.mean(one.argmax(axis=1) == other.argmax(axis=1))),
    )


def _evenly(people: Sequence[Any], most: int) -> list[Any]:
    n = len(people)
    rows: NDArray[np.intp] = np.arange(n) if n <= most else np.linspace(0, n - 1, most).round().astype(np.intp)
    return [people[row] for row in rows.tolist()]
