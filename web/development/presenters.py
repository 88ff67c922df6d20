"""Strengths and edges as bands with words beside them. In the order of the vocabulary: nothing here is a rank."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import tzinfo
from typing import Any

from matcher import vocabulary as v
from web import cards
from web.services.acknowledging import Acknowledged, Mirror
from web.services.releases import Released
from web.wording.courses import SLIDERS
from web.wording.evidence import FEWEST
from web.wording.language import _, label, lazy

LEFT, RIGHT = 10.0, 250.0
SHARES = ("helped", "hindered")
HARDLY = 0.05
ALIKE = 0.5  # of a point of 0 to 10

# kind → (heading, what it is, the words at both ends)
GROUPS: Mapping[str, tuple[Any, Any, tuple[Any, Any]]] = {
    "helped": (lazy("What helped"), lazy("How many of your clients say so, of those who said anything."),
               (lazy("nobody"), lazy("everybody"))),
    "hindered": (lazy("What got in the way"), lazy("The same for what made it harder. Fewer is easier for them."),
                 (lazy("nobody"), lazy("everybody"))),
    "slider": (lazy("How the sessions were"), lazy("The mean over your clients, from 0 to 10."),
               ("0", "10")),
    "concern": (lazy("By what brought them here"),
                lazy("The mean of the four, from 0 to 10. Typical is meant for that concern: some work is harder."),
                ("0", "10")),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Row:
    """One figure: positions on a line from 10 to 250; ``typical`` is None where it is withheld."""

    name: str
    lower: float
    mean: float
    upper: float
    typical: float | None
    words: str
    beside: str


@dataclass(frozen=True, slots=True)
class Group:
    """Figures of one kind; ``too_few`` names those that fewer than five clients stand behind."""

    kind: str
    title: str
    lead: str
    ends: tuple[str, str]
    rows: tuple[Row, ...]
    too_few: str


@dataclass(frozen=True, slots=True)
class Page:
    """The page: groups are empty before the first release."""

    groups: tuple[Group, ...]
    told_on: str
    n_clients: int
    mirror: tuple[str, str] | None
    read: str


def page(released: Released | None, mirror: Mirror | None, read: Acknowledged, zone: tzinfo) -> Page:
    """Everything in words."""
    return Page(
        groups=tuple(_groups(released.figures)) if released else (),
        told_on=cards.day_words(released.released_at.astimezone(zone).date()) if released else "",
        n_clients=released.n_clients // FEWEST * FEWEST if released else 0,
        mirror=None if mirror is None else (_gap(mirror), _together(mirror)),
        read=_read(read),
    )


def _groups(figures: Iterable[Mapping[str, Any]]) -> Iterable[Group]:
    every = list(figures)
    for kind, (title, lead, ends) in GROUPS.items():
        here = [one for one in every if one["kind"] == kind]
        if here:
            rows = tuple(_row(one) for one in here if one["mean"] is not None)
            too_few = ", ".join(_name(one) for one in here if one["mean"] is None)
            yield Group(kind, str(title), str(lead), (str(ends[0]), str(ends[1])), rows, too_few)


def _row(one: Mapping[str, Any]) -> Row:
    kind, name = one["kind"], _name(one)
    top = 1.0 if kind in SHARES else 10.0

    def at(value: float) -> float:
        return round(LEFT + (RIGHT - LEFT) * value / top, 1)

    typical = None if one["typical"] is None else at(one["typical"])
    words, beside = _words(one, kind), _beside(one, kind)
    return Row(name, at(one["lower"]), at(one["mean"]), at(one["upper"]), typical, words, beside)


def _name(one: Mapping[str, Any]) -> str:
    kind, code = one["kind"], one["code"]
    words = {"helped": v.HELPS, "hindered": v.HINDRANCES, "concern": v.CONCERNS}
    return str(SLIDERS[code]) if kind == "slider" else label(words[kind], code)


def _words(one: Mapping[str, Any], kind: str) -> str:
    if kind not in SHARES:
        return _(
            "About %(mean)s, likely between %(lower)s and %(upper)s",
            mean=_number(one["mean"]), lower=_number(one["lower"]), upper=_number(one["upper"]),
        )  # fmt: skip
    of_twenty = round(20 * one["mean"])
    if one["upper"] <= HARDLY:
        return _("Hardly anybody")
    if one["lower"] >= 1 - HARDLY:
        return _("Nearly everybody")
    about = _("about %(n)s in 20", n=of_twenty) if of_twenty else _("hardly anybody")
    return _(
        "%(about)s, likely between %(lower)s and %(upper)s in 20",
        about=about[0].upper() + about[1:], lower=round(20 * one["lower"]), upper=round(20 * one["upper"]),
    )  # fmt: skip


def _number(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")


def _beside(one: Mapping[str, Any], kind: str) -> str:
    """Beside what is typical, only where the band leaves it out."""
    typical = one["typical"]
    if typical is None:
        return ""
    if one["lower"] > typical:
        return _("More than is usual here") if kind in SHARES else _("Higher than is usual here")
    if one["upper"] < typical:
        return _("Less than is usual here") if kind in SHARES else _("Lower than is usual here")
    return _("About as usual here, as far as can be told")


def _gap(found: Mirror) -> str:
    n = _number(abs(found.gap))
    if found.gap_lower > 0 and found.gap >= ALIKE:
        return _("You usually find sessions better than your clients do, by about %(n)s points of 10.", n=n)
    if found.gap_upper < 0 and found.gap <= -ALIKE:
        return _("You usually find sessions harder than your clients do, by about %(n)s points of 10.", n=n)
    return _("On the whole you and your clients find sessions about equally good.")


def _together(found: Mirror) -> str:
    if found.together_lower > 0:
        return _("Where you find it better, they tend to find it better, too.")
    return _("Whom you find it better with says nothing sure about who finds it better with you. That is so for most "
             "therapists, which is why it helps to ask.")  # fmt: skip


def _read(found: Acknowledged) -> str:
    if not found.n_shared:
        return _("Nothing was shared with you by name a week ago or earlier.")
    if found.n_read is None:
        return _("Fewer than five clients share with you by name; a share would say little.")
    return _("You read %(read)s of %(all)s within a week.", read=found.n_read, all=found.n_shared)
