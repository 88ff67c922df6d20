"""QR codes: the drawing holds the very modules of the code, dark on white, with room around."""

from __future__ import annotations

import re

import segno

from web import qr

LINK = "https://harbour.example/check-ins/link/" + "A" * 22


def test_the_drawing_is_the_code_with_four_quiet_modules_around() -> None:
    drawn = qr.svg(LINK, 'Say "<how>"')
    matrix = segno.make(LINK, error="q", micro=False).matrix
    at = {(int(x), int(y)) for x, y in re.findall(r"M(\d+) (\d+)h1v1h-1z", drawn)}
    assert at == {(x + 4, y + 4) for y, row in enumerate(matrix) for x, on in enumerate(row) if on}
    assert f'viewBox="0 0 {len(matrix) + 8} {len(matrix) + 8}"' in drawn
    assert "&lt;how&gt;" in drawn and "style=" not in drawn
