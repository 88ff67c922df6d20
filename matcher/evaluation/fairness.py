"""Is it fair? Errors by group of clients, none where few people stand behind them; and who is shown how often."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from matcher import checks
from matcher.errors import InvalidInput
from matcher.evaluation.checked import Floats, Rows, codes, row
from matcher.evaluation.metrics import mae, rmse
from matcher.suppression import FEWEST, told_cells


@dataclass(frozen=True, slots=True)
class Cell:
    """A group's figures; ``bias`` is mean (predicted − observed). All are None where the cell is hidden."""

    group: str
    n_clients: int | None
    n_ratings: int | None
    rmse: float | None
    mae: float | None
    bias: float | None

    @property
    def hidden(self) -> bool:
        """Whether too few people are in it, or it would give away another that has too few."""
        return self.n_clients is None


def by_group(
    group: ArrayLike, client: ArrayLike, truth: ArrayLike, predicted: ArrayLike, *, fewest: int = FEWEST
) -> tuple[Cell, ...]:
    """Errors by group of ratings, without those from which single people could be told.

    Parameters
    ----------
    group : array of str, (n,)
        The group of each rating.
    client : array, (n,)
        Whose each rating is, ids or codes.
    truth, predicted : array, (n,)
        Observed and predicted scores, finite.
    fewest : int
        How many different clients a cell needs to be shown, 1 or more.

    Returns
    -------
    tuple of Cell
        One a group, by name. A cell with fewer clients is hidden; where those hidden are together still fewer than
        ``fewest``, the smallest shown one is hidden too, since the total less what is shown would give them away.

    Raises
    ------
    InvalidInput
        For rows of unequal length, no rating, a number that is not finite, or ``fewest`` below 1.

    Examples
    --------
    >>> from matcher import by_group
    >>> cells = by_group(["a"] * 6 + ["b"] * 5 + ["c"], range(12), [1.0] * 12, [0.5] * 12)
    >>> [(cell.group, cell.n_clients, cell.bias) for cell in cells]
    [('a', 6, -0.5), ('b', None, None), ('c', None, None)]
    """
    checks.whole(fewest, "fewest", 1, 10**9)
    found = row("truth", truth)
    given, whose = row("predicted", predicted, len(found)), codes("client", client, len(found))
    labels = np.asarray(group, dtype=object)
    if labels.shape != found.shape:
        raise InvalidInput("group", labels.shape, f"expected {len(found)} labels in one row")
    names = sorted({str(label) for label in labels.tolist()})
    rows = {name: np.flatnonzero(labels == name) for name in names}
    shown = shown_groups({name: set(whose[at].tolist()) for name, at in rows.items()}, fewest)
    return tuple(_cell(name, rows[name], whose, found, given, name in shown) for name in names)


def shown_groups(people: dict[str, set[int]], fewest: int = FEWEST) -> set[str]:
    """The groups that may be shown; ``people`` are the members of each, and somebody may be in several."""
    names = sorted(people)
    pairs = [(who, str(k)) for k, name in enumerate(names) for who in sorted(people[name])]
    if not pairs:
        return set()
    whose, groups = zip(*pairs, strict=True)
    return {names[int(k)] for k in told_cells(whose, {"group": groups}, fewest=fewest).cells["group"]}


def _cell(name: str, at: Rows, whose: Rows, found: Floats, given: Floats, shown: bool) -> Cell:
    if not shown:
        return Cell(name, None, None, None, None, None)
    truth, predicted = found[at], given[at]
    n_clients, bias = len(np.unique(whose[at])), float(np.mean(predicted - truth))
    return Cell(name, n_clients, len(at), rmse(truth, predicted), mae(truth, predicted), bias)


@dataclass(frozen=True, slots=True)
class Exposure:
    """``share_shown`` of the openings belong to a therapist who was shown; ``gini`` 0 (even) … 1 (all to one)."""

    share_shown: float
    gini: float


def exposure(shown: ArrayLike, openings: ArrayLike | None = None) -> Exposure:
    """How the places in lists are spread over those who have room.

    Parameters
    ----------
    shown : array, (n_therapists,)
        How often each therapist was in a list, 0 or more; weights, such as propensities, count too.
    openings : array, (n_therapists,), optional
        How many clients each could take, 0 or more; one each where it is None. Who has none does not count.

    Returns
    -------
    Exposure
        The Gini coefficient is over openings: each opening gets its therapist's showings in equal parts. 0 where
        nobody was shown.

    Raises
    ------
    InvalidInput
        For rows of unequal length, a negative or infinite number, or no opening at all.

    References
    ----------
    Gini (1912), Variabilità e mutabilità. Singh, Joachims (2018), Fairness of exposure in rankings, KDD.

    Examples
    --------
    >>> from matcher import exposure
    >>> exposure([10, 0], [1, 1])
    Exposure(share_shown=0.5, gini=0.5)
    """
    counts = row("shown", shown)
    places = np.ones(len(counts)) if openings is None else row("openings", openings, len(counts))
    for name, values in (("shown", counts), ("openings", places)):
        if (values < 0).any():
            raise InvalidInput(name, float(values.min()), "expected 0 or more")
    if not places.sum() > 0:
        raise InvalidInput("openings", 0, "expected at least one therapist with room")
    open_, counts = places[places > 0], counts[places > 0]
    shares, ginis = spread(counts, open_)
    return Exposure(float(shares), float(ginis))


def spread(shown: Floats, openings: Floats) -> tuple[Floats, Floats]:
    """``share_shown`` and ``gini`` of showings (..., n_therapists), over openings above 0, (n_therapists,)."""
    share = (openings * (shown > 0)).sum(axis=-1) / openings.sum()
    return np.asarray(share), _gini(shown, openings)


def _gini(counts: Floats, places: Floats) -> Floats:
    """1 − Σ_k (x_k − x_{k−1}) (y_k + y_{k−1}) along the Lorenz curve of showings over openings, poorest first."""
    order = np.argsort(counts / places, axis=-1, kind="stable")
    total = np.maximum(counts.sum(axis=-1, keepdims=True), np.finfo(float).tiny)
    step = places[order] / places.sum()
    y = np.cumsum(np.take_along_axis(counts, order, axis=-1), axis=-1) / total
    area = (step * (y + y - np.diff(y, axis=-1, prepend=0.0))).sum(axis=-1)
    return np.asarray(np.where(counts.sum(axis=-1) > 0, 1 - area, 0.0))
