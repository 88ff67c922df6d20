"""``make bench ONLY=weights``: whether learned weights order better than equal and published ones, and know how sure.

``ratings``, ``choices``: invented choosers whose true weights are drawn from the prior (``benchmarks.choosers``), 200
seeds each. ``whole clinics``: ratings of ``matcher.simulate``, the alliance out of fold by real fits, judged on the
true expected scores of clients whom nothing has seen. Their truth has no weights to be held, and nothing in it speaks
for access, which ratings do not teach and which stays as it serves: so they are judged without it as well.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator

import numpy as np
from scipy.special import stdtrit
from tqdm import tqdm

from benchmarks.choosers import auc_within, choices, drawn_truth, later_choices, rated_clinic, stated
from benchmarks.report import Row, one_thread, publish
from matcher import ClinicModel, Directory, learned_from_choices, learned_from_ratings, out_of_fold, simulate
from matcher.encoding import ClientArrays
from matcher.factors.base import Circumstances
from matcher.learning import Learned
from matcher.learning.answer import CODES
from matcher.scoring import factor_values

COMMAND = "make bench ONLY=weights"
SEEDS, CLINIC_SEEDS = range(1, 201), range(1, 11)
N_RATED, N_FEW_RATED, N_CHOOSERS, N_LATER, SEVERAL = 2_000, 150, 400, 400, 6
CLINIC = {"n_therapists": 60, "n_clients": 1_500}
FOLDS, HELD_OUT = 3, 4  # folds of the alliance out of fold; one client in four is judged on
HOLDS = 0.92
NOTES = (
    f"ratings: {N_RATED:,} clients ({N_FEW_RATED} where few) with one or two of 60 therapists; judged on {N_LATER} who "
    f"tried {SEVERAL}",
    f"choices: {N_CHOOSERS} with one or two lists of 12; judged on {N_LATER} who chose among 30, without places",
    f"whole clinics: {CLINIC['n_clients']:,} clients, {CLINIC['n_therapists']} therapists; judged on the true order",
    "AUC within choosers, ± the 95 % interval of the paired difference over seeds",
)
Figures = dict[str, list[float]]


def main() -> bool:
    with one_thread():
        rows, kept = [], {}
        for name, seed_of in (("ratings", of_ratings), ("few ratings", of_few_ratings), ("choices", of_choices)):
            found = gathered(name, SEEDS, seed_of)
            rows += [*auc_rows(name, found), *coverage_rows(name, found)]
            kept[name] = summary(found)
        found = gathered("whole clinics", CLINIC_SEEDS, of_clinic)
        rows += [*auc_rows("whole clinics", found, promised=False)]
        rows += [*auc_rows("whole clinics, no access", found, " without access", promised=False)]
        kept["whole clinics"] = summary(found)
    return publish("weights", COMMAND, rows, NOTES, kept)


def gathered(name: str, seeds: range, seed_of: Callable[[int], dict[str, float]]) -> Figures:
    found: Figures = {}
    for seed in tqdm(seeds, name, file=sys.stderr):
        for figure, value in seed_of(seed).items():
            found.setdefault(figure, []).append(value)
    return found


def of_ratings(seed: int, n_rated: int = N_RATED) -> dict[str, float]:
    rng = np.random.default_rng((8, 1, seed))
    truth = drawn_truth(rng)
    clinic = rated_clinic(rng, truth, n_rated, N_LATER, SEVERAL)
    learned = learned_from_ratings(clinic.known, not_taught=())
    return aucs(learned, clinic.factors, clinic.outcome) | held(learned, truth.weights)


def of_few_ratings(seed: int) -> dict[str, float]:
    return of_ratings(seed, N_FEW_RATED)


def of_choices(seed: int) -> dict[str, float]:
    rng = np.random.default_rng((8, 2, seed))
    truth = drawn_truth(rng)
    learned = learned_from_choices(choices(rng, truth, N_CHOOSERS))
    return aucs(learned, *later_choices(rng, truth, N_LATER)) | held(learned, truth.weights)


def of_clinic(seed: int) -> dict[str, float]:
    clinic = simulate(np.random.default_rng((8, 3, seed)), **CLINIC)
    later = np.arange(len(clinic.intakes)) % HELD_OUT == 0
    new = {intake.id for intake, is_later in zip(clinic.intakes, later, strict=True) if is_later}
    past = [rating for rating in clinic.ratings if rating.client_id not in new]
    outcomes = out_of_fold(clinic.intakes, clinic.therapists, past, scale=clinic.scale, folds=FOLDS)
    model = ClinicModel.fit(clinic.intakes, clinic.therapists, past, scale=clinic.scale)
    clients = ClientArrays.of(intake for intake in clinic.intakes if intake.id in new)
    directory = Directory.of(clinic.therapists)
    values = factor_values(clients, directory, Circumstances(None, model.standing(clients, directory)))
    learned = learned_from_ratings(outcomes)
    without = values.copy()
    without[CODES.index("access")] = 0
    apart = aucs(learned, without, clinic.expected[later])
    return aucs(learned, values, clinic.expected[later]) | {
        f"{name} without access": auc for name, auc in apart.items()
    }


def aucs(learned: Learned, values: np.ndarray, outcome: np.ndarray) -> dict[str, float]:
    """Of each set of weights, on clients nobody has seen; ``values`` (factors, clients, several)."""
    assert learned.weights is not None, learned.too_little
    weights = {
        "learned": np.array([learned.weights.values[code] for code in CODES]),
        "equal": np.full(len(CODES), 1 / len(CODES)),
        "published": stated(),
    }
    return {f"auc {name}": auc_within(np.einsum("k,kct->ct", w, values), outcome) for name, w in weights.items()}


def held(learned: Learned, truth: np.ndarray) -> dict[str, float]:
    """Whether each factor's interval holds its true relative weight, and how wide it is; not of factors that stay."""
    true = dict(zip(CODES, truth.tolist(), strict=True))
    found = {}
    for one in learned.factors:
        if one.lower95 is None or one.upper95 is None:
            continue
        found[f"holds {one.factor}"] = float(one.lower95 <= true[one.factor] <= one.upper95)
        found[f"half width {one.factor}"] = (one.upper95 - one.lower95) / 2
        found[f"differs {one.factor}"] = float(one.verdict in ("more", "less"))
    return found


