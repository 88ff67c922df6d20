"""PHQ-9 and GAD-7, word for word. Their words are no sentences of ours: a translation is an instrument of its own.

Pfizer, who hold the copyright, put both into everybody's hands: "No permission required to reproduce, translate,
display or distribute."
"""

from __future__ import annotations

from matcher.measures.instrument import Answer, Band, Instrument, Item, Spread
from matcher.sources import Source

ATTRIBUTION = (
    "Developed by Drs. Robert L. Spitzer, Janet B.W. Williams, Kurt Kroenke and colleagues, with an educational grant "
    "from Pfizer Inc. No permission required to reproduce, translate, display or distribute."
)
LICENCE = "public domain: no permission required to reproduce, translate, display or distribute (Pfizer Inc.)"
_HOW_OFTEN = (
    Answer(0, "Not at all"), Answer(1, "Several days"), Answer(2, "More than half the days"),
    Answer(3, "Nearly every day"),
)  # fmt: skip
_HOW_DIFFICULT = (
    Answer(0, "Not difficult at all"), Answer(1, "Somewhat difficult"), Answer(2, "Very difficult"),
    Answer(3, "Extremely difficult"),
)  # fmt: skip
_FUNCTIONING = (
    "If you checked off any problems, how difficult have these problems made it for you to do your work, take care of "
    "things at home, or get along with other people?"
)
_PHQ_9 = (
    "Little interest or pleasure in doing things",
    "Feeling down, depressed, or hopeless",
    "Trouble falling or staying asleep, or sleeping too much",
    "Feeling tired or having little energy",
    "Poor appetite or overeating",
    "Feeling bad about yourself — or that you are a failure or have let yourself or your family down",
    "Trouble concentrating on things, such as reading the newspaper or watching television",
    "Moving or speaking so slowly that other people could have noticed? Or the opposite — being so fidgety or restless "
    "that you have been moving around a lot more than usual",
    "Thoughts that you would be better off dead or of hurting yourself in some way",
)
_GAD_7 = (
    "Feeling nervous, anxious or on edge",
    "Not being able to stop or control worrying",
    "Worrying too much about different things",
    "Trouble relaxing",
    "Being so restless that it is hard to sit still",
    "Becoming easily annoyed or irritable",
    "Feeling afraid as if something awful might happen",
)
KROENKE_2001 = Source(
    "Kroenke, Spitzer, Williams: The PHQ-9: validity of a brief depression severity measure, J. General Internal "
    "Medicine 16(9)",
    2001,
    "Bands at 5, 10, 15 and 20; Cronbach's alpha .89; mean 17.1 (SD 6.1) among people with major depression.",
)
SPITZER_2006 = Source(
    "Spitzer, Kroenke, Williams, Löwe: A brief measure for assessing generalized anxiety disorder: the GAD-7, "
    "Archives of Internal Medicine 166(10)",
    2006,
    "Bands at 5, 10 and 15; mean 14.4 among people with generalised anxiety. SD 4.7 and Cronbach's alpha .92 are to be "
    "checked in the paper: we did not find them again.",
)


def _items(words: tuple[str, ...]) -> tuple[Item, ...]:
    """The scored items, and the one on functioning, which stands apart."""
    scored = tuple(Item(str(k), said, _HOW_OFTEN) for k, said in enumerate(words, start=1))
    return (*scored, Item(str(len(words) + 1), _FUNCTIONING, _HOW_DIFFICULT, scored=False))


def _two_weeks(
    code: str, version: str, these: str, words: tuple[str, ...], bands: tuple[Band, ...], spread: Spread,
    *, n_required: int, safety_items: tuple[str, ...] = (),
) -> Instrument:  # fmt: skip
    """A questionnaire on the last two weeks as its authors score it: the sum of its items, each from 0 to 3."""
    return Instrument(
        code=code,
        version=version,
        title=code.upper(),
        lead=f"Over the last 2 weeks, how often have you been bothered by {these} problems?",
        items=_items(words),
        scoring="sum",
        lowest=0,
        top=3 * len(words),
        better="lower",
        bands=bands,
        n_required=n_required,
        safety_items=safety_items,
        spread=spread,
        attribution=ATTRIBUTION,
        licence=LICENCE,
    )


_UP_TO_MODERATE = (Band("minimal", 0, "minimal"), Band("mild", 5, "mild"), Band("moderate", 10, "moderate"))
PHQ_9 = _two_weeks(
    "phq-9", "1999", "any of the following", _PHQ_9,
    (*_UP_TO_MODERATE, Band("moderately_severe", 15, "moderately severe"), Band("severe", 20, "severe")),
    Spread(6.1, 0.89, KROENKE_2001), n_required=7, safety_items=("9",),
)  # fmt: skip
GAD_7 = _two_weeks(
    "gad-7", "2006", "the following", _GAD_7, (*_UP_TO_MODERATE, Band("severe", 15, "severe")),
    Spread(4.7, 0.92, SPITZER_2006), n_required=5,
)  # fmt: skip
