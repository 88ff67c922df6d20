"""What became of the pairs that met, beside what was expected of them by a model that had not seen them.

The alliance model and the other factors look at the same people, and it learned from the same ratings. A model that
has seen a client's ratings would leave nothing for the other factors to explain. So the clients are dealt into folds,
and what is expected of each comes from a model of all the others.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from matcher.encoding import ClientArrays, Directory
from matcher.entities import CHECK_IN, Intake, Rating, Scale, Therapist
from matcher.evaluation.predictive import expected_of
from matcher.evaluation.splits import by_client
from matcher.factors.base import Circumstances
from matcher.learning.answer import ALLIANCE, CODES, FEWEST_CLIENTS, NO_DIFFERENCES, TOO_FEW_CLIENTS, TOO_FEW_THERAPISTS
from matcher.outlook import ClinicModel
from matcher.rated import rows_of, scores_of
from matcher.scoring import factor_values

Floats = NDArray[np.float64]
Rows = NDArray[np.intp]
Flags = NDArray[np.bool_]

EARLY_SESSIONS = 5  # the alliance of the third to fifth session is what studies relate to outcome (Flückiger 2018)
FEWEST_THERAPISTS = 5
FOLDS = 5
CLIENTS_A_BLOCK = 200


@dataclass(frozen=True, eq=False)
class OutOfFold:
    """Pairs who met and rated early sessions, (n,) each, on the scale of the scores.

    ``client`` and ``therapist`` are codes from 0; ``outcome`` is the mean score of the ``n_ratings`` early sessions, as
    at a typical early session; ``expected`` is what a model without this client expected of it, ``typical`` the same
    with the clinic's typical therapist. ``values`` (factors, n) are the factors in the registry's order, the alliance
    out of fold as well; ``usual`` (factors, n) their means over the clinic's therapists for this client; ``tells``
    (factors, n) whether a factor tells any two of those apart. ``years`` is NaN where nobody knows.

    ``noise`` is the variance of one session's score around its pair; ``unit`` how much expected score one step of the
    alliance factor is worth. ``too_little`` names the reason where there is too little to learn from, and the arrays
    are then empty.
    """

    client: Rows
    therapist: Rows
    n_ratings: NDArray[np.int64]
    outcome: Floats
    expected: Floats
    typical: Floats
    values: Floats
    usual: Floats
    tells: Flags
    years: Floats
    noise: float
    unit: float
    too_little: str | None = None

    @property
    def n_clients(self) -> int:
        """How many clients rated."""
        return len(np.unique(self.client))


def out_of_fold(
    intakes: Sequence[Intake],
    therapists: Sequence[Therapist],
    ratings: Sequence[Rating],
    *,
    scale: Scale = CHECK_IN,
    specification: Mapping[str, Any] | None = None,
    folds: int = FOLDS,
    seed: int = 0,
    begins: Callable[[int], None] | None = None,
) -> OutOfFold:
    """Each pair's early alliance, beside what models that had not seen its client expected of it.

    Parameters
    ----------
    intakes : sequence of Intake
        Every client who rated; others are welcome.
    therapists : sequence of Therapist
        Everybody who was rated.
    ratings : sequence of Rating
        All ratings. The models learn from all sessions; outcomes are the means of sessions 1 to 5.
    scale : Scale
        The scale of the scores.
    specification : mapping, optional
        As in ``ClinicModel.fit``; None for the model of this release.
    folds : int
        2 … 20 parts of clients, each predicted by a model of the others. One fit each.
    seed : int
        Of the deal into folds, which depends on it and on the set of clients alone.
    begins : callable, optional
        Called with the number of each part, from 0, before its model is fitted, for whoever waits. What it raises ends
        the work.

    Returns
    -------
    OutOfFold
        One row a pair with early ratings. With fewer than 40 clients or 5 therapists among them, or where a model sees
        no difference between therapists, ``too_little`` says so and nothing is fitted, or kept.

    Raises
    ------
    InvalidInput
        As ``ClinicModel.fit``, for a rating whose client or therapist is not given, or with a score off the scale.

    Notes
    -----
    outcome = mean over early sessions s of (score_s − E[score_s]) + E[score_3]: what a session's number does is taken
    off, so that pairs who rated the first and the fifth session can be compared.

    Examples
    --------
    >>> import numpy as np
    >>> from matcher import out_of_fold, simulate
    >>> clinic = simulate(np.random.default_rng(1), n_therapists=10, n_clients=30)
    >>> out_of_fold(clinic.intakes, clinic.therapists, clinic.ratings, scale=clinic.scale).too_little
    'too_few_clients'
    """
    clients, directory = ClientArrays.of(intakes), Directory.of(therapists)
    client, therapist = rows_of(ratings, clients, directory)
    score = scores_of(ratings, scale)
    session = np.array([rating.session for rating in ratings], dtype=np.float64)
    early = session <= EARLY_SESSIONS
    reason = _too_little(client[early], therapist[early])
    if reason is not None:
        return _nothing(reason)
    parts = []
    for number, split in enumerate(by_client(client, folds=folds, seed=seed)):
        if begins is not None:
            begins(number)
        past = [ratings[row] for row in split.train.tolist()]
        model = ClinicModel.fit(intakes, therapists, past, scale=scale, specification=specification)
        held = split.test[early[split.test]]
        if len(held):
            rated = _Rated(client[held], therapist[held], session[held], score[held])
            parts.append(_part(model, clients, directory, rated))
    return _joined(parts)


def _too_little(client: Rows, therapist: Rows) -> str | None:
    if len(np.unique(client)) < FEWEST_CLIENTS:
        return TOO_FEW_CLIENTS
    return TOO_FEW_THERAPISTS if len(np.unique(therapist)) < FEWEST_THERAPISTS else None


def _nothing(reason: str) -> OutOfFold:
    none, rows, table = np.zeros(0), np.zeros(0, dtype=np.intp), np.zeros((len(CODES), 0))
    counts = np.zeros(0, dtype=np.int64)
    return OutOfFold(rows, rows, counts, none, none, none, table, table, table > 0, none, np.nan, np.nan, reason)


@dataclass(frozen=True, eq=False)
class _Rated:
    """Early ratings of one fold, (n,) each: rows of client and therapist, session, score."""

    client: Rows
    therapist: Rows
    session: Floats
    score: Floats


@dataclass(frozen=True, eq=False)
class _Part:
    """One fold: the columns of ``OutOfFold`` by name, and the sums from which its two numbers are made.

    ``within`` is (Σ squares of sessions around their pair, degrees of freedom); ``slope`` is (Σ alliance · expected,
    Σ alliance²) within clients.
    """

    columns: Mapping[str, NDArray[Any]]
    within: Floats
    slope: Floats


def _part(model: ClinicModel, clients: ClientArrays, directory: Directory, rated: _Rated) -> _Part:
    pairs, pair = np.unique(np.stack([rated.client, rated.therapist]), axis=1, return_inverse=True)
    c, t, n = pairs[0], pairs[1], np.bincount(pair.reshape(-1))
    missed = rated.score - expected_of(model, clients, directory, rated.client, rated.therapist, rated.session).mean
    gain = np.bincount(pair.reshape(-1), missed) / n
    expected = expected_of(model, clients, directory, c, t, np.full(len(c), model.alliance.typical_session)).mean
    columns: dict[str, NDArray[Any]] = {
        "client": c, "therapist": t, "n_ratings": n, "outcome": expected + gain, "expected": expected,
        "years": directory.years[t],
    }  # fmt: skip
    people = np.unique(c)
    tables, slope = _tables(model, clients.take(people), directory)
    at = np.searchsorted(people, c)
    columns |= {"typical": tables["typical"][at], "usual": tables["usual"][:, at], "tells": tables["tells"][:, at]}
    columns["values"] = _values(model, clients, directory, c, t)
    within = np.array([np.sum((missed - gain[pair.reshape(-1)]) ** 2), len(missed) - len(n)])
    return _Part(columns, within, slope)


def _blocks(n: int) -> Iterator[Rows]:
    yield from (np.arange(first, min(first + CLIENTS_A_BLOCK, n)) for first in range(0, n, CLIENTS_A_BLOCK))


def _tables(model: ClinicModel, people: ClientArrays, directory: Directory) -> tuple[dict[str, NDArray[Any]], Floats]:
    """What is usual for each client over the model's reference of therapists, and the sums of ``_Part.slope``."""
    reference = model.reference
    found: dict[str, list[NDArray[Any]]] = {"typical": [], "usual": [], "tells": []}
    slope = np.zeros(2)
    for rows in _blocks(len(people)):
        block = people.take(rows)
        values = factor_values(block, reference, Circumstances(None, model.standing(block, reference)))
        mean = model.outlook(block, reference).mean
        found["typical"].append(mean.mean(axis=1))
        found["usual"].append(values.mean(axis=2))
        found["tells"].append(np.ptp(values, axis=2) > 0)
        alliance = values[CODES.index(ALLIANCE)]
        alliance = alliance - alliance.mean(axis=1, keepdims=True)
        slope += np.sum(alliance * mean), np.sum(alliance**2)
    return {name: np.concatenate(parts, axis=-1) for name, parts in found.items()}, slope


