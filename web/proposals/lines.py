"""The lines of a proposal: who gets which place, beside their own best, and why; a part of them at a time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from matcher.entities import Reason, Remedy
from web.cards import name_of
from web.proposals.presenters import People
from web.services.proposals import Proposal
from web.wording import say_refusal, say_remedy
from web.wording.language import _, ngettext
from web.wording.proposals import REASONS, say_below, say_cause

AT_ONCE = 50
LEFT, RIGHT = 6.0, 154.0  # where the line of a drawing begins and ends


@dataclass(frozen=True, slots=True)
class Line:
    """Somebody's line. ``at`` and ``best_at`` are positions of the two scores in the drawing.

    ``offers`` are (act, therapist, words) of what can be changed.
    """

    client: str
    case: Any
    name: str
    waited: str
    urgent: str
    therapist: str
    therapist_id: str
    state: str
    words: tuple[str, ...]
    help: tuple[str, ...]
    at: float | None
    best_at: float | None
    drawn: str
    offers: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True, slots=True)
class Page:
    """Some of the lines; ``filters`` are (name, words, how many, whether it is this one)."""

    lines: tuple[Line, ...]
    filters: tuple[tuple[str, str, int, bool], ...]
    n: int
    number: int
    n_pages: int
    first: int
    last: int


def page(
    proposal: Proposal, people: People, therapists: Mapping[str, str], currency: str, view: Mapping[str, Any]
) -> Page:
    """The lines that an address asks for: who has no place first, then who gives up most."""
    said = (proposal.result or {}).get("lines", ())
    kinds = {name: [one for one in said if name in _kinds(one)] for name in ("all", "below", "best", "kept", "none")}
    shows = view.get("show", "all")
    wanted = sorted(kinds[shows], key=_order)
    n_pages = max(-(-len(wanted) // AT_ONCE), 1)
    number = min(view.get("page", 1), n_pages)
    first = (number - 1) * AT_ONCE
    some = wanted[first : first + AT_ONCE]
    words = {
        "all": _("Everybody"), "none": _("Without a place"), "below": _("Below their best"), "best": _("Own best"),
        "kept": _("Kept"),
    }  # fmt: skip
    names = {id_: one["name"] for id_, one in (proposal.result or {}).get("therapists", {}).items()} | dict(therapists)
    return Page(
        tuple(_line(one, proposal, people, names, currency) for one in some),
        tuple((name, words[name], len(kinds[name]), name == shows) for name in words if kinds[name] or name == shows),
        len(wanted), number, n_pages, first + 1 if some else 0, first + len(some),
    )  # fmt: skip


def _kinds(line: Mapping[str, Any]) -> tuple[str, ...]:
    if line["therapist"] is None:
        return "all", "none"
    kept = ("kept",) if line["locked"] else ()
    return "all", "best" if line["cause"] == "own_best" else "below", *kept


def _order(line: Mapping[str, Any]) -> tuple[float, int]:
    return (float("-inf") if line["therapist"] is None else -line["regret"]), -line["days"]


def _line(line: Mapping[str, Any], proposal: Proposal, people: People, names: Mapping[str, str], currency: str) -> Line:
    client, therapist = line["client"], line["therapist"]
    person = people[client]
    placed = therapist is not None
    return Line(
        client=client,
        case=person.intake_id,
        name=name_of(*person.called),
        waited=ngettext("%(num)d day", "%(num)d days", line["days"]),
        urgent=(_("First of all") if line["priority"] == 2 else _("Soon")) if line["priority"] else "",
        therapist=names.get(therapist, therapist) if placed else "",
        therapist_id=therapist or "",
        state=_state(line),
        words=tuple(_words(line, people, names)),
        help=tuple(_help(line, currency)),
        at=_place(line["score"]) if placed else None,
        best_at=_place(line["best_score"]) if placed and line["cause"] != "own_best" else None,
        drawn=_drawn(line) if placed else "",
        offers=tuple(_offers(line, proposal, names)),
    )


def _state(line: Mapping[str, Any]) -> str:
    if line["therapist"] is None:
        return "none"
    return "kept" if line["locked"] else "best" if line["cause"] == "own_best" else "below"


def _words(line: Mapping[str, Any], people: People, names: Mapping[str, str]) -> Iterable[str]:
    if line["therapist"] is None:
        yield str(REASONS[line["reason"]])
        return
    if line["cause"] != "own_best":
        yield say_below(line["regret"], names.get(line["best"], line["best"]))
    others = [name_of(*people[key].called) for key in line.get("others", ()) if key in people and key != line["client"]]
    yield say_cause(line["cause"], others)


def _help(line: Mapping[str, Any], currency: str) -> Iterable[str]:
    """The binding requirement, and the smallest change that would open places."""
    for code, n in list(line.get("refusals", {}).items())[:1]:
        most = ngettext("%(num)d therapist", "%(num)d therapists", n)
        yield _("Most often: %(why)s (%(most)s).", why=_lower(say_refusal(code)), most=most)
    for said in line.get("remedies", ())[:1]:
        also = said["also"] and Reason(said["also"]["code"], said["also"]["params"])
        remedy = Remedy(said["code"], said["params"], said["opens"], also)
        yield _("What would help: %(what)s.", what=_lower(say_remedy(remedy, currency)))


def _offers(line: Mapping[str, Any], proposal: Proposal, names: Mapping[str, str]) -> Iterable[tuple[str, str, str]]:
    client, therapist = line["client"], line["therapist"]
    if client in proposal.settings.locks:
        yield "unlock", "", _("Do not keep them together any more")
    elif therapist is not None:
        yield "lock", therapist, _("Keep them together")
    if therapist is not None:
        yield "part", therapist, _("Not with %(name)s", name=names.get(therapist, therapist))
        if line["cause"] not in ("own_best", "locked"):
            yield "lock", line["best"], _("Keep the place with %(name)s for them", name=names.get(line["best"], ""))
    if client in proposal.settings.excluded_clients:
        yield "take-in", "", _("Let them take part again")
    else:
        yield "leave-out", "", _("Leave them out this time")


def _place(score: float) -> float:
    return round(LEFT + (RIGHT - LEFT) * min(max(score, 0.0), 1.0), 1)


def _drawn(line: Mapping[str, Any]) -> str:
    mine = round(100 * line["score"])
    if line["cause"] == "own_best":
        return _("Fits with %(mine)s points of 100", mine=mine)
    return _("Fits with %(mine)s points of 100, their best with %(best)s", mine=mine,
             best=round(100 * line["best_score"]))  # fmt: skip


def _lower(words: str) -> str:
    return f"{words[0].lower()}{words[1:]}"
