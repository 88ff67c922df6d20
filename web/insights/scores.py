"""Scores and differences between them as a clinic lead reads them: on 0 to 1 as points of 100, else as they are."""

from __future__ import annotations

from matcher.entities import Scale
from web.wording.language import _


def shown(value: float, scale: Scale) -> str:
    """A score, or a distance between two, to one decimal more than people say."""
    return f"{100 * value:.1f}" if _is_of_one(scale) else f"{value:.3g}"


def signed(value: float, scale: Scale) -> str:
    """A difference with its sign, and a true minus."""
    told = shown(abs(value), scale)
    return told if float(told) == 0 else f"{'+' if value > 0 else '−'}{told}"


def unit(scale: Scale) -> str:
    """What the figures are in."""
    if _is_of_one(scale):
        return _("points of 100")
    return _("points of a scale from %(lowest)s to %(top)s", lowest=f"{scale.lowest:g}", top=f"{scale.top:g}")


def _is_of_one(scale: Scale) -> bool:
    return (scale.lowest, scale.top) == (0, 1)
