"""The four questions of a check-in stand in two places, for scoring and for translators: in the same words."""

from __future__ import annotations

from matcher.development import SLIDERS as DEVELOPED
from matcher.measures import CHECK_IN
from web.services.check_ins import MOST, SLIDERS
from web.wording import courses
from web.wording.check_ins import questions


def test_what_is_asked_is_what_the_instrument_says() -> None:
    asked = [(one.name, one.words, one.low, one.high) for one in questions("")]
    described = [(item.id, item.words, item.answers[0].words, item.answers[-1].words) for item in CHECK_IN.items]
    assert asked == described and len(asked) == 4


def test_the_four_go_by_the_same_names_in_the_same_order_everywhere() -> None:
    names = tuple(item.id for item in CHECK_IN.items)
    assert names == tuple(SLIDERS) == tuple(DEVELOPED) == tuple(courses.SLIDERS)
    assert {(item.lowest, item.top) for item in CHECK_IN.items} == {(0, MOST)}
