"""Past intakes once more under other weights: who would have stood first, and how far that is from what serves.

**What it can say.** Which lists the draft would have made of the same intakes, exactly: what the model expects of those
in front, how soon they could begin, whose names are never shown, and for whom that differs.

**What it cannot.** Whether people would have fared better. The past is *confounded*: clients saw another list, and whom
they attended was no matter of chance (``CONFOUNDED``). That somebody chose from what they were shown makes the weights
that showed it agree best with the choices; that the easier cases went to somebody else makes scores and outcomes agree,
or disagree, for reasons of their own. What the model expects is its own opinion, learned from these very clients
(``BY_MODEL``): weights that trust the model more look better to the model. Lists that were drawn by chance can say more
(``matcher.evaluation.off_policy``). Such draws themselves are not replayed: lists are in the order of the scores.

**Figures.** Each is a mean over intakes, but for ``order`` and the exposure; its difference is paired on the same
intakes, its standard error counts a client once (by the influence of a row for the rank correlation, by leaving out
each client in turn for the exposure), its interval is by Student's t. A difference whose interval holds 0 is
``no_detectable_difference``; with fewer than 20 clients nothing is said but how many there are.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from matcher import checks
from matcher.errors import InvalidInput
from matcher.evaluation.association import spearman
from matcher.evaluation.checked import Floats, Rows
from matcher.evaluation.fairness import shown_groups
from matcher.evaluation.gate import FEWEST_CLIENTS
from matcher.evaluation.intervals import (
    BETTER,
    LESS,
    LEVEL,
    MORE,
    NO_DIFFERENCE,
    WORSE,
    Interval,
    interval,
    of_mean,
    told,
)
from matcher.evaluation.past import Known, Labels, Past, known
from matcher.evaluation.replay import (
    CHOSEN_FIRST,
    CHOSEN_SHOWN,
    EXPECTED_FIRST,
    EXPECTED_SHOWN,
    RECIPROCAL_PLACE,
    WAITING,
    Replay,
    replay,
)
from matcher.evaluation.weighting import less
from matcher.suppression import FEWEST

TOP = 5  # places that a client looks at

ORDER, SHARE_SHOWN, GINI = "order", "share_shown", "gini"
# What it means where the draft's figure is the higher one, and where it is the lower
FIGURES: Mapping[str, tuple[str, str]] = {
    EXPECTED_FIRST: (BETTER, WORSE),
    EXPECTED_SHOWN: (BETTER, WORSE),
    WAITING: (WORSE, BETTER),
    CHOSEN_FIRST: (MORE, LESS),
    CHOSEN_SHOWN: (MORE, LESS),
    RECIPROCAL_PLACE: (MORE, LESS),
    ORDER: (BETTER, WORSE),
    SHARE_SHOWN: (MORE, LESS),
    GINI: (MORE, LESS),
}
BY_GROUP = (EXPECTED_FIRST, WAITING)

TOO_LITTLE = "too_little"
VERDICTS = (BETTER, WORSE, MORE, LESS, NO_DIFFERENCE, TOO_LITTLE)
CONFOUNDED, BY_MODEL = "confounded", "by_model"
NOTES = (CONFOUNDED, BY_MODEL, TOO_LITTLE)


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure of one policy beside that of what serves, on the same ``n_clients`` clients.

    ``code`` is one of ``FIGURES``, ``verdict`` one of ``VERDICTS``; ``difference`` is ``value`` less ``serving``. All
    three are None where too few clients stand behind them; of a group with fewer than five, or one that would give such
    a group away, the number of clients is None too. ``trait`` and ``group`` are empty for everybody together.
    """

    code: str
    policy: str
    verdict: str
    n_clients: int | None
    serving: float | None = None
    value: float | None = None
    difference: Interval | None = None
    trait: str = ""
    group: str = ""

    @property
    def hidden(self) -> bool:
        """Whether the group is too small to be told."""
        return self.n_clients is None


@dataclass(frozen=True, slots=True)
class Backtest:
    """What came of it: ``figures`` of each policy but the serving one, for everybody and then by group."""

    serving: str
    n_intakes: int
    n_clients: int
    notes: tuple[str, ...]
    figures: tuple[Figure, ...] = ()
    by_group: tuple[Figure, ...] = ()
    level: float = LEVEL

    @property
    def params(self) -> dict[str, int]:
        """The figures that ``too_little`` is about, for whoever puts it into words."""
        return {"clients": self.n_clients, "needed_clients": FEWEST_CLIENTS}

    def document(self) -> dict[str, Any]:
        """All of it as JSON values."""
        return asdict(self)


