"""``make bench ONLY=signals``: do missing forms and hindering tags say more of a pair than its scores do?

Simulated clinics as they are, forms missing more often after weak sessions, and hindering tags drawn from the truth:
the weaker a session's alliance, the more likely one is ticked. A model is fitted to the earlier four fifths of the
ratings, once as it is and once with two more columns of each pair: the share of its sessions so far without a form, and
the share of its forms so far with a hindering tag. Both predict the later fifth.

The rule was written down first: the signals are taken where the squared error on later ratings is smaller with them by
more than 1.96 standard errors, clustered by client, in the mean over all clinics. ``tags alone`` and ``forms alone``
are told, and decide nothing.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping

import numpy as np
from tqdm import tqdm

from benchmarks.report import Row, one_thread, publish
from matcher import SimulatedClinic, simulate
from matcher.alliance import AllianceModel
from matcher.encoding import ClientArrays, Directory, client_features, match_features, therapist_features
from matcher.evaluation.splits import by_time

COMMAND = "make bench ONLY=signals"
SEEDS = range(1, 9)
N_THERAPISTS, N_CLIENTS = 40, 900
TICKED, STEEP = -1.5, 1.2  # log odds of a hindering tag at a typical session, and by how much a weaker one raises them
SETS: Mapping[str, tuple[str, ...]] = {
    "both signals": ("unsaid", "hindered"),
    "hindering tags alone": ("hindered",),
    "missing forms alone": ("unsaid",),
}
CLEARLY = 1.96
NOTES = (
    f"{len(SEEDS)} simulated clinics of {N_THERAPISTS} therapists and {N_CLIENTS} clients; later fifth of the ratings",
    "mean squared error of the expected score, pairs of one client as one piece of evidence; below 0: better with them",
    "the rule: taken where the gain is above 1.96 standard errors with both; else they stay out of the clinic's model",
)


def main() -> bool:
    found: dict[str, list[tuple[float, float]]] = {name: [] for name in SETS}
    plain = []
    with one_thread():
        for seed in tqdm(SEEDS, "clinics", file=sys.stderr):
            base, gains = run(seed)
            plain.append(base)
            for name, gain in gains.items():
                found[name].append(gain)
    rows = [told(name, plain, found[name]) for name in SETS]
    return publish("signals", COMMAND, rows, NOTES, {"without": plain, **found})


def run(seed: int) -> tuple[float, dict[str, tuple[float, float]]]:
    """Mean squared error without signals; by set, the mean difference with them and its standard error."""
    rng = np.random.default_rng(seed)
    clinic = simulate(rng, n_therapists=N_THERAPISTS, n_clients=N_CLIENTS)
    tables, score, client = tables_of(clinic)
    (split,) = by_time(np.array([rating.rated_at.timestamp() for rating in clinic.ratings]))
    signals = signals_of(clinic, tables, rng, split.train)
    plain = errors(tables, score, split.train, split.test, {})
    gains = {}
    for name, wanted in SETS.items():
        apart = errors(tables, score, split.train, split.test, {one: signals[one] for one in wanted}) - plain
        sums = np.bincount(np.unique(client[split.test], return_inverse=True)[1], apart - apart.mean())
        gains[name] = float(apart.mean()), float(np.sqrt(sums @ sums) / len(apart))
    return float(plain.mean()), gains


def tables_of(clinic: SimulatedClinic) -> tuple[dict, np.ndarray, np.ndarray]:
    clients, directory = ClientArrays.of(clinic.intakes), Directory.of(clinic.therapists)
    rows = {id_: at for at, id_ in enumerate(clients.ids)}
    c = np.array([rows[rating.client_id] for rating in clinic.ratings])
    t = np.array([directory.row(rating.therapist_id) for rating in clinic.ratings])
    features = client_features(clients)
    table = {
        "client_id": features["client_id"][c], "therapist_id": directory.ids[t],
        "session": np.array([rating.session for rating in clinic.ratings], dtype=float),
        **match_features(clients, directory, (c, t)),
    }  # fmt: skip
    sides = {"clients": features, "therapists": therapist_features(directory)}
    found = {"table": table, "sides": sides, "scale": clinic.scale}
    return found, np.array([rating.score for rating in clinic.ratings]), c


def signals_of(clinic: SimulatedClinic, tables: dict, rng: np.random.Generator, train: np.ndarray) -> dict:
    """Of each rating's pair, by what it had said before that session, and before the cut: shares of sessions without a
    form, and of forms with a tag. A rating's own tag would tell of its own score, which no later rating's does."""
    courses, number = clinic.courses, tables["table"]["session"].astype(int) - 1
    dyad, session = np.nonzero(courses.form)
    assert np.array_equal(session, number)
    alliance = courses.alliance[dyad, session]
    odds = TICKED - STEEP * (alliance - alliance.mean()) / alliance.std()
    known = np.zeros(len(dyad))
    known[train] = 1.0
    ticked = known * (rng.random(len(odds)) < 1 / (1 + np.exp(-odds)))
    said, tags = _before(dyad, known), _before(dyad, ticked)
    last = np.zeros(len(courses.form), dtype=int)
    np.maximum.at(last, dyad[train], session[train] + 1)
    held = np.minimum(session, last[dyad])
    with np.errstate(invalid="ignore", divide="ignore"):
        unsaid, hindered = np.where(held > 0, 1 - said / held, np.nan), np.where(said > 0, tags / said, np.nan)
    return {"unsaid": unsaid, "hindered": hindered}


def _before(dyad: np.ndarray, what: np.ndarray) -> np.ndarray:
    """Of rows in the order of dyads, the sum over those of the same dyad that stand before each."""
    total = np.cumsum(what) - what
    first = np.searchsorted(dyad, dyad)
    return total - total[first]


def errors(tables: dict, score: np.ndarray, train: np.ndarray, test: np.ndarray, signals: dict) -> np.ndarray:
    """Squared errors of the expected score of the later ratings."""
    scale, table = tables["scale"], tables["table"] | signals
    model = AllianceModel(lowest=scale.lowest, top=scale.top, step=scale.step)
    model.fit({name: values[train] for name, values in table.items()}, score[train], **tables["sides"])
    later = {name: values[test] for name, values in table.items()}
    return (model.distribution(later, **tables["sides"]).expected() - score[test]) ** 2


def told(name: str, plain: list[float], gains: list[tuple[float, float]]) -> Row:
    means, ses = np.array(gains).T
    gain, se = float(means.mean()), float(np.sqrt((ses**2).sum()) / len(ses))
    ours, without = f"{np.mean(plain) + gain:.5f}", f"without {np.mean(plain):.5f}"
    words = f"{name}: squared error ({gain:+.5f} ± {CLEARLY * se:.5f})"
    taken = gain < -CLEARLY * se
    return Row(words, ours, without, (np.mean(plain) + gain) / np.mean(plain), "taken" if taken else "left out", None)
