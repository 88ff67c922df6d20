"""A file that is either written whole or not at all: written beside its place, then moved there in one step."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from web.exchange.problems import shown


class NoPlace(ValueError):
    """A file cannot be written there; the message says why in one sentence."""


def check_place(path: Path) -> None:
    """Whether a file can be written here. Raises NoPlace, so that nobody waits for a result that has no place."""
    if path.exists() and not path.is_file():
        raise NoPlace(f"{shown(str(path))} is no file; name a file to write")
    if not path.parent.is_dir():
        raise NoPlace(f"there is no folder {shown(str(path.parent))}; make it, or name another")


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A new path beside ``path``, moved to ``path`` when the block ends well and removed when it does not.

    Where ``path`` is a link, it stays one, and the file that it leads to is replaced.
    """
    check_place(path)
    place = path.resolve()
    beside = place.with_name(f".{place.name[:100]}.{secrets.token_hex(8)}.part")
    try:
        yield beside
        with beside.open("rb") as written:
            os.fsync(written.fileno())  # its content is on the disk before its name is
        beside.replace(place)
    finally:
        beside.unlink(missing_ok=True)
