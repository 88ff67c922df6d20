"""Where the folders beside the code are: next to it in a checkout, inside it in an installed wheel."""

from __future__ import annotations

from pathlib import Path

_HERE = Path(__file__).resolve().parent


def templates() -> Path:
    """The folder of the templates."""
    return _either("_templates", "templates")


def seed_data() -> Path:
    """The folder of the invented clinic."""
    return _either("_seed", "seed_data")


def _either(packed: str, checkout: str) -> Path:
    inside = _HERE / packed
    return inside if inside.is_dir() else _HERE.parent / checkout
