"""A card's words, positions and sums, worked by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from matcher.entities import CHECK_IN, Contribution, Opening, Outlook, RankedMatch, Reason, Scale
from tests.builders import a_therapist
from web import cards

MONDAY = date(2026, 3, 2)
OUTLOOK = Outlook(0.7, 0.04, 0.65, 0.8, 0.6, 0.02, 0.9, n_clients=12, n_similar=3)


def contributions(*points: float) -> tuple[Contribution, ...]:
    names = ("alliance", "preference_fit", "concern_expertise", "access")
    return tuple(Contribution(name, p / 0.25, 0.25, p) for name, p in zip(names, points, strict=False))


def test_a_band_stands_in_a_window_around_what_is_typical() -> None:
    # the window is 0.6 ± 0.25, so 0.35 → 10 and 0.85 → 250: 480 a whole scale
    drawn = cards.band(OUTLOOK, CHECK_IN)
    assert (drawn.typical, drawn.mean, drawn.lower, drawn.upper) == (130.0, 178.0, 154.0, 226.0)
    assert drawn.words == "Expected alliance 70 of 100, likely between 65 and 80; typical here 60"


def test_a_band_speaks_of_hundred_on_any_scale_and_stays_on_its_line() -> None:
    wide = replace(OUTLOOK, mean=6.0, lower80=-3.0, upper80=12.0, typical=5.0)
    drawn = cards.band(wide, Scale(0, 10, 1))
    assert (drawn.lower, drawn.upper) == (cards.LEFT, cards.RIGHT)
    assert drawn.mean == 178.0  # (6 − 2.5) / 5 of 240, and 10
    assert drawn.words.startswith("Expected alliance 60 of 100")


@pytest.mark.parametrize(
    ("values", "rounded"),
    [
        ([1.5, 1.5, 1.0], [2, 1, 1]),  # 4: the first of the equal remainders is raised
        ([10 / 3, 10 / 3, 10 / 3], [4, 3, 3]),  # 10
        ([0.4, 0.4, 0.4], [1, 0, 0]),  # 1.2 → 1
        ([2.0, 0.0], [2, 0]),
        ([], []),
    ],
)
def test_rounded_parts_add_up_to_the_rounded_sum(values: list[float], rounded: list[int]) -> None:
    assert cards.rounded_to_sum(values) == rounded
    assert sum(rounded) == round(sum(values))


def test_parts_are_shown_largest_first_and_add_up_as_shown() -> None:
    # thousandths: 150.4, 150.4, 100.4 sum to 401.2 → 401: 150, 151 and 100 in some order of remainders
    parts, total = cards.parts_of(contributions(0.1004, 0.1504, 0.1504))
    assert [part.name for part in parts] == ["Your concerns", "Your wishes", "Working well together"]
    assert total == "40.1"
    assert sum(round(10 * float(part.points)) for part in parts) == 401
    assert (parts[0].fits, parts[0].weight) == (60, "25")


def test_a_factor_without_weight_is_not_shown() -> None:
    parts, total = cards.parts_of([Contribution("experience", 0.9, 0.0, 0.0), *contributions(0.2)])
    assert [part.name for part in parts] == ["Working well together"]
    assert total == "20.0"


@pytest.mark.parametrize(
    ("openings", "available_from", "said"),
    [
        ([Opening(3, 18 * 60 + 30, "online")], None, "Thursday 5 March, 18:30, online"),
        ([Opening(0, 9 * 60, "in_person")], None, "Monday 9 March, 9:00, in person"),  # today is too soon
        ([Opening(0, 9 * 60, "in_person")], date(2026, 3, 3), "Monday 9 March, 9:00, in person"),
        ([Opening(4, 600, "online"), Opening(1, 1000, "online")], None, "Tuesday 3 March, 16:40, online"),
        ([Opening(6, 600, "online")], date(2026, 2, 1), "Sunday 8 March, 10:00, online"),
        ([], None, None),
    ],
)
def test_the_next_opening_is_the_first_after_somebody_new_can_start(
    openings: list[Opening], available_from: date | None, said: str | None
) -> None:
    therapist = a_therapist(openings=tuple(openings), available_from=available_from)
    assert cards.next_opening(therapist, MONDAY) == said


@pytest.mark.parametrize(
    ("fees", "said"),
    [
        ({}, "Ask about the fee"),
        ({"fee_cents": 6000}, "60 € a session"),
        ({"fee_cents": 6050}, "60.50 € a session"),
        ({"fee_cents": 6000, "sliding_fee_cents": 3500}, "60 € a session, from 35 € if money is short"),
        ({"fee_cents": 6000, "sliding_fee_cents": 6000}, "60 € a session"),
        ({"fee_cents": 0}, "Free of charge"),
    ],
)
def test_the_fee(fees: dict[str, int], said: str) -> None:
    assert cards.fee(a_therapist(**fees), "€") == said


def test_a_card_says_all_in_words() -> None:
    match = RankedMatch("t1", 2, 0.7, contributions(0.2), (Reason("known_before"),), Reason("new_here"), None)
    therapist = a_therapist(gender="woman", languages=("en", "de"), fee_cents=7000)
    card = cards.card(match, therapist, scale=CHECK_IN, currency="€", today=MONDAY, anchor="ana")
    assert card.anchor == "ana-2"
    assert card.line == "Psychologist · woman · English, German"
    assert card.reasons == ("You have worked together before",)
    assert card.caution == "New here, so we know less about how the work goes"
    assert (card.fit, card.band) == ("Strong fit", None)
    assert card.evidence == "Based on what you and they told us"
