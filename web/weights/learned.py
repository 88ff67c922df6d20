"""What the clinic's own ratings propose, in words and positions; and how far the learning is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from web.cards import moment_words
from web.services.learned_weights import PARTS, READING, WEIGHING, Standing
from web.services.weights import Draft
from web.weights.presenters import person_words
from web.weights.years import Years, years
from web.wording.events import say_actor
from web.wording.evidence import FEWEST
from web.wording.language import _, ngettext
from web.wording.learning import (
    say_direction,
    say_failure,
    say_learned,
    say_stage,
    say_taught_by,
    say_too_little,
)
from web.wording.tuning import say_factor

POLLED = ("waiting", "running", "neglected")
YEARS = "experience"  # the factor of which a curve is drawn
LEFT, RIGHT = 10.0, 230.0  # the line on which a dot stands on its interval
Figures = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Dot:
    """A dot on an interval, and where that stands which serves, and nothing at all."""

    at: float
    low: float
    high: float
    serves: float
    zero: float


@dataclass(frozen=True, slots=True)
class Factor:
    """A factor that was learned: what serves and what was learned of every 100 that the alliance weighs."""

    name: str
    dot: Dot
    serves: str
    learned: str
    interval: str
    differs: bool
    words: str
    who: str
    who_words: str


@dataclass(frozen=True, slots=True)
class Proposal:
    """What was learned. ``others`` are the factors that were not, each with its reason and what it weighs."""

    words: tuple[str, ...]
    factors: tuple[Factor, ...]
    others: tuple[tuple[str, str, str], ...]
    years: Years
    may_draft: bool


@dataclass(frozen=True, slots=True)
class Step:
    """A stage of the learning; ``state`` is done, now or next."""

    words: str
    state: str


@dataclass(frozen=True, slots=True)
class Shown:
    """``state`` is one of too_few, never, waiting, running, neglected, failed, too_little, done.

    ``caution`` says what has changed since it was learned; ``seen`` names all that may change while one waits;
    ``replaces`` says whose draft would be replaced, ``revision`` which, ``has_begun`` whether it began from these.
    """

    state: str
    title: str
    words: tuple[str, ...]
    tone: str
    button: str
    progress: int
    steps: tuple[Step, ...]
    asked: str
    caution: tuple[str, ...]
    proposal: Proposal | None
    replaces: str
    revision: int | None
    has_begun: bool
    seen: str

    @property
    def is_polled(self) -> bool:
        """Whether the page asks again by itself."""
        return self.state in POLLED


def shown(found: Standing, draft: Draft | None) -> Shown:
    """How it stands, beside the draft that is under way."""
    job, state = found.job, _state(found)
    title, words, tone = _said(found, state)
    stage, progress = (job.stage, job.progress) if job and job.is_open else ("", 0)
    button = _("Learn from our ratings") if state == "never" else _("Learn from our ratings again")
    return Shown(
        state=state,
        title=title,
        words=words,
        tone=tone,
        button=button if found.can_ask else "",
        progress=progress,
        steps=_steps(stage) if state in {"waiting", "running"} else (),
        asked=_asked(found) if job else "",
        caution=tuple(_caution(found)) if state == "done" else (),
        proposal=_proposal(found.document) if state == "done" and found.document else None,
        replaces=_replaces(draft) if draft else "",
        revision=draft.revision if draft else None,
        has_begun=draft is not None and found.document is not None and draft.note == note(found.document),
        seen=f"{state}-{progress}-{stage.replace(' ', '') or 'none'}",
    )


def note(document: Figures) -> str:
    """What a draft says of where its numbers come from."""
    return _(
        "Learned from our clients' ratings on %(day)s, with the model %(model)s, beside %(weights)s. Ratings teach "
        "what adds to the alliance, not what appeals to clients.",
        day=document["learned_on"],
        model=document["model_version"] or _("of the same day"),
        weights=document["weights_version"] or _("the weights that Rapport brings"),
    )


def _state(found: Standing) -> str:
    job = found.job
    if job is not None and job.is_open:
        return "neglected" if job.is_neglected else job.state
    if job is None:
        return "never" if found.is_enough else "too_few"
    if found.document is None:
        return "failed"
    return "too_little" if found.document["ratings"]["too_little"] else "done"


def _said(found: Standing, state: str) -> tuple[str, tuple[str, ...], str]:
    """(title, words, tone) of a state; what was learned speaks for itself."""
    result: Figures = found.job.result if found.job else {}
    if state == "too_few":
        return _("Nothing to learn from yet"), (_("It needs what clients said after their sessions."),), ""
    if state == "never":
        asks = _("How much does each factor add here, beside the expected alliance? Your clients' ratings may tell.")
        return _("Not asked yet"), (asks, _("It takes a few minutes and changes nothing by itself.")), ""
    if state in {"waiting", "running"}:
        return _("Learning from your ratings"), (_("You can leave this page, or go on tuning."),), ""
    if state == "neglected":
        idle = _("It has waited for more than a minute, so no worker seems to run.")
        return _("Nobody is working on it"), (idle,), "caution"
    if state == "failed":
        return (
            _("Nothing was learned"),
            (say_failure(str(result.get("reason"))), _("Your weights are as before.")),
            "risk",
        )
    if state == "too_little":
        few = say_too_little(result["ratings"]["too_little"])
        return _("Too little to learn from"), (few, _("Your weights go on as they are.")), ""
    return "", (), ""


def _steps(stage: str) -> tuple[Step, ...]:
    """Reading, each part of the clients, weighing."""
    order = (READING, *PARTS, WEIGHING)
    here = order.index(stage) if stage in order else -1
    known = [
        (say_stage(READING), 0, 0),
        (_parts(stage), 1, len(PARTS)),
        (say_stage(WEIGHING), len(PARTS) + 1, len(order)),
    ]
    return tuple(
        Step(words, "done" if here > last else "now" if first <= here else "next") for words, first, last in known
    )


def _parts(stage: str) -> str:
    words = say_stage("part")
    if stage not in PARTS:
        return words
    return _("%(what)s: %(number)s of %(all)s", what=words, number=PARTS.index(stage) + 1, all=len(PARTS))


def _asked(found: Standing) -> str:
    job = found.job
    assert job is not None
    ended = job.result.get("ended_at")
    who = say_actor(found.asked_by) if found.asked_by else _("somebody")
    if ended:
        moment = moment_words(datetime.fromisoformat(ended))
        return _("Asked for by %(who)s, ended %(moment)s (UTC).", who=who, moment=moment)
    return _("Asked for by %(who)s, %(moment)s (UTC).", who=who, moment=moment_words(job.asked_at))


def _caution(found: Standing) -> list[str]:
    said = []
    if found.new_model:
        said.append(_("Another model serves by now, so your clients may have said more since. Learn again to see."))
    if found.new_weights:
        said.append(
            _("Other weights serve by now. What is compared below are those that served when this was learned.")
        )
    return said


def _replaces(draft: Draft) -> str:
    return _(
        "A draft is under way, last changed by %(who)s on %(moment)s (UTC). Its numbers would be lost.",
        who=person_words(draft.edited_by),
        moment=moment_words(draft.edited_at),
    )


def _proposal(document: Figures) -> Proposal:
    learned = document["ratings"]
    taught = [one for one in learned["factors"] if one["stays"] is None]
    dots = _dots(taught)
    return Proposal(
        words=tuple(_words(learned, taught)),
        factors=tuple(_factor(one, dot, learned["n_clients"]) for one, dot in zip(taught, dots, strict=True)),
        others=tuple(
            (say_factor(one["factor"]), say_learned(one["verdict"], one["stays"]), _of_100(one["serves"]))
            for one in learned["factors"]
            if one["stays"] is not None
        ),
        years=years(document["curve"], document["span"]),
        may_draft=learned["weights"] is not None,
    )


def _words(learned: Figures, taught: Sequence[Figures]) -> list[str]:
    n_differ = sum(one["verdict"] in {"more", "less"} for one in taught)
    differ = ngettext(
        "%(num)d factor differs detectably from your weights.",
        "%(num)d factors differ detectably from your weights.",
        n_differ,
    )
    chance = _("Chance alone shows one such difference at one clinic in three.")
    none = _("No factor differs detectably from your weights.")
    return [
        say_taught_by(learned["taught_by"]),
        _("They teach what adds to the alliance, not what appeals. What clients choose is not kept yet."),
        f"{differ} {chance}" if n_differ else none,
    ]


def _factor(one: Figures, dot: Dot, n_all: int) -> Factor:
    return Factor(
        name=say_factor(one["factor"]),
        dot=dot,
        serves=_of_100(one["serves"]),
        learned=_of_100(one["relative"]),
        interval=_("%(low)s to %(high)s", low=_of_100(one["lower95"]), high=_of_100(one["upper95"])),
        differs=one["verdict"] in {"more", "less"},
        words=f"{say_learned(one['verdict'])} {say_direction(one['direction'])}",
        who=_who(one, n_all),
        who_words=_("Behind it: %(who)s.", who=_who(one, n_all)),
    )


def _who(one: Figures, n_all: int) -> str:
    """For how many clients it tells therapists apart."""
    if one["nearly_all"]:
        return _("nearly all of %(n)s clients", n=f"{n_all:,}")
    return (
        _("%(n)s clients", n=f"{one['n_clients']:,}") if one["n_clients"] else _("fewer than %(n)s clients", n=FEWEST)
    )


def _dots(taught: Sequence[Figures]) -> list[Dot]:
    """All on the same line, from the lowest end to the highest; it holds 0."""
    ends = [one[name] for one in taught for name in ("lower95", "upper95", "serves")]
    low, high = min([0.0, *ends]), max([0.1, *ends])

    def place(value: float) -> float:
        return round(LEFT + (RIGHT - LEFT) * (value - low) / (high - low), 1)

    return [
        Dot(place(one["relative"]), place(one["lower95"]), place(one["upper95"]), place(one["serves"]), place(0.0))
        for one in taught
    ]


def _of_100(relative: float) -> str:
    """A relative weight, of every 100 that the alliance weighs."""
    told = f"{abs(100 * relative):.0f}"
    return told if relative >= 0 or told == "0" else f"−{told}"
