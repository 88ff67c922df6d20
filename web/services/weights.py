"""A clinic's weights: what serves, what did and what will, and the draft of what may come.

A version never changes. Which one serves is the last activation that has begun: a schedule is one that is still to
begin, and going back is one of an earlier version. What changes them is in ``weight_drafts`` and ``weight_publishing``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Literal
from uuid import UUID

from sqlalchemy.orm import Session

from matcher import CLIENT_BOUNDS, DEFAULT_WEIGHTS, PRESETS, normalised
from web.db.queries import cases, clinics, people, versions
from web.db.queries import weights as rows
from web.db.tables import WeightsActivationRow, WeightsDraftRow, WeightsRow
from web.services.clinics import Clinic
from web.services.weight_troubles import DraftConflict, NotAcknowledged, Overtaken, SecondPersonNeeded, WeightsTrouble

__all__ = [
    "RELEASE", "Activation", "Actor", "Bounds", "Change", "Draft", "DraftConflict", "NotAcknowledged", "Overtaken",
    "SecondPersonNeeded", "ShutOut", "Standing", "Version", "WeightsTrouble", "activation_of_row", "compare",
    "draft_of_row", "leads", "names_of", "presets", "release", "serving", "standing", "version_of", "version_of_row",
]  # fmt: skip

Actor = UUID | str  # a person's key; anything else is no person: the word for a command, or which program it was
Bounds = Mapping[str, tuple[float, float]]
HISTORY = 200
RELEASE = "release"  # the author of the weights that every clinic begins with


@dataclass(frozen=True, slots=True)
class ShutOut:
    """A therapist or a group of therapists who had places on lists, and would have none.

    ``trait`` and ``option`` name the group, as in a client's wishes; ``n`` is how many therapists they are.
    """

    kind: Literal["therapist", "group"]
    trait: str | None
    option: str | None
    n: int


@dataclass(frozen=True, slots=True)
class Version:
    """Weights that can serve: factor → share, together 1, and how far clients may move each (multiples of it).

    ``version`` None is what the release brings, which has no moment. ``based_on`` is what served when it was drafted.
    """

    version: str | None
    weights: Mapping[str, float]
    bounds: Bounds
    note: str
    author: str
    based_on: str | None
    created_at: datetime | None


@dataclass(frozen=True, slots=True)
class Activation:
    """That a version serves from ``effective_at`` on, until another begins."""

    id: UUID
    version: str | None
    kind: Literal["published", "rolled_back"]
    effective_at: datetime
    made_at: datetime
    author: str
    approved_by: str | None
    called_off_at: datetime | None
    state: Literal["past", "serving", "scheduled", "called_off"]


@dataclass(frozen=True, slots=True)
class Draft:
    """What the leads work on together: ``relative`` as it was typed, and the same as shares of 1.

    ``barred`` are the keys of those who may not approve it: who proposed it, and who changed it last.
    """

    relative: Mapping[str, float]
    weights: Mapping[str, float]
    bounds: Bounds
    note: str
    based_on: str | None
    revision: int
    edited_by: str
    edited_at: datetime
    proposed_by: str | None
    proposed_at: datetime | None
    effective_at: datetime | None
    barred: frozenset[str]


@dataclass(frozen=True, slots=True)
class Standing:
    """All that is known of a clinic's weights; ``history`` begins with the latest, ``scheduled`` with the next.

    ``versions`` holds every version that is spoken of. ``two_person``: nobody publishes alone.
    """

    serving: Version
    draft: Draft | None
    history: tuple[Activation, ...]
    scheduled: tuple[Activation, ...]
    versions: Mapping[str | None, Version]
    two_person: bool


@dataclass(frozen=True, slots=True)
class Change:
    """One factor in two versions: its share of the weight and the clients' bounds, before and after."""

    factor: str
    before: float
    after: float
    difference: float
    bounds_before: tuple[float, float]
    bounds_after: tuple[float, float]

    @property
    def is_one(self) -> bool:
        """Whether anything differs."""
        return self.difference != 0 or self.bounds_before != self.bounds_after


def standing(session: Session, clinic: Clinic, *, now: datetime) -> Standing:
    """The clinic's weights as they stand."""
    versions_here = rows.every_version(session)
    made = rows.activations(session, HISTORY)
    draft = rows.draft(session)
    names = names_of(session, [*_authors(versions_here), *_hands(made), *_editors(draft)])
    known = {None: release(), **{row.version: _version(row, names) for row in versions_here}}
    history = tuple(_activations(made, names, now))
    return Standing(
        serving=serving(session, now=now),
        draft=draft and _draft(draft, names),
        history=history,
        scheduled=tuple(one for one in reversed(history) if one.state == "scheduled"),
        versions=MappingProxyType(known),
        two_person=two_person(session, clinic),
    )


def two_person(session: Session, clinic: Clinic) -> bool:
    """Whether what one lead wants to publish waits for another one."""
    return clinics.by_id(session, clinic.id).two_person_weights


