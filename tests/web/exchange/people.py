"""Random intakes, therapists and ratings with every field that a file can hold, hostile texts included."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from hypothesis import strategies as st

from matcher import checks
from matcher import vocabulary as v
from matcher.entities import CHECK_IN, Rating
from tests.builders import INTAKES, OPENINGS, THERAPISTS, maybe, one
from web.exchange.sheet.cells import _MOJIBAKE
from web.exchange.sheet.forms import BLANK_WORDS, BLANKS

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
STARTS = st.sampled_from(
    ["", "=", "+", "-", "@", "\t", "\r", "'", "'=", "''@", " =", "\n", '"', ";=", "; '-", "＝", "\ufeff="]
)
LETTERS = st.characters(exclude_categories=["Cs", "Cn"], exclude_characters="\ufffd")


def readable(text: str) -> bool:
    """Whether a text may stand in a cell at all, and is more than white space."""
    return bool(text.strip(" \t\r\n\u00a0\u200b\u2060\ufeff\u3000")) and not (
        checks.UNPRINTABLE.search(text)
        or _MOJIBAKE.search(text)
        or text.startswith("#")
        or text.strip().casefold() in BLANKS | BLANK_WORDS
    )


WRITTEN = st.builds(str.__add__, STARTS, st.text(LETTERS, max_size=12)).filter(readable)
TEXTS = st.just("") | WRITTEN
GOALS = WRITTEN.map(str.strip).filter(lambda text: readable(text) and text == text.strip())
NAMES = GOALS.filter(
    lambda text: text.isprintable() and text == text.strip("\ufeff\u200b\u2060\u3000") and len(text) > 1
)
IDS = st.from_regex(r"[a-zA-Z0-9=+@'-][a-zA-Z0-9;,|\\_]{0,8}x", fullmatch=True).filter(readable)
FEATURES = st.dictionaries(
    st.from_regex(r"[a-z]{1,6}", fullmatch=True), st.from_regex(r"[a-z0-9#_.-]{1,6}", fullmatch=True), max_size=20
)


def _changed(base: Any, **more: Any) -> Any:
    return replace(base, **more)


therapists = st.builds(
    _changed,
    THERAPISTS,
    id=IDS,
    name=NAMES,
    statement=TEXTS,
    openings=st.lists(OPENINGS, max_size=3, unique=True).map(tuple),
    portrait=FEATURES,
)
intakes = st.builds(
    _changed,
    INTAKES,
    id=IDS,
    concern_text=TEXTS,
    at_risk=maybe(st.booleans()),
    faith=one(v.FAITHS),
    goals=st.lists(GOALS, max_size=3, unique=True).map(tuple),
    investment=st.dictionaries(st.sampled_from(v.INVESTMENTS.codes), st.sampled_from(v.INVESTMENT_LEVELS.codes)),
    recommended_by=one(v.RECOMMENDERS),
    recommended_therapist_id=maybe(IDS),
    former_therapist_id=maybe(IDS),
    blocked_therapist_ids=st.lists(IDS, max_size=3, unique=True).map(tuple),
)
MOMENTS = st.datetimes(
    datetime(1990, 1, 1),
    datetime(2026, 3, 1),
    timezones=st.sampled_from([None, UTC, timezone(timedelta(hours=5, minutes=30)), timezone(-timedelta(hours=8))]),
)
ratings = st.builds(
    Rating,
    client_id=IDS,
    therapist_id=IDS,
    session=st.integers(1, 10_000),
    score=st.integers(0, 40).map(lambda steps: steps * CHECK_IN.step),
    rated_at=maybe(MOMENTS),
)
