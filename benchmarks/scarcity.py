"""``make bench ONLY=scarcity``: a year of arrivals with prices for scarce places, and without.

Twenty invented clinics of 40 therapists (``matcher.simulate``), each with a model fitted to its ratings. Half of the
clients are known to the forecast, the others come, at 90 and 120 % of what the places can hold; places reopen when
courses end. Lists are ordered by the score that serves, less the price. A year is judged twice: by the alliance that
the model expects, as a clinic can judge it, and by the true one, which only a simulation knows. Every policy meets
the same arrivals, courses and patience, so differences are in pairs.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from tqdm import tqdm

from benchmarks.report import Row, one_thread, publish
from matcher import ClinicModel, Directory, Flow, scarcity_trial, simulate
from matcher.scarcity.arrivals import draw_arrivals
from matcher.scarcity.figures import ALLIANCE, HARD_TO_PLACE, WORST_TENTH, differences, figures, upper_bound
from matcher.scarcity.flow import Pairs, pairs_of
from matcher.scarcity.forecast import FORECAST, GREEDY, ONE_SHOT, POLICIES, Outlooks, pricing
from matcher.scarcity.year import LONGEST_WAITING, NEAREST, TURNS, run
from matcher.simulation import SimulatedClinic
from matcher.weights import DEFAULT

COMMAND = "make bench ONLY=scarcity"
SEEDS = range(1, 21)
LOADS = (0.9, 1.2)
N_THERAPISTS, N_CLIENTS, PLACES = 40, 1_000, (3, 10)
EXPECTED, TRUE = "expected", "true"
# Where a list is what decides: below full load by any rule; above it lists are empty and the freed place decides
PROMISED = ((0.9, LONGEST_WAITING), (0.9, NEAREST), (1.2, NEAREST))
WELL_UNDER_A_SECOND = 0.5
NOTES = (
    f"{N_THERAPISTS} therapists, {PLACES[0]} to {PLACES[1] - 1} places each; some 1,450 and 1,950 arrivals a year",
    "shares of an upper bound that knows all arrivals; ± the 95 % interval of the paired difference over 20 clinics",
    "longest waiting, nearest: to whom a place goes that reopens, alike under every policy",
    "expected: by the clinic's model, which the lists are ordered by; true: by what the simulation knows",
)
Kept = dict[str, list[dict[str, float]]]


@dataclass(frozen=True, eq=False)
class Clinic:
    """A clinic's pairs by the model and by the truth, (n, m), who is known and who comes, places and courses."""

    pairs: Pairs
    true: np.ndarray
    known: np.ndarray
    coming: np.ndarray
    places: np.ndarray
    flow: Flow


def main() -> bool:
    found: dict[tuple[float, str, str], Kept] = {}
    seconds: dict[str, list[float]] = {name: [] for name in POLICIES}
    with one_thread():
        for seed in tqdm(SEEDS, "clinics", file=sys.stderr):
            rng = np.random.default_rng((13, seed))
            clinic = drawn_clinic(rng, seed)
            for load in LOADS:
                one_load(rng, clinic, load, found, seconds)
        verdicts = [*gates()]
    rows = [row for key in found for row in compared(*key, found[key])]
    rows += [*timed(seconds), *verdicts]
    return publish("scarcity", COMMAND, rows, NOTES, kept(found))


def drawn_clinic(rng: np.random.Generator, seed: int) -> Clinic:
    simulated = simulated_clinic(seed)
    model = ClinicModel.fit(simulated.intakes, simulated.therapists, simulated.ratings, scale=simulated.scale)
    directory = Directory.of(simulated.therapists)
    pairs = pairs_of(simulated.intakes, directory, DEFAULT, model, None)
    expected = simulated.expected[pairs.rows]
    order = rng.permutation(len(pairs.score))
    half = len(order) // 2
    return Clinic(
        pairs=pairs,
        true=np.where(np.isnan(pairs.score), np.nan, expected),
        known=order[:half],
        coming=order[half:],
        places=rng.integers(*PLACES, N_THERAPISTS),
        flow=Flow(arrivals_per_week=1, course_days=course_days(simulated)),
    )


def simulated_clinic(seed: int) -> SimulatedClinic:
    return simulate(np.random.default_rng((14, seed)), n_therapists=N_THERAPISTS, n_clients=N_CLIENTS)


def course_days(simulated: SimulatedClinic) -> tuple[float, ...]:
    return tuple(7.0 * n for n in simulated.courses.n_held.tolist())


