"""Courses of sessions: how long they last, who leaves early, and which forms come back.

Leaving early and leaving a form empty both follow the alliance of the session itself, its unseen part included, so
that neither is ignorable: what the ratings show is better than what was felt.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from matcher.encoding.bits import Flags, Floats
from matcher.simulation.assigning import Appeal, Rows
from matcher.simulation.truth import TREND, Truth

LONGEST = 40
TYPICAL_SESSION = 3
# Log odds per session and their slope on its alliance, set so that a fifth leaves early, with d about .55 between those
# who leave and those who stay, and a fifth of the forms is missing
LEAVES, LEAVES_BY_ALLIANCE = -3.52, -0.53
MISSING, MISSING_BY_ALLIANCE = -1.32, -0.5
SWITCHES, SWITCHES_AFTER_LEAVING = 0.13, 0.4
HISTORY_DAYS = 700


@dataclass(frozen=True, eq=False)
class Courses:
    """n courses of at most 40 sessions, one row a dyad.

    ``client`` and ``therapist`` are rows; ``start_day`` counts from the first day of the clinic's history; ``n_held``
    sessions were held; ``left`` says that the client left before the end. ``alliance`` (n, 40) is what each session was
    like, in standard deviations; ``form`` (n, 40) whether it was held and rated.
    """

    client: Rows
    therapist: Rows
    start_day: NDArray[np.int64]
    n_held: NDArray[np.int64]
    left: Flags
    alliance: Floats
    form: Flags

    def __len__(self) -> int:
        return len(self.client)

    @property
    def held(self) -> Flags:
        """Whether each session was held, (n, 40)."""
        return np.asarray(np.arange(LONGEST) < self.n_held[:, None])

    def then(self, later: Courses) -> Courses:
        """These courses, and later ones after them."""
        return Courses(*(np.concatenate([getattr(self, f.name), getattr(later, f.name)]) for f in fields(self)))


def draw_courses(rng: np.random.Generator, truth: Truth, appeal: Appeal, seen: Rows) -> Courses:
    """The courses of the clients who were seen; some of them come back to somebody else, most of all after leaving."""
    start = rng.integers(0, HISTORY_DAYS, len(seen))
    first = _courses(rng, truth, seen, appeal.choose(rng, seen), start)
    again = rng.random(len(first)) < np.where(first.left, SWITCHES_AFTER_LEAVING, SWITCHES)
    clients, before = first.client[again], first.therapist[again]
    pause = rng.integers(14, 60, len(clients))
    start = first.start_day[again] + 7 * first.n_held[again] + pause
    return first.then(_courses(rng, truth, clients, appeal.choose(rng, clients, but=before), start))


def follow(
    rng: np.random.Generator, truth: Truth, client: Rows, therapist: Rows, *, falls_by: float = 0.0
) -> tuple[Courses, NDArray[np.int64]]:
    """One course of each of these pairs, and the session from which on it lies lower by ``falls_by``.

    That session is any but the first of those that were planned, each as likely; it is ``LONGEST + 1`` where only one
    was planned or nothing falls. Who falls leaves sooner and returns fewer forms, as everybody with weak sessions.
    """
    alliance, planned = _sessions(rng, truth, client, therapist), _planned(rng, len(client))
    falls = 2 + np.floor(rng.random(len(client)) * (planned - 1)).astype(np.int64)
    falls = np.where((planned > 1) & (falls_by != 0), falls, LONGEST + 1)
    lower = falls_by * (np.arange(1, LONGEST + 1) >= falls[:, None])
    start = np.zeros(len(client), dtype=np.int64)
    return _attended(rng, (client, therapist, start), alliance - lower, planned), falls


def _courses(
    rng: np.random.Generator, truth: Truth, client: Rows, therapist: Rows, start: NDArray[np.int64]
) -> Courses:
    placed = therapist >= 0
    client, therapist, start = client[placed], therapist[placed], start[placed]
    alliance = _sessions(rng, truth, client, therapist)
    return _attended(rng, (client, therapist, start), alliance, _planned(rng, len(client)))


def _planned(rng: np.random.Generator, n: int) -> NDArray[np.int64]:
    return np.minimum(1 + rng.negative_binomial(2.5, 0.24, n), LONGEST)


def _attended(
    rng: np.random.Generator, who: tuple[Rows, Rows, NDArray[np.int64]], alliance: Floats, planned: NDArray[np.int64]
) -> Courses:
    """Who leaves early, and which forms come back."""
    leaves = rng.random(alliance.shape) < _chance(LEAVES + LEAVES_BY_ALLIANCE * alliance)
    after = np.where(leaves.any(axis=1), leaves.argmax(axis=1) + 1, LONGEST + 1)
    n_held = np.minimum(planned, after)
    returned = rng.random(alliance.shape) >= _chance(MISSING + MISSING_BY_ALLIANCE * alliance)
    form = returned & (np.arange(LONGEST) < n_held[:, None])
    return Courses(*who, n_held, after < planned, alliance, form)


def _sessions(rng: np.random.Generator, truth: Truth, client: Rows, therapist: Rows) -> Floats:
    usual = truth.alliance[client, therapist]
    rise = TREND * np.log(np.arange(1, LONGEST + 1) / TYPICAL_SESSION)
    return np.asarray(usual[:, None] + rise + rng.normal(0, truth.session_sd, (len(client), LONGEST)))


def _chance(log_odds: Floats) -> Floats:
    return np.asarray(1 / (1 + np.exp(-log_odds)))
