"""``make bench ONLY=alerts``: how many of the courses that truly drop are called, and how many that do not.

Clinics of 40 therapists are simulated and fitted as the product does it; then 900 clients come who were never seen,
each to one therapist, once with courses in which nothing changes and once with a drop by one standard deviation of the
dyad at some session. Every detector sees the same courses, at the same false alarms.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from benchmarks.curves import Curve, Panel, drawn
from benchmarks.report import RESULTS, Row, publish
from matcher import ClinicModel, CoursePrior, SimulatedClinic, simulate, watch
from matcher.encoding import ClientArrays, Directory
from matcher.simulation.courses import LONGEST, TYPICAL_SESSION, Courses, follow
from matcher.simulation.effects import client_effect
from matcher.simulation.truth import EXPLAINED_OF_CLIENT, TREND
from matcher.trajectory import KINDS, signals
from matcher.trajectory.signals import LOW

Floats = NDArray[np.float64]
SHARES = (0.05, 0.15, 0.30)
N_CLINICS, REPEATS = 6, 3
AT = (1, 2, 3, 5, 7, 10, 15, 20, 30)  # false alarms per 100 courses
OURS, KNOWN, FIXED, UNCENSORED = "ours", "same, knows all parameters", "fixed cut", "CUSUM, knows all, no ceiling"
DAYS = 7


@dataclass(frozen=True)
class Year:
    """The courses of a clinic's newcomers, once without and once with a drop, and what each detector made of them.

    Evidence is (courses, sessions); ``falls`` the session of the drop, ``happened`` whether there was one before the
    course ended; ``called`` and ``called_anyway`` the sessions after which the whole watch called a course, 0 for none,
    with a drop and without; the kinds are those that stood at the end.
    """

    steady: dict[str, Floats]
    falling: dict[str, Floats]
    falls: NDArray[np.int64]
    happened: NDArray[np.bool_]
    called: NDArray[np.int64]
    called_anyway: NDArray[np.int64]
    truly_low: NDArray[np.bool_]
    kinds_steady: list[str]
    kinds_falling: list[str]


def main() -> bool:
    rows, figures, panels = [], {}, []
    for share in SHARES:
        years = list(tqdm(_years(share), f"dyads {share:.0%}", N_CLINICS * REPEATS, file=sys.stderr))
        found = {name: _sensitivities(years, name) for name in years[0].steady}
        rows += [*_curve_rows(share, years, found), *_year_rows(share, years)]
        curves = {name: values.round(4).tolist() for name, values in found.items()}
        figures[f"{share:g}"] = {"false_alarms_per_100": AT, "sensitivity": curves, "kinds_per_100": _kinds(years)}
        panels.append(Panel(f"dyads {share:.0%} of the variance", tuple(Curve(k, AT, v) for k, v in found.items())))
    RESULTS.joinpath("alerts.svg").write_text(drawn(panels, "false alarms per 100 courses", "of true drops, called"))
    notes = (
        f"{N_CLINICS} clinics of 40 therapists, {REPEATS} times 900 newcomers each, with and without a drop",
        "most drops of this size are not called by any detector: a course is short, and sessions differ by themselves",
    )
    return publish("alerts", "make bench ONLY=alerts", rows, notes, figures)


def _years(share: float) -> Iterator[Year]:
    for seed in range(N_CLINICS):
        rng = np.random.default_rng((16, round(100 * share), seed))
        clinic = simulate(rng, n_therapists=40, n_clients=1800, dyad_share=share, new_client_share=0.5)
        model = ClinicModel.fit(clinic.intakes, clinic.therapists, clinic.ratings, scale=clinic.scale)
        met = {rating.client_id for rating in clinic.ratings}
        new = np.array([row for row, intake in enumerate(clinic.intakes) if intake.id not in met][:900])
        for _ in range(REPEATS):
            yield _year(rng, clinic, model, new, share)


def _year(
    rng: np.random.Generator, clinic: SimulatedClinic, model: ClinicModel, new: NDArray[np.intp], share: float
) -> Year:
    therapist, directory = rng.integers(0, len(clinic.therapists), len(new)), Directory.of(clinic.therapists)
    clients = ClientArrays.of(clinic.intakes)
    prior = model.course_prior(clients.take(new), directory, therapist)
    known = _known(clinic, clients, new, therapist)
    steady, _ = follow(rng, clinic.truth, new, therapist)
    falling, falls = follow(rng, clinic.truth, new, therapist, falls_by=float(np.sqrt(share)))
    forms, later = (np.mean(~course.form[course.held]) for course in (steady, falling))
    found = [_evidence(clinic, course, prior, known, share) for course in (steady, falling)]
    watched = [
        watch(prior, _scores(clinic, course), course.held, missing_share=float(missing))
        for course, missing in ((steady, forms), (falling, later))
    ]
    happened = falls <= falling.n_held
    level = clinic.ruler.latent(clinic.truth.alliance[new, therapist] + TREND * np.log(1 / TYPICAL_SESSION))
    low = level - prior.mean < LOW * prior.sd
    kinds = [watched[0].kind.tolist(), watched[1].kind[happened].tolist()]
    return Year(*found, falls, happened, watched[1].first, watched[0].first, low, *kinds)


def _known(
    clinic: SimulatedClinic, clients: ClientArrays, new: NDArray[np.intp], therapist: NDArray[np.intp]
) -> CoursePrior:
    """What somebody believes who knows every coefficient, variance and therapist of the truth, and nobody's rest."""
    truth, unit = clinic.truth, clinic.ruler.unit
    by_client = client_effect(clients)[new] * np.sqrt(EXPLAINED_OF_CLIENT * truth.shares.client)
    third = by_client + truth.therapist[therapist] + truth.match[new, therapist]
    rest = truth.shares.dyad + (1 - EXPLAINED_OF_CLIENT) * truth.shares.client
    n = len(new)
    return CoursePrior(
        clinic.ruler.latent(third - TREND * np.log(TYPICAL_SESSION)),
        np.full(n, unit * np.sqrt(rest)),
        np.full(n, unit * TREND),
        unit * truth.session_sd,
        clinic.scale,
    )


