"""Real ratings split into folds, and ours and its peers asked for the fold that they have not seen."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata
from tqdm import tqdm

from benchmarks.peers.environment import Answer, Floats, Question

Codes = NDArray[np.int64]
Method = Callable[[Question], Answer]
OURS = "alliance model"
FOLDS = 5
FEWEST = 5  # ratings of a client within which an order is looked at


@dataclass
class Entry:
    """One method's predictions of all folds, NaN where there are none; its seconds of work by fold; why it stopped."""

    scores: Floats
    seconds: list[float] = field(default_factory=list)
    why: str = ""

    def rmse(self, score: Floats, asked: NDArray[np.bool_] | None = None) -> float:
        chosen = slice(None) if asked is None else asked
        return float(np.sqrt(np.mean((self.scores[chosen] - score[chosen]) ** 2)))


def random_folds(n: int, seed: int) -> Codes:
    return np.random.default_rng(seed).permutation(n) % FOLDS


def cold_folds(ids: Codes, seed: int) -> Codes:
    """All ratings of one id lie in one fold."""
    return random_folds(int(ids.max()) + 1, seed)[ids]


def contest(
    name: str, question: Question, methods: Mapping[str, Method], fold: Codes, only: Sequence[int] | None = None
) -> dict[str, Entry]:
    """Each method's predictions of every fold (or of ``only`` some), from the ratings of the others.

    Predictions are cut to the range of the scores, for all. A method that was cut or could not run is not asked again.
    """
    entries = {method: Entry(np.full(len(fold), np.nan)) for method in methods}
    low, high = float(question.score.min()), float(question.score.max())
    turns = [(at, method) for at in only or range(FOLDS) for method in methods]
    for at, method in (bar := tqdm(turns, name, file=sys.stderr)):
        bar.set_postfix_str(method)
        entry, asked = entries[method], fold == at
        if entry.why:
            continue
        answer = methods[method](replace(question, score=np.where(asked, np.nan, question.score)))
        entry.seconds.append(round(answer.seconds, 1))
        if answer.scores is None:
            entry.why = answer.why
        else:
            entry.scores[asked] = np.clip(answer.scores, low, high)
    return entries


def order(client: Codes, score: Floats, predicted: Floats) -> float:
    """Spearman's correlation within each client who rated enough and not all the same, in the mean over clients."""
    found = []
    for rows in np.split(np.argsort(client, kind="stable"), np.cumsum(np.bincount(client))[:-1]):
        if len(rows) >= FEWEST and np.ptp(score[rows]) > 0:
            ranks = [rankdata(values[rows]) for values in (score, predicted)]
            spread = [rank - rank.mean() for rank in ranks]
            length = np.sqrt((spread[0] ** 2).sum() * (spread[1] ** 2).sum())
            found.append(0.0 if length == 0 else float(spread[0] @ spread[1] / length))
    return float(np.mean(found))


def best(figures: Mapping[str, float], *, highest: bool = False) -> str:
    """The peer with the best figure, ours apart."""
    peers = {name: figure for name, figure in figures.items() if name != OURS}
    return (max if highest else min)(peers, key=lambda name: peers[name])


def show(title: str, figures: Mapping[str, Mapping[str, float]], entries: Mapping[str, Entry]) -> None:
    """Every method's figures, or why it has none."""
    names = list(next(iter(figures.values())))
    print(f"{title:<36}" + "".join(f"{name:>20}" for name in names) + f"{'CPU s a fold':>16}")
    for method, entry in entries.items():
        if entry.why:
            print(f"  {method:<34}{entry.why}")
            continue
        cells = "".join(f"{figures[method][name]:>20.5f}" for name in names)
        print(f"  {method:<34}{cells}{np.mean(entry.seconds):>16.1f}")
    print()


def kept(figures: Mapping[str, Mapping[str, float]], entries: Mapping[str, Entry]) -> dict[str, object]:
    """What a result file holds of each method."""
    return {
        method: {"why": entry.why, "seconds": entry.seconds}
        if entry.why
        else {**{name: round(figure, 6) for name, figure in figures[method].items()}, "seconds": entry.seconds}
        for method, entry in entries.items()
    }
