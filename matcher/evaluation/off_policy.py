"""The value of another policy, from lists that were drawn by chance: who would be better off under other weights?

**The action.** A row is one decision: a client was shown a list and attended one therapist of it. The action is that
this therapist stood at that place. Its propensities are the chances, over the seeds of the draw, that they would stand
there: ``logged`` under the policy that made the list, ``wanted`` under the one that is judged. A row's weight is

    w = wanted / logged.

**What this takes for granted.**

1. *The place.* Given the client, which place they take up does not depend on who stands there or elsewhere in the list.
   Then the weights average to 1, and everything below holds. Where people also judge by who stands there, the
   self-normalised estimate is still that of the mean among those who attend, as long as the others in the list do not
   matter; the rest is off by as much as attendance is. Whoever does not want to assume this gives the propensities of
   whole lists: the arithmetic is the same, only far fewer rows will agree.
2. *Overlap.* Whoever the judged policy shows at a place has been shown there by chance. For the others nothing speaks:
   the mean weight falls below 1 by their share.
3. *No interference.* A place given to one client is not taken from another. Therapists have few places, so that a
   policy for everybody changes who is free for whom, which no weighting of single clients can see.
4. *The draw.* Propensities are those of the draw itself, for everybody who was shown a list in that time.

**Estimates.** With reward r, and an outcome model's cross-fitted expectations of the action taken (m), averaged under
the judged policy (v) and under the logging one (u):

    IPS    mean(w r)
    SNIPS  Σ w r / Σ w
    DR     mean(v + w (r − m))

and their lift over what was done: IPS − mean(r), SNIPS − mean(r), and mean(v − u + (w − 1)(r − m)), each paired row by
row. Standard errors count a client's decisions as one piece of evidence; intervals are by Student's t with C − 1
degrees of freedom for C clients. Weights above ``clip``, √n where nothing is said, count as ``clip``. The verdict is
that of DR where there are expectations, of SNIPS otherwise.

**The gate.** Nothing is said, and why is, in this order: where there are fewer than 20 clients; where a propensity is
missing or 0; where all of them are 1, a list without chance; where the effective number of clients is below 100; where
the mean weight is further from 1 than three standard errors. Weights are judged before they are clipped.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from matcher.errors import InvalidInput
from matcher.evaluation.checked import Floats, Rows, codes, row
from matcher.evaluation.crossfitting import Expectations
from matcher.evaluation.gate import FEWEST_CLIENTS
from matcher.evaluation.intervals import BETTER, NO_DIFFERENCE, WORSE, Interval, interval, told
from matcher.evaluation.weighting import Found, Overlap, doubly_robust, ips, less, mean, overlap, snips

LEAST_EFFECTIVE = 100  # clients
FARTHEST = 3.0  # standard errors of the mean weight from 1
ROUNDING = 1e-9  # by which sums of probabilities may be off

IPS, SNIPS, DR = "ips", "snips", "dr"
REFUSED = "refused"
VERDICTS = (BETTER, WORSE, NO_DIFFERENCE, REFUSED)

ANSWERED = "answered"
TOO_FEW_CLIENTS = "too_few_clients"
NO_PROPENSITY = "no_propensity"
NO_CHANCE = "no_chance"
LITTLE_OVERLAP = "little_overlap"
WEIGHTS_OFF = "weights_off"
REASONS = (ANSWERED, TOO_FEW_CLIENTS, NO_PROPENSITY, NO_CHANCE, LITTLE_OVERLAP, WEIGHTS_OFF)
TAKEN_FOR_GRANTED = ("place", "capacity", "draw")  # what no figure here can check, to be said beside every answer


@dataclass(frozen=True, slots=True)
class Estimate:
    """The judged policy's ``value``, its ``lift`` over what was done, and by how much clipping moved the value."""

    value: Interval
    lift: Interval
    moved_by_clip: float


@dataclass(frozen=True, slots=True)
class PolicyValue:
    """What the log says of another policy.

    ``verdict`` is one of ``VERDICTS``, by the estimate that ``by`` names; ``reason`` one of ``REASONS``. ``overlap`` is
    None where there are no weights to look at, for want of propensities. ``estimates`` is empty where it was refused.
    """

    verdict: str
    reason: str
    n_decisions: int
    n_clients: int
    n_without_propensity: int
    overlap: Overlap | None = None
    logged: Interval | None = None
    by: str = ""
    estimates: Mapping[str, Estimate] = field(default_factory=dict)

    @property
    def by_weights(self) -> str:
        """The verdict of weighting alone, without an outcome model: where it is another one, the model decides."""
        return told(self.estimates[SNIPS].lift) if self.estimates else self.verdict

    @property
    def params(self) -> dict[str, int | float]:
        """The figures that the reason is about, for whoever puts it into words; 0 where there are no weights."""
        seen = self.overlap
        return {
            "clients": self.n_clients,
            "needed_clients": FEWEST_CLIENTS,
            "decisions": self.n_decisions,
            "without": self.n_without_propensity,
            "effective": 0.0 if seen is None else seen.ess_clients,
            "needed_effective": LEAST_EFFECTIVE,
            "mean_weight": 0.0 if seen is None else seen.mean_weight,
        }

    def document(self) -> dict[str, Any]:
        """All of it as JSON values."""
        return asdict(self)


