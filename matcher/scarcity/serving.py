"""Do prices serve? Only where a year of the clinic's own people, simulated again and again, says that they help.

**The rule.** Over the same years with and without prices (the same arrivals, courses and patience), prices serve where

    the 95 % interval of the difference in total expected alliance lies above a thousandth of the upper bound, and
    neither that of the worst-off tenth nor that of the share placed of those who are hard to place lies below 0.

They serve nowhere else: below a thousandth nobody would notice, and every price leads somebody aside. They do not serve
where fewer than 80 clients or 2 therapists stand behind the years. The forecast of a year knows one half of the
clinic's clients, and the other half comes: another half in every year, so that nobody is foreseen who then comes.

**What it does not say.** The years are drawn from clients who have been here; if others come, it may be otherwise.
Alliances are what the model expects. Every client is taken to go to the first of their list who has a place. Where
more come than there are places for, lists are short or empty, and there is little for a price to order.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np

from matcher import checks
from matcher.encoding import Directory
from matcher.entities import Intake, Weights
from matcher.evaluation.intervals import WORSE, told
from matcher.scarcity.arrivals import draw_arrivals
from matcher.scarcity.duals import Floats
from matcher.scarcity.figures import (
    ALLIANCE,
    HARD_TO_PLACE,
    WORST_TENTH,
    Difference,
    Figures,
    differences,
    figures,
    upper_bound,
)
from matcher.scarcity.flow import Flow, Pairs, pairs_of
from matcher.scarcity.forecast import FORECAST, GREEDY, Counts, Moment, Outlooks, forecast, pricing
from matcher.scarcity.year import LOADS, LONGEST_WAITING, run
from matcher.weights import DEFAULT

if TYPE_CHECKING:
    from matcher.outlook import ClinicModel

GAINS = "gains"
NO_GAIN = "no_gain"
WORST_OFF_LOSE = "worst_off_lose"
TOO_FEW_INTAKES = "too_few_intakes"
TOO_FEW_THERAPISTS = "too_few_therapists"
REASONS = (GAINS, NO_GAIN, WORST_OFF_LOSE, TOO_FEW_INTAKES, TOO_FEW_THERAPISTS)
FEWEST_INTAKES, FEWEST_THERAPISTS = 80, 2
LEAST = 0.001  # of the upper bound: the least gain that counts
N_YEARS = 20


@dataclass(frozen=True)
class Forecasted:
    """Today's prices by therapist id, in units of the score, 0 for whoever has places to spare.

    They come from ``n_clients`` recent clients and ``n_waiting`` who wait, over ``horizon_days``; ``gap`` is the proof:
    the placing that they go with falls short of the best by this share at most.
    """

    prices: Mapping[str, float]
    n_clients: int
    n_waiting: int
    horizon_days: float
    gap: float

    def document(self) -> dict[str, Any]:
        """As JSON values."""
        return asdict(self)


@dataclass(frozen=True)
class ScarcityTrial:
    """Whether prices serve, why (one of ``REASONS``), and every figure with prices and without.

    ``load`` is that of the years; ``differences`` are every figure with prices (ours) and without (theirs), empty where
    there was too little to try.
    """

    serves: bool
    reason: str
    n_clients: int
    n_therapists: int
    load: float
    n_years: int = 0
    differences: tuple[Difference, ...] = ()

    def of(self, figure: str) -> Difference:
        """One figure with prices and without."""
        return next(one for one in self.differences if one.figure == figure)

    def document(self) -> dict[str, Any]:
        """As JSON values."""
        return asdict(self)


def scarcity_prices(
    intakes: Iterable[Intake],
    directory: Directory,
    flow: Flow,
    *,
    waiting: Iterable[Intake] = (),
    weights: Weights = DEFAULT,
    model: ClinicModel | None = None,
    today: date | None = None,
) -> Forecasted:
    """What a place with each therapist is worth to those who will come: the ``prices`` of ``rank``.

    Parameters
    ----------
    intakes : iterable of Intake
        Recent clients, the latest first, whether or not they were placed; the first 300 stand for those to come.
    directory : Directory
        The therapists, whose ``capacity`` is what is free now.
    flow : Flow
        How clients come and go.
    waiting : iterable of Intake
        Who waits now.
    weights, model, today
        Those of ``rank``.

    Returns
    -------
    Forecasted
        A price ≥ 0 for every therapist; all 0 where nobody is expected, or nobody short of places.

    Raises
    ------
    InvalidInput
        For a caseload of somebody who is not in the directory, or weights that cannot be normalised.

    Notes
    -----
    The equations stand in ``matcher.scarcity.forecast`` and ``matcher.scarcity.duals``. Prices are good for about a
    week; a price says what a place is worth to others, and nothing about the therapist.

    References
    ----------
    Talluri, van Ryzin (1998), An analysis of bid-price controls for network revenue management, Management Science
    44(11). Devanur, Hayes (2009), The adwords problem, ACM EC. Vera, Banerjee (2021), The Bayesian prophet,
    Management Science 67(3).

    Examples
    --------
    Ana alone speaks Spanish, has one place, and everybody would rather see her; Ben has places to spare.

    >>> from matcher import Directory, Flow, rank, scarcity_prices
    >>> from matcher.entities import Intake, Therapist
    >>> def therapist(id_, depth, languages, capacity):
    ...     return Therapist(id=id_, name=id_, profession="psychologist", licence_regions=("DE",), capacity=capacity,
    ...                      concerns={"grief": depth}, languages=languages, formats=("online",))
    >>> directory = Directory.of([therapist("ana", 3, ("de", "es"), 1), therapist("ben", 2, ("de",), 9)])
    >>> recent = [Intake(id=f"c{k}", concerns=("grief",), languages=("es" if k % 4 == 0 else "de",)) for k in range(40)]
    >>> prices = scarcity_prices(recent, directory, Flow(arrivals_per_week=1, course_days=(84,))).prices
    >>> prices["ana"] > 0.1, prices["ben"]
    (True, 0.0)
    >>> [match.therapist_id for match in rank(recent[1], directory, prices=prices).matches]
    ['ben', 'ana']
    """
    pairs = pairs_of(intakes, directory, weights, model, today)
    queue = pairs_of(waiting, directory, weights, model, today)
    outlook = Outlooks(pairs.score, flow.arrivals_per_week / 7, flow.mean_course_days)
    now = Moment(directory.capacity, flow.busy(directory), queue.score, queue.score[:0])
    found = forecast(now, outlook)
    prices = dict(zip(map(str, directory.ids), found.prices.tolist(), strict=True))
    return Forecasted(prices, len(outlook.likely), len(queue.score), outlook.horizon_days, found.gap)


def scarcity_trial(
    intakes: Iterable[Intake],
    directory: Directory,
    flow: Flow,
    *,
    weights: Weights = DEFAULT,
    model: ClinicModel | None = None,
    today: date | None = None,
    load: float | None = None,
    turn: str = LONGEST_WAITING,
    n_years: int = N_YEARS,
    seed: int = 0,
) -> ScarcityTrial:
    """May prices serve? The rule stands at the top of ``matcher.scarcity.serving``.

    Parameters
    ----------
    intakes : iterable of Intake
        Recent clients, whether or not they were placed; it is they who come in the simulated years.
    directory : Directory
        The therapists. Places are what is free (``capacity``) and the caseload.
    flow : Flow
        How clients come and go.
    weights, model, today
        Those of ``rank``: clients are ordered by its score, and the years are judged by the alliance factor, or by the
        score where there is no model.
    load : float, optional
        How busy the years are, .01 … 5, instead of as the arrivals and courses of the clinic make them.
    turn : str
        To whom a place goes that reopens, ``longest_waiting`` or ``nearest``, as in ``year_of_arrivals``.
    n_years : int
        How many years, 2 … 200. 40 therapists and 1,500 arrivals take about a second a year.
    seed : int
        All randomness, 0 … 2^63 − 1.

    Returns
    -------
    ScarcityTrial
        With what prices gain and cost, each with its 95 % interval over the years.

    Raises
    ------
    InvalidInput
        For a number outside of its range, a caseload of somebody who is not in the directory, or weights that cannot
        be normalised.

    Examples
    --------
    >>> from matcher import Directory, Flow, scarcity_trial
    >>> from matcher.entities import Intake, Therapist
    >>> ana = Therapist(id="ana", name="Ana", profession="psychologist", licence_regions=("DE",),
    ...                 concerns={"grief": 3}, languages=("de",), formats=("online",), capacity=2)
    >>> found = scarcity_trial([Intake(id="c1", concerns=("grief",))], Directory.of([ana]), Flow(arrivals_per_week=1))
    >>> found.serves, found.reason
    (False, 'too_few_intakes')
    """
    checks.whole(n_years, "n_years", 2, 200)
    checks.whole(seed, "seed", 0, 2**63 - 1)
    busy = flow.busy(directory)
    places = directory.capacity + busy
    n_places = int(places.sum())
    own = flow.load(n_places) if n_places else LOADS[1]
    if load is not None:
        checks.between(load, "load", *LOADS)
        own = load
    pairs = pairs_of(intakes, directory, weights, model, today)
    n_clients, n_therapists = len(pairs.score), int((places > 0).sum())
    if n_clients < FEWEST_INTAKES or n_therapists < FEWEST_THERAPISTS:
        reason = TOO_FEW_INTAKES if n_clients < FEWEST_INTAKES else TOO_FEW_THERAPISTS
        return ScarcityTrial(False, reason, n_clients, n_therapists, own)
    years = [_year(pairs, places, busy, own, flow, turn, (seed, at)) for at in range(n_years)]
    return judged(years, n_clients, n_therapists, own)


def judged(years: Sequence[Mapping[str, Figures]], n_clients: int, n_therapists: int, load: float) -> ScarcityTrial:
    """The verdict over years, each the figures by policy."""
    found = differences([year[FORECAST] for year in years], [year[GREEDY] for year in years])
    by_figure = {one.figure: one.difference for one in found}
    lose = WORSE in (told(by_figure[WORST_TENTH]), told(by_figure[HARD_TO_PLACE]))
    reason = NO_GAIN if by_figure[ALLIANCE].lower <= LEAST else WORST_OFF_LOSE if lose else GAINS
    return ScarcityTrial(reason == GAINS, reason, n_clients, n_therapists, load, len(years), found)


def _year(
    pairs: Pairs, places: Counts, busy: Counts, load: float, flow: Flow, turn: str, seed: tuple[int, int]
) -> dict[str, Figures]:
    rng = np.random.default_rng(seed)
    order = rng.permutation(len(pairs.score))
    half = len(order) // 2
    return one_year(rng, pairs.score[order[:half]], pairs.take(order[half:]), places, busy, load, flow, turn)


def one_year(
    rng: np.random.Generator,
    known: Floats,
    coming: Pairs,
    places: Counts,
    busy: Counts,
    load: float,
    flow: Flow,
    turn: str = LONGEST_WAITING,
) -> dict[str, Figures]:
    """The figures of one year without prices and with; the forecast knows the scores ``known``, and ``coming`` come."""
    courses = np.asarray(flow.course_days, dtype=np.float64)
    a_day = load * float(places.sum()) / flow.mean_course_days
    arrivals = draw_arrivals(rng, len(coming.score), places, busy, a_day, courses)
    bound = upper_bound(coming.alliance, arrivals)
    outlook = Outlooks(known, a_day, flow.mean_course_days)
    years = {name: run(coming.score, arrivals, pricing(name, outlook), turn) for name in (GREEDY, FORECAST)}
    return {name: figures(year, coming.alliance, bound) for name, year in years.items()}