def backtest(past: Past, scores: Mapping[str, ArrayLike], *, serving: str, top: int = TOP) -> Backtest:
    """Replay past intakes under several ways of scoring, each beside the one that serves.

    Parameters
    ----------
    past : Past
        The intakes, n by m therapists, therapists in the order in which ties break.
    scores : mapping of str to array, (n, m)
        Each policy's scores by name, such as ``matcher.ranking.scores`` makes of factor values and weights; finite for
        those who are eligible.
    serving : str
        The name of the one that serves.
    top : int
        How many places count as shown, 1 or more.

    Returns
    -------
    Backtest
        Always with the note ``confounded``; with ``too_little``, and no figures, for fewer than 20 clients. Figures of
        which nothing is given are left out.

    Raises
    ------
    InvalidInput
        For arrays of the wrong shape, a score that is not finite, a therapist who is not there, or no such policy.

    Notes
    -----
    Each interval is a 95 % one by itself; those of a trait's groups hold together (Bonferroni, level/k each of k).
    ``order`` is Spearman's correlation, over clients, of the outcome with the score of the attended therapist less the
    mean score of all who could be offered. The order of the intakes does not matter.

    References
    ----------
    Efron, Stein (1981), The jackknife estimate of variance, Annals of Statistics 9. Herlocker et al. (2004), Evaluating
    collaborative filtering recommender systems, ACM TOIS 22.

    Examples
    --------
    >>> import numpy as np
    >>> from matcher import Past, backtest
    >>> expected = np.tile([3.0, 3.5, 4.0], (30, 1))
    >>> past = Past(np.ones((30, 3), dtype=bool), expected=expected, attended=np.zeros(30, dtype=int))
    >>> found = backtest(past, {"now": -expected, "draft": expected}, serving="now")
    >>> [(figure.code, figure.verdict) for figure in found.figures[:1]], found.notes
    ([('expected_first', 'better')], ('confounded', 'by_model'))
    """
    checks.whole(top, "top", 1, 10**6)
    if serving not in scores:
        raise InvalidInput("serving", serving, f"use one of: {', '.join(scores)}")
    found = known(past)
    given = {name: found.scores(f"scores.{name}", values) for name, values in scores.items()}
    notes = (CONFOUNDED,) if found.expected is None else (CONFOUNDED, BY_MODEL)
    counts = len(found.client), found.n_clients
    if found.n_clients < FEWEST_CLIENTS:
        return Backtest(serving, *counts, (*notes, TOO_LITTLE))
    replays = {name: replay(found, score, top) for name, score in given.items()}
    pairs = [_Pair(found, name, replays[serving], one) for name, one in replays.items() if name != serving]
    figures = tuple(figure for pair in pairs for figure in pair.figures())
    return Backtest(serving, *counts, notes, figures, tuple(figure for pair in pairs for figure in pair.by_group()))


@dataclass(frozen=True, eq=False)
class _Pair:
    """A policy and the one that serves, on the same intakes."""

    known: Known
    policy: str
    serving: Replay
    draft: Replay

    def figures(self) -> Iterator[Figure]:
        """In the order of ``FIGURES``, those of which something is given."""
        for code in FIGURES:
            if code in self.draft.rows:
                yield self._of_rows(code, self._told(code))
        if self.serving.contrast is not None and self.draft.contrast is not None and self.known.outcome is not None:
            yield self._order(self.serving.contrast, self.draft.contrast, self.known.outcome)
        ours, theirs = self.serving.spread, self.draft.spread
        yield self._of_spread(SHARE_SHOWN, ours.share, theirs.share, theirs.share_without - ours.share_without)
        yield self._of_spread(GINI, ours.gini, theirs.gini, theirs.gini_without - ours.gini_without)

    def by_group(self) -> Iterator[Figure]:
        for trait, labels in self.known.groups.items():
            for code in BY_GROUP:
                if code in self.draft.rows:
                    yield from self._of_groups(code, trait, labels)

    def _of_groups(self, code: str, trait: str, labels: Labels) -> Iterator[Figure]:
        """Whoever cannot be told is counted among those of whom the figure says something."""
        rows = self._told(code)
        at = {str(label): rows[labels[rows] == label] for label in np.unique(labels)}
        shown = shown_groups({label: set(self.known.client[own].tolist()) for label, own in at.items()})
        for label, own in at.items():
            if label in shown:
                found = self._of_rows(code, own, fewest=FEWEST, level=LEVEL / len(shown))
                yield replace(found, trait=trait, group=label)
            else:
                yield Figure(code, self.policy, TOO_LITTLE, None, trait=trait, group=label)

    def _told(self, code: str) -> Rows:
        """Where both policies have the figure."""
        return np.flatnonzero(np.isfinite(self.serving.rows[code]) & np.isfinite(self.draft.rows[code]))

    def _of_rows(self, code: str, at: Rows, *, fewest: int = FEWEST_CLIENTS, level: float = LEVEL) -> Figure:
        ours, theirs, client = self.serving.rows[code][at], self.draft.rows[code][at], self.known.client[at]
        n_clients = len(np.unique(client))
        if n_clients < fewest:
            return Figure(code, self.policy, TOO_LITTLE, n_clients)
        found = of_mean(theirs - ours, client, level=level)
        return self._figure(code, n_clients, float(ours.mean()), float(theirs.mean()), found)

    def _order(self, ours: Floats, theirs: Floats, outcome: Floats) -> Figure:
        at = np.flatnonzero(np.isfinite(ours) & np.isfinite(outcome))
        client = self.known.client[at]
        n_clients = len(np.unique(client))
        if n_clients < FEWEST_CLIENTS:
            return Figure(ORDER, self.policy, TOO_LITTLE, n_clients)
        one, other = (spearman(contrast[at], outcome[at]) for contrast in (ours, theirs))
        return self._figure(ORDER, n_clients, one[0], other[0], interval(*less(other, one), client))

    def _of_spread(self, code: str, ours: float, theirs: float, without: Floats) -> Figure:
        """The difference with the jackknife: each client adds (C − 1)/C of what leaving them out takes away."""
        n = len(without)
        found = interval(theirs - ours, (without.mean() - without) * (n - 1) / n, np.arange(n))
        return self._figure(code, n, ours, theirs, found)

    def _figure(self, code: str, n_clients: int, ours: float, theirs: float, difference: Interval) -> Figure:
        up, down = FIGURES[code]
        enough = n_clients >= FEWEST_CLIENTS
        verdict = told(difference, up=up, down=down) if enough else TOO_LITTLE
        return Figure(code, self.policy, verdict, n_clients, ours, theirs, difference)
