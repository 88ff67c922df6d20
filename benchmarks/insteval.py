"""``make bench ONLY=insteval``: how well ratings are predicted that nobody has seen, beside peers, on InstEval.

Lecturers are the therapists, students the clients. The ratings come with lme4 (see ``benchmarks.alliance``).
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

import numpy as np

from benchmarks.alliance import FOLDER, NOT_RUN, RATINGS, lme4_is_here, peer, read
from benchmarks.contest import OURS, Codes, Method, best, cold_folds, contest, kept, random_folds, show
from benchmarks.peers.environment import Answer, Floats, Question, ask, versions, worked
from benchmarks.peers.tabular import boosted_trees, lme4, overall_mean, ridge
from benchmarks.report import Row, one_thread, publish
from matcher import AllianceModel
from matcher.evaluation import rmse

COMMAND = "make bench ONLY=insteval"
SEED = 1
CODES = ("client_id", "therapist_id", "dept", "service", "studage", "lectage")
NUMBERS = ("service_number", "studage_number", "lectage_number")
DEPT, SERVICE, STUDAGE, LECTAGE = 2, 3, 4, 5
REACHED = {"random": 0.997, "cold student": 1.0, "cold lecturer": 1.0}
GIVEN = (0, 1, 2, 3, 5, 8)
NEWCOMER_SEEDS = (11, 12, 13, 14, 15)
NEWCOMER_REACH = 1.003
SLOPES = NUMBERS
MIXES = {  # what service, a student's and a lecture's age mean differs from department to department
    "dept_service": ("dept", "service"),
    "dept_studage": ("dept", "studage"),
    "dept_lectage": ("dept", "lectage"),
    "audience": ("dept", "service", "studage", "lectage"),
}
GROUPINGS = ("dept", *MIXES)
TOLERANCE = 0.1  # of -2 log L, of which a fit ends within so much
FIXED = "score ~ service + studage + lectage + (1 | client_id) + (1 | dept)"
ASKED_FORMULA = f"{FIXED} + (1 + service_number | therapist_id)"
PLAIN_FORMULA = f"{FIXED} + (1 | therapist_id)"


def main() -> bool:
    if not lme4_is_here():
        rows = [
            Row(f"{name}: RMSE", "not run", "not run", None, f"<= {reach}", None) for name, reach in REACHED.items()
        ]
        return publish("insteval", COMMAND, rows, (NOT_RUN,))
    FOLDER.mkdir(parents=True, exist_ok=True)
    peer("export", str(RATINGS))
    question = asked_of(*read())
    with one_thread():
        rows, found = predicted(question)
        more, found["a new lecturer"] = newcomers(question)
    return publish("insteval", COMMAND, [*rows, *more], NOTES, {"peers": versions(), "RMSE": found})


def asked_of(table: Mapping[str, np.ndarray], score: Floats) -> Question:
    """The ratings as every method gets them: levels as codes, and what can be counted as a number too."""
    codes = [np.unique(table[name].astype(str), return_inverse=True)[1] for name in CODES]
    numbers = [codes[SERVICE], *(table[name].astype(float) for name in ("studage", "lectage"))]
    return Question(np.column_stack(codes), np.column_stack(numbers).astype(float), score)


def columns(question: Question) -> dict[str, np.ndarray]:
    """The same by name, levels as text."""
    text = {name: np.array([f"{name[0]}{code}" for code in question.codes[:, at]]) for at, name in enumerate(CODES)}
    for mix, parts in MIXES.items():
        text[mix] = np.array([" ".join(levels) for levels in zip(*(text[part] for part in parts), strict=True)])
    standard = (question.numbers - question.numbers.mean(axis=0)) / question.numbers.std(axis=0)
    return text | {name: standard[:, at] for at, name in enumerate(NUMBERS)}


def predicted(question: Question) -> tuple[list[Row], dict[str, object]]:
    """The random split, and students and lecturers of whom nothing is known."""
    client, therapist = question.codes[:, 0], question.codes[:, 1]
    folds = {
        "random": random_folds(len(question.score), SEED),
        "cold student": cold_folds(client, SEED),
        "cold lecturer": cold_folds(therapist, SEED),
    }
    rows, found = [], {}
    for name, fold in folds.items():
        methods = METHODS if name == "random" else {key: METHODS[key] for key in METHODS if key != SAME_AS_LME4}
        entries = contest(name, question, methods, fold)
        figures = {method: {"RMSE": entry.rmse(question.score)} for method, entry in entries.items() if not entry.why}
        show(name, figures, entries)
        rows.append(compared(name, {method: figure["RMSE"] for method, figure in figures.items()}, REACHED[name]))
        found[name] = kept(figures, entries)
        if name == "random":
            first = entries[OURS].rmse(question.score, fold == 0)
            rows.append(row := same_terms(question, fold, first))
            found["the same terms"] = [row.ours, row.peer]
    return rows, found


def compared(name: str, missed: Mapping[str, float], reach: float) -> Row:
    """Ours beside the peer that turned out best."""
    theirs = best(missed)
    ratio = missed[OURS] / missed[theirs]
    peer = f"{theirs} {missed[theirs]:.4f}"
    return Row(f"{name}: RMSE", f"{missed[OURS]:.4f}", peer, ratio, f"<= {reach}", ratio <= reach)


def same_terms(question: Question, fold: Codes, ours: float) -> Row:
    """Where the gain comes from: lme4 on the first fold with every slope that ours has. Nothing is to be reached."""
    entry = contest("same terms", question, {"lme4": partial(by_lme4, OUR_FORMULA)}, fold, only=(0,))["lme4"]
    label = "random, first fold: lme4 given all of our slopes"
    if entry.why:
        return Row(label, f"{ours:.4f}", entry.why, None, "-", None)
    theirs = entry.rmse(question.score, fold == 0)
    return Row(label, f"{ours:.4f}", f"lme4 {theirs:.4f}", ours / theirs, "-", None)


def ours(question: Question, slopes: tuple[str, ...] = SLOPES, random: tuple[str, ...] = GROUPINGS) -> Answer:
    """Slopes of service, of the student's and of the lecture's age by lecturer; of all three by department."""
    table, asked = columns(question), question.asked
    model = AllianceModel(
        fixed=("service", "studage", "lectage"), random=random, vary_by=slopes, only_declared=True, tol=TOLERANCE,
        ceiling="gaussian",
    )  # fmt: skip
    known, wanted = ({name: values[rows] for name, values in table.items()} for rows in (~asked, asked))
    found: list[Floats] = []
    taken = worked(lambda: found.append(model.fit(known, question.score[~asked]).predict(wanted)))
    return Answer(found[0], taken)


def by_lme4(formula: str, question: Question) -> Answer:
    return lme4(question, columns(question), formula)


def newcomers(question: Question) -> tuple[list[Row], dict[str, object]]:
    """Half of the lecturers have only k ratings; the same ratings of theirs are asked for whatever k is."""
    methods = {
        OURS: partial(ours, slopes=(), random=("dept",)),
        "lme4": partial(by_lme4, PLAIN_FORMULA),
        "overall mean": overall_mean,
    }
    rows, found = [], {}
    for given in GIVEN:
        runs = [withheld(question, methods, given, seed) for seed in NEWCOMER_SEEDS]
        mean = {method: float(np.mean([run[method] for run in runs])) for method in methods}
        ratio = mean[OURS] / mean["lme4"]
        met = ratio <= NEWCOMER_REACH and mean[OURS] <= mean["overall mean"]
        label = f"a new lecturer with {given} ratings: RMSE, 5 splits"
        shown = f"lme4 {mean['lme4']:.4f}, mean {mean['overall mean']:.3f}"
        rows.append(Row(label, f"{mean[OURS]:.4f}", shown, ratio, f"<= {NEWCOMER_REACH}", met))
        found[str(given)] = {method: [round(run[method], 6) for run in runs] for method in methods}
    return rows, found


def withheld(question: Question, methods: Mapping[str, Method], given: int, seed: int) -> dict[str, float]:
    """RMSE of each method on the ratings of the withheld lecturers beyond the most that are given of any."""
    known, asked = newcomer_rows(question.codes[:, 1], given, seed)
    rows = known | asked
    part = Question(question.codes[rows], question.numbers[rows], np.where(asked, np.nan, question.score)[rows])
    low, high, found = question.score.min(), question.score.max(), {}
    for name, method in methods.items():
        answer = method(part)
        if answer.scores is None:
            raise SystemExit(f"{name}: {answer.why}")
        found[name] = rmse(question.score[asked], np.clip(answer.scores, low, high))
    return found


def newcomer_rows(lecturer: Codes, given: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Which ratings are known and which are asked for, when half of the lecturers are new and have ``given`` each."""
    rng = np.random.default_rng(seed)
    new = rng.permutation(lecturer.max() + 1) % 2 == 0
    shuffled = rng.permutation(len(lecturer))
    turn = np.empty(len(lecturer), dtype=np.int64)  # of a rating among those of its lecturer
    by_lecturer = shuffled[np.argsort(lecturer[shuffled], kind="stable")]
    first = np.searchsorted(lecturer[by_lecturer], lecturer[by_lecturer])
    turn[by_lecturer] = np.arange(len(lecturer)) - first
    is_new = new[lecturer]
    return ~is_new | (turn < given), is_new & (turn >= max(GIVEN))


