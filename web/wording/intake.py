"""What a client told us, as questions and answers: for the client who checks it, and for the coordinator."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from matcher import vocabulary as v
from matcher.entities import WISH_VOCABULARY
from web.cards import money
from web.wording.language import _, label, lazy

Document = Mapping[str, Any]
Said = tuple[str, str]

TITLES: Mapping[str, Any] = {
    "concerns": lazy("What brings you here"),
    "safety": lazy("Your safety"),
    "practicalities": lazy("Practical matters"),
    "about": lazy("About you"),
    "wishes": lazy("Who your therapist should be"),
    "style": lazy("How you like to work"),
    "before": lazy("Therapy before"),
    "expectations": lazy("What you hope for"),
}
TRAITS: Mapping[str, Any] = {
    "gender": lazy("Gender"),
    "age_band": lazy("Age"),
    "background": lazy("Background"),
    "faith": lazy("Faith"),
    "communities": lazy("Experience with"),
    "modality": lazy("Kind of therapy"),
}
# Each scale: what it is about, its left end, its right end; in the client's own voice
STYLE: Mapping[str, tuple[Any, Any, Any]] = {
    "lead": (lazy("Who leads"), lazy("the therapist leads"), lazy("I lead")),
    "feeling": (lazy("Feelings"), lazy("go deep into feelings"), lazy("keep feelings at a distance")),
    "time": (lazy("Past and present"), lazy("look at the past"), lazy("look at the present")),
    "challenge": (lazy("Support and challenge"), lazy("warm support"), lazy("focused challenge")),
}
INVEST: Mapping[str, Any] = {"time": lazy("Time"), "money": lazy("Money"), "effort": lazy("Effort between sessions")}


def sections(
    document: Document,
    *,
    places: Mapping[tuple[float, float], str],
    therapists: Mapping[str, str],
    currency: str,
) -> dict[str, list[tuple[str, str]]]:
    """Step → (question, answer) of everything that was said there, in the order of the steps; empty where nothing was.

    ``places`` maps (latitude, longitude) to a name, ``therapists`` an id to a name; what they do not hold is described.
    """
    return {
        "concerns": list(_concerns(document)),
        "safety": list(_safety(document)),
        "practicalities": list(_practicalities(document, places, currency)),
        "about": list(_about(document)),
        "wishes": list(_wishes(document.get("wishes") or {})),
        "style": [style_answer(scale, value) for scale, value in _styles(document.get("style") or {})],
        "before": list(_before(document, therapists)),
        "expectations": list(_expectations(document, therapists)),
    }


def style_answer(scale: str, value: int) -> tuple[str, str]:
    """(what the scale is about, where somebody stands on it) in words."""
    about, left, right = STYLE[scale]
    if value == 0:
        return str(about), _("Both, or it depends")
    end = str(left if value < 0 else right)
    strength = {1: _("A little"), 2: _("Clearly"), 3: _("Very much")}[abs(value)]
    return str(about), f"{strength}: {end}"


def _concerns(said: Document) -> Iterable[Said]:
    concerns = said.get("concerns") or ()
    if concerns:
        yield _("Main concern"), label(v.CONCERNS, concerns[0])
    if len(concerns) > 1:
        yield _("Also"), _listed(v.CONCERNS, concerns[1:])
    if said.get("concern_text"):
        yield _("In your own words"), said["concern_text"]


def _safety(said: Document) -> Iterable[Said]:
    if said.get("at_risk") is not None:
        yield _("In danger, or thinking of harm"), _yes_no(said["at_risk"])


def _practicalities(said: Document, places: Mapping[tuple[float, float], str], currency: str) -> Iterable[Said]:
    if said.get("formats"):
        yield _("How to meet"), _listed(v.FORMATS, said["formats"])
    if said.get("region"):
        yield _("Region"), said["region"]
    if said.get("location"):
        yield _("Setting out from"), _place(said["location"], places)
    if said.get("max_distance_km") is not None:
        yield _("As far as"), _("%(km)s km", km=f"{said['max_distance_km']:g}")
    if said.get("times"):
        yield _("Times that suit"), _listed(v.TIMES, said["times"])
    if said.get("max_fee_cents") is not None:
        yield _("At most"), _("%(fee)s a session", fee=money(said["max_fee_cents"], currency))
    yield from _one(said, "insurance", _("Who pays"), v.INSURANCES)
    if said.get("languages"):
        yield _("Languages"), _listed(v.LANGUAGES, said["languages"])
    yield from _one(said, "urgency", _("When to start"), v.URGENCIES)


def _about(said: Document) -> Iterable[Said]:
    yield from _one(said, "age_band", _("Age"), v.AGE_BANDS)
    yield from _one(said, "gender", _("Gender"), v.GENDERS)
    yield from _one(said, "background", _("Background"), v.BACKGROUNDS)
    yield from _one(said, "faith", _("Faith"), v.FAITHS)
    if said.get("communities"):
        yield _("Part of"), _listed(v.COMMUNITIES, said["communities"])


def _wishes(wishes: Document) -> Iterable[Said]:
    for trait, words in WISH_VOCABULARY.items():
        wish = wishes.get(trait) or {}
        strength = wish.get("strength") or "no_preference"
        if strength != "no_preference" and wish.get("options"):
            options = _(" or ").join(label(words, option) for option in wish["options"])
            yield str(TRAITS[trait]), f"{options} ({label(v.STRENGTHS, strength).lower()})"
        elif wish:
            yield str(TRAITS[trait]), label(v.STRENGTHS, "no_preference")


def _styles(style: Document) -> Iterable[tuple[str, int]]:
    return ((scale, style[scale]) for scale in v.STYLES.codes if style.get(scale) is not None)


def _before(said: Document, therapists: Mapping[str, str]) -> Iterable[Said]:
    if said.get("had_therapy") is not None:
        yield _("Therapy before"), _yes_no(said["had_therapy"])
    if said.get("helped"):
        yield _("What helped"), _listed(v.HELPS, said["helped"], "; ")
    if said.get("hindered"):
        yield _("What put you off"), _listed(v.HINDRANCES, said["hindered"], "; ")
    if said.get("former_therapist_id"):
        yield _("Saw here before"), _named(said["former_therapist_id"], therapists)
    if said.get("blocked_therapist_ids"):
        names = (_named(key, therapists) for key in said["blocked_therapist_ids"])
        yield _("Must not be offered"), ", ".join(names)


def _expectations(said: Document, therapists: Mapping[str, str]) -> Iterable[Said]:
    if said.get("hope") is not None:
        yield _("Hope for change"), _("%(hope)s of 10", hope=said["hope"])
    for k, goal in enumerate(said.get("goals") or (), start=1):
        yield _("Goal %(number)s", number=k), goal
    for kind, level in (said.get("investment") or {}).items():
        if level:
            yield str(INVEST[kind]), label(v.INVESTMENT_LEVELS, level)
    yield from _one(said, "recommended_by", _("Recommended by"), v.RECOMMENDERS)
    if said.get("recommended_therapist_id"):
        yield _("Recommended to you"), _named(said["recommended_therapist_id"], therapists)


def _one(said: Document, name: str, question: str, words: v.Vocabulary) -> Iterable[Said]:
    if said.get(name):
        yield question, label(words, said[name])


def _listed(words: v.Vocabulary, codes: Iterable[str], between: str = ", ") -> str:
    return between.join(label(words, code) for code in codes)


def _yes_no(value: bool) -> str:
    return _("Yes") if value else _("No")


def _place(location: Document, places: Mapping[tuple[float, float], str]) -> str:
    return places.get((location["latitude"], location["longitude"])) or _("A place on the map")


def _named(key: str, therapists: Mapping[str, str]) -> str:
    return therapists.get(key) or _("Somebody who is not here any more")
