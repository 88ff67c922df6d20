"""Curves as a plain SVG, so that they can be looked at without anything installed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape

WIDTH, HEIGHT, GAP = 320, 300, 40
LEFT, TOP, INNER_WIDTH, INNER_HEIGHT = 46, 34, 250, 210
COLOURS = ("#0b6e6e", "#b4530a", "#5b5b66", "#7a3fa0")
DASHES = ("", "6 3", "2 3", "9 3 2 3")  # so that they differ without colour too


@dataclass(frozen=True)
class Curve:
    name: str
    x: Sequence[float]
    y: Sequence[float]


@dataclass(frozen=True)
class Panel:
    title: str
    curves: tuple[Curve, ...]


def drawn(panels: Sequence[Panel], x_label: str, y_label: str) -> str:
    """One panel beside the other with the same axes, a legend beneath."""
    x_most = max(max(curve.x) for panel in panels for curve in panel.curves)
    y_most = max(max(curve.y) for panel in panels for curve in panel.curves)
    width, height = len(panels) * (WIDTH + GAP), HEIGHT + 60
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" font-family="sans-serif" '
        'font-size="12">',
        f'<rect width="{width}" height="{height}" fill="#ffffff"/>',
    ]
    for place, panel in enumerate(panels):
        lines += _panel(panel, place * (WIDTH + GAP), x_most, _tenth(y_most), (x_label, y_label))
    for place, curve in enumerate(panels[0].curves):
        x = LEFT + place * 220
        lines.append(f'<line x1="{x}" y1="{HEIGHT + 30}" x2="{x + 30}" y2="{HEIGHT + 30}" {_stroke(place)}/>')
        lines.append(f'<text x="{x + 36}" y="{HEIGHT + 34}">{escape(curve.name)}</text>')
    return "\n".join([*lines, "</svg>", ""])


def _panel(panel: Panel, left: float, x_most: float, y_most: float, labels: tuple[str, str]) -> Iterator[str]:
    def at(x: float, y: float) -> tuple[float, float]:
        return left + LEFT + INNER_WIDTH * x / x_most, TOP + INNER_HEIGHT * (1 - y / y_most)

    yield f'<text x="{left + LEFT}" y="20" font-weight="bold">{escape(panel.title)}</text>'
    for step in range(6):
        x, bottom = at(x_most * step / 5, 0)
        yield f'<text x="{x:.1f}" y="{bottom + 16:.1f}" text-anchor="middle">{x_most * step / 5:g}</text>'
        _, y = at(0, y_most * step / 5)
        end = left + LEFT + INNER_WIDTH
        yield f'<line x1="{left + LEFT}" y1="{y:.1f}" x2="{end}" y2="{y:.1f}" stroke="#dddddd"/>'
        yield f'<text x="{left + LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{y_most * step / 5:.2g}</text>'
    yield f'<text x="{left + LEFT + INNER_WIDTH / 2}" y="{HEIGHT - 16}" text-anchor="middle">{escape(labels[0])}</text>'
    middle = TOP + INNER_HEIGHT / 2
    yield (
        f'<text x="{left + 10}" y="{middle}" text-anchor="middle" transform="rotate(-90 {left + 10} {middle})">'
        f"{escape(labels[1])}</text>"
    )
    for place, curve in enumerate(panel.curves):
        points = " ".join("{:.1f},{:.1f}".format(*at(x, y)) for x, y in zip(curve.x, curve.y, strict=True))
        yield f'<polyline points="{points}" fill="none" {_stroke(place)}/>'


def _stroke(place: int) -> str:
    dash = f' stroke-dasharray="{DASHES[place]}"' if DASHES[place] else ""
    return f'stroke="{COLOURS[place]}" stroke-width="2"{dash}'


def _tenth(value: float) -> float:
    """The next tenth upwards."""
    return -(-value * 10 // 1) / 10
