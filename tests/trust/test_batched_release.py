"""A therapist who knows the calendar, watches every release and their own card learns of nobody what they said.

The therapist of these tests knows more than any real one: who said something on which day, which check-ins each release
counted, how figures are made, and how clients differ; and has their own expected alliance to the last digit, from a
model that is fitted as soon as a rating counts, whose variances they know. They guess as well as can be done from all
of it together (the best linear guess, over all releases, figures and cards). What is guessed is whether a rating, or a
client's mean, was above the middle; what it is held against is the better of the two guesses that are the same for
everybody.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from numpy.typing import NDArray

from matcher import strengths, told
from matcher import vocabulary as v
from matcher.development import BATCHES, SLIDERS, Batches, Fresh, Voice
from matcher.development.batches import BETTER_BY, STEPS

Floats = NDArray[np.float64]
BEGIN = datetime(2026, 1, 5, tzinfo=UTC)
WEEKS, MIDDLE, THERAPISTS, CLIENTS, SESSIONS = 20, 7.0, 0.5, 1.2, 1.3  # the last three are standard deviations
OWN_SCALE, BOTHERS, USUAL = 0.7, 0.4, 0.3  # of a scale; of a tag per point of score; of a tag
TAGS = [("helped", code) for code in v.HELPS.codes] + [("hindered", code) for code in v.HINDRANCES.codes]
AT_ONCE = Batches(fewest=1, days=(0.0, 0.0), days_apart=0.0, hidden_among=1)
CARD = 1e-6  # variance of what a card leaves open


@dataclass(frozen=True)
class Half:
    """Half a year of one therapist: the day, the client, the score, four scales and tags of every check-in (n,)."""

    day: NDArray[np.int64]
    client: NDArray[np.int64]
    score: Floats
    scales: Floats
    tags: Floats


def half_a_year(rng: np.random.Generator, n_clients: int) -> Half:
    begins = rng.integers(-70, 7 * WEEKS - 14, n_clients)
    level = MIDDLE + THERAPISTS * rng.standard_normal() + CLIENTS * rng.standard_normal(n_clients)
    day, client = np.array(sorted(
        (int(begins[c]) + 7 * k, c) for c in range(n_clients) for k in range(int(rng.integers(3, 13)))
        if 0 <= begins[c] + 7 * k < 7 * WEEKS and rng.random() < 0.8
    )).T  # fmt: skip
    score = np.clip(level[client] + SESSIONS * rng.standard_normal(len(client)), 0, 10)
    scales = np.clip(score[:, None] + OWN_SCALE * rng.standard_normal((len(score), len(SLIDERS))), 0, 10)
    lean = np.where([kind == "helped" for kind, _code in TAGS], BOTHERS, -BOTHERS) * (score[:, None] - MIDDLE)
    tags = rng.random((len(score), len(TAGS))) < 1 / (1 + np.exp(-(np.log(USUAL / (1 - USUAL)) + lean)))
    return Half(day, client, score, scales, tags.astype(float))


def voices(found: Half, counted: NDArray[np.bool_], name: str) -> list[Voice]:
    made = []
    for c in np.unique(found.client[counted]):
        here = counted & (found.client == c)
        said = found.tags[here].mean(axis=0)
        tagged = {
            kind: {code: float(part) for (of, code), part in zip(TAGS, said, strict=True) if of == kind}
            for kind in ("helped", "hindered")
        }
        scales = dict(zip(SLIDERS, found.scales[here].mean(axis=0).tolist(), strict=True))
        made.append(Voice(name, f"{name}-{c}", scales, **tagged))
    return made


@pytest.fixture(scope="module")
def others() -> list[Voice]:
    rng = np.random.default_rng(8)
    halves = [half_a_year(rng, 25) for _ in range(6)]
    return [voice for k, half in enumerate(halves) for voice in voices(half, half.score > -1, f"other-{k}")]


@dataclass(frozen=True)
class Watched:
    """What is known of a release: which check-ins it counted, the part that each has in its means (n,), and per figure
    what it says."""

    counted: NDArray[np.bool_]
    part: Floats
    said: Floats
    doubt: Floats


def card(found: Half, counted: NDArray[np.bool_]) -> tuple[Floats, float]:
    """What a card says from when these ratings count: the part that each has in it, and the therapist's effect.

    û = Σ_c k_c ȳ_c / (1/THERAPISTS² + Σ k_c), k_c = 1/(CLIENTS² + SESSIONS²/n_c) (Henderson 1975, Biometrics 31).
    """
    n_said = np.bincount(found.client, counted, minlength=found.client.max() + 1)[found.client]
    n = np.maximum(n_said, 1)
    part = np.where(counted, 1 / (CLIENTS**2 + SESSIONS**2 / n) / n, 0.0)
    part /= 1 / THERAPISTS**2 + part.sum()
    return part, float(part @ (found.score - MIDDLE))


def releases(found: Half, others: list[Voice], batches: Batches, rng: np.random.Generator) -> Iterator[Watched]:
    """Every release of the half year, a day at a time, as the therapist sees it."""
    counted, last, moment = np.zeros(len(found.day), dtype=np.bool_), None, None
    for day in range(7 * WEEKS + 21):
        now = BEGIN + timedelta(days=day + 1)
        waits = (found.day <= day) & ~counted
        n = len(np.unique(found.client[waits]))
        if moment is None and n >= batches.fewest:
            moment = batches.moment(now, last, rng)
        if moment is None or moment > now:
            continue
        counted, last, moment = counted | waits, now, None
        findings = strengths(others + voices(found, counted, "me"), "me")
        figures = told(findings, Fresh(n, {}), rng, batches=batches)
        if findings[0].estimate is not None:
            yield watched(found, counted, findings, figures, batches.chance(n))


def watched(found: Half, counted: NDArray[np.bool_], findings, figures, chance: float) -> Watched:  # type: ignore[no-untyped-def]
    """A figure is typical + weight · (plain mean − typical): turned around, with what rounding and chance leave."""
    n_clients = len(np.unique(found.client[counted]))
    n_said = np.bincount(found.client, counted, minlength=found.client.max() + 1)[found.client]
    part = np.where(counted, 1 / (n_clients * np.maximum(n_said, 1)), 0.0)
    said, doubt = [], []
    for finding, figure in zip(findings, figures, strict=True):
        one = finding.estimate
        said.append(one.typical + (figure["mean"] - one.typical) / max(one.weight, 0.02))
        blur = (chance * finding.influence) ** 2 + STEPS[finding.kind] ** 2 / 12
        doubt.append(blur / max(one.weight, 0.02) ** 2)
    return Watched(counted, part, np.array(said), np.array(doubt))


def guessed(found: Half, seen: list[Watched], cards: list[tuple[Floats, float]]) -> Floats:
    """The best linear guess of every score (n,) from all figures of all releases, and from all cards."""
    if not seen:
        return np.full(len(found.score), MIDDLE)
    part = np.array([one.part for one in seen])
    same = found.client[:, None] == found.client
    of_scores = THERAPISTS**2 + CLIENTS**2 * same + SESSIONS**2 * np.eye(len(found.score))
    slope = USUAL * (1 - USUAL) * BOTHERS
    lean = np.array([1.0] * len(SLIDERS) + [slope if kind == "helped" else -slope for kind, _code in TAGS])
    own = np.array([OWN_SCALE**2] * len(SLIDERS) + [USUAL * (1 - USUAL)] * len(TAGS))
    usual = np.array([MIDDLE] * len(SLIDERS) + [USUAL] * len(TAGS))
    # the four scales share their chance: together they are no better than one, so that their mean is one figure
    said = np.array([one.said for one in seen]) - usual
    doubt = np.array([one.doubt for one in seen])
    mean = said[:, : len(SLIDERS)].mean(axis=1)
    said, doubt = np.c_[mean, said[:, len(SLIDERS) :]], np.c_[doubt[:, 0], doubt[:, len(SLIDERS) :]]
    lean, own = np.r_[1.0, lean[len(SLIDERS) :]], np.r_[own[0] / len(SLIDERS), own[len(SLIDERS) :]]
    on_card = np.array([one for one, _effect in cards])
    in_score = np.r_[np.kron(lean[:, None], part), on_card]  # what is seen = in_score · (scores - middle) + noise
    noise = np.diag(np.r_[doubt.T.ravel(), CARD * np.square(on_card).sum(axis=1)])
    noise[: doubt.size, : doubt.size] += np.kron(np.diag(own), part @ part.T)
    what = np.r_[said.T.ravel(), [effect for _one, effect in cards]]
    return MIDDLE + of_scores @ in_score.T @ np.linalg.solve(in_score @ of_scores @ in_score.T + noise, what)


def better_than_base(found: Half, guess: Floats) -> tuple[float, float]:
    """How much better the guesses of ratings, and of clients' means, are than the same guess for everybody."""
    n = np.bincount(found.client)
    kept = n > 0
    truth, thought = (np.bincount(found.client, x)[kept] / n[kept] for x in (found.score, guess))
    return _better(found.score, guess), _better(truth, thought)


