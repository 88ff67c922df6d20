"""Weights from what clients chose of the lists they were shown. Choices teach appeal, not benefit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matcher.entities import MatchList, Weights
from matcher.errors import InvalidInput
from matcher.learning.answer import (
    ALLIANCE,
    CHOICES,
    CODES,
    DEFAULT_RELATIVE,
    FEWEST_CLIENTS,
    NO_ALLIANCE_WEIGHT,
    NO_DIFFERENCES,
    OTHERS,
    TOO_FEW_CLIENTS,
    Floats,
    Learned,
    Posterior,
    proposed,
    refused,
)
from matcher.learning.logit import Lists, logit_fit
from matcher.learning.ratings import reasons_to_stay
from matcher.weights import DEFAULT


@dataclass(frozen=True, eq=False)
class Choice:
    """One list that a client was shown, and whom they chose of it.

    Parameters
    ----------
    client_id : str
        Whose choice it is; several choices of one client count as one piece of evidence.
    values : array, (n_shown, n_factors)
        The factors of everybody who was shown, in the registry's order, each in [0, 1], as they were when shown.
    place : array of int, (n_shown,)
        Where each stood, 1 for the first; all different.
    chosen : int
        The row of whom they chose.

    Raises
    ------
    InvalidInput
        For fewer than two who were shown, values that are not as said, places that repeat, or a row that is not there.

    Examples
    --------
    >>> import numpy as np
    >>> from matcher import Choice
    >>> Choice("c1", np.full((2, 8), 0.5), np.array([1, 2]), 0).place.tolist()
    [1, 2]
    """

    client_id: str
    values: Floats
    place: NDArray[np.int64]
    chosen: int

    def __post_init__(self) -> None:
        if self.values.ndim != 2 or self.values.shape[0] < 2 or self.values.shape[1] != len(CODES):
            raise InvalidInput("choice.values", self.values.shape, f"expected two or more rows of {len(CODES)} factors")
        if not ((self.values >= 0) & (self.values <= 1)).all():
            raise InvalidInput("choice.values", "a value outside", "expected numbers from 0 to 1")
        n_shown = len(self.values)
        if self.place.shape != (n_shown,) or len(np.unique(self.place)) < n_shown or self.place.min() < 1:
            raise InvalidInput("choice.place", self.place.tolist(), "expected a place from 1 for each, all different")
        if not 0 <= self.chosen < n_shown:
            raise InvalidInput("choice.chosen", self.chosen, f"expected a row from 0 to {n_shown - 1}")

    @classmethod
    def of(
        cls, record: MatchList, therapist_id: str, *, client_id: str | None = None, n_shown: int | None = None
    ) -> Choice:
        """From the record of a list: the first ``n_shown`` of it, or all; ``client_id`` where a client has several."""
        shown = record.matches[:n_shown]
        ids = [match.therapist_id for match in shown]
        if therapist_id not in ids:
            raise InvalidInput("choice.therapist_id", therapist_id, "this therapist was not in the list")
        values = np.array([[part.value for part in match.contributions] for match in shown])
        place = np.array([match.place for match in shown], dtype=np.int64)
        return cls(client_id or record.intake_id, values, place, ids.index(therapist_id))


def learned_from_choices(
    choices: Sequence[Choice], *, serving: Weights = DEFAULT, version: str = "learned-from-choices"
) -> Learned:
    """The weights by which clients seem to choose, with how sure that is.

    Parameters
    ----------
    choices : sequence of Choice
        Lists from which somebody was chosen. Lists that were left without a choice teach nothing here.
    serving : Weights
        The weights that serve, beside which each learned one is judged.
    version : str
        The name of the proposed weights.

    Returns
    -------
    Learned
        ``taught_by`` is "choices": it says what appeals to clients, and nothing about what helps them. Fewer than 40
        clients, or an alliance that is the same in every list (no model served), is an answer with its reason.

    Notes
    -----
    A conditional logit among those who were shown,

        P(c chooses t) ∝ exp( s · (alliance(c,t) + Σ_k relative_k · factor_k(c,t)) − b · ln place(t) )
        relative_k ~ N(default_k / default_alliance, .25²),   ln s ~ N(ln 3, 1),   b ~ N(0, 1)

    by Newton's method given s, averaged over what the choices say of s. The alliance's weight is fixed to 1, and s
    says how much it weighs in the choice. ``b`` is what the place itself does: the first ones are read more, whoever
    stands there. In a list in strict order of the score, place and score say almost the same, so that the intervals
    widen; lists with drawn near-ties tell them apart. How likely a list was to be shown drops out: the choice is
    modelled given the list. The interval is from the covariance H⁻¹ (J + P) H⁻¹ given s,
    with P the prior's precision, H = information + P, and J the scores' products summed by client, so that several
    lists of one client are not taken for several clients; it is never narrower than that of H⁻¹.

    References
    ----------
    McFadden (1974), Conditional logit analysis of qualitative choice behavior, in Frontiers in Econometrics.
    Joachims, Swaminathan, Schnabel (2017), Unbiased learning-to-rank with biased feedback, WSDM.
    Liang, Zeger (1986), Longitudinal data analysis using generalized linear models, Biometrika 73.

    Examples
    --------
    >>> from matcher import learned_from_choices
    >>> learned_from_choices([]).too_little
    'too_few_clients'
    """
    clients = {choice.client_id for choice in choices}
    if len(clients) < FEWEST_CLIENTS:
        return refused(CHOICES, TOO_FEW_CLIENTS, len(clients))
    if not serving.values[ALLIANCE] > 0:
        return refused(CHOICES, NO_ALLIANCE_WEIGHT, len(clients))
    telling = _clients_told_apart(choices)
    if reasons_to_stay(telling).get(ALLIANCE):
        return refused(CHOICES, NO_DIFFERENCES, len(clients))
    stays = {code: reason for code, reason in reasons_to_stay(telling).items() if code != ALLIANCE}
    taught = tuple(code for code in OTHERS if code not in stays)
    default = np.array([DEFAULT_RELATIVE[code] for code in taught])
    mean, covariance = logit_fit(_lists(choices, taught), default)
    counts = (len(clients), len(choices))
    return proposed(CHOICES, Posterior(taught, mean, covariance), stays, telling, counts, serving, version)


def _clients_told_apart(choices: Sequence[Choice]) -> dict[str, int]:
    """For how many clients each factor differs between some of those who were shown to them."""
    seen: dict[str, set[str]] = {code: set() for code in CODES}
    for choice in choices:
        for code, spread in zip(CODES, np.ptp(choice.values, axis=0).tolist(), strict=True):
            if spread > 0:
                seen[code].add(choice.client_id)
    return {code: len(clients) for code, clients in seen.items()}


def _lists(choices: Sequence[Choice], taught: tuple[str, ...]) -> Lists:
    """Every list below the other; clients and lists are counted from 0."""
    sizes = [len(choice.values) for choice in choices]
    values = np.concatenate([choice.values for choice in choices])
    starts = np.cumsum([0, *sizes[:-1]])
    ids = sorted({choice.client_id for choice in choices})
    codes = {id_: code for code, id_ in enumerate(ids)}
    return Lists(
        alliance=values[:, CODES.index(ALLIANCE)],
        others=values[:, [CODES.index(code) for code in taught]],
        log_place=np.log(np.concatenate([choice.place for choice in choices]).astype(float)),
        of_list=np.repeat(np.arange(len(choices)), sizes),
        chosen=starts + np.array([choice.chosen for choice in choices]),
        client=np.array([codes[choice.client_id] for choice in choices]),
    )
