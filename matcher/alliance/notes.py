"""What a fit says of itself in sentences: a code that others can put into their own words, figures, and our own words.

The codes are those of ``CODES``; ``figures`` are plain values by name, the same for every note of a code. The words are
for a statistician; who reads none of them is told by whoever shows the code.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

CODES = (
    "all_equal", "reproduced", "zero_variance", "unbounded", "not_converged", "not_estimable", "ceiling_censored",
    "ceiling_as_numbers", "as_numbers", "told_at_the_top", "repeated", "bounded", "drift", "half_life", "session_order",
    "change_stays", "change_found", "change_refused", "change_unknown",
)  # fmt: skip


@dataclass(frozen=True)
class Note:
    """One thing to bear in mind. ``words`` is a sentence or two in English; ``figures`` hold numbers and names."""

    code: str
    words: str
    figures: Mapping[str, float | int | str] = field(default_factory=dict)


def documents(notes: Sequence[Note]) -> dict[str, list[Any]]:
    """As JSON values: ``notes``, the words, and ``noted``, code and figures of each in the same order."""
    return {
        "notes": [note.words for note in notes],
        "noted": [{"code": note.code, **note.figures} for note in notes],
    }
