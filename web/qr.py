"""A QR code as a drawing in the page: made here, so that no link is ever sent to anybody to be drawn."""

from __future__ import annotations

import segno
from markupsafe import Markup

QUIET_MODULES = 4


def svg(text: str, words: str) -> Markup:
    """A text as a QR code (ISO/IEC 18004, a quarter of it may be hidden), dark on white whatever the page's colours."""
    rows = segno.make(text, error="q", micro=False).matrix
    side = len(rows) + 2 * QUIET_MODULES
    path = "".join(
        f"M{x + QUIET_MODULES} {y + QUIET_MODULES}h1v1h-1z"
        for y, row in enumerate(rows)
        for x, on in enumerate(row)
        if on
    )
    return Markup(
        '<svg class="qr" viewBox="0 0 {side} {side}" role="img" aria-label="{words}" shape-rendering="crispEdges">'
        '<rect width="{side}" height="{side}" fill="#fff"/><path d="{path}" fill="#000"/></svg>'
    ).format(side=side, words=words, path=path)