def _values(model: ClinicModel, clients: ClientArrays, directory: Directory, c: Rows, t: Rows) -> Floats:
    """Every factor of the pairs that met, (factors, pairs): blocks of clients, of which the pairs are taken."""
    found = np.zeros((len(CODES), len(c)))
    people, at = np.unique(c, return_inverse=True)
    for rows in _blocks(len(people)):
        block = clients.take(people[rows])
        here = np.flatnonzero(np.isin(at, rows))
        values = factor_values(block, directory, Circumstances(None, model.standing(block, directory)))
        found[:, here] = values[:, at[here] - rows[0], t[here]]
    return found


def _joined(parts: Sequence[_Part]) -> OutOfFold:
    columns = {name: np.concatenate([part.columns[name] for part in parts], axis=-1) for name in parts[0].columns}
    squares, freedom = np.sum([part.within for part in parts], axis=0)
    product, square = np.sum([part.slope for part in parts], axis=0)
    if not (square > 0 and product > 0 and np.ptp(columns["outcome"] - columns["expected"]) > 0):
        return _nothing(NO_DIFFERENCES)
    codes = {name: np.unique(columns[name], return_inverse=True)[1] for name in ("client", "therapist")}
    numbers = {"noise": float(squares / freedom) if freedom else 0.0, "unit": float(product / square)}
    return OutOfFold(**{**columns, **codes, **numbers})  # type: ignore[arg-type]  # names and kinds as in _part
