"""A proposal in words: what it comes to beside other ways, what is asked of it, how far it is, what stands against."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from web.cards import moment_words, name_of
from web.services.proposal_conflicts import Against as Told
from web.services.proposal_people import Person
from web.services.proposal_settings import FLOORS
from web.services.proposals import COMMITTED, Proposal
from web.services.proposing import STAGES
from web.wording import proposals as wording
from web.wording.conflicts import say_conflict, say_conflict_about
from web.wording.events import say_actor
from web.wording.language import _, ngettext

People = Mapping[str, Person]


@dataclass(frozen=True, slots=True)
class Entry:
    """A proposal in the list of the last ones."""

    id: UUID
    title: str
    state: str
    tone: str
    came_of_it: str


@dataclass(frozen=True, slots=True)
class Bar:
    """A figure of a way of placing people: its number in words, and its length out of 100."""

    said: str
    length: float


@dataclass(frozen=True, slots=True)
class Total:
    """A way of placing people: placed, with their own best, how near to it on average, and the worst-off tenth.

    ``beside`` says how many are better and worse off in the proposal than by it.
    """

    name: str
    is_this: bool
    bars: tuple[Bar, ...]
    beside: str


@dataclass(frozen=True, slots=True)
class Progress:
    """How far it is; ``seen`` names all that may change meanwhile. ``steps`` are (words, done/now/next)."""

    words: str
    percent: int
    steps: tuple[tuple[str, str], ...]
    is_neglected: bool
    seen: str


@dataclass(frozen=True, slots=True)
class Rule:
    """A choice of a rule: its value, its name, what it does, and whether it is chosen."""

    value: str
    name: str
    words: str
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class TakeBack:
    """Something that was asked for about somebody, and the act that takes it back."""

    words: str
    act: str
    client: str
    therapist: str


@dataclass(frozen=True, slots=True)
class Head:
    """All but the lines. ``state`` is solving, failed, troubles, stale, ready, empty, committed or discarded."""

    id: UUID
    revision: int
    state: str
    title: str
    lead: str
    by: str
    progress: Progress | None
    failure: str
    troubles: tuple[str, ...]
    totals: tuple[Total, ...]
    shortages: tuple[str, ...]
    dropped: str
    policies: tuple[Rule, ...]
    balances: tuple[Rule, ...]
    floors: tuple[Rule, ...]
    asked: tuple[TakeBack, ...]
    therapists: tuple[tuple[str, str], ...]
    may_change: bool


@dataclass(frozen=True, slots=True)
class Sure:
    """What will happen."""

    id: UUID
    revision: int
    title: str
    words: tuple[str, ...]
    button: str


@dataclass(frozen=True, slots=True)
class Against:
    """What stands against: (case, name, sentence) of each person, and sentences about the whole."""

    id: UUID
    revision: int
    people: tuple[tuple[UUID | None, str, str], ...]
    whole: tuple[str, ...]
    may_solve: bool


def entry(proposal: Proposal, names: Mapping[str, str]) -> Entry:
    """A proposal in a line."""
    states = {
        "solving": (_("being worked out"), ""), "failed": (_("not worked out"), "caution"),
        "troubles": (_("cannot be worked out"), "caution"), "stale": (_("changed since"), "caution"),
        "ready": (_("ready to look at"), ""), "empty": (_("nobody waits"), ""),
        "committed": (_("carried out"), ""), "discarded": (_("set aside"), ""),
    }  # fmt: skip
    words, tone = states[_state(proposal)]
    return Entry(proposal.id, _title(proposal), words, tone, _by(proposal, names))


def head(proposal: Proposal, people: People, therapists: Mapping[str, str], names: Mapping[str, str]) -> Head:
    """A proposal without its lines."""
    state, result = _state(proposal), proposal.result or {}
    return Head(
        id=proposal.id,
        revision=proposal.revision,
        state=state,
        title=_title(proposal),
        lead=_lead(proposal),
        by=_by(proposal, names),
        progress=progress(proposal) if state == "solving" else None,
        failure=_failure(proposal) if state == "failed" else "",
        troubles=tuple(
            wording.say_trouble(one["code"], one["name"], len(one["clients"]), one["n_places"])
            for one in result.get("troubles", ())
        ),
        totals=_totals(result, proposal),
        shortages=tuple(
            wording.say_shortage(len(one["clients"]), one["n_places"], one["n_missing"])
            for one in result.get("shortages", ())
        ),
        dropped=_dropped(len(result.get("dropped", ()))),
        policies=tuple(_rule(code, *wording.POLICIES[code], proposal.settings.policy) for code in wording.POLICIES),
        balances=tuple(_rule(code, wording.BALANCES[code], "", proposal.settings.balance) for code in wording.BALANCES),
        floors=tuple(_floor(one, proposal.settings.floor) for one in FLOORS),
        asked=tuple(_asked(proposal, people, therapists)),
        therapists=tuple(
            (id_, name) for id_, name in therapists.items() if id_ not in proposal.settings.excluded_therapists
        ),
        may_change=state in ("failed", "troubles", "stale", "ready", "empty"),
    )


def progress(proposal: Proposal) -> Progress:
    """How far a search is."""
    job = proposal.job
    stage, percent = (job.stage, job.progress) if job is not None else ("", 0)
    order = tuple(STAGES)
    here = order.index(stage) if stage in order else -1
    steps = tuple(
        (str(wording.STAGES[one]), "done" if k < here else "now" if k == here else "next")
        for k, one in enumerate(order)
    )
    neglected = job is not None and job.is_neglected
    words = _("It has waited for more than a minute, so no worker seems to run.") if neglected else ""
    return Progress(words, percent, steps, neglected, f"{job.state if job else ''}-{stage}-{percent}-{neglected}")


def sure(proposal: Proposal, people: People) -> Sure:
    """What will happen when it is carried out."""
    lines = (proposal.result or {})["lines"]
    n_placed = sum(line["therapist"] is not None for line in lines)
    n_left, n_below = len(lines) - n_placed, sum(line.get("regret", 0) > 0 for line in lines)
    departs = proposal.settings.leaving is not None
    words = [
        ngettext("%(num)d person gets the place that you have seen.",
                 "%(num)d people get the places that you have seen.", n_placed),
        _("All of them or none: if a single place was taken meanwhile, nothing is done and you are told which."),
    ]  # fmt: skip
    if departs:
        words.insert(1, _("Their place with whom they had until now ends at the same moment."))
    if n_below:
        words.append(ngettext("%(num)d of them is below their own best.", "%(num)d of them are below their own best.",
                              n_below))  # fmt: skip
    if n_left:
        stay = (
            ngettext("%(num)d person keeps their present place and still needs somebody.",
                     "%(num)d people keep their present place and still need somebody.", n_left)
            if departs
            else ngettext("%(num)d person goes on waiting, with the days they have waited.",
                          "%(num)d people go on waiting, with the days they have waited.", n_left)
        )  # fmt: skip
        words.append(stay)
    words.append(_("Each place can be given back from the case, one by one."))
    button = ngettext("Give %(num)d person a place", "Give %(num)d people their places", n_placed)
    return Sure(proposal.id, proposal.revision, _title(proposal), tuple(words), button)


def conflict(proposal: Proposal, every: Iterable[Told], people: People) -> Against:
    """What stands against, in words."""
    named, whole = [], []
    for one in every:
        if one.client_id is None:
            whole.append(say_conflict(one.code))
            continue
        person = people[str(one.client_id)]
        named.append((person.intake_id, name_of(*person.called), _stands_against(one)))
    may_solve = proposal.state == "draft"
    return Against(proposal.id, proposal.revision, tuple(named), tuple(dict.fromkeys(whole)), may_solve)


def _stands_against(one: Told) -> str:
    """What stands against, with the therapist whom it is about and who else is free."""
    words = say_conflict_about(one.code, one.therapist.name) if one.therapist else say_conflict(one.code)
    if one.code not in ("no_place", "no_therapist"):
        return words
    free = ", ".join(other.name for other in one.next_best)
    after = _("Free still, the best for them first: %(names)s.", names=free) if free else _("Nobody else is free.")
    return f"{words} {after}"


def _state(proposal: Proposal) -> str:
    if proposal.state != "draft":
        return proposal.state
    if proposal.is_solving:
        return "solving"
    if proposal.job is not None and proposal.job.state == "failed":
        return "failed"
    if proposal.result is None:
        return "failed"
    if not proposal.is_current:
        return "stale"
    if proposal.result["troubles"]:
        return "troubles"
    return "ready" if proposal.result["lines"] else "empty"


def _title(proposal: Proposal) -> str:
    if proposal.settings.leaving is not None:
        return _("Proposal for a caseload, %(moment)s", moment=moment_words(proposal.made_at))
    return _("Proposal of %(moment)s", moment=moment_words(proposal.made_at))


def _by(proposal: Proposal, names: Mapping[str, str]) -> str:
    begun = say_actor(names.get(proposal.made_by, proposal.made_by))
    if proposal.state == COMMITTED and proposal.ended_at is not None and proposal.ended_by is not None:
        who = say_actor(names.get(proposal.ended_by, proposal.ended_by))
        return _("Begun by %(begun)s, carried out by %(who)s on %(moment)s (UTC).", begun=begun, who=who,
                 moment=moment_words(proposal.ended_at))  # fmt: skip
    return _("Begun by %(begun)s.", begun=begun)


def _lead(proposal: Proposal) -> str:
    lines = (proposal.result or {}).get("lines", ())
    if not lines:
        return ""
    n_placed = sum(line["therapist"] is not None for line in lines)
    n_best = sum(line.get("cause") == "own_best" for line in lines)
    said = {"placed": n_placed, "all": len(lines), "best": n_best}
    if proposal.state == COMMITTED:
        return _("%(placed)s of %(all)s people got a place, %(best)s of them with their own best.", **said)
    return _("%(placed)s of %(all)s people get a place, %(best)s of them with their own best.", **said)


def _failure(proposal: Proposal) -> str:
    reason = str(proposal.job.result.get("reason")) if proposal.job is not None else ""
    return wording.say_failure(reason)


def _totals(result: Mapping[str, Any], proposal: Proposal) -> tuple[Total, ...]:
    """This proposal first, then the other ways; shares of all who wait, and points of 100."""
    found, n = result.get("totals", {}), max(result.get("n_waiting", 0), 1)
    order = sorted(found, key=lambda policy: (policy != result["policy"], tuple(wording.POLICIES).index(policy)))
    return tuple(
        Total(
            _("This proposal") if policy == result["policy"] else str(wording.POLICIES[policy][0]),
            policy == result["policy"],
            (
                Bar(str(found[policy]["n_placed"]), round(100 * found[policy]["n_placed"] / n, 1)),
                Bar(str(found[policy]["n_best"]), round(100 * found[policy]["n_best"] / n, 1)),
                *(_points(found[policy][name]) for name in ("near", "worst")),
            ),
            "" if policy == result["policy"] else _beside(found[policy]["n_better"], found[policy]["n_worse"]),
        )
        for policy in order
    )


def _beside(n_better: int, n_worse: int) -> str:
    if not n_better and not n_worse:
        return _("The same for everybody.")
    better = ngettext("%(num)d is better off than in this proposal", "%(num)d are better off than in this proposal",
                      n_better)  # fmt: skip
    return _("%(better)s, %(n)s worse off.", better=better, n=n_worse)


def _points(value: float | None) -> Bar:
    return Bar("–", 0.0) if value is None else Bar(f"{100 * value:.0f}", round(100 * value, 1))


def _dropped(n: int) -> str:
    if not n:
        return ""
    return ngettext("%(num)d person whom you kept somewhere does not wait any more.",
                    "%(num)d people whom you kept somewhere do not wait any more.", n)  # fmt: skip


def _rule(code: str, name: Any, words: Any, chosen: str) -> Rule:
    return Rule(code, str(name), str(words), code == chosen)


def _floor(share: float | None, chosen: float | None) -> Rule:
    words = _("No floor") if share is None else _("%(n)s of 100 points of their own best", n=round(100 * share))
    return Rule("" if share is None else f"{share:g}", words, "", share == chosen)


def _asked(proposal: Proposal, people: People, therapists: Mapping[str, str]) -> Iterable[TakeBack]:
    said = proposal.settings
    for client, therapist in said.locks.items():
        pair = {"client": name_of(*people[client].called), "therapist": therapists.get(therapist, therapist)}
        yield TakeBack(_("%(client)s with %(therapist)s", **pair), "unlock", client, therapist)
    for client, therapist in said.excluded_pairs:
        pair = {"client": name_of(*people[client].called), "therapist": therapists.get(therapist, therapist)}
        yield TakeBack(_("%(client)s not with %(therapist)s", **pair), "unpart", client, therapist)
    for client in said.excluded_clients:
        yield TakeBack(_("%(name)s left out", name=name_of(*people[client].called)), "take-in", client, "")
    for therapist in said.excluded_therapists:
        yield TakeBack(_("%(name)s left out", name=therapists.get(therapist, therapist)), "use", "", therapist)
