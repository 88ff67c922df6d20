"""``make bench ONLY=coverage``: whether variances are found behind the ceiling, and bands hold what they promise.

Simulated truths, since no real one is known. ``recovery``: crossed ratings, half of them at the top, fitted with scores
as numbers and as censored. ``bands``: whole clinics (``matcher.simulate``) and their own model; how often the 80 % band
holds the true expected score.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator

import numpy as np
from tqdm import tqdm

from benchmarks.report import Row, one_thread, publish
from matcher import AllianceModel, ClinicModel, Directory, SimulatedClinic, simulate
from matcher.encoding import ClientArrays

COMMAND = "make bench ONLY=coverage"
RECOVERY_SEEDS, CLINIC_SEEDS = range(1, 17), range(1, 21)
N_THERAPISTS, N_DYADS, SESSIONS = 60, 1500, (3, 9)
TRUTH = {"dyad": 0.62, "slope": 0.30, "therapist": 0.06, "residual": 0.60}
TREND, STEP = 0.12, 0.02
WITHIN = 0.05
BANDS = {"rated pairs": (0.78, 0.82), "clients who are new": (0.76, 0.84), "pairs always at the top": (0.76, 0.84)}
NOTES = (
    f"recovery: {N_THERAPISTS} therapists, {N_DYADS} pairs of {SESSIONS[0]} to {SESSIONS[1] - 1} sessions, half of all "
    "scores at the top; mean of 16 seeds",
    "bands: 60 therapists, 1,500 clients, pairs' share 15 %; share of true expected scores inside, mean of 20 seeds",
)


def main() -> bool:
    with one_thread():
        found = {kind: recovered(kind) for kind in ("gaussian", "censored")}
        held = np.array(list(bands()))
    rows = [*recovery_rows(found), *band_rows(held)]
    kept = {
        kind: dict(zip(TRUTH, values.mean(axis=0).round(4).tolist(), strict=True)) for kind, values in found.items()
    }
    return publish("coverage", COMMAND, rows, NOTES, {"recovery": kept, "bands by seed": held.round(4).tolist()})


def recovered(ceiling: str) -> np.ndarray:
    """(seeds, 4) what is found of the truth."""
    return np.array([fitted(seed, ceiling) for seed in tqdm(RECOVERY_SEEDS, f"recovery, {ceiling}", file=sys.stderr)])


def fitted(seed: int, ceiling: str) -> list[float]:
    table, score = half_at_the_top(np.random.default_rng(seed))
    model = AllianceModel(fixed=("worry", "session"), only_declared=True, ceiling=ceiling, step=STEP).fit(table, score)
    found = {part.name: part.variance for part in model.components_}
    slope = next(each.estimate for each in model.coefficients_ if each.name == "worry")
    return [found.get("dyad", found.get("client", 0.0)), slope, found["therapist"], found["residual"]]


def half_at_the_top(rng: np.random.Generator) -> tuple[dict[str, np.ndarray], np.ndarray]:
    therapist, worry = rng.integers(0, N_THERAPISTS, N_DYADS), rng.normal(size=N_DYADS)
    counts = rng.integers(*SESSIONS, N_DYADS)
    row = np.repeat(np.arange(N_DYADS), counts)
    session = np.concatenate([np.arange(1.0, n + 1) for n in counts])
    latent = TRUTH["slope"] * worry + rng.normal(0, np.sqrt(TRUTH["therapist"]), N_THERAPISTS)[therapist]
    latent += rng.normal(0, np.sqrt(TRUTH["dyad"]), N_DYADS)
    score = latent[row] + TREND * np.log(session / 3) + rng.normal(0, np.sqrt(TRUTH["residual"]), len(row))
    top = np.floor(np.median(score) / STEP) * STEP + STEP / 2  # so that half of them round to it or beyond
    table = {
        "client_id": np.array([f"c{at}" for at in range(N_DYADS)])[row],
        "therapist_id": np.array([f"t{at}" for at in therapist])[row],
        "session": session,
        "worry": worry[row],
    }
    return table, np.minimum(np.round(score / STEP) * STEP, np.round(top / STEP) * STEP)


def recovery_rows(found: dict[str, np.ndarray]) -> Iterator[Row]:
    for place, (name, truth) in enumerate(TRUTH.items()):
        ours, theirs = (found[kind][:, place].mean() for kind in ("censored", "gaussian"))
        asked = name in ("dyad", "slope")
        met = bool(abs(ours / truth - 1) <= WITHIN) if asked else None
        label = f"half at the top: {name}{'' if name == 'slope' else ' variance'}, truth {truth:g}"
        yield Row(label, f"{ours:.3f}", f"as numbers {theirs:.3f}", float(ours / truth), "±5 %" if asked else "", met)


def bands() -> Iterator[list[float]]:
    """Of each simulated clinic, the share of true expected scores inside their band."""
    for seed in tqdm(CLINIC_SEEDS, "bands", file=sys.stderr):
        clinic = simulate(np.random.default_rng((15, 0, seed)))
        model = ClinicModel.fit(clinic.intakes, clinic.therapists, clinic.ratings, scale=clinic.scale)
        yield held(clinic, model)


def held(clinic: SimulatedClinic, model: ClinicModel) -> list[float]:
    n = (len(clinic.intakes), len(clinic.therapists))
    inside = np.zeros(n, dtype=bool)
    clients, directory = ClientArrays.of(clinic.intakes), Directory.of(clinic.therapists)
    for rows in np.array_split(np.arange(n[0]), 30):
        found = model.outlook(clients.take(rows), directory)
        inside[rows] = (found.lower80 <= clinic.expected[rows]) & (clinic.expected[rows] <= found.upper80)
    lowest = np.full(n, np.inf)
    places = {id_: row for row, id_ in enumerate(clients.ids)}
    for rating in clinic.ratings:
        at = places[rating.client_id], directory.row(rating.therapist_id)
        lowest[at] = min(lowest[at], rating.score)
    rated = np.isfinite(lowest)
    new = ~rated.any(axis=1)
    return [inside[rated].mean(), inside[new].mean(), inside[rated & (lowest >= clinic.scale.top)].mean()]


def band_rows(held_by_seed: np.ndarray) -> Iterator[Row]:
    for place, (name, (low, high)) in enumerate(BANDS.items()):
        share = float(held_by_seed[:, place].mean())
        spread = 2.093 * held_by_seed[:, place].std(ddof=1) / np.sqrt(len(held_by_seed))
        met = bool(low <= share <= high)
        yield Row(f"80 % band: {name}", f"{share:.3f}±{spread:.3f}", "", share / 0.8, f"{low:.2f}-{high:.2f}", met)
