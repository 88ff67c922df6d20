"""What a coordinator asks of a proposal: the policy, who shall have whom, who is left out, balance and floor.

Clients are named by their keys as text, therapists by their ids, as they stand in the document of a row.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any, TypeVar
from uuid import UUID

from matcher import ASSIGNMENT_POLICIES as POLICIES
from matcher.errors import InvalidInput

T = TypeVar("T")
BATCH, DEPARTURE = "batch", "departure"
BALANCES: Mapping[str, float] = MappingProxyType({"none": 0.0, "some": 0.1, "much": 0.3})
LONGEST_ID = 100
FLOORS = (None, 0.5, 0.7, 0.8, 0.9)


@dataclass(frozen=True, slots=True)
class Settings:
    """``balance`` is a name of ``BALANCES``; ``floor`` the share of their own best below which nobody should come.

    ``leaving`` is the therapist whose clients a proposal is for, where somebody leaves.
    """

    policy: str = "optimal"
    balance: str = "none"
    floor: float | None = None
    locks: Mapping[str, str] = field(default_factory=dict)
    excluded_pairs: tuple[tuple[str, str], ...] = ()
    excluded_clients: tuple[str, ...] = ()
    excluded_therapists: tuple[str, ...] = ()
    leaving: str | None = None

    @property
    def origin(self) -> str:
        """Why places are given: for the waiting list, or because somebody leaves."""
        return BATCH if self.leaving is None else DEPARTURE


def read(document: Mapping[str, Any]) -> Settings:
    """The settings of a row's document."""
    said = dict(document)
    said["excluded_pairs"] = tuple((pair[0], pair[1]) for pair in said.get("excluded_pairs", ()))
    for name in ("excluded_clients", "excluded_therapists"):
        said[name] = tuple(said.get(name, ()))
    return checked(Settings(**said))


def document(settings: Settings) -> dict[str, Any]:
    """The settings as a row keeps them."""
    return {
        "policy": settings.policy, "balance": settings.balance, "floor": settings.floor,
        "locks": dict(settings.locks), "excluded_pairs": [list(pair) for pair in settings.excluded_pairs],
        "excluded_clients": list(settings.excluded_clients),
        "excluded_therapists": list(settings.excluded_therapists), "leaving": settings.leaving,
    }  # fmt: skip


def checked(settings: Settings) -> Settings:
    """The same settings. Raises InvalidInput for what contradicts itself, or is not known."""
    if settings.policy not in POLICIES:
        raise InvalidInput("policy", settings.policy, f"use one of: {', '.join(POLICIES)}")
    if settings.balance not in BALANCES:
        raise InvalidInput("balance", settings.balance, f"use one of: {', '.join(BALANCES)}")
    if settings.floor is not None and not 0 <= settings.floor <= 1:
        raise InvalidInput("floor", settings.floor, "expected a share from 0 to 1, or nothing")
    for client in (*settings.locks, *settings.excluded_clients, *(pair[0] for pair in settings.excluded_pairs)):
        _require_key(client)
    for id_ in (
        *settings.locks.values(),
        *settings.excluded_therapists,
        *(pair[1] for pair in settings.excluded_pairs),
    ):
        if not 0 < len(id_) <= LONGEST_ID:
            raise InvalidInput("therapist", id_, "expected the id of a therapist of the clinic")
    for client, therapist in settings.locks.items():
        left_out = client in settings.excluded_clients or therapist in settings.excluded_therapists
        if left_out or (client, therapist) in settings.excluded_pairs:
            mend = "this pair is kept together and left out at once; take back one of the two"
            raise InvalidInput("locks", therapist, mend)
    return settings


def _require_key(client: str) -> None:
    try:
        is_key = str(UUID(client)) == client
    except ValueError:
        is_key = False
    if not is_key:
        raise InvalidInput("client", client, "expected the key of a client, as the waiting list gives it")


def with_rules(settings: Settings, *, policy: str, balance: str, floor: float | None) -> Settings:
    """The same people under other rules."""
    return checked(replace(settings, policy=policy, balance=balance, floor=floor))


def lock(settings: Settings, client: str, therapist: str) -> Settings:
    """These two shall be together, whatever was said of them before."""
    return checked(
        replace(
            settings,
            locks={**settings.locks, client: therapist},
            excluded_pairs=_without(settings.excluded_pairs, (client, therapist)),
            excluded_clients=_without(settings.excluded_clients, client),
            excluded_therapists=_without(settings.excluded_therapists, therapist),
        )
    )


def unlock(settings: Settings, client: str, _therapist: str) -> Settings:
    """Whom this client has is open again."""
    return replace(settings, locks=_unlocked(settings, lambda c, t: c == client))


def part(settings: Settings, client: str, therapist: str) -> Settings:
    """These two shall not be together."""
    pairs = (*_without(settings.excluded_pairs, (client, therapist)), (client, therapist))
    locks = _unlocked(settings, lambda c, t: (c, t) == (client, therapist))
    return checked(replace(settings, excluded_pairs=pairs, locks=locks))


def unpart(settings: Settings, client: str, therapist: str) -> Settings:
    """These two may be together again."""
    return replace(settings, excluded_pairs=_without(settings.excluded_pairs, (client, therapist)))


def leave_out(settings: Settings, client: str, _therapist: str) -> Settings:
    """This client gets nobody this time."""
    clients = (*_without(settings.excluded_clients, client), client)
    return checked(replace(settings, excluded_clients=clients, locks=_unlocked(settings, lambda c, t: c == client)))


def take_in(settings: Settings, client: str, _therapist: str) -> Settings:
    """This client takes part again."""
    return replace(settings, excluded_clients=_without(settings.excluded_clients, client))


def spare(settings: Settings, _client: str, therapist: str) -> Settings:
    """This therapist gets nobody this time."""
    therapists = (*_without(settings.excluded_therapists, therapist), therapist)
    locks = _unlocked(settings, lambda c, t: t == therapist)
    return checked(replace(settings, excluded_therapists=therapists, locks=locks))


def use(settings: Settings, _client: str, therapist: str) -> Settings:
    """This therapist takes part again."""
    return replace(settings, excluded_therapists=_without(settings.excluded_therapists, therapist))


Change = Callable[[Settings, str, str], Settings]
# What can be changed about somebody, by the name of the act: (settings, client, therapist) → settings
CHANGES: Mapping[str, Change] = MappingProxyType(
    {"lock": lock, "unlock": unlock, "part": part, "unpart": unpart, "leave-out": leave_out, "take-in": take_in,
     "spare": spare, "use": use}
)  # fmt: skip


def _without(some: tuple[T, ...], one: T) -> tuple[T, ...]:
    return tuple(other for other in some if other != one)


def _unlocked(settings: Settings, goes: Callable[[str, str], bool]) -> dict[str, str]:
    return {client: therapist for client, therapist in settings.locks.items() if not goes(client, therapist)}