def one_load(
    rng: np.random.Generator,
    clinic: Clinic,
    load: float,
    found: dict[tuple[float, str, str], Kept],
    seconds: dict[str, list[float]],
) -> None:
    """The year of one clinic under every policy and rule, the same arrivals throughout."""
    a_day = load * clinic.places.sum() / clinic.flow.mean_course_days
    busy = rng.binomial(clinic.places, min(load, 1.0))
    courses = np.asarray(clinic.flow.course_days)
    arrivals = draw_arrivals(rng, len(clinic.coming), clinic.places, busy, a_day, courses)
    outlook = Outlooks(clinic.pairs.score[clinic.known], a_day, clinic.flow.mean_course_days)
    coming = clinic.pairs.take(clinic.coming)
    worths = {EXPECTED: coming.alliance, TRUE: clinic.true[clinic.coming]}
    bounds = {name: upper_bound(worth, arrivals) for name, worth in worths.items()}
    for turn in TURNS:
        for policy in POLICIES:
            start = time.process_time()
            year = run(coming.score, arrivals, pricing(policy, outlook), turn)
            seconds[policy].append(time.process_time() - start)
            for by, worth in worths.items():
                kept_ = found.setdefault((load, turn, by), {})
                kept_.setdefault(policy, []).append(figures(year, worth, bounds[by]))


def compared(load: float, turn: str, by: str, years: Kept) -> Iterator[Row]:
    """The forecast against both others: the total for each, the worst off and the hard to place against greedy."""
    promised = (load, turn) in PROMISED and by == EXPECTED
    where = f"{load:.0%}, {turn.replace('_', ' ')}, {by}"
    for other in (GREEDY, ONE_SHOT):
        for one in differences(years[FORECAST], years[other]):
            if one.figure != ALLIANCE and (other != GREEDY or one.figure not in (WORST_TENTH, HARD_TO_PLACE)):
                continue
            reach = promised and (one.figure == ALLIANCE or (one.figure == WORST_TENTH and load < 1))
            difference = one.difference
            half = difference.upper - difference.value
            yield Row(
                f"{where}: {one.figure.replace('_', ' ')} {difference.value:+.4f}±{half:.4f}",
                f"{one.ours:.4f}",
                f"{other} {one.theirs:.4f}",
                one.ours / one.theirs if one.theirs else None,
                "above" if reach else "",
                bool(difference.lower > 0) if reach else None,
            )


def timed(seconds: dict[str, list[float]]) -> Iterator[Row]:
    ours, floor = (statistics.median(seconds[name]) for name in (FORECAST, GREEDY))
    met = ours < WELL_UNDER_A_SECOND
    yield Row("a year, processor time", f"{ours:.2f} s", f"greedy {floor:.2f} s", ours / floor, "0.5 s", met)


def gates() -> Iterator[Row]:
    """What the gate says of one clinic's own intakes: all but empty, busy, and too busy, from its first day on."""
    simulated = simulated_clinic(0)
    model = ClinicModel.fit(simulated.intakes, simulated.therapists, simulated.ratings, scale=simulated.scale)
    places = np.random.default_rng(15).integers(*PLACES, N_THERAPISTS).tolist()
    for load, expected in ((0.05, False), (0.9, True), (1.2, False)):
        taken = [min(n, round(load * n)) for n in places]
        free = [n - busy for n, busy in zip(places, taken, strict=True)]
        people = [replace(one, capacity=n) for one, n in zip(simulated.therapists, free, strict=True)]
        caseload = {one.id: n for one, n in zip(simulated.therapists, taken, strict=True)}
        flow = Flow(arrivals_per_week=1, course_days=course_days(simulated), caseload=caseload)
        said = scarcity_trial(simulated.intakes, Directory.of(people), flow, model=model, load=load)
        gain = said.of(ALLIANCE).difference
        shown = f"{gain.value:+.4f} ({gain.lower:+.4f} …)"
        reach = "serves" if expected else "refused"
        yield Row(f"the gate at {load:.0%}", said.reason, shown, None, reach, said.serves == expected)


def kept(found: dict[tuple[float, str, str], Kept]) -> dict[str, Any]:
    """Means over the clinics of every figure of every policy."""
    return {
        f"{load:.0%}, {turn}, {by}": {
            policy: {code: round(float(np.mean([year[code] for year in years])), 4) for code in years[0]}
            for policy, years in by_policy.items()
        }
        for (load, turn, by), by_policy in found.items()
    }


if __name__ == "__main__":
    raise SystemExit(0 if main() else 1)