SAME_AS_LME4 = "gpboost"  # the same model: once, beside lme4, is enough
OUR_FORMULA = " + ".join(
    [PLAIN_FORMULA, *(f"(1 | {name})" for name in MIXES), *(f"(0 + {name} | therapist_id)" for name in SLOPES)]
)
GROUPS = [[0], [1], [DEPT]]
METHODS: Mapping[str, Method] = {
    OURS: ours,
    "overall mean": overall_mean,
    "ridge": partial(ridge, alpha=10.0),
    "boosted trees": partial(boosted_trees, rate=0.05, leaves=16, least=50, trees=200),
    "surprise BaselineOnly": lambda question: ask("surprise_baseline", question, client=15, therapist=5),
    "surprise SVD": lambda question: ask("surprise_svd", question, factors=20, epochs=20, penalty=0.1),
    "catboost": lambda question: ask("catboost", question, trees=500, rate=0.1, depth=6),
    "lme4": partial(by_lme4, ASKED_FORMULA),
    "gpboost": lambda question: ask(
        "gpboost_mixed", question, groups=GROUPS, fixed=[SERVICE, STUDAGE, LECTAGE], slopes=[[1, 0]]
    ),
    "gpboost trees": lambda question: ask(
        "gpboost_trees", question, groups=[[0], [1], [1, SERVICE]], features=[DEPT], trees=100, rate=0.1, leaves=31,
        least=50,
    ),
}  # fmt: skip


NOTES = (
    "73,421 ratings (1 to 5) of 1,128 lecturers by 2,972 students; five folds; RMSE over all of them",
    "the peer is the best one on these very folds; every method has the same columns",
    f"lme4: {ASKED_FORMULA}; gpboost the same without the correlation, in the random split alone",
    f"ours: {OUR_FORMULA}",
    "a new lecturer: half of the lecturers withheld but for k ratings each, the same ratings asked for at every k;",
    f"both by {PLAIN_FORMULA}; met where ours is not above the overall mean either",
    "settings of all methods were chosen on one fold of another split (seed 1001)",
)
