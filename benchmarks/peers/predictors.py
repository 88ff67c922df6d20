"""The peers of ``make bench ONLY=accuracy``: what a clinic could use instead of the alliance model.

Each takes a ``Task`` and a setting, and predicts the score of every asked pair, shape (clients, therapists). Each
sees what the alliance model sees: who rated whom in which session, and the same covariates.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.compose import make_column_transformer
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.impute import SimpleImputer
from sklearn.linear_model import Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from benchmarks.peers.environment import Question, ask
from matcher import Directory, SimulatedClinic
from matcher.encoding import ClientArrays, client_features, match_features, therapist_features

Floats = NDArray[np.float64]
Rows = NDArray[np.intp]
TYPICAL_SESSION = 3
NEVER_SEEN = -1


@dataclass(frozen=True)
class Pairs:
    """Rows of clients and therapists, and the covariates of each pair: numbers, NaN not said, and the one category."""

    client: Rows
    therapist: Rows
    family: Rows
    of_client: Floats
    others: Floats

    @classmethod
    def of(cls, clients: ClientArrays, directory: Directory, c: Rows, t: Rows, session: Floats) -> Pairs:
        features = client_features(clients)
        family = np.unique(features["concern_family"], return_inverse=True)[1][c]
        numbers = [features[name][c] for name in features if name not in ("client_id", "concern_family")]
        theirs = [values[t] for name, values in therapist_features(directory).items() if name != "therapist_id"]
        both = list(match_features(clients, directory, (c, t)).values())
        order = np.log(session)  # as the alliance model takes it
        return cls(c, t, family, np.column_stack([*numbers, order]), np.column_stack([*theirs, *both]))


@dataclass(frozen=True)
class Task:
    """Rated pairs with their scores, and the pairs that are asked for: every therapist of each client who is new."""

    rated: Pairs
    score: Floats
    asked: Pairs
    shape: tuple[int, int]

    @classmethod
    def of(cls, clinic: SimulatedClinic, new: Rows) -> Task:
        clients, directory = ClientArrays.of(clinic.intakes), Directory.of(clinic.therapists)
        places = {id_: row for row, id_ in enumerate(clients.ids)}
        c = np.array([places[rating.client_id] for rating in clinic.ratings], dtype=np.intp)
        t = np.array([directory.row(rating.therapist_id) for rating in clinic.ratings], dtype=np.intp)
        session = np.array([float(rating.session) for rating in clinic.ratings])
        shape = (len(new), len(directory))
        every_c, every_t = np.repeat(new, shape[1]), np.tile(np.arange(shape[1]), shape[0])
        typical = np.full(len(every_c), float(TYPICAL_SESSION))
        return cls(
            Pairs.of(clients, directory, c, t, session),
            np.array([rating.score for rating in clinic.ratings]),
            Pairs.of(clients, directory, every_c, every_t, typical),
            shape,
        )


@dataclass(frozen=True)
class Peer:
    """A method, the settings among which it is tuned, and whether it tells therapists apart."""

    predict: Callable[..., Floats]
    settings: tuple[Mapping[str, float], ...] = ({},)
    ranks: bool = True
    library: str | None = None  # of the peers' own environment


def overall_mean(task: Task) -> Floats:
    return np.full(task.shape, task.score.mean())


def client_only(task: Task, alpha: float) -> Floats:
    """Ridge on the client's own covariates: the same prediction whoever the therapist is."""
    model = make_pipeline(_spread_out(range(1, 1 + task.rated.of_client.shape[1]), [0]), Ridge(alpha=alpha))
    rated, asked = (np.column_stack([pairs.family, pairs.of_client]) for pairs in (task.rated, task.asked))
    return model.fit(rated, task.score).predict(asked).reshape(task.shape)


def therapist_mean(task: Task) -> Floats:
    """The mean of a therapist's forms; of all forms where there is none."""
    n, total = _by_therapist(task, np.ones(len(task.score)))
    return np.tile(np.where(n > 0, total / np.maximum(n, 1), task.score.mean()), (task.shape[0], 1))


def shrunken_mean(task: Task, clients: float) -> Floats:
    """The mean over a therapist's clients, drawn to the mean of all as if so many average clients more had rated."""
    dyad = task.rated.client * task.shape[1] + task.rated.therapist
    forms = np.unique(dyad, return_inverse=True, return_counts=True)
    n, total = _by_therapist(task, 1 / forms[2][forms[1]])
    return np.tile((total + clients * total.sum() / n.sum()) / (n + clients), (task.shape[0], 1))


def ridge(task: Task, alpha: float, clients: bool) -> Floats:
    """Every covariate, a column for each therapist and, where ``clients``, for each client; one penalty for all."""
    n_numbers = task.rated.of_client.shape[1] + task.rated.others.shape[1]
    codes = [0, 1, 2] if clients else [1, 2]
    model = make_pipeline(_spread_out(range(3, 3 + n_numbers), codes), Ridge(alpha=alpha, solver="sparse_cg"))
    rated, asked = (_table(pairs, pairs.client, pairs.therapist) for pairs in (task.rated, task.asked))
    return model.fit(rated, task.score).predict(asked).reshape(task.shape)


