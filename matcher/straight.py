"""Where the features of a pair count straight: what a fitted model makes of them as one slope a feature."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from matcher.alliance.blocks import Block
    from matcher.alliance.fitted import Fitted
    from matcher.alliance.structure import Covariate
    from matcher.encoding.bits import Floats


@dataclass(frozen=True)
class Straight:
    """constant + Σ slope · feature: the contrast of a pair beyond what is the therapist's alone, and the dyad's."""

    constant: float
    slopes: Mapping[str, float]


class _Piece(NamedTuple):
    feature: str
    slope: float
    level: float


def straight(fitted: Fitted) -> Straight | None:
    """None where a feature of the pair bends, is of a text, or works together with another side."""
    found = [*_of_random(fitted), *_of_fixed(fitted), *_of_blocks(fitted)]
    pieces = [piece for piece in found if piece is not None]
    if len(pieces) < len(found):
        return None
    slopes: dict[str, float] = {}
    for piece in pieces:
        slopes[piece.feature] = slopes.get(piece.feature, 0.0) + piece.slope
    return Straight(sum(piece.level for piece in pieces), {name: slope for name, slope in slopes.items() if slope})


def _of_random(fitted: Fitted) -> Iterator[None]:
    """Whatever a therapist has of their own with a client or a feature bends it."""
    for term in fitted.structure.random:
        side = None if term.covariate is None else fitted.structure.covariates[term.covariate].side
        if side == "match" or (term.by_therapist and side not in (None, "therapist", "moment")):
            yield None


def _of_fixed(fitted: Fitted) -> Iterator[_Piece | None]:
    coefficients = fitted.coefficients[fitted.first_fixed :].tolist()
    for column, coefficient in zip(fitted.structure.fixed, coefficients, strict=True):
        sides = fitted.structure.sides(column)
        if not sides & {"match", "therapist"} or sides == {"therapist"}:
            continue
        (at, part), *others = column.parts
        piece = None if others else _piece(fitted.structure.covariates[at], part, coefficient / column.scale)
        yield None if piece is None else piece._replace(level=piece.level - coefficient * column.mean / column.scale)


def _of_blocks(fitted: Fitted) -> Iterator[_Piece | None]:
    covariates = fitted.structure.covariates
    for block, coefficients in fitted.block_coefficients():
        sides = block.sides(covariates)
        if sides in ({"therapist"}, {"client"}):
            continue
        if sides != {"match"} or block.right is not None or block.left.nearness is not None:
            yield None
        else:
            yield from _of_columns(block, coefficients, covariates)


def _of_columns(block: Block, coefficients: Floats, covariates: tuple[Covariate, ...]) -> Iterator[_Piece | None]:
    weights = np.array(block.left.turn) @ coefficients / block.scale
    level = -float((np.array(block.left.means) + np.array(block.means)) @ coefficients) / block.scale
    for primitive, weight in zip(block.left.primitives, weights.tolist(), strict=True):
        covariate = covariates[primitive.covariate]
        weight = weight / primitive.deviation(covariate)
        piece = None if primitive.knot is not None else _piece(covariate, primitive.part, weight)
        average = covariate.average(primitive.part)
        yield None if piece is None else piece._replace(level=piece.level - weight * average + level)
        level = 0.0  # once a block


def _piece(covariate: Covariate, part: int, coefficient: float) -> _Piece | None:
    """A number's column; whether it is missing adds nothing, as no feature of a pair ever is."""
    if covariate.side != "match" or covariate.levels is not None:
        return None
    return _Piece(covariate.name, coefficient if part == 0 else 0.0, 0.0)
