"""Our own check-in at the end of a session as an instrument: four sliders in our own words. Not validated."""

from __future__ import annotations

from matcher.measures.instrument import Answer, Instrument, Item

_STEPS = tuple(Answer(k) for k in range(11))

CHECK_IN = Instrument(
    code="check-in",
    version="2026",
    title="Check-in after a session",
    lead="How was the session today?",
    items=(
        Item("bond", "How close and safe it felt between the two of you", _STEPS),
        Item("goals", "Whether you worked on what matters to you", _STEPS),
        Item("way", "Whether the way you worked suits you", _STEPS),
        Item("overall", "The session as a whole", _STEPS),
    ),
    scoring="mean",
    lowest=0,
    top=1,
    better="higher",
    n_required=4,
    unit=10,
    ceiling=1,
    attribution="The authors of Rapport",
    licence="CC0-1.0",
    is_validated=False,
)
