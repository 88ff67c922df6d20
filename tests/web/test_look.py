"""What the two schemes of the look, light and dark, may differ in."""

from __future__ import annotations

import re

from web.headers import STATIC

DARK = re.compile(r"@media\s*\(prefers-color-scheme:\s*dark\)\s*{((?:[^{}]*{[^{}]*})*)}")
STATED = re.compile(r"([\w-]+)\s*:\s*([^;{}]+)")
COLOUR = re.compile(r"#[0-9a-f]{3,8}|(?:rgb|hsl|color-mix)a?\(.*\)")


def test_the_schemes_differ_in_colours_alone() -> None:
    """So that what is looked at in the light, but for colours, need not be looked at in the dark again."""
    css = (STATIC / "rapport.css").read_text(encoding="utf-8")
    blocks = DARK.findall(css)
    assert len(blocks) == css.count("prefers-color-scheme: dark") > 0
    stated = [pair for block in blocks for rule in re.findall(r"{([^{}]*)}", block) for pair in STATED.findall(rule)]
    assert len(stated) > 10
    others = {name: value for name, value in stated if not (name.startswith("--") and COLOUR.fullmatch(value.strip()))}
    assert others.keys() <= {"filter"}, others  # the portraits' brightness
