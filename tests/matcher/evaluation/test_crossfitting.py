"""No expectation has seen its own client."""

from __future__ import annotations

import numpy as np
import pytest

from matcher.errors import InvalidInput
from matcher.evaluation import Expectations, cross_fitted

CLIENTS = np.array([7, 7, 3, 3, 3, 9, 1, 4, 4, 8])


def test_what_is_learned_comes_from_other_clients() -> None:
    def predict(train: np.ndarray, test: np.ndarray) -> tuple[np.ndarray, ...]:
        assert not set(CLIENTS[train].tolist()) & set(CLIENTS[test].tolist())
        return test.astype(float), test + 100.0, test + 200.0

    found = cross_fitted(CLIENTS, predict, folds=3)
    taken, judged, logged = found.rows(len(CLIENTS))
    assert taken.tolist() == list(range(10))
    assert (judged - taken == 100).all() and (logged - taken == 200).all()


@pytest.mark.parametrize("folds", [1, 7])
def test_as_many_parts_as_there_are_clients_to_deal(folds: int) -> None:
    with pytest.raises(InvalidInput):
        cross_fitted(CLIENTS, lambda train, test: (test, test, test), folds=folds)


def test_predictions_of_another_length_are_refused() -> None:
    with pytest.raises(InvalidInput) as refused:
        cross_fitted(CLIENTS, lambda train, test: (test, test[1:], test), folds=2)
    assert refused.value.field == "expected.judged"


def test_numbers_that_are_none_are_refused() -> None:
    with pytest.raises(InvalidInput) as refused:
        Expectations([1.0], [1.0], [np.nan]).rows(1)
    assert refused.value.field == "expected.logged"