def auc_rows(name: str, found: Figures, judged: str = "", *, promised: bool = True) -> Iterator[Row]:
    ours = np.array(found[f"auc learned{judged}"])
    for other in ("equal", "published"):
        theirs = np.array(found[f"auc {other}{judged}"])
        gain = ours - theirs
        spread = stdtrit(len(gain) - 1, 0.975) * gain.std(ddof=1) / np.sqrt(len(gain))
        shown = f"{ours.mean():.4f}", f"{other} {theirs.mean():.4f}"
        label = f"{name}: AUC within, gain {gain.mean():+.4f}±{spread:.4f}"
        met = bool(gain.mean() > spread) if promised else None
        yield Row(label, *shown, float(ours.mean() / theirs.mean()), "above" if promised else "", met)


def coverage_rows(name: str, found: Figures) -> Iterator[Row]:
    """Of all intervals, over seeds and factors; the worst factor is of those that were learned in a quarter of them."""
    by_factor = {figure.split()[1]: each for figure, each in found.items() if figure.startswith("holds")}
    often = {factor: float(np.mean(each)) for factor, each in by_factor.items() if len(each) >= len(SEEDS) / 4}
    worst = min(often, key=lambda factor: often[factor])
    share = float(np.mean(np.concatenate(list(by_factor.values()))))
    label = f"{name}: 95 % intervals hold the true weight"
    yield Row(
        label, f"{share:.3f}", f"worst {worst} {often[worst]:.3f}", share / 0.95, f"{HOLDS:.2f}", bool(share >= HOLDS)
    )


def summary(found: Figures) -> dict[str, float]:
    """Means over seeds, and in how many of them each factor was learned at all."""
    counts = {
        f"learned {name.split()[1]}": float(len(each)) for name, each in found.items() if name.startswith("holds")
    }
    return {figure: round(float(np.mean(each)), 4) for figure, each in found.items()} | counts
