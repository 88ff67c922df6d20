"""What therapists read about a course: what asks for a conversation, what may help in it, what came of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from web.wording.language import lazy

SLIDERS: Mapping[str, Any] = {
    "bond": lazy("The bond"),
    "goals": lazy("What you work on"),
    "way": lazy("How you work"),
    "overall": lazy("The session as a whole"),
}

# kind → (what it is called, what was seen)
ALERTS: Mapping[str, tuple[Any, Any]] = {
    "drop": (lazy("A session went less well than expected"),
             lazy("What your client said lies below what could be expected from the sessions before.")),
    "slide": (lazy("It has been getting harder for a while"),
              lazy("No single session stands out, but together they go down.")),
    "low_start": (lazy("A hard beginning"),
                  lazy("The first sessions lie below where courses here usually begin.")),
    "from_the_top": (lazy("No longer perfect"),
                     lazy("Everything was at the top, and now it is not. People who find it hard to criticise often "
                          "begin like this.")),
    "silence": (lazy("Your client has stopped saying how it was"),
                lazy("Silence can mean many things. Sometimes it comes before somebody stays away.")),
}  # fmt: skip

OUTCOMES: Mapping[str, Any] = {
    "talked": lazy("We talked about it"),
    "misread": lazy("There was another reason; no talk was needed"),
    "ended": lazy("The work together has ended"),
    "other": lazy("Something else"),
}

# (what to try, in words that can be said)
REPAIR: tuple[tuple[Any, Any], ...] = (
    (lazy("Ask early, and as if any answer were welcome."),
     lazy("“Last time may not have been what you needed. How was it for you to leave here?”")),
    (lazy("Look at what is between you, not at what is wrong with your client."),
     lazy("“Something felt different between us. Did you notice it as well?”")),
    (lazy("Own your part, even when it is small."),
     lazy("“I think I went too fast there. I am sorry; that was mine.”")),
    (lazy("Listen to the end before you explain anything."),
     lazy("“Tell me more about that. I would like to understand it the way you do.”")),
    (lazy("Agree anew on what you work on and how, and change one thing."),
     lazy("“What should we do more of, and what less? Let us try that today and look again at the end.”")),
    (lazy("Thank them. To say it was a risk."),
     lazy("“I am glad that you told me. It helps me to do this better with you.”")),
)  # fmt: skip
HARMS: tuple[Any, ...] = (
    lazy("to hold on to the plan or the method more firmly than before"),
    lazy("to defend yourself, to criticise, or to explain why they feel so"),
    lazy("to read a hidden meaning into the complaint, above all again and again"),
    lazy("to say nothing and hope that it passes"),
)
SOURCES: tuple[str, ...] = (
    "Safran & Muran (2000). Negotiating the Therapeutic Alliance. Guilford Press.",
    "Eubanks, Muran & Safran (2018). Alliance rupture repair: a meta-analysis. Psychotherapy 55, 508–519.",
    "Ackerman & Hilsenroth (2001). A review of therapist characteristics and techniques negatively impacting the "
    "therapeutic alliance. Psychotherapy 38, 171–185.",
)
STATES: Mapping[str, Any] = {
    "planned": lazy("planned"),
    "held": lazy("took place"),
    "cancelled": lazy("called off"),
    "missed": lazy("noted as not having taken place"),
}
DONE: Mapping[str, Any] = {
    "read": lazy("Your client sees that you have read it."),
    "replied": lazy("Your answer is kept. Your client sees it on their page."),
    "rated": lazy("Your own rating is kept, for you alone."),
    "settled": lazy("Thank you. The note is closed."),
    "planned": lazy("The session is planned."),
    "called_off": lazy("That is noted."),
}