def serving(session: Session, *, now: datetime) -> Version:
    """The version that serves at a moment."""
    row = versions.serving_weights(session, now)
    return release() if row is None else version_of_row(session, row)


def version_of(session: Session, version: str | None) -> Version | None:
    """A version by its name; None where there is no such."""
    if version is None:
        return release()
    could_be = version.isascii() and version.isprintable()  # what no version is called may not even be asked for
    row = versions.weights(session, version) if could_be else None
    return None if row is None else version_of_row(session, row)


def release() -> Version:
    """What the release brings."""
    return Version(None, DEFAULT_WEIGHTS.values, _with_usual({}), "", RELEASE, None, None)


def presets() -> Mapping[str, Mapping[str, float]]:
    """The release's presets: name → factor → share."""
    return {name: preset.values for name, preset in PRESETS.items()}


def compare(before: Version | Draft, after: Version | Draft) -> tuple[Change, ...]:
    """Factor by factor, in the registry's order."""
    return tuple(
        Change(
            factor,
            before.weights[factor],
            after.weights[factor],
            after.weights[factor] - before.weights[factor],
            before.bounds[factor],
            after.bounds[factor],
        )
        for factor in DEFAULT_WEIGHTS.values
    )


def leads(session: Session) -> frozenset[UUID]:
    """Who leads this clinic at present."""
    return frozenset(people.active_in(session, "clinic_lead"))


def names_of(session: Session, actors: Iterable[str]) -> dict[str, str]:
    """Actor → the name of the person it is; who is no person, or gone, keeps the word for it."""
    actors = set(actors)
    keys = {actor: key for actor in actors if (key := _person(actor)) is not None}
    names = cases.names(session, set(keys.values())) if keys else {}
    return {actor: names.get(keys[actor], actor) if actor in keys else actor for actor in actors}


def draft_of_row(session: Session, row: WeightsDraftRow) -> Draft:
    """The draft of a row."""
    return _draft(row, names_of(session, _editors(row)))


def version_of_row(session: Session, row: WeightsRow) -> Version:
    """The version of a row."""
    return _version(row, names_of(session, _authors([row])))


def activation_of_row(session: Session, row: WeightsActivationRow, now: datetime) -> Activation:
    """The activation of a row, which has just been made or called off."""
    return next(_activations([row], names_of(session, _hands([row])), now))


def _authors(found: Iterable[WeightsRow]) -> list[str]:
    return [row.author for row in found]


def _hands(found: Iterable[WeightsActivationRow]) -> list[str]:
    return [who for row in found for who in (row.author, row.approved_by) if who is not None]


def _editors(row: WeightsDraftRow | None) -> list[str]:
    return [] if row is None else [who for who in (row.edited_by, row.proposed_by) if who is not None]


def _version(row: WeightsRow, names: Mapping[str, str]) -> Version:
    shares = {code: float(row.weights.get(code, 0.0)) for code in DEFAULT_WEIGHTS.values}
    bounds = _with_usual(row.client_bounds or {})
    return Version(row.version, shares, bounds, row.note, names[row.author], row.based_on, row.created_at)


def _activations(
    found: Iterable[WeightsActivationRow], names: Mapping[str, str], now: datetime
) -> Iterable[Activation]:
    """In the order given, which is the latest beginning first: the first that has begun serves."""
    serves = True
    for row in found:
        state: Literal["past", "serving", "scheduled", "called_off"] = "past"
        if row.called_off_at is not None:
            state = "called_off"
        elif row.effective_at > now:
            state = "scheduled"
        elif serves:
            state, serves = "serving", False
        yield Activation(
            id=row.id,
            version=row.version,
            kind=row.kind,  # type: ignore[arg-type]  # the table holds no other
            effective_at=row.effective_at,
            made_at=row.made_at,
            author=names[row.author],
            approved_by=row.approved_by and names[row.approved_by],
            called_off_at=row.called_off_at,
            state=state,
        )


def _draft(row: WeightsDraftRow, names: Mapping[str, str]) -> Draft:
    relative = {code: float(row.weights.get(code, 0.0)) for code in DEFAULT_WEIGHTS.values}
    return Draft(
        relative=relative,
        weights=normalised(relative, version="draft").values,
        bounds=_with_usual(row.client_bounds or {}),
        note=row.note,
        based_on=row.based_on,
        revision=row.revision,
        edited_by=names[row.edited_by],
        edited_at=row.edited_at,
        proposed_by=row.proposed_by and names[row.proposed_by],
        proposed_at=row.proposed_at,
        effective_at=row.effective_at,
        barred=frozenset(_editors(row)),
    )


def _with_usual(stored: Mapping[str, Sequence[float]]) -> Bounds:
    """Bounds for every factor: where a clinic has said nothing, the usual ones."""
    return {
        code: (float(stored[code][0]), float(stored[code][1])) if code in stored else CLIENT_BOUNDS
        for code in DEFAULT_WEIGHTS.values
    }


def _person(actor: str) -> UUID | None:
    try:
        return UUID(actor)
    except ValueError:
        return None
