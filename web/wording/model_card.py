"""What a clinic lead reads of a model: its parts, its columns, what to bear in mind of it, and how a fit is going."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from web.wording.evidence import FEWEST
from web.wording.language import _, lazy, ngettext
from web.wording.trials import say_verdict

Figures = Mapping[str, Any]

# What makes scores differ: a name, and what it means
PARTS: Mapping[str, tuple[Any, Any]] = {
    "client": (lazy("The client"), lazy("Some people rate every session higher, whomever they see.")),
    "therapist": (lazy("The therapist"), lazy("Some therapists are rated higher by everybody.")),
    "pair": (lazy("The two together"), lazy("Some pairs fit better than either would suggest. Matching can win this.")),
    "time": (lazy("The times"), lazy("What has changed over the months, here or with a therapist.")),
    "session": (lazy("The session"), lazy("One session goes better than the next, and nobody can know it before.")),
}
# What the gate decided, where no table stands above it; the others read well anywhere
NOT_WORSE = lazy("On later sessions it did no worse than all that it was held against, so it may serve.")
# Terms of the estimation, where one of them is told of
TERMS: Mapping[str, Any] = {
    "dyad": lazy("how well two people fit beyond what they told us"),
    "client": lazy("how much clients differ beyond what they told us"),
    "therapist": lazy("how much therapists differ beyond what they told us"),
    "match columns": lazy("what pairs have in common"),
    "client columns": lazy("what clients told us of themselves"),
    "therapist columns": lazy("what therapists told us of themselves"),
    "clinic drift": lazy("changes of the whole clinic over time"),
    "therapist drift": lazy("changes of single therapists over time"),
}
STAGES: Mapping[str, Any] = {
    "": lazy("Waiting for its turn"),
    "reading": lazy("Reading what clients said"),
    "estimating": lazy("Learning from it"),
    "trying": lazy("Trying the new model on later sessions"),
    "publishing": lazy("Putting it into service, if it may serve"),
}
FAILURES: Mapping[str, Any] = {
    "too_few_ratings": lazy("There was nothing to learn from yet."),
    "overtaken": lazy("Another model began to serve while this one was tried. Fit again to try it against that one."),
    "refused": lazy("What clients said cannot be learned from as it is. Ask your administrator to run: rapport fit"),
    "gave_up": lazy("The work stopped three times before it was done. The machine may have too little memory for it."),
    "error": lazy("Something went wrong that we did not expect. The server's log names the place."),
}


@dataclass(frozen=True, slots=True)
class Column:
    """What a coefficient is about: the difference that is told, in words, and how many units of the column it is."""

    side: str
    words: Any
    units: float = 1.0


def _columns() -> dict[str, Column]:
    told: dict[str, tuple[Any, float]] = {
        "gap_lead": (lazy("Two steps further apart on who leads"), 2),
        "gap_feeling": (lazy("Two steps further apart on how deep to go into feelings"), 2),
        "gap_time": (lazy("Two steps further apart on past or present"), 2),
        "gap_challenge": (lazy("Two steps further apart on support or challenge"), 2),
        "main_depth": (lazy("The main concern is one level nearer to the therapist's field"), 1),
        "mean_depth": (lazy("All concerns are one level nearer to the therapist's field"), 1),
        "wish_gender": (lazy("A wish about gender that matters is met, not missed"), 4),
        "wish_age_band": (lazy("A wish about age that matters is met, not missed"), 4),
        "wish_modality": (lazy("A wish about the way of working that matters is met, not missed"), 4),
        "wish_identity": (lazy("A wish about background, faith or community that matters is met, not missed"), 4),
        "knows_community": (lazy("The therapist knows the client's communities"), 1),
        "first_language": (lazy("They share a first language"), 2),
        "same_gender": (lazy("They are of the same gender"), 2),
        "same_background": (lazy("They have the same background"), 2),
        "client.concern_family=anxiety": (lazy("The main concern is anxiety"), 1),
        "client.concern_family=mood": (lazy("The main concern is mood"), 1),
        "client.concern_family=loss_and_trauma": (lazy("The main concern is loss or trauma"), 1),
        "client.concern_family=relationships": (lazy("The main concern is relationships"), 1),
        "client.concern_family=work_and_change": (lazy("The main concern is work or change"), 1),
        "client.concern_family=body_and_mind": (lazy("The main concern is of body and mind"), 1),
        "client.n_concerns": (lazy("One more concern"), 1),
        "client.hope": (lazy("Three points more hope, of ten"), 3),
        "client.had_therapy": (lazy("Had therapy before"), 2),
        "client.client_age": (lazy("Ten years older"), 10),
        "client.n_helped": (lazy("One more thing that helped before"), 1),
        "client.n_hindered": (lazy("One more thing that put them off before"), 1),
        "therapist.years": (lazy("Ten more years of practice"), 10),
        "therapist.n_modalities": (lazy("One more way of working"), 1),
        "therapist.n_trainings": (lazy("One more training"), 1),
        "therapist.breadth": (lazy("Half a level more depth over all concerns"), 0.5),
        "therapist.therapist_lead": (lazy("Two steps more towards letting the client lead"), 2),
        "therapist.therapist_feeling": (lazy("Two steps more towards keeping feelings at a distance"), 2),
        "therapist.therapist_time": (lazy("Two steps more towards the present"), 2),
        "therapist.therapist_challenge": (lazy("Two steps more towards challenge"), 2),
        "log(session)": (lazy("Twice as many sessions together"), 0.6931471805599453),
    }
    return {name: Column(side_of(name), words, units) for name, (words, units) in told.items()}


MISSING: Mapping[str, Any] = {
    "client.hope missing": lazy("Did not say how much hope they have"),
    "client.client_age missing": lazy("Did not say how old they are"),
    "therapist.years missing": lazy("Did not say how long they have practised"),
}
SIDES: Mapping[str, Any] = {
    "match": lazy("The two together"),
    "client": lazy("The client"),
    "therapist": lazy("The therapist"),
    "session": lazy("The session"),
}


def side_of(name: str) -> str:
    """Whom a column is about."""
    first = name.partition(".")[0]
    return "session" if name == "log(session)" else first if first in {"client", "therapist"} else "match"


COLUMNS: Mapping[str, Column] = _columns()


def _told(n: float) -> str:
    return f"{n:,.0f}" if n >= FEWEST else _("Fewer than five")


def _zero(figures: Figures) -> str:
    if figures["term"] not in TERMS:
        return _("One part of the model came out as zero. That does not prove that there is none.")
    what = str(TERMS[figures["term"]])
    return _("Of %(what)s, nothing can be seen in these ratings. That does not prove that there is none.", what=what)


def _missing(figures: Figures) -> str:
    if figures["term"] not in TERMS:
        return _("One part of the model cannot be told from the others here: too few people were rated more than once.")
    what = str(TERMS[figures["term"]])
    return _("Nothing can be said here about %(what)s: too few people were rated more than once.", what=what)


def _top(figures: Figures) -> str:
    return _(
        "%(share)s of 100 scores are the highest one. Such a score may hide a bond that is stronger still, so it is "
        "read as “at least this good”.", share=f"{100 * figures['share']:.0f}",
    )  # fmt: skip


def _top_as_numbers(figures: Figures) -> str:
    return _(
        "%(share)s of 100 scores are the highest one, and had to be taken as they are. They hide differences.",
        share=f"{100 * figures['share']:.0f}",
    )


def _lately(figures: Figures) -> str:
    return _("What it knows of a therapist is as of the latest ratings; older ones say less the older they are.")


# What to bear in mind, one text a code of the alliance model's notes
NOTES: Mapping[str, Callable[[Figures], str]] = {
    "all_equal": lambda f: _("All scores are the same, so there is nothing to tell people apart by."),
    "reproduced": lambda f: _("There are so few ratings that each is explained by itself. Do not rely on this model."),
    "zero_variance": _zero,
    "unbounded": lambda f: _("Some people's scores never differ, so how sure it is of them says little."),
    "not_converged": lambda f: _("The work ended before the figures had settled. Use them with care, and fit again."),
    "not_estimable": _missing,
    "ceiling_censored": _top,
    "ceiling_as_numbers": _top_as_numbers,
    "as_numbers": lambda f: _("Few scores are the highest one, so scores are taken as they are."),
    "told_at_the_top": lambda f: _(
        "%(n)s of the highest scores were taken as they are: some groups gave no other score.", n=_told(f["n"])
    ),
    "repeated": lambda f: _("%(n)s sessions were rated more than once; each rating counts.", n=_told(f["n"])),
    "bounded": lambda f: _(
        "The scores of a few pairs are so unlike all others that they count for less: %(n)s.", n=_told(f["n"]).lower()
    ),
    "drift": _lately,
    "half_life": lambda f: ngettext(
        "A rating counts half as much after %(num)d day.", "A rating counts half as much after %(num)d days.",
        round(f["days"]),
    ),
    "session_order": lambda f: _("First sessions are rated unlike later ones, and this is allowed for."),
    "change_stays": lambda f: _("Nothing suggests that anything has changed over time: old ratings count like new."),
    "change_found": lambda f: _("Something has changed over time: the older a rating, the less it says of today."),
    "change_refused": lambda f: _(
        "Something may have changed over time, but allowing for it does not predict the latest ratings better."
    ),
    "change_unknown": lambda f: _(
        "Whether anything has changed over time cannot be told: it takes half a year of dated ratings, and five "
        "therapists who were rated lately."
    ),
}  # fmt: skip
OF_TIME = ("drift", "half_life", "change_stays", "change_found", "change_refused", "change_unknown")


def say_part(part: str) -> tuple[str, str]:
    """A part of what makes scores differ: its name, and what it means."""
    name, meaning = PARTS[part]
    return str(name), str(meaning)


def say_column(name: str) -> str:
    """The difference that a coefficient is told for; a column that has no words yet, by its name."""
    if name in COLUMNS:
        return str(COLUMNS[name].words)
    if name in MISSING:
        return str(MISSING[name])
    return name.replace("_", " ")


def say_note(note: Figures) -> str:
    """What to bear in mind; a note of another release, which has no words here, is left to the statistician."""
    return NOTES[note["code"]](note) if note["code"] in NOTES else ""


def say_gate(reason: str) -> str:
    """What the gate decided of a model, and why."""
    return str(NOT_WORSE) if reason == "not_worse" else say_verdict(reason)


def say_stage(stage: str) -> str:
    """What a fit is doing."""
    return str(STAGES.get(stage, STAGES[""]))


def say_failure(reason: str) -> str:
    """Why a fit came to nothing."""
    return str(FAILURES.get(reason, FAILURES["error"]))
