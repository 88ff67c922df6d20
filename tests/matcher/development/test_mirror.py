"""The own view beside the clients'; by hand."""

from __future__ import annotations

import numpy as np
import pytest

from matcher import self_view
from matcher.errors import InvalidInput


def test_a_client_counts_once_however_often_they_came() -> None:
    pairs = [("a", 9.0, 5.0)] * 20 + [(name, 7.0 + k, 6.0 + k) for k, name in enumerate("bcd")] + [("e", 5.0, 6.0)]
    found = self_view(pairs)
    assert found is not None
    assert found.gap == pytest.approx((4 + 1 + 1 + 1 - 1) / 5)


def test_views_that_have_nothing_to_do_with_each_other_are_seen_as_such() -> None:
    seen = 0
    for k in range(200):
        rng = np.random.default_rng(k)
        found = self_view([(str(c), *rng.uniform(3, 9, 2)) for c in range(12)])
        assert found is not None
        seen += found.together_lower > 0
    assert 0.04 <= seen / 200 <= 0.17  # one in ten by chance, at 80 %


def test_who_gives_everybody_the_same_gets_no_correlation() -> None:
    found = self_view([(str(k), 8.0, float(k)) for k in range(6)])
    assert found is not None and found.together == 0.0


def test_four_clients_are_too_few_and_no_rating_beyond_the_scale_is_taken() -> None:
    assert self_view([(str(k), 5.0, 5.0) for k in range(4)]) is None
    with pytest.raises(InvalidInput):
        self_view([("a", 11.0, 5.0)])
