"""``make bench ONLY=predictive``: whether the distribution of a single score is the one that was promised, on InstEval.

Randomised PIT (``matcher.evaluation.calibration``) of one fold's ratings each way of holding ratings out, scores at the
top censored and as numbers: uniform if the predicted distributions are true. The calibration curve of the expected
score is drawn into ``build/bench/calibration-*.svg``. There is no peer: none of them predicts scores on a scale.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from benchmarks.alliance import FOLDER, NOT_RUN, RATINGS, lme4_is_here, peer, read
from benchmarks.contest import cold_folds, random_folds
from benchmarks.insteval import asked_of, columns
from benchmarks.peers.environment import Question
from benchmarks.report import Row, one_thread, publish
from matcher import AllianceModel
from matcher.evaluation import calibration_curve, calibration_line, pit_deciles, randomised_pit
from matcher.evaluation.calibration import Point

COMMAND = "make bench ONLY=predictive"
SEED, REACH = 1, 0.02
NOTES = (
    "73,421 ratings (1 to 5); one fold of five predicted from the rest; fixed service, both ages; random dept",
    "a tenth: largest distance of its share of PIT values from .1; at a decile: of their distribution function",
    "slope of the scores on the expected scores, with its standard error by clients; 1 is calibrated",
)


def main() -> bool:
    if not lme4_is_here():
        return publish("predictive", COMMAND, [Row("PIT", "not run", "-", None, f"<= {REACH}", None)], (NOT_RUN,))
    FOLDER.mkdir(parents=True, exist_ok=True)
    peer("export", str(RATINGS))
    question = asked_of(*read())
    folds = {
        "random": random_folds(len(question.score), SEED),
        "cold student": cold_folds(question.codes[:, 0], SEED),
        "cold lecturer": cold_folds(question.codes[:, 1], SEED),
    }
    rows: list[Row] = []
    kept: dict[str, object] = {}
    with one_thread():
        for name, fold in folds.items():
            for ceiling in ("censored", "gaussian"):
                more, found = judged(name, question, fold == 0, ceiling)
                rows += more
                kept[f"{name}, {ceiling}"] = found
    return publish("predictive", COMMAND, rows, NOTES, kept)


def judged(name: str, question: Question, asked: np.ndarray, ceiling: str) -> tuple[list[Row], dict[str, object]]:
    table, score = columns(question), question.score
    known, wanted = ({name: values[rows] for name, values in table.items()} for rows in (~asked, asked))
    model = AllianceModel(
        fixed=("service", "studage", "lectage"), random=("dept",), only_declared=True, ceiling=ceiling,
        lowest=1, top=5, step=1, tol=0.01,
    ).fit(known, score[~asked])  # fmt: skip
    found = model.distribution(wanted)
    values = randomised_pit(found.below(score[asked]), found.upto(score[asked]), seed=SEED)
    deciles = pit_deciles(values)
    apart = float(np.abs(np.cumsum(deciles.shares) - np.arange(1, 11) / 10).max())
    expected, client = found.expected(), question.codes[asked, 0]
    line = calibration_line(score[asked], expected, client)
    curve = calibration_curve(score[asked], expected, client)
    drawn(Path("build/bench") / f"calibration-{name.replace(' ', '-')}-{ceiling}.svg", curve)
    met = apart <= REACH if ceiling == "censored" else None
    label = f"{name}, {'top censored' if ceiling == 'censored' else 'scores as numbers'}"
    rows = [
        Row(f"{label}: PIT at a decile", f"{apart:.3f}", "-", None, f"<= {REACH}" if met is not None else "-", met),
        Row(f"{label}: PIT, a tenth", f"{deciles.largest_deviation:.3f}", "-", None, "-", None),
        Row(f"{label}: slope", f"{line.slope:.3f}±{line.slope_se:.3f}", "-", None, "-", None),
    ]
    return rows, {"tenths": [round(share, 4) for share in deciles.shares]}


def drawn(path: Path, curve: Sequence[Point], size: int = 360) -> None:
    """Mean score by tenths of the expected score, with two standard errors, beside the diagonal."""
    ends = [point.predicted for point in curve] + [point.observed for point in curve]
    low, high = min(ends) - 0.1, max(ends) + 0.1

    def at(value: float) -> float:
        return size * (value - low) / (high - low)

    marks = "".join(
        f'<line x1="{at(p.predicted):.1f}" x2="{at(p.predicted):.1f}" y1="{size - at(p.observed - 2 * p.se):.1f}" '
        f'y2="{size - at(p.observed + 2 * p.se):.1f}" stroke="#666"/>'
        f'<circle cx="{at(p.predicted):.1f}" cy="{size - at(p.observed):.1f}" r="4" fill="#1f6f5c"/>'
        for p in curve
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{size}" height="{size}"><rect width="100%" height="100%" '
        f'fill="#fff"/><line x1="0" y1="{size}" x2="{size}" y2="0" stroke="#ccc"/>{marks}</svg>\n'
    )
