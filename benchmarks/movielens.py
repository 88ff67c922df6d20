"""``make bench ONLY=movielens``: ratings by people of whom nothing but age, sex and occupation is known.

MovieLens-100k is public and has features on both sides; its users stand for clients, its films, of which the genres are
known, for therapists. A new user is a new client: what matters is the order of the films for this one user. The data
are in the wheel of recbole; nothing of them is in this repository.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from functools import partial
from pathlib import Path

import numpy as np

from benchmarks.contest import OURS, Entry, Method, best, cold_folds, contest, kept, order, show
from benchmarks.peers.environment import Answer, Floats, Question, ask, movielens, versions, worked
from benchmarks.peers.tabular import boosted_trees, overall_mean, ridge
from benchmarks.report import Row, one_thread, publish
from matcher import AllianceModel

COMMAND = "make bench ONLY=movielens"
SEED = 1
SEX, OCCUPATION = 2, 3  # places of the codes; client and therapist come first
AGE, GENRES = 0, slice(1, None)  # places of the numbers
TOLERANCE = 0.1  # of -2 log L, of which a fit ends within so much
LEVEL_ROWS = 8_000  # ratings, about, from which the level is taken
RMSE, ORDER = "RMSE", "rank correlation"


def main() -> bool:
    folder = movielens()
    if isinstance(folder, str):
        rows = [Row(f"new users: {name}", "not run", "not run", None, reach, None) for name, reach in REACH.items()]
        return publish("movielens", COMMAND, rows, (folder,))
    question = read(folder)
    with one_thread():
        entries = contest("new users", question, METHODS, cold_folds(question.codes[:, 0], SEED))
    figures = {name: judged(question, entry) for name, entry in entries.items() if not entry.why}
    show("new users", figures, entries)
    rows = [compared(figures, name) for name in REACH]
    return publish("movielens", COMMAND, rows, NOTES, {"peers": versions(), "new users": kept(figures, entries)})


def read(folder: Path) -> Question:
    """The ratings as every method gets them; the genres are the numbers after age."""
    users, films = (rows(folder / f"ml-100k.{kind}") for kind in ("user", "item"))
    by_user, by_film = ({row[0]: row for row in table} for table in (users, films))
    rated = rows(folder / "ml-100k.inter")
    user, film = ([row[at] for row in rated] for at in (0, 1))
    kinds = sorted({kind for row in films for kind in row[3].split()})
    has = {id_: [float(kind in row[3].split()) for kind in kinds] for id_, row in by_film.items()}
    age = [float(by_user[id_][1]) for id_ in user]
    codes = [user, film, *([by_user[id_][at] for id_ in user] for at in (2, 3))]
    numbers = np.column_stack([age, np.array([has[id_] for id_ in film])])
    places = np.column_stack([np.unique(values, return_inverse=True)[1] for values in codes])
    return Question(places, numbers, np.array([float(row[2]) for row in rated]))


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


def ours(question: Question) -> Answer:
    """Slopes of age and sex by film, an effect of each mix of genres; all variances estimated.

    The model expects what a user of this kind would give. The figure counts ratings, most of which come from users who
    rate much and lower: the level is moved to that of the rated ones, predicted as if their users were new.
    """
    asked = question.asked
    sex = question.codes[:, SEX].astype(float)
    clients = table(
        question, 0, {"age": question.numbers[:, AGE], "sex": sex, "occupation": text(question.codes[:, OCCUPATION])}
    )
    therapists = table(question, 1, {"genres": genres(question)})
    ids = {"client_id": text(question.codes[:, 0]), "therapist_id": text(question.codes[:, 1])}
    model = AllianceModel(
        vary_by=("age", "sex"), fixed=("age", "sex"), random=("occupation", "genres"), only_declared=True,
        ceiling="gaussian", tol=TOLERANCE,
    )  # fmt: skip
    found: list[Floats] = []

    def work() -> None:
        known, wanted = ({name: values[rows] for name, values in ids.items()} for rows in (~asked, asked))
        model.fit(known, question.score[~asked], clients=clients, therapists=therapists)
        rows = np.flatnonzero(~asked)[:: max(1, len(asked) // LEVEL_ROWS)]
        as_new = {name: values[rows] for name, values in ids.items()}
        as_new["client_id"] = np.char.add("new ", as_new["client_id"])
        strangers = clients | {"client_id": np.char.add("new ", clients["client_id"])}
        level = np.mean(question.score[rows] - model.predict(as_new, clients=strangers))
        found.append(level + model.predict(wanted, clients=clients, therapists=therapists))

    taken = worked(work)
    return Answer(found[0], taken)


def genres(question: Question) -> np.ndarray:
    """Each film's genres together, as one word."""
    return np.array(["".join("01"[int(there)] for there in row) for row in question.numbers[:, GENRES]])


def table(question: Question, side: int, columns: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """One row an id."""
    ids, first = np.unique(question.codes[:, side], return_index=True)
    return {("client_id", "therapist_id")[side]: text(ids), **{name: found[first] for name, found in columns.items()}}


def text(codes: np.ndarray) -> np.ndarray:
    return np.array([f"n{code}" for code in codes])


def lightfm(question: Question) -> Answer:
    return ask(
        "lightfm_order", question, factors=16, epochs=20, rate=0.02, penalty=1e-5,
        client_features={"codes": [SEX, OCCUPATION], "numbers": []},
        therapist_features={"codes": [], "numbers": list(range(1, question.numbers.shape[1]))},
    )  # fmt: skip


METHODS: Mapping[str, Method] = {
    OURS: ours,
    "overall mean": overall_mean,
    "ridge": partial(ridge, alpha=3.0),
    "boosted trees": partial(boosted_trees, rate=0.05, leaves=16, least=50, trees=200),
    "catboost": lambda question: ask("catboost", question, trees=500, rate=0.1, depth=6, without_client=True),
    "gpboost trees": lambda question: ask(
        "gpboost_trees", question, groups=[[0], [1]], features=[SEX, OCCUPATION], trees=100, rate=0.1, leaves=16,
        least=50,
    ),
    "lightfm-next": lightfm,
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
