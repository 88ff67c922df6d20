"""From answers to a score, from a score to its band, and which answers have to reach a person."""

from __future__ import annotations

import math
from collections.abc import Mapping

from matcher import checks
from matcher.errors import InvalidInput
from matcher.measures.instrument import SLACK, Band, Instrument


def score(instrument: Instrument, answers: Mapping[str, float | None]) -> float | None:
    """The score of a questionnaire that was filled in, or None where too little was answered.

    Parameters
    ----------
    instrument : Instrument
        What was asked.
    answers : mapping of str to float or None
        Item id → value of the answer that was chosen. An item that is left out, or None, was not answered. Answers to
        items that stand apart from the score are looked at, and not counted.

    Returns
    -------
    float or None
        The score in [``instrument.lowest``, ``instrument.top``]; None where fewer than ``n_required`` of the scored
        items were answered.

    Raises
    ------
    InvalidInput
        For an item that the questionnaire does not have, or a value that is none of the item's answers.

    Notes
    -----
    With w_i the worth of the answer to item i (turned around where the item is), n scored items and m of them answered:

        mean = Σ_i w_i / m,    sum = n · mean,

    so an item that was left out counts as the mean of the others. Where all answers are whole numbers, such a sum is
    rounded to the nearest whole number, halves up, for published bands know whole scores alone. Replacing by the mean
    is common use; how many items may be missing is a guess of ours (Instrument.n_required), for no study fixes it.

    Examples
    --------
    >>> from matcher import INSTRUMENTS, score
    >>> phq = INSTRUMENTS["phq-9"]
    >>> score(phq, {str(k): 1 for k in range(1, 10)})
    9.0
    >>> score(phq, {str(k): 2 for k in range(1, 8)}), score(phq, {"1": 2})
    (18.0, None)
    """
    checked = _checked(instrument, answers)
    worths = [item.worth(checked[item.id]) for item in instrument.scored if item.id in checked]
    if len(worths) < instrument.n_required:
        return None
    mean = math.fsum(worths) / len(worths)
    if instrument.scoring == "mean":
        return mean / instrument.unit
    n = len(instrument.scored)
    if len(worths) == n:
        return math.fsum(worths) / instrument.unit
    total = n * mean
    return (math.floor(total + 0.5 + SLACK) if _is_whole(instrument) else total) / instrument.unit


def band(instrument: Instrument, score: float) -> Band | None:
    """The band in which a score lies.

    Parameters
    ----------
    instrument : Instrument
        The questionnaire.
    score : float
        A score of it, in its range.

    Returns
    -------
    Band or None
        The last band that begins at or below the score; None for a questionnaire without bands.

    Raises
    ------
    InvalidInput
        For a score outside of the range.

    Notes
    -----
    A band is a name for a range of scores, and no diagnosis.

    Examples
    --------
    >>> from matcher import INSTRUMENTS, band
    >>> band(INSTRUMENTS["phq-9"], 14).code, band(INSTRUMENTS["gad-7"], 15).code
    ('moderate', 'severe')
    """
    checks.between(score, "score", instrument.lowest, instrument.top)
    return next((found for found in reversed(instrument.bands) if found.lowest <= score), None)


def needs_a_person(instrument: Instrument, answers: Mapping[str, float | None]) -> bool:
    """Whether an answer has to reach a person at once: one above the lowest at an item that asks for it.

    >>> from matcher.measures import PHQ_9
    >>> needs_a_person(PHQ_9, {"9": 1}), needs_a_person(PHQ_9, {"1": 3, "9": 0})
    (True, False)
    """
    asked = {item.id: item for item in instrument.items if item.id in instrument.safety_items}
    return any((value := answers.get(key)) is not None and value > item.lowest for key, item in asked.items())


def _checked(instrument: Instrument, answers: Mapping[str, float | None]) -> dict[str, float]:
    """What was answered, item by item."""
    found = {}
    for key, value in answers.items():
        item = instrument.item(key)
        if item is None:
            raise InvalidInput("answers", key, f"{instrument.title} has no such item")
        if value is None:
            continue
        checks.finite(value, f"answers.{key}")
        if value not in {answer.value for answer in item.answers}:
            known = ", ".join(f"{answer.value:g}" for answer in item.answers)
            raise InvalidInput(f"answers.{key}", value, f"expected one of {known}")
        found[key] = value
    return found


def _is_whole(instrument: Instrument) -> bool:
    return all(float(answer.value).is_integer() for item in instrument.scored for answer in item.answers)
