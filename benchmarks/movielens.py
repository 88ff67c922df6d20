"""``make bench ONLY=movielens``: ratings by people of whom nothing but age, sex and occupation is known.

MovieLens-100k is public and has features on both sides; its users stand for clients, its films, of which the genres are
known, for therapists. A new user is a new client: what matters is the order of the films for this one user. The data
are in the wheel of recbole; nothing of them is in this repository.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

from benchmarks.contest import OURS, Entry, Method, best, cold_folds, contest, kept, order, show
from benchmarks.peers.environment import Answer, Question, ask, movielens, versions, worked
from benchmarks.peers.tabular import boosted_trees, overall_mean, ridge
from benchmarks.report import Row, one_thread, publish
from matcher import AllianceModel

COMMAND = "make bench ONLY=movielens"
SEED = 1
SEX, OCCUPATION = 2, 3  # places of the codes; client and therapist come first
AGE, GENRES = 0, slice(1, None)  # places of the numbers
TOLERANCE = 1e-2  # of -2 log L
RMSE, ORDER = "RMSE", "rank correlation"


@dataclass(frozen=True)
class Films:
    """The ratings as every method gets them, and the names of the genres, which are the numbers from the second on."""

    question: Question
    genres: tuple[str, ...]


def main() -> bool:
    folder = movielens()
    if isinstance(folder, str):
        rows = [Row(f"new users: {name}", "not run", "not run", None, reach, None) for name, reach in REACH.items()]
        return publish("movielens", COMMAND, rows, (folder,))
    films = read(folder)
    question, client = films.question, films.question.codes[:, 0]
    with one_thread():
        entries = contest("new users", question, methods(films), cold_folds(client, SEED))
    figures = {name: judged(question, entry) for name, entry in entries.items() if not entry.why}
    show("new users", figures, entries)
    rows = [compared(figures, name) for name in REACH]
    return publish("movielens", COMMAND, rows, NOTES, {"peers": versions(), "new users": kept(figures, entries)})


def read(folder: Path) -> Films:
    users, films = (rows(folder / f"ml-100k.{kind}") for kind in ("user", "item"))
    by_user, by_film = ({row[0]: row for row in table} for table in (users, films))
    rated = rows(folder / "ml-100k.inter")
    user, film = ([row[at] for row in rated] for at in (0, 1))
    genres = tuple(sorted({genre for row in films for genre in row[3].split()}))
    has = {id_: [float(genre in row[3].split()) for genre in genres] for id_, row in by_film.items()}
    age = [float(by_user[id_][1]) for id_ in user]
    codes = [user, film, *([by_user[id_][at] for id_ in user] for at in (2, 3))]
    numbers = np.column_stack([age, np.array([has[id_] for id_ in film])])
    places = np.column_stack([np.unique(values, return_inverse=True)[1] for values in codes])
    return Films(Question(places, numbers, np.array([float(row[2]) for row in rated])), genres)


def rows(file: Path) -> list[list[str]]:
    """The lines below the header."""
    with file.open(encoding="utf-8", newline="") as stream:
        return list(csv.reader(stream, delimiter="\t", quoting=csv.QUOTE_NONE))[1:]


def judged(question: Question, entry: Entry) -> dict[str, float]:
    score, client = question.score, question.codes[:, 0]
    return {RMSE: entry.rmse(score), ORDER: order(client, score, entry.scores)}


def compared(figures: Mapping[str, Mapping[str, float]], name: str) -> Row:
    """Ours beside the peer with the best figure."""
    by_method = {method: found[name] for method, found in figures.items()}
    highest = name == ORDER
    theirs = best(by_method, highest=highest)
    ratio = by_method[OURS] / by_method[theirs]
    met = ratio >= 1 if highest else ratio <= 1
    peer = f"{theirs} {by_method[theirs]:.4f}"
    return Row(f"new users: {name}", f"{by_method[OURS]:.4f}", peer, ratio, REACH[name], met)


def ours(films: Films, question: Question, vary_by: tuple[str, ...] = ("age", "sex")) -> Answer:
    """The model as it comes, and slopes of age and sex by film."""
    asked = question.asked
    clients = table(question, 0, {"age": question.numbers[:, AGE], **named(question, sex=SEX, occupation=OCCUPATION)})
    genres = dict(zip(films.genres, question.numbers[:, GENRES].T, strict=True))
    therapists = table(question, 1, genres)
    ids = {"client_id": text(question.codes[:, 0]), "therapist_id": text(question.codes[:, 1])}
    model, found = AllianceModel(vary_by=vary_by, tol=TOLERANCE), []

    def work() -> None:
        known, wanted = ({name: values[rows] for name, values in ids.items()} for rows in (~asked, asked))
        model.fit(known, question.score[~asked], clients=clients, therapists=therapists)
        found.append(model.predict(wanted, clients=clients, therapists=therapists))

    taken = worked(work)
    return Answer(found[0], taken)


def table(question: Question, side: int, columns: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """One row an id."""
    ids, first = np.unique(question.codes[:, side], return_index=True)
    return {("client_id", "therapist_id")[side]: text(ids), **{name: found[first] for name, found in columns.items()}}


def named(question: Question, **places: int) -> dict[str, np.ndarray]:
    return {name: text(question.codes[:, at]) for name, at in places.items()}


def text(codes: np.ndarray) -> np.ndarray:
    return np.array([f"n{code}" for code in codes])


def order_alone(question: Question, n_genres: int) -> Answer:
    return ask(
        "lightfm_order", question, factors=16, epochs=20, rate=0.02, penalty=1e-5,
        client_features={"codes": [SEX, OCCUPATION], "numbers": []},
        therapist_features={"codes": [], "numbers": list(range(1, 1 + n_genres))},
    )  # fmt: skip


def methods(films: Films) -> dict[str, Method]:
    return {
        OURS: partial(ours, films),
        "overall mean": overall_mean,
        "ridge": partial(ridge, alpha=10.0),
        "boosted trees": partial(boosted_trees, rate=0.05, leaves=16, least=50, trees=200),
        "catboost": lambda question: ask("catboost", question, trees=500, rate=0.1, depth=6, without_client=True),
        "gpboost trees": lambda question: ask(
            "gpboost_trees", question, groups=[[0], [1]], features=[SEX, OCCUPATION], trees=100, rate=0.1, leaves=16,
            least=50,
        ),
        "lightfm-next": partial(order_alone, n_genres=len(films.genres)),
    }  # fmt: skip


REACH = {RMSE: "<= 1", ORDER: ">= 1"}
NOTES = (
    "MovieLens-100k: 100,000 ratings (1 to 5) of 1,682 films by 943 users; five folds by user",
    "users: age, sex, occupation; films: genres; a user of the fold that is asked for has no rating",
    "rank correlation: Spearman's within each user of five ratings or more, in the mean over users",
    "the peer is the one that turned out best on these very folds, figure by figure",
    "lightfm-next knows liked or not alone; its order is put on the scale by least squares within the known ratings",
    "settings of all methods were chosen on one fold of another split (seed 1001)",
)
