"""Peers of scikit-learn and lme4 that answer an ``environment.Question``: the scores of rows whose score is NaN."""

from __future__ import annotations

import csv
import tempfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.linear_model import Ridge
from sklearn.preprocessing import OneHotEncoder, StandardScaler, TargetEncoder

from benchmarks.peers.environment import Answer, Question, timed, worked

LME4 = Path(__file__).parent / "mixed.R"


def overall_mean(question: Question) -> Answer:
    return Answer(np.full(question.asked.sum(), np.nanmean(question.score)))


def ridge(question: Question, alpha: float) -> Answer:
    """A column for every level of every code and every number, one penalty for all."""
    from scipy import sparse

    numbers = StandardScaler().fit(question.numbers[~question.asked]).transform(question.numbers)
    levels = OneHotEncoder(handle_unknown="ignore").fit(question.codes[~question.asked]).transform(question.codes)
    columns = sparse.hstack([levels, sparse.csr_array(numbers)]).tocsr()
    return _fitted(Ridge(alpha=alpha, solver="sparse_cg"), columns, question)


def boosted_trees(question: Question, rate: float, leaves: int, least: int, trees: int) -> Answer:
    """scikit-learn's histogram trees. Ids have too many levels for a category: they enter as cross-fitted means."""
    rated, score = question.codes[~question.asked], question.score[~question.asked]
    ids = TargetEncoder(target_type="continuous", random_state=0)
    means = np.empty((len(question.codes), 2))
    means[~question.asked] = ids.fit_transform(rated[:, :2], score)
    means[question.asked] = ids.transform(question.codes[question.asked, :2])
    columns = np.column_stack([question.codes[:, 2:], means, question.numbers])
    model = HistGradientBoostingRegressor(
        learning_rate=rate, max_leaf_nodes=leaves, min_samples_leaf=least, max_iter=trees, early_stopping=False,
        categorical_features=list(range(question.codes.shape[1] - 2)), random_state=0,
    )  # fmt: skip
    return _fitted(model, columns, question)


def lme4(question: Question, columns: Mapping[str, np.ndarray], formula: str) -> Answer:
    """A mixed model by REML, in a process of its own; ``columns`` are those that the formula names."""
    with tempfile.TemporaryDirectory() as folder:
        given, found = Path(folder) / "given.csv", Path(folder) / "found.txt"
        score = ["NA" if np.isnan(value) else value for value in question.score]
        with given.open("w", newline="") as stream:
            writer = csv.writer(stream)
            writer.writerow([*columns, "score"])
            writer.writerows(zip(*columns.values(), score, strict=True))
        answer = timed(["Rscript", str(LME4), str(given), str(found), formula])
        return answer if answer.why else replace(answer, scores=np.loadtxt(found))


def _fitted(model, columns, question: Question) -> Answer:
    asked, found = question.asked, []
    taken = worked(lambda: found.append(model.fit(columns[~asked], question.score[~asked]).predict(columns[asked])))
    return Answer(found[0], taken)
