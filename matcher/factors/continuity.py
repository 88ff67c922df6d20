"""Continuity: going back to somebody the client knows. Whoever must not come back is blocked, never weighed."""

from __future__ import annotations

import numpy as np

from matcher.encoding import ClientArrays, Directory
from matcher.encoding.bits import Floats, popcount
from matcher.encoding.lines import Line
from matcher.entities import Reason
from matcher.factors.base import NEUTRAL, Circumstances, Factor, Pair, Remark
from matcher.factors.expectancy import pairs_named
from matcher.sources import Source

CONTINUITY_GUESS = Source(
    "Rapport's authors: what an earlier therapy with the same therapist is worth, no study",
    2026,
    "A judgement: the more of it the client remembers as help, the more it counts; it never counts against.",
    guess=True,
)


def values(clients: ClientArrays, directory: Directory, circumstances: Circumstances) -> Floats:
    """½ for everyone but the former therapist: ½ + ½ · (1 + helped) / (1 + helped + hindered) for them."""
    helped, hindered = popcount(clients.helped), popcount(clients.hindered)
    worth = NEUTRAL + (1 - NEUTRAL) * (1 + helped) / (1 + helped + hindered)
    return np.where(pairs_named(clients.former, directory), worth[:, None], NEUTRAL)


def line(client: ClientArrays, circumstances: Circumstances) -> Line:
    """The same for everybody but the former therapist."""
    return Line(NEUTRAL)


def remarks(pair: Pair) -> tuple[Remark, ...]:
    if pair.client.former[0] != pair.therapist.ids[0]:
        return ()
    return (Remark(NEUTRAL, Reason("known_before")),)


CONTINUITY = Factor(
    code="continuity",
    values=values,
    remarks=remarks,
    sources=(CONTINUITY_GUESS,),
    unit="share of full continuity with an earlier therapy",
    direction="rises for the former therapist, the more with what helped then and the less with what hindered",
    missing="no former therapist, or one who is not in the directory: 0.5 for everyone",
    default_weight=0.03,
    why="a guess, kept small: it matters to few clients, and those can choose the therapist by name",
    line=line,
)
