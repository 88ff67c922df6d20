"""Positions of the dashboard's charts: figures by month with their bands, and dots on intervals in rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

LEFT, RIGHT, TOP, BOTTOM = 12.0, 628.0, 26.0, 176.0  # the frame of a chart by month, in 640 by 206
ROW_LEFT, ROW_RIGHT = 10.0, 230.0
TICKS = 3
MARGIN = 0.08


@dataclass(frozen=True, slots=True)
class Value:
    """A figure and the ends of its band."""

    at: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Dot:
    """A figure in a chart: ``low`` and ``high`` are the ends of its band."""

    x: float
    y: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Tick:
    """Words under a chart, and how they stand to their place: start, middle, end."""

    x: float
    words: str
    anchor: str


@dataclass(frozen=True, slots=True)
class Months:
    """A chart by month; ``runs`` are lines through months that follow each other, ``gaps`` (left, width) are not told.

    ``last`` is the newest figure with its words; ``level`` the height of the dashed line; ``ends`` are the figures at
    the foot and the top of the frame.
    """

    dots: tuple[Dot, ...]
    runs: tuple[str, ...]
    gaps: tuple[tuple[float, float], ...]
    ticks: tuple[Tick, ...]
    level: float | None
    last: Tick
    last_y: float
    ends: tuple[float, float]
    summary: str


@dataclass(frozen=True, slots=True)
class Row:
    """A dot on an interval in a row, and where the dashed line stands."""

    at: float
    low: float
    high: float
    mark: float


def months(
    spans: Sequence[tuple[int, int]],
    values: Sequence[Value | None],
    words: Sequence[tuple[str, str]],
    *,
    level: float | None,
    bounds: tuple[float, float],
    summary: str,
) -> Months:
    """A chart of spans of months, (first, last) each, with (span, figure) in words; at least one figure is told."""
    low, high = _reach(values, level, bounds)
    first, last = spans[0][0], spans[-1][1] + 1

    def across(month: float) -> float:
        return round(LEFT + (RIGHT - LEFT) * (month - first) / (last - first), 1)

    def up(value: float) -> float:
        return round(BOTTOM - (BOTTOM - TOP) * (min(max(value, low), high) - low) / (high - low), 1)

    middles = [across((start + end + 1) / 2) for start, end in spans]
    dots = [
        None if value is None else Dot(x, up(value.at), up(value.low), up(value.high))
        for x, value in zip(middles, values, strict=True)
    ]
    untold = [span for span, value in zip(spans, values, strict=True) if value is None]
    newest, figure = next(
        (dot, said) for dot, (_, said) in zip(reversed(dots), reversed(words), strict=True) if dot is not None
    )
    return Months(
        dots=tuple(dot for dot in dots if dot is not None),
        runs=_runs(spans, dots),
        gaps=tuple((across(start), round(across(end + 1) - across(start), 1)) for start, end in untold),
        ticks=_ticks(middles, [span for span, _ in words]),
        level=None if level is None else up(level),
        last=Tick(newest.x, figure, _anchor(newest.x)),
        last_y=max(newest.high - 8, 15.0),
        ends=(low, high),
        summary=summary,
    )


def row(value: Value, mark: float, bounds: tuple[float, float]) -> Row:
    """A row whose line reaches from one bound to the other."""
    low, high = bounds

    def across(one: float) -> float:
        share = (min(max(one, low), high) - low) / ((high - low) or 1.0)
        return round(ROW_LEFT + share * (ROW_RIGHT - ROW_LEFT), 1)

    return Row(across(value.at), across(value.low), across(value.high), across(mark))


def around(values: Sequence[Value], mark: float) -> tuple[float, float]:
    """Bounds about a mark that hold all of these, the same to either side."""
    reach = max((abs(end - mark) for value in values for end in (value.low, value.high)), default=1.0) or 1.0
    return mark - reach, mark + reach


def _reach(values: Sequence[Value | None], level: float | None, bounds: tuple[float, float]) -> tuple[float, float]:
    ends = [end for value in values if value is not None for end in (value.low, value.high)]
    ends += [level] if level is not None else []
    low, high = min(ends), max(ends)
    margin = MARGIN * ((high - low) or 1.0)
    return max(low - margin, bounds[0]), min(high + margin, bounds[1])


def _runs(spans: Sequence[tuple[int, int]], dots: Sequence[Dot | None]) -> tuple[str, ...]:
    """Lines from month to month; one across months that were put together would tell of a slow change in them."""
    runs: list[list[Dot]] = [[]]
    for (start, end), dot in zip(spans, dots, strict=True):
        if dot is None or start != end:
            runs.append([])
        else:
            runs[-1].append(dot)
    return tuple(" ".join(f"{dot.x},{dot.y}" for dot in run) for run in runs if len(run) > 1)


def _ticks(middles: Sequence[float], words: Sequence[str]) -> tuple[Tick, ...]:
    n = min(TICKS, len(middles))
    places = sorted({round(k * (len(middles) - 1) / max(n - 1, 1)) for k in range(n)})
    found: list[Tick] = []
    for place in places:
        if not found or middles[place] - found[-1].x > (RIGHT - LEFT) / TICKS:
            found.append(Tick(middles[place], words[place], _anchor(middles[place])))
    return tuple(found)


def _anchor(x: float) -> str:
    return "start" if x < LEFT + 70 else "end" if x > RIGHT - 70 else "middle"
