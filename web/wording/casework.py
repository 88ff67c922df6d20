"""The waiting list and what is done about a case, in the words of those who work with it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from web.wording.language import _, lazy

STATES: Mapping[str, Any] = {
    "open": lazy("On the list"),
    "waiting": lazy("Waiting"),
    "held": lazy("Place held"),
    "asked": lazy("Asked"),
    "placed": lazy("Placed"),
    "closed": lazy("Closed"),
    "all": lazy("Everybody"),
}
FLAGS: Mapping[str, Any] = {
    "safety": lazy("Safety answer"),
    "nobody": lazy("Nobody fits"),
    "choose_for_me": lazy("Wants us to choose"),
}
# What somebody answered for which a safety flag stands → (in words, what to do about it)
SAFETY: Mapping[str, tuple[Any, Any]] = {
    "safety_question": (
        lazy("Said yes to the safety question"),
        lazy("They said when they asked for a therapist that they may not be safe. Call them today and ask about it "
             "directly."),
    ),
    "phq_9": (
        lazy("Thoughts of being better off dead, or of hurting themselves (PHQ-9, item 9)"),
        lazy("They answered above “not at all” in a well-being check. How far above says little about danger, and "
             "does not stand here: call them today and ask about it directly. Their therapist reads that there is a "
             "safety flag, and not why."),
    ),
    "questionnaire": (
        lazy("An answer in a questionnaire that has to reach a person"),
        lazy("A question of the practice's own questionnaire was answered in a way that somebody must look after. Call "
             "them today and ask about it directly."),
    ),
}  # fmt: skip
PRIORITIES: Mapping[int, Any] = {0: lazy("As it comes"), 1: lazy("Soon"), 2: lazy("First of all")}
ORDERS: Mapping[str, Any] = {
    "urgency": lazy("Most urgent first"),
    "waiting": lazy("Longest waiting first"),
    "newest": lazy("Newest first"),
    "name": lazy("By name"),
    "changed": lazy("Changed last first"),
}
# What stands between somebody and the therapists, in a word or two
BINDING: Mapping[str, Any] = {
    "capacity": lazy("free places"),
    "blocked": lazy("not to be matched"),
    "licence": lazy("licence"),
    "age_group": lazy("age group"),
    "language": lazy("language"),
    "format": lazy("online or in person"),
    "distance": lazy("distance"),
    "times": lazy("times"),
    "fee": lazy("fee"),
    "insurance": lazy("cover"),
    "must_gender": lazy("gender"),
    "must_age_band": lazy("age of the therapist"),
    "must_background": lazy("background"),
    "must_faith": lazy("faith"),
    "must_communities": lazy("experience with a community"),
    "must_modality": lazy("kind of therapy"),
}
CLOSED: Mapping[str, Any] = {
    "found_elsewhere": lazy("Found somebody elsewhere"),
    "no_answer": lazy("Does not answer"),
    "changed_their_mind": lazy("Changed their mind"),
    "referred_on": lazy("Referred on"),
    "duplicate": lazy("Is here twice"),
}
OVERRIDES: Mapping[str, Any] = {
    "client_wishes": lazy("The client wishes it"),
    "better_times": lazy("The times fit better"),
    "continuity": lazy("They know each other"),
    "expertise": lazy("Knows this field best"),
    "requirement_eased": lazy("The client has given way on what stood between"),
    "urgent": lazy("It is urgent"),
    "other": lazy("Something else"),
}
REMATCHES: Mapping[str, Any] = {
    "client_asked": lazy("The client would like somebody else"),
    "therapist_asked": lazy("The therapist suggests somebody else"),
    "practical": lazy("Times, place or cost do not work out"),
    "not_begun": lazy("They never began"),
    "other": lazy("Something else"),
}
# What came of it that somebody was to be called
CONTACTED: Mapping[str, Any] = {
    "spoken": lazy("I have spoken with them"),
    "rematched": lazy("They are matched anew"),
    "not_reached": lazy("I could not reach them"),
}
# Why a place ended
GIVEN_BACK: Mapping[str, Any] = {
    **REMATCHES,
    "hold_over": lazy("The time of the hold was over"),
    "released": lazy("The hold was given up"),
    "taken_back": lazy("The question was taken back"),
    "undone": lazy("It was undone"),
    "declined": lazy("The therapist could not take it"),
    "lapsed": lazy("There was no answer in time"),
    "withdrawn": lazy("The client took the request back"),
    "departure": lazy("The therapist leaves or is on leave"),
}
ACTORS: Mapping[str, Any] = {
    "client": lazy("the client"),
    "clock": lazy("the clock"),
    "import": lazy("an imported file"),
    "nobody": lazy("somebody who has left"),
}
_EVENTS: Mapping[str, Any] = {
    "opened": lazy("Came on the waiting list"),
    "opened_again": lazy("Came back to the waiting list"),
    "reopened": lazy("Was opened again"),
    "note": lazy("Note"),
    "all_declined": lazy("Nobody who was asked could take it"),
    "booked": lazy("The first session was booked"),
    "session_off": lazy("A planned session was called off, and the client told"),
    "counted_in": lazy("Counted in, as the imported ratings have it"),
    "unbooked": lazy("The first session is open again"),
    "handover_written": lazy("A few words to hand on were written"),
    "handover_agreed": lazy("The client agreed that they are handed on"),
    "handover_refused": lazy("The client would rather that they are not handed on"),
}
_CONTACTED: Mapping[str, Any] = {
    "spoken": lazy("Was called, as their sessions asked for it: somebody has spoken with them"),
    "rematched": lazy("Was to be called, as their sessions ask for it: they are matched anew"),
    "not_reached": lazy("Was called, as their sessions ask for it, and not reached"),
}
# Signal → what it is, and the next step
AT_RISK: Mapping[str, tuple[Any, Any]] = {
    "declined": (
        lazy("Their request came to nothing"),
        lazy("Look at the list with them, and hold a place while you talk."),
    ),
    "hold_over": (
        lazy("A place was held for them, and the time ran out"),
        lazy("Ask what they decided; hold it again, or choose somebody else."),
    ),
    "please_contact": (
        lazy("Please contact them"),
        lazy(
            "Something in how their sessions go asks for a call. Ask how they are, and whether they want to go on so; "
            "then say on their page what came of it."
        ),
    ),
    "contradicted": (
        lazy("Noted as not having taken place, and they have said how it was"),
        lazy(
            "The hour counts, and so does what they said. Ask them what happened. Their therapist is not told that "
            "they said anything: please do not tell them either."
        ),
    ),
    "not_settled": (
        lazy("Please contact them: their therapist has known for a week"),
        lazy(
            "Something in how their sessions go asks for a conversation, and nobody has said what came of it. Ask the "
            "therapist first; if they cannot see to it, call yourself and ask how they are."
        ),
    ),
    "not_read": (
        lazy("What they said has waited for a week"),
        lazy(
            "They let their therapist see it, and it was not read. Please tell the therapist; if they are away, let "
            "the person know that it is not forgotten."
        ),
    ),
    "silent": (
        lazy("Placed, and nothing heard since"),
        lazy("Call and ask whether they have begun. If not, match them anew from the case."),
    ),
    "too_long": (
        lazy("Waiting longer than we promise"),
        lazy("See what stands between, and say how it is going."),
    ),
}


def say_event(kind: str, details: Mapping[str, str | int], names: Mapping[str, str]) -> str:
    """What was done, in a sentence; ``names`` says what a therapist's id is called."""
    who = names.get(str(details.get("therapist", "")), _("somebody who is not in the directory any more"))
    reason = str(details.get("reason", ""))
    if kind == "given":
        return _with(_("Was given a place with %(who)s", who=who), OVERRIDES.get(reason))
    if kind == "held":
        return _with(_("A place with %(who)s was held", who=who), OVERRIDES.get(reason))
    if kind == "asked":
        return _("%(who)s was asked", who=who)
    if kind == "given_back":
        return _with(_("The place with %(who)s was given back", who=who), GIVEN_BACK.get(reason))
    if kind == "rematched":
        return _with(_("Is matched anew"), REMATCHES.get(reason))
    if kind == "closed":
        return _with(_("Was taken off the list"), CLOSED.get(reason))
    if kind == "contacted":
        return str(_CONTACTED.get(str(details.get("outcome", "")), _("Was to be called")))
    if kind == "prioritised":
        return _("Priority: %(priority)s", priority=PRIORITIES[int(details["priority"])])
    return str(_EVENTS[kind]) if kind in _EVENTS else kind.replace("_", " ").capitalize()


def say_actor(actor: str) -> str:
    """Who did it: a name, or the word for what is no person."""
    return str(ACTORS.get(actor, actor))


def _with(words: str, reason: Any) -> str:
    return words if reason is None else f"{words}. {reason}"
