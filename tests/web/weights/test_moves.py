"""The preview in words and positions, worked by hand."""

from __future__ import annotations

from dataclasses import replace

from matcher.evaluation.fairness import Exposure
from matcher.evaluation.preview import BeforeAfter, Preview, Reordered, Shift
from matcher.evaluation.showing import ClientCell, Showing, TherapistCell
from web.services.panels import Previewed
from web.weights.moves import moves, told
from web.weights.slope import short

NAMES = {"a": "Ana Berg", "b": "Ben Carl Dahl", "c": "Cem"}
ONE = Reordered("c1", (Shift("a", 1, 3), Shift("b", 2, 1), Shift("c", 3, 2)), 2, ("c",), ("a",), True, 2)
SAME = Reordered("c2", (Shift("a", 1, 1), Shift("b", 2, 2)), 0, (), (), False, 0)
FOUND = Preview(
    n_intakes=7,
    n_lists=6,
    top=2,
    reordered=(SAME, ONE),
    median_move=1.5,
    largest_move=2,
    showings=(Showing("a", 6, 4, 0), Showing("b", 6, 2, 2), Showing("c", 5, 0, 4)),
    exposure_before=Exposure(2 / 3, 0.25),
    exposure_after=Exposure(2 / 3, 0.5),
    alliance=BeforeAfter(0.614, 0.587),
    wait_days=BeforeAfter(9.04, 3.0),
    clients=(ClientCell("gender", "woman", 5, -0.03), ClientCell("gender", "man", None, None)),
    therapists=(
        TherapistCell("gender", "man", None, None, None, None),
        TherapistCell("gender", "non_binary", None, None, None, None),
        TherapistCell("gender", "woman", 6, 0.5, 0.6, 0.2),
    ),
)


def previewed(found: Preview = FOUND, n_sent: int = 3, n_brought_in: int = 4) -> Previewed:
    return Previewed(found, NAMES, n_sent, n_brought_in, True)


def test_the_list_in_which_most_moves_is_drawn_first() -> None:
    """Three rows 40 apart from 24: two first places, the dashed line between the second and the third, at 24 + 60."""
    slope = moves(previewed()).slope
    assert slope is not None
    assert (slope.number, slope.n, slope.previous, slope.following) == (1, 2, None, 2)
    assert (slope.height, slope.cut) == (24 * 2 + 80, 84)
    assert {line.name: (line.y1, line.y2, line.tone) for line in slope.lines} == {
        "Ana B.": (24, 104, "down"),
        "Ben D.": (64, 24, "up"),
        "Cem": (104, 64, "up"),
    }
    assert slope.lines[0].tone == "down"  # what rises lies above
    assert "Ana Berg from place 1 to 3" in slope.words
    second = moves(previewed(), 2).slope
    assert second is not None
    assert (second.cut, second.following, second.words) == (None, None, "In this list nobody moves.")


def test_it_is_said_who_moves_and_who_is_shut_out() -> None:
    shown = moves(previewed())
    assert shown.title == "Who moves, on 6 recent intakes"
    assert shown.origin == "Sent here: fewer than 5 of them. From the files that were brought in: fewer than 5."
    for n_brought_in, n_sent, words in ((36, 3, "Most of them come from"), (3, 36, "Most of them were sent here")):
        origin = moves(previewed(n_sent=n_sent, n_brought_in=n_brought_in)).origin
        assert origin.startswith(words) and not any(letter.isdigit() for letter in origin)
    assert shown.sentences == (
        "The first five change in 1 of 6 lists.",
        "In 1 of them somebody else comes first.",
        "Half of those who stood in a first five move by 2 places or less, nobody by more than 2.",
        "Ana Berg drops out of all first fives.",
    )
    assert shown.warnings == ("Ana Berg (4 lists now)",)
    still = replace(FOUND, median_move=0.5)
    assert moves(previewed(still)).sentences[2].startswith("More than half of those who stood in a first five keep")


def test_who_is_shown_more_and_less_stands_on_one_line() -> None:
    """The longest is 4 lists, 200 on the line."""
    shown = moves(previewed())
    assert [(one.name, one.x1, one.x2) for one in shown.more] == [("Cem", 0.0, 200.0)]
    assert [(one.name, one.x1, one.x2, one.is_out) for one in shown.less] == [("Ana Berg", 200.0, 0.0, True)]
    assert [(fact.before, fact.after) for fact in shown.facts] == [
        ("61", "59"),
        ("9.0", "3.0"),
        ("1", "1"),
        ("25", "50"),
    ]


def test_small_groups_are_named_together_and_not_told() -> None:
    shown = moves(previewed())
    assert [(row.name, row.cells, row.hidden) for row in shown.therapists] == [
        ("Woman", ("50", "60", "20"), False),
        ("Man, Non-binary", (), True),
    ]
    assert [(row.name, row.cells) for row in shown.clients] == [("Woman", ("5", "−3.0")), ("Man", ())]
    assert shown.group_words == "The largest change among therapists: gender, Woman, from 60 to 20 of 100 places."


def test_names_are_short_and_small_counts_are_not_told() -> None:
    assert [short(name) for name in NAMES.values()] == ["Ana B.", "Ben D.", "Cem"]
    assert [told(count) for count in (0, 1, 4, 5, 1200)] == ["0", "fewer than 5", "fewer than 5", "5", "1,200"]
