"""Credibility: training, and whether the therapist works in the way that the client believes in.

The therapist's record with clients is left to the alliance factor, where it is shrunken; counting it here again would
punish a newcomer twice.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

import numpy as np

from matcher import vocabulary as v
from matcher.encoding import TRAITS, ClientArrays, Directory
from matcher.encoding.bits import Bits, Flags, Floats, bits_of, codes_of
from matcher.encoding.lines import Column, Line, only
from matcher.entities import Reason
from matcher.factors.base import NEUTRAL, Circumstances, Factor, Pair, Remark, mean_of_known, mean_of_lines
from matcher.factors.preference_fit import met_line, wish_value
from matcher.sources import CONSTANTINO_2018, SWIFT_2018, Source

# Each training closes this share of what is missing to full credibility; supervised training alone counts 0.35.
CLOSES: Mapping[str, float] = MappingProxyType(
    {"masters": 0.2, "diploma": 0.2, "accredited": 0.3, "doctorate": 0.3, "supervisor": 0.3}
)
IN_TRAINING = 0.35
TRAINING_GUESS = Source(
    "Rapport's authors: what each training adds to credibility, no study",
    2026,
    "A judgement: recognised training makes help believable; no study ranks the titles.",
    guess=True,
)


def values(clients: ClientArrays, directory: Directory, circumstances: Circumstances) -> Floats:
    """The mean of training and, where the client wants a modality, of how far it is met (by its strength)."""
    wanted = clients.wish_strength[:, TRAITS.index("modality"), None] / 2.0
    training = np.broadcast_to(_training(directory)[None, :], (len(clients), len(directory)))
    return mean_of_known([(np.ones((1, 1)), training), (wanted, wish_value(clients, directory, "modality"))])


def line(client: ClientArrays, circumstances: Circumstances) -> Line:
    """``values`` of one client over columns of training and of modalities."""
    wanted = int(client.wish_strength[0, TRAITS.index("modality")]) / 2.0
    return mean_of_lines(
        [(1.0, only(Column(_training, field=("trainings", None)))), (wanted, met_line(client, "modality"))]
    )


def _training(directory: Directory) -> Floats:
    """Training as 0.35 … 1, shape (n,): 0.5 where nothing is said."""
    return _of_trainings()[directory.trainings.astype(np.intp)]


@cache
def _of_trainings() -> Floats:
    """Of every set of trainings that there is, by its word."""
    sets = np.arange(1 << len(v.TRAININGS), dtype=np.uint64)
    missing = np.full(len(sets), 1 - NEUTRAL)
    for training, share in CLOSES.items():
        missing = np.where(_has(sets, training), missing * (1 - share), missing)
    known = 1 - missing
    return np.where(_has(sets, "in_training") & (known == NEUTRAL), IN_TRAINING, known)


def _has(sets: Bits, training: str) -> Flags:
    return np.asarray(sets & np.uint64(bits_of((training,), v.TRAININGS)) != 0)


def remarks(pair: Pair) -> tuple[Remark, ...]:
    wanted = int(pair.client.wish_strength[0, TRAITS.index("modality")]) / 2
    return (*_modality(pair, wanted / (1 + wanted)), *_training_remarks(pair, 1 / (1 + wanted)))


def _modality(pair: Pair, share: float) -> tuple[Remark, ...]:
    k = TRAITS.index("modality")
    offered = int(pair.therapist.traits[0, k])
    if not share or not offered:
        return ()
    met = offered & int(pair.client.wish_options[0, k])
    if met:
        return (Remark(share * NEUTRAL, Reason("modality_met", {"modality": codes_of(met, v.MODALITIES)[0]})),)
    return (Remark(-share, Reason("modality_not_met")),)


def _training_remarks(pair: Pair, share: float) -> tuple[Remark, ...]:
    held = codes_of(int(pair.therapist.trainings[0]), v.TRAININGS)
    best = max((code for code in held if code in CLOSES), key=CLOSES.__getitem__, default=None)
    if best is not None:
        return (Remark(share * NEUTRAL * CLOSES[best], Reason("trained", {"training": best})),)
    return (Remark(share * (IN_TRAINING - 1), Reason("in_training")),) if "in_training" in held else ()


CREDIBILITY = Factor(
    code="credibility",
    values=values,
    remarks=remarks,
    sources=(CONSTANTINO_2018, SWIFT_2018, TRAINING_GUESS),
    unit="share of full credibility: recognised training, and the modality that the client wants",
    direction="rises with each recognised training, and when the modality wanted is offered",
    missing="nothing said about training: 0.5; modalities not said: half met; no wish for a modality: training alone",
    default_weight=0.08,
    why="a treatment that the client finds credible raises hope, r near .1 to .2; titles alone raise no outcomes",
    line=line,
)
