"""Amounts as people type them."""

from __future__ import annotations

import pytest

from web import fields


@pytest.mark.parametrize(
    ("typed", "cents"),
    [
        ("70", 7_000), ("70,50", 7_050), ("€ 70.5", 7_050), ("70 €", 7_000), ("1 200", 120_000),
        ("1\u00a0200,50", 120_050), ("1234567", 123_456_700), ("", None), (" ", None),
        ("1 2", "1 2"), ("12 00", "12 00"), ("1 2000", "1 2000"), ("1200 300", "1200 300"), ("nan", "nan"),
    ],
)  # fmt: skip
def test_white_space_stands_between_thousands_alone(typed: str, cents: int | str | None) -> None:
    """What is no amount stays as it is, for the schema to refuse: ``1 2`` was read as 12."""
    assert fields.cents(typed) == cents
