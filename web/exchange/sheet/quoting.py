"""Rows of a table as lines of text: CSV with commas, each line ending in a line feed."""

from __future__ import annotations

import csv
from typing import Any, TextIO


class _Lines:
    """A stream for csv's writer: it quotes a lone carriage return only where lines end in one, and ours do not."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, line: str) -> int:
        return self._stream.write(line.removesuffix("\r\n") + "\n")


def writer(stream: TextIO) -> Any:
    """csv's writer, whose cells come back as they were whatever stands in them; what is a formula is not its affair."""
    return csv.writer(_Lines(stream))