def _scores(clinic: SimulatedClinic, course: Courses) -> Floats:
    return np.where(course.form, clinic.ruler.score(course.alliance), np.nan)


def _evidence(
    clinic: SimulatedClinic, course: Courses, prior: CoursePrior, known: CoursePrior, share: float
) -> dict[str, Floats]:
    scores = _scores(clinic, course)
    lowest = np.fmin.accumulate(np.where(np.isnan(scores), clinic.scale.top, scores), axis=1)
    return {
        OURS: signals(prior, scores, course.held, 0.2).drop,
        KNOWN: signals(known, scores, course.held, 0.2).drop,
        FIXED: -lowest,
        UNCENSORED: _cusum(clinic, course, float(np.sqrt(share))),
    }


def _cusum(clinic: SimulatedClinic, course: Courses, drop: float) -> Floats:
    """Page's, of the latent alliances themselves, by somebody who knows each dyad's level and the size of the drop."""
    truth, number = clinic.truth, np.arange(1, LONGEST + 1)
    usual = truth.alliance[course.client, course.therapist][:, None] + TREND * np.log(number / TYPICAL_SESSION)
    ratio = np.where(course.form, -drop * (course.alliance - usual) - drop**2 / 2, 0.0) / truth.session_sd**2
    found, standing = np.zeros(ratio.shape), np.zeros(len(ratio))
    for column in range(LONGEST):
        standing = np.maximum(standing, 0) + ratio[:, column]
        found[:, column] = standing
    return found


def _sensitivities(years: list[Year], name: str) -> Floats:
    """Of the drops that happened, how many are called at or after the drop and not before, at each rate of ``AT``."""
    return np.array([np.mean(np.concatenate(_found(years, name, rate))) for rate in AT])


def _found(years: list[Year], name: str, rate: float) -> list[NDArray[np.bool_]]:
    """Year by year, of each drop whether it was called, where this many of 100 steady courses are called."""
    strongest = np.sort(np.concatenate([year.steady[name].max(axis=1) for year in years]))
    cut = strongest[len(strongest) - 1 - int(rate / 100 * len(strongest))]
    return [_is_called(year.falling[name] > cut, year) for year in years]


def _is_called(crossed: NDArray[np.bool_], year: Year) -> NDArray[np.bool_]:
    first = np.where(crossed.any(axis=1), crossed.argmax(axis=1) + 1, 0)
    return np.asarray(first >= year.falls)[year.happened]


def _curve_rows(share: float, years: list[Year], found: dict[str, Floats]) -> Iterator[Row]:
    at = AT.index(5)
    ours, known, fixed, best = (float(found[name][at]) for name in (OURS, KNOWN, FIXED, UNCENSORED))
    spread = _spread_of_ratio(years)
    label = f"dyads {share:.0%}, 5 false alarms per 100: "
    ratio = ours / known
    yield Row(
        f"{label}beside who knows all", f"{ours:.3f}", f"{known:.3f}, ratio ±{spread:.3f}", ratio, "0.9", ratio >= 0.9
    )
    yield Row(f"{label}beside a fixed cut", f"{ours:.3f}", f"{fixed:.3f}", ours / fixed, ">1", ours > fixed)
    yield Row(f"{label}beside CUSUM, all known", f"{ours:.3f}", f"{best:.3f}", ours / best, "", None)


def _kinds(years: list[Year]) -> dict[str, dict[str, float]]:
    found = {}
    for name in ("kinds_steady", "kinds_falling"):
        kinds = [kind for year in years for kind in getattr(year, name)]
        found[name] = {kind: round(100 * kinds.count(kind) / len(kinds), 2) for kind in KINDS}
    return found


def _spread_of_ratio(years: list[Year]) -> float:
    """Half a 95 % interval of the ratio of ours to who knows all, by leaving out one year at a time."""
    ours, known = (np.array([found.sum() for found in _found(years, name, 5)]) for name in (OURS, KNOWN))
    without = (ours.sum() - ours) / (known.sum() - known)
    n = len(without)
    return float(1.96 * np.sqrt((n - 1) / n * np.sum((without - without.mean()) ** 2)))


def _year_rows(share: float, years: list[Year]) -> Iterator[Row]:
    """The whole watch at the thresholds that are stored, all kinds."""
    label = f"dyads {share:.0%}, a year: "
    false = np.concatenate([(year.called_anyway > 0) & ~year.truly_low for year in years])
    right = np.concatenate([year.truly_low & (year.called_anyway > 0) for year in years])
    found = np.concatenate([(year.called >= year.falls)[year.happened] for year in years])
    chance = np.concatenate([(year.called_anyway >= year.falls)[year.happened] for year in years])
    weeks = np.concatenate([(year.called - year.falls)[year.happened & (year.called >= year.falls)] for year in years])
    yield Row(f"{label}false alarms per 100 courses", f"{100 * false.mean():.1f}", "asked for 5", None, "", None)
    yield Row(f"{label}calls of the truly low, per 100", f"{100 * right.mean():.1f}", "", None, "", None)
    yield Row(f"{label}drops called", f"{found.mean():.3f}", f"without a drop {chance.mean():.3f}", None, "", None)
    middle, late = np.quantile(DAYS * weeks, [0.5, 0.9])
    yield Row(f"{label}days until, median", f"{middle:.0f}", f"nine tenths {late:.0f}", None, "", None)