def _better(truth: Floats, guess: Floats) -> float:
    high = truth > MIDDLE
    return float(np.mean((guess > MIDDLE) == high)) - max(float(high.mean()), 1 - float(high.mean()))


def advantage(
    others: list[Voice], batches: Batches, runs: int, n_clients: int = 40, *, card_at_once: bool = False
) -> tuple[float, float]:
    found = []
    for k in range(runs):
        rng = np.random.default_rng([k, n_clients])
        half = half_a_year(rng, n_clients)
        seen = list(releases(half, others, batches, rng))
        counted = [half.day <= day for day in np.unique(half.day)] if card_at_once else [one.counted for one in seen]
        found.append(better_than_base(half, guessed(half, seen, [card(half, some) for some in counted])))
    ratings, clients = np.mean(found, axis=0)
    print(f"{runs} runs, {n_clients} clients, {batches}, {card_at_once=}: {ratings:+.3f}, clients {clients:+.3f}")
    return float(ratings), float(clients)


@pytest.mark.P2
@pytest.mark.parametrize("n_clients", [12, 40])
def test_who_knows_the_calendar_and_watches_every_release_guesses_no_better_than_by_the_base_rate(
    others: list[Voice], trials: Callable[[int, int], int], tried: Callable[[int], None], n_clients: int
) -> None:
    runs = trials(60, 1000)
    ratings, clients = advantage(others, BATCHES, runs, n_clients)
    tried(runs)
    assert ratings <= BETTER_BY and clients <= BETTER_BY


@pytest.mark.P2
def test_the_guess_is_good_where_each_check_in_is_told_at_once(
    others: list[Voice], trials: Callable[[int, int], int], tried: Callable[[int], None]
) -> None:
    """The planted hole: the same therapist finds out what single people said, so that the test above can fail."""
    runs = trials(4, 50)
    ratings, clients = advantage(others, AT_ONCE, runs)
    tried(runs)
    assert ratings > BETTER_BY and clients > BETTER_BY


@pytest.mark.P2
def test_the_guess_is_good_where_the_model_reads_each_rating_at_once(
    others: list[Voice], trials: Callable[[int, int], int], tried: Callable[[int], None]
) -> None:
    """Another hole: releases as they are, and a card that moves with every rating that came in."""
    runs = trials(4, 50)
    ratings, clients = advantage(others, BATCHES, runs, card_at_once=True)
    tried(runs)
    assert ratings > BETTER_BY and clients > BETTER_BY
