"""One therapist and everybody who waits: who fits a place that opens, and how well."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

import numpy as np

from matcher.eligibility import flag, refusals
from matcher.encoding import ClientArrays, Directory
from matcher.entities import Intake, Weights
from matcher.errors import InvalidInput
from matcher.factors.base import Circumstances
from matcher.scoring import factor_values, scores
from matcher.weights import DEFAULT, normalised

if TYPE_CHECKING:
    from matcher.outlook import ClinicModel


@dataclass(frozen=True, slots=True)
class Fit:
    """A client whom a therapist can be offered, and the score of the pair in [0, 1]."""

    intake_id: str
    score: float


def who_fits(
    therapist_id: str,
    intakes: Iterable[Intake],
    directory: Directory,
    *,
    weights: Weights = DEFAULT,
    model: ClinicModel | None = None,
    today: date | None = None,
) -> tuple[Fit, ...]:
    """Which of these clients a therapist can be offered, best first: whom a place that opens now would suit.

    Parameters
    ----------
    therapist_id : str
        The therapist whose place it is. It counts as free, whatever the directory says of places.
    intakes : iterable of Intake
        The clients, n of them, each of whom may stand in it once.
    directory : Directory
        The therapists, as ``rank`` is given them.
    weights : Weights
        As in ``rank``.
    model : ClinicModel or None
        As in ``rank``.
    today : date or None
        As in ``rank``.

    Returns
    -------
    tuple of Fit
        By falling score, ties by the client's id; clients for whom a hard requirement fails are left out. A score is
        the one that ``rank`` gives the same pair, to the last bit. Empty where nobody fits, or nobody was given.

    Raises
    ------
    InvalidInput
        For somebody who is not in the directory, or weights that cannot be normalised.

    Notes
    -----
    score(c, t) = Σ_k weight_k · factor_k(c, t) for one t and all c at once; no factor looks at other clients.

    Examples
    --------
    >>> from matcher import Directory, who_fits
    >>> from matcher.entities import Intake, Therapist
    >>> ana = Therapist(id="ana", name="Ana", profession="psychologist", licence_regions=("DE",),
    ...                 concerns={"grief": 3}, languages=("de",), formats=("online",), capacity=0)
    >>> waiting = [Intake(id="c1", concerns=("panic",)), Intake(id="c2", concerns=("grief",)),
    ...            Intake(id="c3", concerns=("grief",), languages=("fr",))]
    >>> [fit.intake_id for fit in who_fits("ana", waiting, Directory.of([ana]))]
    ['c2', 'c1']
    """
    row = directory.row(therapist_id)
    if row is None:
        raise InvalidInput("therapist_id", therapist_id, "no such therapist is in the directory")
    weights = normalised(weights.values, version=weights.version)
    clients, at = tuple(intakes), np.array([row])
    one = directory.take(at)
    refused = refusals(ClientArrays.of(clients), one)[:, 0] & ~np.uint32(flag("capacity")) if clients else ()
    fitting = [client for client, stands_between in zip(clients, refused, strict=True) if not stands_between]
    if not fitting:
        return ()
    arrays = ClientArrays.of(fitting)
    here = Circumstances(today, None if model is None else model.standing(arrays, directory, at))
    found = scores(factor_values(arrays, one, here), weights)[:, 0].tolist()
    fits = [Fit(client.id, score) for client, score in zip(fitting, found, strict=True)]
    return tuple(sorted(fits, key=lambda fit: (-fit.score, fit.intake_id)))
