"""Our own check-in at the end of a session as an instrument: four sliders in our own words. Not validated.

The words are those of the page (``web.wording.check_ins``, which has them for translators); a test holds them equal.
"""

from __future__ import annotations

from matcher.measures.instrument import Answer, Instrument, Item

_TOP = 10


def _slider(code: str, words: str, low: str, high: str) -> Item:
    """Eleven steps, of which the two ends have words."""
    return Item(code, words, tuple(Answer(k, {0: low, _TOP: high}.get(k, "")) for k in range(_TOP + 1)))


CHECK_IN = Instrument(
    code="check-in",
    version="2026",
    title="Check-in after a session",
    lead="How was it?",
    items=(
        _slider("bond", "How was it between you and your therapist?", "We were far apart", "We were close"),
        _slider("goals", "Did the hour lead towards what matters to you?", "Away from it", "Straight towards it"),
        _slider("way", "Did you get on with the way in which you worked?", "It was not my way", "It was just my way"),
        _slider("overall", "All in all, how much use was this hour to you?", "Of no use", "Of great use"),
    ),
    scoring="mean",
    lowest=0,
    top=1,
    better="higher",
    n_required=4,
    unit=_TOP,
    ceiling=1,
    attribution="The authors of Rapport",
    licence="CC0-1.0",
    is_validated=False,
)