def policy_value(
    client: ArrayLike,
    reward: ArrayLike,
    logged: ArrayLike,
    wanted: ArrayLike,
    *,
    expected: Expectations | None = None,
    clip: float | None = None,
) -> PolicyValue:
    """How good would another policy have been, by decisions that were drawn by chance?

    Parameters
    ----------
    client : array, (n,)
        Whose each decision is, ids or codes; each client any number of times.
    reward : array, (n,)
        What came of it, such as the alliance on the clinic's scale; finite.
    logged : array, (n,)
        The chance of what was done under the policy that did it, in [0, 1]; NaN where it was not kept.
    wanted : array, (n,)
        The chance of the same under the policy that is judged, in [0, 1].
    expected : Expectations, optional
        Of an outcome model that has not seen the client's own outcomes, for the doubly robust estimate.
    clip : float, optional
        The weight above which weights are cut, above 0; √n where it is None, ``math.inf`` for none.

    Returns
    -------
    PolicyValue
        With a verdict and estimates, or refused with its reason and the figures of it.

    Raises
    ------
    InvalidInput
        For rows of unequal length, no decision, a number that is not finite, or a probability outside 0 … 1.

    Notes
    -----
    w = wanted / logged; see the top of ``matcher.evaluation.off_policy`` for the estimates, the gate, and what is taken
    for granted. Several clients' decisions in one order or another give the same answer.

    References
    ----------
    Horvitz, Thompson (1952), A generalization of sampling without replacement from a finite universe, J. American
    Statistical Association 47. Ionides (2008), Truncated importance sampling, J. Computational and Graphical Statistics
    17. Dudík, Langford, Li (2011), Doubly robust policy evaluation and learning, ICML. Swaminathan, Joachims (2015),
    The self-normalized estimator for counterfactual learning, NeurIPS. Li et al. (2018), Offline evaluation of ranking
    policies with click models, KDD.

    Examples
    --------
    >>> from matcher import policy_value
    >>> clients, rewards = range(400), [3.0, 1.0] * 200
    >>> found = policy_value(clients, rewards, [0.5] * 400, [0.75, 0.25] * 200)
    >>> found.verdict, round(found.estimates["snips"].lift.value, 2), found.overlap.ess
    ('better', 0.5, 320.0)
    >>> found = policy_value(clients, rewards, [1.0] * 400, [1.0] * 400)
    >>> found.verdict, found.reason
    ('refused', 'no_chance')
    """
    found = row("reward", reward)
    n, whose = len(found), codes("client", client, len(found))
    given, asked = _chances("logged", logged, n, gaps=True), _chances("wanted", wanted, n)
    believed = None if expected is None else expected.rows(n)
    limit = _limit(clip, n)
    missing = int(np.sum(~(given > 0)))
    weight = None if missing else asked / given
    seen = None if weight is None else overlap(weight, whose, limit)
    reason = _reason(len(np.unique(whose)), given, seen)
    counts = (n, len(np.unique(whose)), missing, seen)
    if weight is None or reason != ANSWERED:
        return PolicyValue(REFUSED, reason, *counts)
    made = estimates(whose, found, weight, believed, limit)
    by = DR if DR in made else SNIPS
    done = interval(*mean(found), whose)
    return PolicyValue(told(made[by].lift), reason, *counts, done, by, made)


def estimates(
    client: Rows, reward: Floats, weight: Floats, expected: tuple[Floats, Floats, Floats] | None, clip: float
) -> dict[str, Estimate]:
    """Every estimate without the gate, by name; ``expected`` are taken, judged and logged, (n,) each."""
    cut = np.minimum(weight, clip)
    done = mean(reward)
    made = {
        kind: _estimate(how(cut, reward), done, how(weight, reward)[0], client)
        for kind, how in ((IPS, ips), (SNIPS, snips))
    }
    if expected is not None:
        taken, judged, logged = expected
        found, uncut = (doubly_robust(by, reward, taken, judged) for by in (cut, weight))
        made[DR] = _estimate(found, mean(logged + reward - taken), uncut[0], client)
    return made


def _estimate(found: Found, done: Found, uncut: float, client: Rows) -> Estimate:
    return Estimate(interval(*found, client), interval(*less(found, done), client), found[0] - uncut)


def _reason(n_clients: int, logged: Floats, seen: Overlap | None) -> str:
    if n_clients < FEWEST_CLIENTS:
        return TOO_FEW_CLIENTS
    if seen is None:
        return NO_PROPENSITY
    if (logged == 1).all():
        return NO_CHANCE
    if seen.ess_clients < LEAST_EFFECTIVE:
        return LITTLE_OVERLAP
    off = abs(seen.mean_weight - 1)
    return WEIGHTS_OFF if off > FARTHEST * seen.mean_weight_se + ROUNDING else ANSWERED


def _chances(name: str, values: ArrayLike, n: int, *, gaps: bool = False) -> Floats:
    """Probabilities, (n,), rounding forgiven; with ``gaps`` some may be NaN."""
    found = np.asarray(values, dtype=np.float64)
    known = row(name, np.nan_to_num(found, nan=0.0, posinf=np.inf, neginf=-np.inf) if gaps else found, n)
    for outside in known[(known < 0) | (known > 1 + ROUNDING)][:1].tolist():
        raise InvalidInput(name, outside, "expected probabilities, from 0 to 1")
    return np.minimum(found, 1.0)


def _limit(clip: float | None, n: int) -> float:
    if clip is None:
        return math.sqrt(n)
    if not clip > 0:
        raise InvalidInput("clip", clip, "expected a weight above 0, math.inf for none, or None for the root of n")
    return float(clip)
