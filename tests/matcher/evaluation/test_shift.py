"""How far expectations move between two models, by hand on models whose expectations are given."""

from __future__ import annotations

from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from matcher import shift
from matcher.entities import CHECK_IN, Intake, Scale, Therapist
from matcher.errors import InvalidInput

CLIENTS = [Intake(id=f"c{k}", concerns=("grief",)) for k in range(2)]
THERAPISTS = [
    Therapist(id=id_, name=id_, profession="counsellor", licence_regions=("DE",), concerns={}, languages=("de",),
              formats=("online",), capacity=1)
    for id_ in ("ana", "ben", "cem")
]  # fmt: skip


@dataclass
class Given:
    """A model that expects what it is told to, of the clients and therapists in their order."""

    means: Any
    scale: Scale = CHECK_IN

    def outlook(self, clients: Any, directory: Any) -> Any:
        return SimpleNamespace(mean=np.array(self.means)[: len(clients), : len(directory)])

    def standing(self, clients: Any, directory: Any) -> Any:
        return np.array(self.means)[: len(clients), : len(directory)]


BEFORE = Given([[0.9, 0.8, 0.7], [0.5, 0.6, 0.7]])
AFTER = Given([[0.9, 0.8, 0.6], [0.7, 0.6, 0.5]])  # one pair moved by .1, two by .2, three not at all


def test_distances_orders_and_first_choices_are_those_by_hand() -> None:
    found = shift(BEFORE, AFTER, CLIENTS, THERAPISTS)  # type: ignore[arg-type]
    assert found.mean == pytest.approx(0.5 / 6)
    assert found.most == pytest.approx(0.2)
    assert found.order == pytest.approx((1 - 1) / 2)  # the same order for one client, turned round for the other
    assert (found.same_first, found.n_clients, found.n_therapists) == (0.5, 2, 3)


def test_one_therapist_has_no_order() -> None:
    found = shift(BEFORE, AFTER, CLIENTS, THERAPISTS[:1])  # type: ignore[arg-type]
    assert np.isnan(found.order) and found.document()["order"] is None and found.same_first == 1.0


def test_many_people_are_stood_for_by_some() -> None:
    wide = Given(np.zeros((300, 300)))
    many = [Intake(id=f"c{k}", concerns=("grief",)) for k in range(250)]
    found = shift(wide, wide, many, THERAPISTS)  # type: ignore[arg-type]
    assert (found.n_clients, found.mean, found.same_first) == (100, 0.0, 1.0)


@pytest.mark.parametrize(
    ("after", "clients", "therapists", "field"),
    [(Given(AFTER.means, Scale(0, 40, 0.1)), CLIENTS, THERAPISTS, "after"), (AFTER, [], THERAPISTS, "intakes"),
     (AFTER, CLIENTS, [], "therapists")],
)  # fmt: skip
def test_what_cannot_be_compared_is_refused(after: Given, clients: Any, therapists: Any, field: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        shift(BEFORE, after, clients, therapists)  # type: ignore[arg-type]
    assert refused.value.field == field
