"""``make bench ONLY=drift``: what is known of therapists today where they have changed, and how often a change is seen.

Simulated clinics whose therapists wander (an autoregression of a year's pace) about what they are; the effects of the
last day are what is asked for. Beside the model that chooses (``drift="auto"``) stand the same without change, and
with weights of a half-life of half the time.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator

import numpy as np
from tqdm import tqdm

from benchmarks.report import Row, one_thread, publish
from matcher import AllianceModel

COMMAND = "make bench ONLY=drift"
SEEDS = range(1, 21)
N_THERAPISTS, N_CLIENTS, SESSIONS, SPAN, PACE = 40, 1500, 6, 730.0, 365.0
OWN, CLIENT, NOISE, TREND = 0.35, 0.5, 0.6, 0.1
WANDERING = (0.0, 0.15, 0.3)  # standard deviations, beside 0.35 of what stays
WAYS = {"chosen": {"drift": "auto"}, "no change": {}, "half-life": {"half_life": SPAN / 2}}
Z80 = 1.2815515655446004
T_975 = 2.093  # Student's t for 20 seeds
NOTES = (
    f"{N_THERAPISTS} therapists, {N_CLIENTS} clients of {SESSIONS} sessions over {SPAN:.0f} days; sd {OWN} stays",
    "RMSE of therapists' effects on the last day (centred); the share of them in the 80 % interval; 20 seeds, paired",
)


def main() -> bool:
    rows, kept = [], {}
    with one_thread():
        for sd in WANDERING:
            runs = [run(sd, seed) for seed in tqdm(SEEDS, f"wandering by {sd}", file=sys.stderr)]
            rows += compared(sd, runs)
            kept[str(sd)] = runs
    return publish("drift", COMMAND, rows, NOTES, {"by seed": kept})


def run(sd: float, seed: int) -> dict[str, list[float]]:
    """By way: RMSE, share in the interval, and whether a drift was chosen."""
    table, score, truth = wandering(np.random.default_rng((int(1000 * sd), seed)), sd)
    asked = {"client_id": ["new"] * N_THERAPISTS, "therapist_id": [f"t{at}" for at in range(N_THERAPISTS)]}
    found = {}
    for name, way in WAYS.items():
        model = AllianceModel(**way).fit(table, score)
        forecast = model.forecast(asked)
        missed = forecast.contrast - forecast.contrast.mean() - (truth - truth.mean())
        held = np.abs(missed) < Z80 * forecast.contrast_sd
        drifts = model.report_["drift"]["drift"] is not None
        found[name] = [round(float(np.sqrt(np.mean(missed**2))), 5), float(held.mean()), float(drifts)]
    return found


def wandering(rng: np.random.Generator, sd: float) -> tuple[dict[str, np.ndarray], np.ndarray, np.ndarray]:
    """Ratings, and each therapist's effect on the last day."""
    weeks = np.arange(0.0, SPAN + 7 * (SESSIONS + 1), 7.0)
    root = np.linalg.cholesky(np.exp(-np.abs(weeks[:, None] - weeks) / PACE))
    effect = OWN * rng.normal(size=N_THERAPISTS) + sd * (root @ rng.normal(size=(len(weeks), N_THERAPISTS)))
    therapist, client = rng.integers(0, N_THERAPISTS, N_CLIENTS), np.repeat(np.arange(N_CLIENTS), SESSIONS)
    session = np.tile(np.arange(1, SESSIONS + 1), N_CLIENTS)
    day = rng.uniform(0, SPAN, N_CLIENTS)[client] + 7 * (session - 1)
    score = effect[np.searchsorted(weeks, day, side="right") - 1, therapist[client]]
    score = score + CLIENT * rng.normal(size=N_CLIENTS)[client] + NOISE * rng.normal(size=len(client))
    table = {
        "client_id": client,
        "therapist_id": np.array([f"t{at}" for at in therapist])[client],
        "session": session.astype(float),
        "rated_at": day,
    }
    return table, score + TREND * np.log(session), effect[np.searchsorted(weeks, day.max(), side="right") - 1]


def compared(sd: float, runs: list[dict[str, list[float]]]) -> Iterator[Row]:
    by_way = {name: np.array([run[name] for run in runs]) for name in WAYS}
    ours, plain, weighted = (by_way[name] for name in WAYS)
    gain = ours[:, 0] - plain[:, 0]
    spread = T_975 * gain.std(ddof=1) / np.sqrt(len(gain))
    chosen = int(ours[:, 2].sum())
    label, others = (
        f"therapists wander by {sd:g}",
        f"no change {plain[:, 0].mean():.4f}, half-life {weighted[:, 0].mean():.4f}",
    )
    met = bool(gain.mean() <= 0.003) if sd == 0 else bool(gain.mean() + spread < 0)
    yield Row(
        f"{label}: RMSE today (difference {gain.mean():+.4f}±{spread:.4f})", f"{ours[:, 0].mean():.4f}", others,
        float(ours[:, 0].mean() / plain[:, 0].mean()), "<= +.003" if sd == 0 else "< 1", met,
    )  # fmt: skip
    held = ours[:, 1].mean()
    others = f"no change {plain[:, 1].mean():.3f}, half-life {weighted[:, 1].mean():.3f}"
    yield Row(f"{label}: 80 % interval today", f"{held:.3f}", others, float(held / 0.8), "-", None)
    yield Row(f"{label}: a drift is chosen", f"{chosen} of {len(runs)}", "-", None, "-", None)
