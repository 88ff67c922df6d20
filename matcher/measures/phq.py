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
    "Bands at 5, 10 and 15; Cronbach's alpha .92; mean 14.4 (SD 4.7) among people with generalised anxiety.",
)


def _items(words: tuple[str, ...]) -> tuple[Item, ...]:
    """The scored items, and the one on functioning, which stands apart."""
    scored = tuple(Item(str(k), said, _HOW_OFTEN) for k, said in enumerate(words, start=1))
    return (*scored, Item(str(len(words) + 1), _FUNCTIONING, _HOW_DIFFICULT, scored=False))


PHQ_9 = Instrument(
    code="phq-9",
    version="1999",
    title="PHQ-9",
    lead="Over the last 2 weeks, how often have you been bothered by any of the following problems?",
    items=_items(_PHQ_9),
    scoring="sum",
    lowest=0,
    top=27,
    better="lower",
    bands=(
        Band("minimal", 0, "minimal"), Band("mild", 5, "mild"), Band("moderate", 10, "moderate"),
        Band("moderately_severe", 15, "moderately severe"), Band("severe", 20, "severe"),
    ),
    n_required=7,
    safety_items=("9",),
    spread=Spread(6.1, 0.89, KROENKE_2001),
    attribution=ATTRIBUTION,
    licence=LICENCE,
)  # fmt: skip

GAD_7 = Instrument(
    code="gad-7",
    version="2006",
    title="GAD-7",
    lead="Over the last 2 weeks, how often have you been bothered by the following problems?",
    items=_items(_GAD_7),
    scoring="sum",
    lowest=0,
    top=21,
    better="lower",
    bands=(
        Band("minimal", 0, "minimal"), Band("mild", 5, "mild"), Band("moderate", 10, "moderate"),
        Band("severe", 15, "severe"),
    ),
    n_required=5,
    spread=Spread(4.7, 0.92, SPITZER_2006),
    attribution=ATTRIBUTION,
    licence=LICENCE,
)  # fmt: skip
