"""Questionnaires: what they ask, what an answer is worth, what a score means, which changes are more than chance."""

from matcher.measures.change import Change, reliable_change
from matcher.measures.instrument import Answer, Band, Instrument, Item, Spread
from matcher.measures.own import CHECK_IN
from matcher.measures.phq import GAD_7, PHQ_9
from matcher.measures.scoring import band, needs_a_person, score

INSTRUMENTS = {instrument.code: instrument for instrument in (PHQ_9, GAD_7, CHECK_IN)}

__all__ = [
    "CHECK_IN", "GAD_7", "INSTRUMENTS", "PHQ_9", "Answer", "Band", "Change", "Instrument", "Item", "Spread", "band",
    "needs_a_person", "reliable_change", "score",
]  # fmt: skip
