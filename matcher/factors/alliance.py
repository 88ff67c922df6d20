"""Predicted alliance: what the clinic's own ratings say about this pair."""

from __future__ import annotations

import numpy as np

from matcher.encoding import ClientArrays, Directory
from matcher.encoding.bits import Floats
from matcher.entities import Outlook, Reason
from matcher.factors.base import NEUTRAL, Circumstances, Factor, Pair, Remark, neutral
from matcher.sources import CRITS_CHRISTOPH_2011, FLUCKIGER_2018

SURE_ENOUGH = 0.7  # chance of being above typical from which we say so; below it the difference is mostly noise
FEW_CLIENTS = 5  # fewer clients than this are never counted aloud, and a therapist with fewer is "new here"


def values(clients: ClientArrays, directory: Directory, circumstances: Circumstances) -> Floats:
    """Φ(contrast from typical / spread of true contrasts): the share of all pairs here that this one stands above.

    The spread is stored with the model, so the map is fixed: it depends on nobody else in the list, and it does not
    stretch a trivial difference to the whole range.
    """
    if circumstances.standing is None:
        return neutral(clients, directory)
    from scipy.special import ndtr

    return np.asarray(ndtr(circumstances.standing))


def remarks(pair: Pair) -> tuple[Remark, ...]:
    if pair.outlook is None or pair.circumstances.standing is None:
        return ()
    from scipy.special import ndtr

    value = float(ndtr(pair.circumstances.standing[0, 0]))
    return (*_standing(pair.outlook, value), *_evidence(pair.outlook))


def _standing(outlook: Outlook, value: float) -> tuple[Remark, ...]:
    if outlook.above_typical >= SURE_ENOUGH:
        mostly_personal = outlook.personal >= (outlook.mean - outlook.typical) / 2
        return (Remark(value - NEUTRAL, Reason("alliance_for_you" if mostly_personal else "alliance_on_average")),)
    if outlook.above_typical <= 1 - SURE_ENOUGH:
        return (Remark(value - 1, Reason("alliance_below_typical")),)
    return ()


def _evidence(outlook: Outlook) -> tuple[Remark, ...]:
    """Evidence is no merit: counts come after every real reason, and a newcomer's caution is a mild one."""
    if outlook.n_similar >= FEW_CLIENTS:
        return (Remark(0.02, Reason("seen_similar", {"n_clients": outlook.n_similar})),)
    if outlook.n_clients >= FEW_CLIENTS:
        return (Remark(0.01, Reason("seen_clients", {"n_clients": outlook.n_clients})),)
    return (Remark(-0.1, Reason("new_here")),)


ALLIANCE = Factor(
    code="alliance",
    values=values,
    remarks=remarks,
    sources=(FLUCKIGER_2018, CRITS_CHRISTOPH_2011),
    unit="share of all client-therapist pairs of the clinic that the expected alliance of this pair stands above",
    direction="rises with the predicted contrast from typical",
    missing="no model, or nothing known of the pair: 0.5, the typical pair",
    default_weight=0.40,
    why="r = .278 with outcome, twice that of preferences met; being shrunken, little evidence moves it little",
)
