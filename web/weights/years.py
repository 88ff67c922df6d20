"""The curve of years in practice: a line in its band, drawn where enough people stand behind it, and as a table."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from web.wording.language import _
from web.wording.learning import say_curve, say_no_curve

LEFT, RIGHT, TOP, BOTTOM = 12.0, 628.0, 14.0, 176.0  # the field of the curve, in a frame of 640 by 220
TICK_YEARS = 10
ROW_YEARS = 5
LEAST_REACH = 0.02  # of the scale: a curve that moves less than this looks as flat as it is
Figures = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Run:
    """A piece of the curve without a gap: its line and the outline of its band, as SVG points."""

    line: str
    band: str


@dataclass(frozen=True, slots=True)
class Years:
    """The curve. ``zero`` is the height of the clinic's average pair, ``ticks`` are (position, years).

    ``gaps`` are (left, width) of the stretches that are not drawn; ``reach`` says how far up and down the field goes.
    Without a curve ``runs`` is empty, and ``words`` says why.
    """

    words: str
    summary: str
    runs: tuple[Run, ...]
    gaps: tuple[tuple[float, float], ...]
    zero: float
    reach: str
    ticks: tuple[tuple[float, str], ...]
    rows: tuple[tuple[str, str, str], ...]


def years(curve: Figures, span: float) -> Years:
    """The curve of a document of what was learned; ``span`` is the length of the scale of its scores."""
    if curve["too_little"] is not None:
        return Years(say_no_curve(curve["too_little"]), "", (), (), 0.0, "", (), ())
    at = curve["at"]
    points = list(zip(at, curve["effect"], curve["lower95"], curve["upper95"], strict=True))
    told = [abs(end) / span for _at, effect, *ends in points if effect is not None for end in ends]
    reach = max([*told, LEAST_REACH])

    def along(value: float) -> float:
        return round(LEFT + (RIGHT - LEFT) * (value - at[0]) / (at[-1] - at[0]), 1)

    def height(value: float) -> float:
        return round((TOP + BOTTOM) / 2 - (BOTTOM - TOP) / 2 * value / span / reach, 1)

    edges = zip(pairwise(curve["edges"]), curve["shown"], strict=True)
    ticks = range(-(-int(at[0]) // TICK_YEARS) * TICK_YEARS, int(at[-1]) + 1, TICK_YEARS)
    return Years(
        words=say_curve(curve["differs"]),
        summary=_("Early scores by years in practice, beside the clinic's average; the table below has the figures."),
        runs=tuple(_run(run, along, height) for run in _runs(points)),
        gaps=tuple((along(low), round(along(high) - along(low), 1)) for (low, high), shown in edges if not shown),
        zero=height(0.0),
        reach=f"{100 * reach:.1f}",
        ticks=tuple((along(year), str(year)) for year in ticks if year >= at[0]),
        rows=tuple(_rows(points, span)),
    )


def signed(value: float, digits: int = 1) -> str:
    """A number with its sign, and a true minus."""
    told = f"{abs(value):.{digits}f}"
    return told if float(told) == 0 else f"{'+' if value > 0 else '−'}{told}"


def _runs(points: Sequence[tuple[Any, ...]]) -> Iterator[list[tuple[Any, ...]]]:
    run: list[tuple[Any, ...]] = []
    for point in [*points, (None, None, None, None)]:
        if point[1] is not None:
            run.append(point)
        elif run:
            yield run
            run = []


def _run(run: Sequence[tuple[Any, ...]], along: Any, height: Any) -> Run:
    line = [f"{along(at)},{height(effect)}" for at, effect, _low, _high in run]
    over = [f"{along(at)},{height(high)}" for at, _effect, _low, high in run]
    under = [f"{along(at)},{height(low)}" for at, _effect, low, _high in reversed(run)]
    return Run(" ".join(line), " ".join([*over, *under]))


def _rows(points: Sequence[tuple[Any, ...]], span: float) -> Iterator[tuple[str, str, str]]:
    """(years, difference, range) near every fifth year; a gap says that too few stand behind it."""
    for year in range(0, int(points[-1][0]) + ROW_YEARS, ROW_YEARS):
        at, effect, low, high = min(points, key=lambda point: abs(point[0] - year))
        if abs(at - year) > ROW_YEARS / 2:
            continue
        if effect is None:
            yield str(year), _("too few to tell"), ""
        else:
            low, effect, high = (100 * value / span for value in (low, effect, high))
            yield str(year), signed(effect), _("%(low)s to %(high)s", low=signed(low), high=signed(high))
