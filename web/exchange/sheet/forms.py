"""The forms that a cell can have: how its text is read into a document's value, and how the value is written."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from matcher import checks
from matcher.vocabulary import Vocabulary
from web.exchange import moments
from web.exchange.problems import Unreadable, unreadable
from web.exchange.sheet import lists, numbers
from web.exchange.sheet.protection import protect

# What people and programs write for nothing; the words may be a person's name
BLANKS = frozenset({"n/a", "-", "--", "---", "–", "—", "?", "tbd", "unknown"})
BLANK_WORDS = frozenset({"na", "null", "none", "nil", "nan"})


@dataclass(frozen=True)
class Form:
    """How one kind of cell is read and written, and what the documentation says of it.

    ``read`` raises Unreadable. ``free`` text is what a person wrote: it is taken to the letter, white space included.
    ``empty`` makes the value of an empty cell where that says something: no concerns at all, for one.
    """

    says: str
    read: Callable[[str], Any]
    write: Callable[[Any], str]
    free: bool = False
    empty: Callable[[], Any] | None = None


def word(words: Vocabulary) -> Form:
    return Form(f"one {words.name}", lists.read_word(words), str)


def some(words: Vocabulary) -> Form:
    """Several codes of a vocabulary."""
    read = lists.read_word(words)
    return Form(f"{plural(words)} with | between", lambda cell: lists.each(lists.split(cell), read), lists.join)


def _read_id(cell: str) -> str:
    if cell.casefold() in BLANKS | BLANK_WORDS:
        raise placeholder(cell)
    if moments.EXCEL_DATE.fullmatch(cell):
        raise unreadable("mangled_id", cell, "a spreadsheet has made a date of this id; write it anew, as text")
    if numbers.POWER.fullmatch(cell):
        raise unreadable("mangled_id", cell, "a spreadsheet has rounded this id; write all its digits, as text")
    return cell


def _read_line(cell: str) -> str:
    if cell.casefold() in BLANKS:
        raise placeholder(cell)
    return cell


def placeholder(cell: str) -> Unreadable:
    """The refusal of a word that stands for nothing."""
    return unreadable("placeholder", cell, "if this means that it is not known, leave the cell empty")


def plural(words: Vocabulary) -> str:
    """The name of a vocabulary for several of its words.

    >>> from matcher import vocabulary as v
    >>> plural(v.MODALITIES), plural(v.CONCERNS), plural(v.WEEKDAYS)
    ('modalities', 'concerns', 'weekdays')
    """
    ends_in_y = words.name.endswith("y") and words.name[-2] not in "aeiou"
    return f"{words.name[:-1]}ies" if ends_in_y else f"{words.name}s"


def _read_region(cell: str) -> str:
    code = cell.upper()
    if not checks.REGION.match(code):
        raise unreadable("region", cell, "expected an ISO 3166 code such as DE or US-CA")
    return code


def _read_day(cell: str) -> str:
    return moments.read_date(cell).isoformat()


def _read_moment(cell: str) -> str:
    moments.read_moment(cell)
    return cell


ID = Form("text", _read_id, protect)
IDS = Form(
    "ids with | between",
    lambda cell: lists.each(lists.split(cell), _read_id),
    lambda ids: protect(lists.join(ids)),
)
LINE = Form("text on one line", _read_line, protect)
TEXT = Form("text", str, protect, free=True)
TEXTS = Form(
    "texts with | between",
    lambda cell: lists.each(lists.split(cell, lists.BAR), str),
    lambda texts: protect(lists.join(texts, lists.BAR)),
    free=True,
)
WHOLE = Form("a whole number", numbers.read_whole, str)
CENTS = Form("a whole number", numbers.read_cents, str)
NUMBER = Form("a number", numbers.read_number, numbers.write_number)
YES_NO = Form("yes or no", numbers.read_yes_no, numbers.write_yes_no)
REGION = Form("a code", _read_region, str)
REGIONS = Form("codes with | between", lambda cell: lists.each(lists.split(cell), _read_region), lists.join)
DAY = Form("a date", _read_day, str)
MOMENT = Form("a date with or without a time", _read_moment, str)
DEPTHS = Form("concern:depth with | between", lists.read_depths, lists.write_depths, empty=dict)
OPENINGS = Form("weekday time format with | between", lists.read_openings, lists.write_openings)
FEATURES = Form(
    "name=value with | between", lists.read_features, lambda features: protect(lists.write_features(features))
)
