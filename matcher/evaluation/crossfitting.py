"""What a model expects of each decision, learned from other clients only."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from matcher.errors import InvalidInput
from matcher.evaluation.checked import Floats, Rows, row
from matcher.evaluation.splits import by_client

FOLDS = 5


@dataclass(frozen=True, eq=False)
class Expectations:
    """What an outcome model expects of each logged decision. It must not have seen the outcomes of that client.

    Parameters
    ----------
    taken : array, (n,)
        Of the action that was taken, on the scale of the reward.
    judged : array, (n,)
        On average over the actions that the judged policy would take there, Σ_a P_judged(a) · expected(a).
    logged : array, (n,)
        On average over those of the logging policy.

    Examples
    --------
    >>> from matcher import Expectations
    >>> Expectations(taken=[3.0], judged=[3.2], logged=[3.1]).judged
    [3.2]
    """

    taken: ArrayLike
    judged: ArrayLike
    logged: ArrayLike

    def rows(self, n: int) -> tuple[Floats, Floats, Floats]:
        """Taken, judged and logged as (n,) numbers."""
        return (
            row("expected.taken", self.taken, n),
            row("expected.judged", self.judged, n),
            row("expected.logged", self.logged, n),
        )


def cross_fitted(
    client: ArrayLike,
    predict: Callable[[Rows, Rows], tuple[ArrayLike, ArrayLike, ArrayLike]],
    *,
    folds: int = FOLDS,
    seed: int = 0,
) -> Expectations:
    """Expectations of which none has seen its own client: learned on some clients, asked of the others, in turn.

    Parameters
    ----------
    client : array, (n,)
        Whose each decision is, ids or codes of any kind, at least as many different ones as folds.
    predict : callable
        ``predict(train, test)`` learns from the rows ``train`` alone and returns, for the rows ``test``, what it
        expects of the action taken, under the judged policy and under the logging one; numbers of the length of test.
    folds : int
        2 … 20 parts, all decisions of a client in one.
    seed : int
        Of the deal of the clients.

    Returns
    -------
    Expectations
        In the order of the rows.

    Raises
    ------
    InvalidInput
        For fewer clients than folds, or predictions of another length or not finite.

    References
    ----------
    Chernozhukov et al. (2018), Double/debiased machine learning for treatment and structural parameters, Econometrics
    J. 21.

    Examples
    --------
    >>> import numpy as np
    >>> from matcher import cross_fitted
    >>> reward = np.array([1.0, 2.0, 6.0])
    >>> def others_mean(train, test):
    ...     return (np.full(len(test), reward[train].mean()),) * 3
    >>> cross_fitted(["ada", "bo", "cy"], others_mean, folds=3).taken.tolist()
    [4.0, 3.5, 1.5]
    """
    if folds < 2:
        raise InvalidInput("folds", folds, "expected 2 or more: who is learned from and who is asked must differ")
    found = np.empty((3, np.size(client)))
    for split in by_client(client, folds=folds, seed=seed):
        learned = Expectations(*predict(split.train, split.test))
        found[:, split.test] = learned.rows(len(split.test))
    return Expectations(*found)
