"""Concern expertise: how deeply the therapist works with what brings the client here."""

from __future__ import annotations

import numpy as np

from matcher import vocabulary as v
from matcher.encoding import ClientArrays, Directory
from matcher.encoding.bits import Floats, codes_of
from matcher.encoding.features import community_share, depth, every_pair
from matcher.encoding.lines import Line
from matcher.encoding.match_lines import community_line, depth_line
from matcher.entities import Reason
from matcher.factors.base import NEUTRAL, Circumstances, Factor, Pair, Remark, mean_of_known, mean_of_lines
from matcher.sources import CONSTANTINO_2021, CONSTANTINO_2023, Source

PLACES = np.array([1.0, 0.5, 0.25])  # the main concern counts twice the second, four times the third
COMMUNITY_WEIGHT = 0.5
DEEPEST = 3
PLACE_GUESS = Source(
    "Rapport's authors: halving weights of further concerns, half weight of communities, no study",
    2026,
    "A judgement: the first concern is what a client comes for.",
    guess=True,
)


def values(clients: ClientArrays, directory: Directory, circumstances: Circumstances) -> Floats:
    """The weighted mean of depth / 3 over the client's concerns, and of the communities that the therapist knows."""
    everyone, rows = every_pair(clients, directory)
    parts = []
    for k, share in enumerate(PLACES):
        concern = clients.concerns[everyone, k]
        parts.append((share * (concern >= 0), depth(directory, concern, rows) / DEEPEST))
    named = (clients.communities != 0)[:, None]
    return mean_of_known([*parts, (COMMUNITY_WEIGHT * named, community_share(clients, directory))])


def line(client: ClientArrays, circumstances: Circumstances) -> Line:
    """``values`` of one client over columns of depths and of communities known."""
    concerns = zip(PLACES.tolist(), client.concerns[0].tolist(), strict=True)
    parts = [(share, depth_line(concern).times(1 / DEEPEST)) for share, concern in concerns if concern >= 0]
    named = int(client.communities[0])
    return mean_of_lines([*parts, (COMMUNITY_WEIGHT * bool(named), community_line(named))])


def remarks(pair: Pair) -> tuple[Remark, ...]:
    positions = pair.client.concerns[0]
    shares = PLACES * (positions >= 0)
    communities = int(pair.client.communities[0])
    total = shares.sum() + COMMUNITY_WEIGHT * bool(communities)
    found = [
        _concern(pair, int(position), float(share / total)) for position, share in zip(positions, shares, strict=True)
    ]
    shared = communities & int(pair.therapist.trait("communities")[0])
    if shared:
        code = codes_of(shared, v.COMMUNITIES)[0]
        found.append(Remark(NEUTRAL * COMMUNITY_WEIGHT / total, Reason("knows_community", {"community": code})))
    return tuple(remark for remark in found if remark is not None)


def _concern(pair: Pair, position: int, share: float) -> Remark | None:
    level = int(pair.therapist.depth[0, position])
    if position < 0:
        return None
    params: dict[str, str | int | float] = {"concern": v.CONCERNS.codes[position]}
    if level / DEEPEST > NEUTRAL:
        code = "concern_main_field" if level == DEEPEST else "concern_experience"
        return Remark(share * (level / DEEPEST - NEUTRAL), Reason(code, params))
    return Remark(share * (level / DEEPEST - 1), Reason("concern_some" if level else "concern_not_listed", params))


CONCERN_EXPERTISE = Factor(
    code="concern_expertise",
    values=values,
    remarks=remarks,
    sources=(CONSTANTINO_2021, CONSTANTINO_2023, PLACE_GUESS),
    unit="share of the deepest possible work with the client's concerns, as the therapist says",
    direction="rises with the depth for each concern of the client, and with each of their communities that is known",
    missing="a concern that the therapist did not list has depth 0; without communities, concerns alone",
    default_weight=0.10,
    why="matching by record helped in one trial, but therapists' view of their own strengths is near chance: little",
    line=line,
)
