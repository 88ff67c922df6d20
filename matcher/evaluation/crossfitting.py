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

    @classmethod
    def over(cls, expected: ArrayLike, whom: ArrayLike, judged: ArrayLike, logged: ArrayLike) -> Expectations:
        """From whole tables, (n, m): what is expected of each of m therapists at the place that was taken up.

        ``whom`` (n,) is the column of the one who was attended; ``judged`` and ``logged`` (n, m) are the chances of
        each to stand at that place.

        >>> from matcher import Expectations
        >>> Expectations.over([[2.0, 4.0]], [1], [[0.25, 0.75]], [[0.5, 0.5]]).judged
        array([3.5])
        """
        table, at = np.asarray(expected, dtype=np.float64), np.asarray(whom, dtype=np.intp)
        chances = {"judged": np.asarray(judged, np.float64), "logged": np.asarray(logged, np.float64)}
        for name, found in chances.items():
            if table.ndim != 2 or found.shape != table.shape:
                raise InvalidInput(name, found.shape, f"expected decisions × therapists as in expected: {table.shape}")
        return cls(table[np.arange(len(table)), at], *((found * table).sum(axis=1) for found in chances.values()))

    def rows(self, n: int) -> tuple[Floats, Floats, Floats]:
        """Taken, judged and logged as (n,) numbers."""
        return (
            row("expected.taken", self.taken, n),
            row("expected.judged", self.judged, n),
            row("expected.logged", self.logged, n),
        )


def cross_fitted(
    client: ArrayLike,
    predict: Callable[[Rows, Rows], Expectations],
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
        ``predict(train, test)`` learns from the rows ``train`` alone and returns the Expectations of the rows ``test``.
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
    >>> from matcher import Expectations, cross_fitted
    >>> reward = np.array([1.0, 2.0, 6.0])
    >>> def others_mean(train, test):
    ...     return Expectations(*[np.full(len(test), reward[train].mean())] * 3)
    >>> cross_fitted(["ada", "bo", "cy"], others_mean, folds=3).taken.tolist()
    [4.0, 3.5, 1.5]
    """
    if folds < 2:
        raise InvalidInput("folds", folds, "expected 2 or more: who is learned from and who is asked must differ")
    found = np.empty((3, np.size(client)))
    for split in by_client(client, folds=folds, seed=seed):
        found[:, split.test] = predict(split.train, split.test).rows(len(split.test))
    return Expectations(*found)
