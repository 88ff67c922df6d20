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


def nearness(score: float, best: float | None) -> float:
    """How near a score comes to somebody's own best: what a place is to them beside the best they could otherwise have.

    Parameters
    ----------
    score : float
        The score of the place, in [0, 1].
    best : float or None
        The best score that they could have elsewhere, in [0, 1]; None where they could have nobody else.

    Returns
    -------
    float
        In [0, 1]: 1 where the place is at least as good as anything else, or there is nothing else.

    Raises
    ------
    InvalidInput
        For a score that is not in [0, 1].

    Notes
    -----
    nearness = min(score / best, 1), and 1 where best is None or 0. Given to whoever has it nearest to their own best, a
    place that opens adds more to the whole than given by the score alone, which favours whoever has high scores with
    everybody (the year that ``docs/matching.md`` tells of).

    Examples
    --------
    >>> from matcher import nearness
    >>> nearness(0.25, 0.5), nearness(0.5, 0.4), nearness(0.3, None)
    (0.5, 1.0, 1.0)
    """
    for field, value in (("score", score), ("best", best)):
        if value is not None and not 0 <= value <= 1:
            raise InvalidInput(field, value, "expected a number from 0 to 1")
    return 1.0 if not best else min(score / best, 1.0)


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
