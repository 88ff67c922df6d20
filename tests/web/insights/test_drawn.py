"""Where the dots of the model card stand."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from matcher.entities import CHECK_IN, Scale
from tests.web.insights.told import COEFFICIENTS, summary, trial
from web.insights import drawn, model_card, scores
from web.services import model_card as service


def points(*rows: tuple[float, float, float | None]) -> list[dict[str, float | None]]:
    return [dict(zip(("predicted", "observed", "se"), row, strict=True)) for row in rows]


def test_what_comes_true_stands_on_the_diagonal() -> None:
    """The diagonal goes from the lower left to the upper right of a square of 320."""
    found = drawn.calibration(points((0.5, 0.5, 0.01), (0.7, 0.7, None), (0.9, 0.9, 0.0)), 0.0, 1.0)
    for dot in found.dots:
        assert abs(dot.at + dot.across - drawn.SIZE) < 0.2
    low, middle, high = found.dots
    assert low.at < middle.at < high.at and middle.low == middle.high == middle.across
    assert low.high < low.across < low.low  # upwards is less, in a drawing


@given(st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1), st.floats(0, 3)), min_size=1, max_size=10))
def test_every_dot_and_band_is_in_the_frame(rows: list[tuple[float, float, float]]) -> None:
    found = drawn.calibration(points(*rows), 0.0, 1.0)
    for dot in found.dots:
        for place in (dot.at, dot.across, dot.low, dot.high):
            assert drawn.EDGE - 0.1 <= place <= drawn.SIZE - drawn.EDGE + 0.1


def test_even_tenths_stand_at_their_line_and_the_highest_stays_in_the_frame() -> None:
    even = drawn.tenths([0.1] * 10)
    assert {top for _, top, _ in even.columns} == {even.tenth} == {60.0}
    steep = drawn.tenths([0.55, *[0.05] * 9])
    assert steep.columns[0][1:] == (0.0, 120.0) and steep.columns[1][2] < steep.columns[0][2]


def test_parts_fill_the_bar_in_order() -> None:
    found = drawn.pieces({"client": 0.5, "pair": 0.25, "session": 0.25}, {"client": "a", "pair": "b", "session": "c"})
    assert [(p.left, p.length, p.fill) for p in found] == [(0, 200, "a"), (200, 100, "b"), (300, 100, "c")]


def test_effects_share_one_measure_about_zero() -> None:
    first, second = drawn.effects([(-4.0, -2.0, 0.0), (0.5, 1.0, 1.5)])
    assert (first.low, first.at, first.high) == (10.0, 65.0, 120.0)
    assert (second.low, second.at, second.high) == (133.8, 147.5, 161.2)


def test_what_clearly_counts_is_drawn_in_units_that_people_know() -> None:
    """gap_lead −.02 a step is −4 points for two; hope +.03 is +9 for three; the rest may be chance."""
    found = {side.title: side for side in model_card.sides(summary()["coefficients"], CHECK_IN)}
    pair, client = found["The two together"], found["The client"]
    assert [(one.words, one.value) for one in pair.drawn] == [
        ("of another release", "+50.0"), ("Two steps further apart on who leads", "−4.0"),
    ]  # fmt: skip
    assert [(one.words, one.value, one.interval) for one in client.drawn] == [
        ("Three points more hope, of ten", "+9.0", "+7.2 to +10.8")
    ]
    assert found["The therapist"].drawn == () and len(found["The therapist"].effects) == 1
    assert sum(len(side.effects) for side in found.values()) == len(COEFFICIENTS) - 1


def test_a_trial_in_words_and_lengths() -> None:
    told = trial()
    found = model_card.judged(told["report"]["splits"][0], told["verdict"], CHECK_IN)
    assert [(bar.length, bar.share) for bar in found.errors] == [
        (80, "10.0"),
        (88, "11.0"),
        (100, "12.5"),
        (96, "12.0"),
    ]
    assert found.points[0] == ("70.0", "72.0", "68.1 to 75.9")
    assert "90 fell into the range in which 80 were expected. The ranges are too wide." in found.in_range_words


def test_shares_are_of_the_part_that_a_component_belongs_to() -> None:
    found = service.shares(summary())
    assert {part: round(share, 6) for part, share in found.items()} == {
        "client": 0.57, "therapist": 0.03, "pair": 0.14, "time": 0.02, "session": 0.24,
    }  # fmt: skip
    pairs = ("client x therapist", "client ~ therapist", "match x match", "match curves", "dyad")
    assert {service.part_of(name) for name in pairs} == {"pair"}
    assert (service.part_of("client curves"), service.part_of("therapist drift")) == ("client", "time")


def test_scores_are_told_on_their_own_scale() -> None:
    forty = Scale(0, 40, 0.1)
    assert (scores.shown(0.7341, CHECK_IN), scores.signed(-0.02, CHECK_IN)) == ("73.4", "−2.0")
    assert (scores.shown(31.26, forty), scores.signed(0.5, forty)) == ("31.3", "+0.5")
    assert (scores.signed(0.0001, CHECK_IN), scores.unit(forty)) == ("0.0", "points of a scale from 0 to 40")
