"""``make bench ONLY=ranking``: what one intake costs, from the service down to the bare arithmetic.

Everything on one thread in one warm process; ours and the floor are taken in turn, and the ratio is that of pairs.
"""

from __future__ import annotations

import json
import sqlite3
import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path

import numpy as np

from benchmarks import clinics
from benchmarks.clinics import Stored
from benchmarks.report import Row, one_thread, paired, publish, seconds, shown
from matcher import DEFAULT_WEIGHTS, ClinicModel, Directory, SimulatedClinic, rank
from matcher.encoding import ClientArrays
from matcher.entities import Intake, Therapist
from matcher.factors.base import Circumstances
from matcher.factors.registry import FACTORS
from matcher.scoring import factor_values
from matcher.simulation.clinic import TODAY
from web.db.queries import clinics as clinic_rows
from web.db.queries import directory
from web.services import matching, models

COMMAND = "make bench ONLY=ranking"
TOP = 5
PEOPLE = 10  # different intakes a run; the times are for one of them
REPEATS, COLD_REPEATS = 25, 7
Times = tuple[float, float, float]


@dataclass(frozen=True)
class Ready:
    """All that ``rank`` needs, in memory."""

    directory: Directory
    model: ClinicModel
    today: date

    def ranked(self, intake: Intake) -> object:
        return rank(intake, self.directory, model=self.model, today=self.today, top=TOP)


def main() -> bool:
    with one_thread():
        small, large = served(), alone()
    rows = [row(*said) for said in (*small, *large)]
    figures = {label: {"ours s": times[0], "floor s": times[1]} for label, _, times in (*small, *large)}
    return publish("ranking", COMMAND, rows, NOTES, figures)


def row(label: str, floor: str, times: Times) -> Row:
    """Times of one intake; there is nothing to reach yet."""
    return Row(label, shown(times[0]), f"{floor} {shown(times[1])}", times[2], "", None)


def served() -> list[tuple[str, str, Times]]:
    """500 therapists: the service beside ``rank`` alone, then with a directory that another worker has changed."""
    simulated = clinics.invented(500, 1_000)
    with clinics.temporary() as folder:
        clinic = clinics.stored(folder, simulated)
        people = typical(simulated, TOP)
        ready = Ready(Directory.of(simulated.therapists), model_of(clinic), TODAY)
        warm = each(people, partial(listed, clinic), ready.ranked)
        cold = after_changes(clinic, simulated.therapists, people)
    return [
        ("500 therapists, service, directory known", "rank alone", warm),
        ("500 therapists, service, directory read anew", "read alone", cold),
    ]


def alone() -> list[tuple[str, str, Times]]:
    """10,000 therapists: ``rank`` beside the arithmetic that no ranking by eight factors can do without."""
    simulated = clinics.invented(10_000, 300)
    model = ClinicModel.fit(simulated.intakes, simulated.therapists, simulated.ratings, scale=simulated.scale)
    ready = Ready(Directory.of(simulated.therapists), model, TODAY)
    people = typical(simulated, TOP)
    values = {intake.id: factors(intake, ready) for intake in people}
    weights = np.array([DEFAULT_WEIGHTS.values[factor.code] for factor in FACTORS])
    times = each(people, ready.ranked, lambda intake: best(weights, values[intake.id]))
    return [("10,000 therapists, matcher, fitted model", "sum and sort", times)]


def typical(simulated: SimulatedClinic, fewest: int) -> list[Intake]:
    """The first people who have a choice."""
    directory = Directory.of(simulated.therapists)
    chosen: list[Intake] = []
    for intake in simulated.intakes:
        if len(rank(intake, directory, top=fewest).matches) == fewest:
            chosen.append(intake)
        if len(chosen) == PEOPLE:
            break
    return chosen


def model_of(clinic: Stored) -> ClinicModel:
    """The very model that the service uses."""
    with clinic.session() as session:
        model = models.serving(session, clinic.id)
    if model is None:
        raise SystemExit("the clinic has no model")
    return model


def each(people: Sequence[Intake], ours: Callable[[Intake], object], floor: Callable[[Intake], object]) -> Times:
    """Seconds an intake; every run is for the same people in the same order."""
    first, second, ratio = paired(
        lambda: [ours(intake) for intake in people], lambda: [floor(intake) for intake in people], REPEATS
    )
    return first / len(people), second / len(people), ratio


def listed(clinic: Stored, intake: Intake) -> object:
    """A list as a request gets it: a session, the reads, the ranking."""
    with clinic.session() as session:
        return matching.for_intake(session, clinic.id, intake, top=TOP, today=TODAY)


def after_changes(clinic: Stored, therapists: Sequence[Therapist], people: Sequence[Intake]) -> Times:
    """Before every list somebody has changed the directory, so that this process must read it again."""
    model, pairs = model_of(clinic), []
    for intake in [people[0], *people[:COLD_REPEATS]]:
        with clinic.session(writes=True) as session:
            one = directory.every(session)[:1]
            directory.keep_version(session, one, clinic_rows.directory_changed(session, clinic.id))
        ours = seconds(partial(listed, clinic, intake))
        pairs.append((ours, seconds(partial(barely_read, clinic, therapists, model, intake))))
    kept = pairs[1:]
    middle = [statistics.median(times) for times in zip(*kept, strict=True)]
    return middle[0], middle[1], statistics.median(a / b for a, b in kept)


def barely_read(clinic: Stored, therapists: Sequence[Therapist], model: ClinicModel, intake: Intake) -> object:
    """The same rows read and parsed and thrown away; then ready-made therapists encoded and ranked."""
    with sqlite3.connect(Path(clinic.url.removeprefix("sqlite:///"))) as connection:
        found = connection.execute("SELECT external_id, name, capacity, profile FROM therapists").fetchall()
        if len([json.loads(profile) for *_, profile in found]) != len(therapists):
            raise SystemExit("the floor read another directory")
    connection.close()
    return rank(intake, Directory.of(therapists), model=model, today=TODAY, top=TOP)


def factors(intake: Intake, ready: Ready) -> np.ndarray:
    """Every factor's value for every therapist, (factors, therapists)."""
    clients = ClientArrays.of((intake,))
    here = Circumstances(ready.today, ready.model.standing(clients, ready.directory))
    return np.ascontiguousarray(factor_values(clients, ready.directory, here)[:, 0])


def best(weights: np.ndarray, values: np.ndarray) -> np.ndarray:
    """The rows of the highest weighted sums, best first."""
    score = weights @ values
    top = np.argpartition(score, len(score) - TOP)[-TOP:]
    return top[np.argsort(-score[top])]


NOTES = (
    f"medians of {REPEATS} pairs ({COLD_REPEATS} where the directory is read anew), one thread, SQLite in a file",
    f"a run is {PEOPLE} different people's lists, top {TOP}, the time is for one; the ratio is the median over pairs",
    "500: fitted on 1,000 clients, brought in by the import; ours is session, reads, ranking, explanation",
    "rank alone: the same model and therapists in memory; the ratio is what the service adds",
    "read alone: the same rows by sqlite3, profiles parsed and dropped, ready-made therapists encoded and ranked",
    "10,000: fitted on 300 clients; ours is eligibility, all factors, the model, order, reasons and outlooks",
    "sum and sort: one 8 x 10,000 weighted sum over ready-made values and a partial sort: no ranking can do less",
)