def boosted_trees(task: Task, rate: float, leaves: int, least: int, trees: int, rounds: int) -> Floats:
    """Every covariate, and the therapist as a category; one without ratings is a missing value.

    More than 255 clients cannot be a category. With ``rounds`` above 1 they enter as in a mixed-effects forest: trees
    on the scores without the clients' levels, levels from what the trees leave, and so on.
    """
    known = np.isin(np.arange(task.shape[1]), task.rated.therapist)
    therapist = np.where(known, np.arange(task.shape[1]), np.nan)
    rated, asked = (_table(pairs, therapist[pairs.therapist]) for pairs in (task.rated, task.asked))
    model = HistGradientBoostingRegressor(
        learning_rate=rate, max_leaf_nodes=leaves, min_samples_leaf=least, max_iter=trees, early_stopping=False,
        categorical_features=[0, 1], random_state=0,
    )  # fmt: skip
    level = np.zeros(len(task.score))
    for _ in range(rounds):
        model.fit(rated, task.score - level)
        level = _client_levels(task, task.score - model.predict(rated))
    return model.predict(asked).reshape(task.shape)


def catboost(task: Task, trees: int, rate: float, depth: int, clients: bool) -> Floats:
    """Every covariate, the therapist and, where ``clients``, the client as categories."""
    return _elsewhere("catboost", task, trees=trees, rate=rate, depth=depth, without_client=not clients)


def gpboost_trees(task: Task, trees: int, rate: float, leaves: int, least: int) -> Floats:
    """Every covariate in trees, and random intercepts of client, therapist and pair."""
    groups = [[0], [1], [0, 1]]
    settings = {"trees": trees, "rate": rate, "leaves": leaves, "least": least}
    return _elsewhere("gpboost_trees", task, groups=groups, features=[2], **settings)


def _elsewhere(method: str, task: Task, **setting: object) -> Floats:
    both = (task.rated, task.asked)
    codes = np.concatenate([np.column_stack([pairs.client, pairs.therapist, pairs.family]) for pairs in both])
    numbers = np.concatenate([np.column_stack([pairs.of_client, pairs.others]) for pairs in both])
    score = np.concatenate([task.score, np.full(len(task.asked.client), np.nan)])
    answer = ask(method, Question(codes, numbers, score), **setting)
    if answer.scores is None:
        raise SystemExit(f"{method}: {answer.why}")
    return answer.scores.reshape(task.shape)


def _client_levels(task: Task, left: Floats) -> Floats:
    """What is left, as a mean by client that is drawn to 0 as by one form more; for each form."""
    at = task.rated.client
    return (np.bincount(at, left) / (np.bincount(at) + 1))[at]


def _table(pairs: Pairs, *codes: Floats) -> Floats:
    """Codes first, the family last of them, then all numbers."""
    return np.column_stack([*codes, pairs.family, pairs.of_client, pairs.others])


def _spread_out(numbers: range, codes: list[int]):
    """Numbers standardised, a missing one at its mean and marked; codes as one column a level."""
    filled = make_pipeline(SimpleImputer(add_indicator=True), StandardScaler())
    return make_column_transformer((filled, list(numbers)), (OneHotEncoder(handle_unknown="ignore"), codes))


def _by_therapist(task: Task, weight: Floats) -> tuple[Floats, Floats]:
    at, n = task.rated.therapist, task.shape[1]
    return np.bincount(at, weight, n), np.bincount(at, weight * task.score, n)


PENALTIES = (0.3, 1.0, 3.0, 10.0, 30.0, 100.0, 300.0)
PEERS: Mapping[str, Peer] = {
    "overall mean": Peer(overall_mean, ranks=False),
    "client only": Peer(client_only, tuple({"alpha": alpha} for alpha in PENALTIES), ranks=False),
    "therapist mean": Peer(therapist_mean),
    "shrunken mean": Peer(shrunken_mean, tuple({"clients": n} for n in (3, 10, 30))),
    "ridge": Peer(ridge, tuple({"alpha": alpha, "clients": both} for both in (False, True) for alpha in PENALTIES)),
    "boosted trees": Peer(
        boosted_trees,
        tuple(
            {"rate": rate, "leaves": leaves, "least": least, "trees": trees, "rounds": rounds}
            for rate, trees, leaves, least, rounds in (
                (0.1, 100, 31, 20, 1),  # scikit-learn's own
                (0.1, 100, 8, 100, 1),
                (0.05, 300, 8, 100, 1),
                (0.1, 100, 8, 100, 4),
                (0.05, 300, 4, 20, 4),
                (0.05, 300, 8, 100, 4),
            )
        ),
    ),
    "catboost": Peer(
        catboost,
        tuple(
            {"trees": trees, "rate": rate, "depth": depth, "clients": clients}
            for trees, rate, depth, clients in (
                (300, 0.1, 6, True),
                (300, 0.05, 4, False),
                (300, 0.05, 4, True),
                (150, 0.05, 4, True),
            )
        ),
        library="catboost",
    ),
    "gpboost trees": Peer(
        gpboost_trees,
        tuple(
            {"trees": trees, "rate": rate, "leaves": leaves, "least": least}
            for trees, rate, leaves, least in (
                (100, 0.1, 31, 20),  # its own
                (100, 0.1, 8, 100),
                (100, 0.05, 4, 20),
                (300, 0.05, 4, 20),
            )
        ),
        library="gpboost",
    ),
}
