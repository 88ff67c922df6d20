"""The gate: a new model serves only if, on ratings that it could not know, it is not clearly worse than what there is.

**The rule.** For every later rating, take the squared error of the new model less that of what it is compared with.
Their mean D has a standard error s, in which a client's ratings count as one piece of evidence (they rise and fall
together). With C clients, the new model is *clearly worse* than another where

    D − t · s > .001 · M,       t = the (1 − α) quantile of Student's t with C − 1 degrees of freedom,

M the mean squared error of the other. It serves unless it is clearly worse than the model that serves (α = .025) or
than any of k baselines (α = .025/k each, or .05/k where no model serves that could be compared), and so unless it is
clearly worse than the best of them.

**Why so.** The new model knows the newest ratings, so it is to be preferred unless the figures speak against it; asking
for proof that it is *better* would keep an old model for ever where two are equal. One that is as good as all of them
is refused with a probability of at most .05: that is what α is divided for (Bonferroni). Half of it goes to the model
that serves, from which a new one seldom differs by much; a plain mean is easily told from a model. The thousandth is
the least difference that counts: without it, rounding, or a million ratings, would let a difference decide which no
client could ever notice (.05 % of the root mean squared error). Squared error, because what is ranked by is a mean.

**What it does not say.** Clients are what the later ratings are a sample of; therapists are taken as they are. With few
later clients only gross faults are clearly worse: not to be refused is no proof of being good.

**Too few.** With fewer than 20 clients among the later ratings, or among the earlier ones, t and s promise nothing.
There is then nothing to judge on: the model serves, and the verdict says that it was not judged.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from matcher.errors import InvalidInput
from matcher.evaluation.checked import Floats, Rows, clustered_error, codes, row

LEVEL = 0.05  # the chance that an equally good model is refused, at most, over all comparisons
LEAST = 0.001  # of the other's mean squared error: the least difference that counts
FEWEST_CLIENTS = 20
CHAMPION = "champion"  # the name of the model that serves, among what is compared with

NOT_WORSE = "not_worse"
WORSE_THAN_CHAMPION = "worse_than_champion"
WORSE_THAN_BASELINE = "worse_than_baseline"
TOO_FEW_LATER = "too_few_later"
TOO_FEW_EARLIER = "too_few_earlier"
NO_DATES = "no_dates"
REASONS = (NOT_WORSE, WORSE_THAN_CHAMPION, WORSE_THAN_BASELINE, TOO_FEW_LATER, TOO_FEW_EARLIER, NO_DATES)


@dataclass(frozen=True, slots=True)
class Comparison:
    """The new model beside one other, on the later ratings.

    ``difference`` is the mean squared error of the new model less the other's (above 0: the new one is worse), ``se``
    its standard error clustered by client, ``lower`` its one-sided lower bound D − t·s, ``least`` what the bound must
    exceed for the new model to be clearly ``worse``. In squared units of the scale.
    """

    against: str
    difference: float
    se: float
    lower: float
    least: float
    worse: bool


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a new model may serve, why, and the figures: ``reason`` is one of ``REASONS``.

    ``champion`` says how the model that serves was judged (``matcher.evaluation.trial``); ``n_ratings`` and
    ``n_clients`` are the later ones; ``level`` is the chance of refusing an equally good model.
    """

    serves: bool
    reason: str
    champion: str
    n_ratings: int
    n_clients: int
    comparisons: tuple[Comparison, ...] = ()
    level: float = LEVEL

    @property
    def judged(self) -> bool:
        """Whether there was anything to judge on."""
        return bool(self.comparisons)

    def document(self) -> dict[str, Any]:
        """The verdict as JSON values."""
        return asdict(self) | {"comparisons": [asdict(one) for one in self.comparisons]}


def judge(
    client: ArrayLike,
    score: ArrayLike,
    challenger: ArrayLike,
    others: Mapping[str, ArrayLike],
    *,
    champion: str = "none",
) -> Verdict:
    """May a new model serve? The rule stands at the top of ``matcher.evaluation.gate``.

    Parameters
    ----------
    client : array, (n,)
        Whose each later rating is, ids or codes.
    score : array, (n,)
        The later ratings' scores, which nothing that is compared has seen.
    challenger : array, (n,)
        What the new model expected of them.
    others : mapping of str to array, (n,)
        What the others expected. Their names are those of baselines, and "champion" for the model that serves.
    champion : str
        How the model that serves was judged; it is only passed on.

    Returns
    -------
    Verdict
        It does not serve where it is clearly worse than any; the reason names the champion first. With too few clients
        it serves, unjudged.

    Raises
    ------
    InvalidInput
        For rows of unequal length, no rating, nothing to compare with, or a number that is not finite.

    References
    ----------
    Liang, Zeger (1986), Longitudinal data analysis using generalized linear models, Biometrika 73. Diebold, Mariano
    (1995), Comparing predictive accuracy, J. Business and Economic Statistics 13.

    Examples
    --------
    >>> from matcher import judge
    >>> clients, scores = range(40), [1.0, 3.0] * 20
    >>> found = judge(clients, scores, [2.0] * 40, {"overall_mean": [2.0] * 40})
    >>> found.serves, found.reason
    (True, 'not_worse')
    >>> found = judge(clients, scores, [2.0] * 40, {"overall_mean": [2.0] * 40, "champion": scores})
    >>> found.serves, found.reason
    (False, 'worse_than_champion')
    """
    found = row("score", score)
    ours, whose = row("challenger", challenger, len(found)), codes("client", client, len(found))
    if not others:
        raise InvalidInput("others", 0, "expected at least one baseline")
    theirs = {name: row(name, values, len(found)) for name, values in others.items()}
    n_clients = len(np.unique(whose))
    if n_clients < FEWEST_CLIENTS:
        return Verdict(True, TOO_FEW_LATER, champion, len(found), n_clients)
    missed = (ours - found) ** 2
    comparisons = tuple(
        compare(name, missed, (said - found) ** 2, whose, _level(name, theirs)) for name, said in theirs.items()
    )
    worse = {one.against for one in comparisons if one.worse}
    reason = WORSE_THAN_CHAMPION if CHAMPION in worse else WORSE_THAN_BASELINE if worse else NOT_WORSE
    return Verdict(not worse, reason, champion, len(found), n_clients, comparisons)


def _level(name: str, others: Mapping[str, Floats]) -> float:
    """The chance of a false alarm that one comparison may take: half for the champion, the rest for the baselines."""
    n_baselines = len(others) - (CHAMPION in others)
    if CHAMPION not in others or not n_baselines:
        return LEVEL / len(others)
    return LEVEL / 2 if name == CHAMPION else LEVEL / 2 / n_baselines


def compare(name: str, ours: Floats, theirs: Floats, whose: Rows, level: float = LEVEL) -> Comparison:
    """Squared errors of a model beside those of ``name``, (n,) each; D's standard error by clients."""
    from scipy.special import stdtrit

    difference = float(np.mean(ours - theirs))
    se = clustered_error((ours - theirs - difference) / len(ours), whose)
    lower = difference - float(stdtrit(len(np.unique(whose)) - 1, 1 - level)) * se
    least = LEAST * float(np.mean(theirs))
    return Comparison(name, difference, se, lower, least, bool(lower > least))
