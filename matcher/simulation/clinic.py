"""A simulated clinic: invented people, the true alliance of every pair, and the ratings that came of it."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np

from matcher import checks
from matcher.encoding import ClientArrays, Directory
from matcher.encoding.bits import Floats
from matcher.entities import CHECK_IN, Intake, Rating, Scale, Therapist
from matcher.errors import InvalidInput
from matcher.simulation.assigning import Rows, appeal
from matcher.simulation.clients import draw_clients
from matcher.simulation.courses import HISTORY_DAYS, Courses, draw_courses
from matcher.simulation.scores import Ruler
from matcher.simulation.therapists import draw_therapists
from matcher.simulation.truth import Shares, Truth, draw_truth

MOST_DYAD_SHARE = 0.6
FIRST_DAY = datetime(2022, 1, 3, 9, tzinfo=UTC)  # fixed, so that one seed gives one clinic; and long past everywhere
TODAY = FIRST_DAY.date() + timedelta(days=HISTORY_DAYS)


@dataclass(frozen=True, eq=False)
class SimulatedClinic:
    """A clinic whose truth is known. ``simulate`` makes one.

    Parameters
    ----------
    therapists : tuple of Therapist
        In the order of their ids, which is the order of all columns.
    intakes : tuple of Intake
        Every client, the order of all rows; those without ratings are new.
    ratings : tuple of Rating
        Every form that came back, by course and session.
    expected : array of float64, (n_clients, n_therapists)
        Expected score of a typical early session (the third) of every pair given the truth, of scores that are cut
        at the top and lie on the scale's steps.
    latent : array of float64, (n_clients, n_therapists)
        True alliance of every pair at session 3, in the scale's units.
        It has no ceiling. It may lie above the top.
    scale : Scale
        The scale of the scores.
    truth : Truth
        The parts of ``latent``, in standard deviations of one session's alliance.
    courses : Courses
        The sessions that were held, clients who left early and forms that are missing.
    ruler : Ruler
        How alliances read as scores.

    Examples
    --------
    >>> import numpy as np
    >>> from matcher import simulate
    >>> clinic = simulate(np.random.default_rng(1), n_therapists=10, n_clients=100)
    >>> clinic.expected.shape, clinic.therapists[0].id, clinic.intakes[0].id
    ((100, 10), 't01', 'c001')
    """

    therapists: tuple[Therapist, ...]
    intakes: tuple[Intake, ...]
    ratings: tuple[Rating, ...]
    expected: Floats
    latent: Floats
    scale: Scale
    truth: Truth
    courses: Courses
    ruler: Ruler

    @property
    def ceiling_share(self) -> float:
        """The share of all forms with the top score; NaN without forms."""
        scores = np.array([rating.score for rating in self.ratings])
        return float(np.mean(scores >= self.scale.top)) if len(scores) else math.nan


def simulate(
    rng: np.random.Generator,
    *,
    n_therapists: int = 60,
    n_clients: int = 1500,
    dyad_share: float = 0.15,
    curved: bool = False,
    new_client_share: float = 0.1,
    newcomer_share: float = 0.1,
    therapists: Sequence[Therapist] | None = None,
    newcomers: Collection[str] | None = None,
    scale: Scale = CHECK_IN,
) -> SimulatedClinic:
    """Simulate a clinic that looks like the literature says, and whose truth is known.

    Parameters
    ----------
    rng : numpy Generator
        All randomness; the same state gives the same clinic.
    n_therapists : int
        Therapists to invent, from 2.
    n_clients : int
        Clients to invent, from 10.
    dyad_share : float
        Share of the variance of one session's latent alliance that belongs to the pair, 0 … 0.6; three fifths of it
        are what the features of the two explain.
    curved : bool
        Whether features also have curved and crossed effects, which straight lines alone cannot see.
    new_client_share : float
        Share of clients who have met nobody yet, 0 … 1.
    newcomer_share : float
        Share of therapists who are new, 0 … 1; every other one of them has met nobody, the rest few.
    therapists : sequence of Therapist, optional
        These therapists instead of invented ones; ``n_therapists`` is then not used.
    newcomers : collection of therapist ids, optional
        Who is new, instead of a share drawn by chance.
    scale : Scale
        The scale of the scores.

    Returns
    -------
    SimulatedClinic

    Raises
    ------
    InvalidInput
        For numbers outside the ranges above, a therapist who appears twice, or a newcomer who is not there.

    Notes
    -----
    Shares of variance: therapist 5.5 %, session 23 %, dyad as asked, client the rest; 54 % of the forms at the top; a
    fifth of the courses ends early, and a fifth of the forms is missing, both more often after weak sessions; clients
    choose by reputation, free places and liking, and the best therapists are sent the most difficult ones.
    The model and every coefficient stand in ``matcher.simulation.truth`` and ``matcher.simulation.effects``.

    References
    ----------
    Crits-Christoph et al. (2011), The dependability of alliance assessments, J. Consulting and Clinical Psychology 79.
    Johns et al. (2019), A systematic review of therapist effects, Clinical Psychology Review 67.
    Goldberg et al. (2016), Do psychotherapists improve with time and experience?, J. Counseling Psychology 63.

    Examples
    --------
    >>> import numpy as np
    >>> from matcher import simulate
    >>> clinic = simulate(np.random.default_rng(7), n_therapists=12, n_clients=400)
    >>> len(clinic.therapists), len(clinic.intakes), len(clinic.ratings) > 1000
    (12, 400, True)
    >>> round(clinic.ceiling_share, 1)
    0.5
    """
    _check(n_therapists, n_clients, dyad_share, new_client_share, newcomer_share)
    people = draw_therapists(rng, n_therapists, today=TODAY) if therapists is None else therapists
    directory = Directory.of(people)
    intakes = draw_clients(rng, n_clients, directory.ids.tolist())
    clients = ClientArrays.of(intakes)
    new = _newcomers(rng, directory, newcomer_share) if newcomers is None else _known(newcomers, directory)
    truth = draw_truth(rng, clients, directory, Shares.of(dyad_share), curved=curved)
    drawn_to = appeal(rng, clients, directory, ease=truth.client, skill=truth.therapist, newcomers=new)
    courses = draw_courses(rng, truth, drawn_to, _seen(rng, n_clients, new_client_share))
    ruler = Ruler.with_ceiling(courses.alliance[courses.form], scale)
    return SimulatedClinic(
        therapists=tuple(sorted(people, key=lambda row: row.id)),
        intakes=intakes,
        ratings=_ratings(courses, ruler, clients, directory),
        expected=ruler.expected(truth.alliance, truth.session_sd),
        latent=ruler.latent(truth.alliance),
        scale=scale,
        truth=truth,
        courses=courses,
        ruler=ruler,
    )


def _check(n_therapists: int, n_clients: int, dyad_share: float, *shares: float) -> None:
    checks.whole(n_therapists, "n_therapists", 2, 1_000_000)
    checks.whole(n_clients, "n_clients", 10, 10_000_000)
    checks.between(dyad_share, "dyad_share", 0, MOST_DYAD_SHARE)
    for name, share in zip(("new_client_share", "newcomer_share"), shares, strict=True):
        checks.between(share, name, 0, 1)


def _newcomers(rng: np.random.Generator, directory: Directory, share: float) -> set[str]:
    return set(rng.choice(directory.ids, round(share * len(directory)), replace=False).tolist())


def _known(newcomers: Collection[str], directory: Directory) -> Collection[str]:
    for id_ in newcomers:
        if directory.row(id_) is None:
            raise InvalidInput("newcomers", id_, "no such therapist is given")
    return newcomers


def _seen(rng: np.random.Generator, n_clients: int, new_client_share: float) -> Rows:
    """The rows of those who have met somebody, ascending."""
    n_seen = n_clients - round(new_client_share * n_clients)
    return np.sort(rng.choice(n_clients, n_seen, replace=False)).astype(np.intp)


def _ratings(courses: Courses, ruler: Ruler, clients: ClientArrays, directory: Directory) -> tuple[Rating, ...]:
    dyads, sessions = np.nonzero(courses.form)
    scores = ruler.score(courses.alliance[dyads, sessions])
    days = courses.start_day[dyads] + 7 * sessions
    return tuple(
        Rating(client_id=clients.ids[c], therapist_id=directory.ids[t], session=session + 1, score=score,
               rated_at=FIRST_DAY + timedelta(days=day, hours=dyad % 10))
        for dyad, c, t, session, score, day in zip(
            dyads.tolist(), courses.client[dyads].tolist(), courses.therapist[dyads].tolist(), sessions.tolist(),
            scores.tolist(), days.tolist(), strict=True)
    )  # fmt: skip
