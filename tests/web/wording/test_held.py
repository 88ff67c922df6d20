"""What waits for a lead to look at is counted in words that give nobody away."""

from __future__ import annotations

import pytest

from web.wording import held


@pytest.mark.parametrize("n", range(1, 5))
def test_few_clients_are_not_counted(n: int) -> None:
    assert held.say_count(n, 7 * n) == held.say_count(1, 1) == "Fewer than five clients."


def test_five_and_more_are_counted() -> None:
    assert held.say_count(5, 9) == "5 clients, 9 ratings."
