"""What a coordinator asks of an assignment beside the scores."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from matcher import checks
from matcher.errors import InvalidInput

LONGEST_DAYS = 3_650


@dataclass(frozen=True, kw_only=True)
class Conditions:
    """Everything by id; whatever is empty or None asks for nothing.

    ``locks`` (client to therapist) are pairs that must be, exclusions are pairs and people that must not be.
    ``waited_days`` is how long each client has waited and ``start_days`` how long each therapist's next place takes to
    open; with either, waiting costs (``matcher.assignment.waiting``), and who is left waits ``next_round_days`` more.
    ``priority`` orders clients at a therapist's door in ``stable``, higher first. ``held`` is how many places of each
    therapist are in use already, which ``load_balance`` looks at: the points of a score that the last place of a full
    caseload costs more than the first of an empty one. ``fairness_floor`` is the share of their own best score below
    which nobody should come, where that can be.
    """

    locks: Mapping[str, str] = field(default_factory=dict)
    excluded_pairs: Collection[tuple[str, str]] = ()
    excluded_clients: Collection[str] = ()
    excluded_therapists: Collection[str] = ()
    waited_days: Mapping[str, float] = field(default_factory=dict)
    start_days: Mapping[str, float] = field(default_factory=dict)
    next_round_days: float = 7.0
    priority: Mapping[str, float] = field(default_factory=dict)
    held: Mapping[str, int] = field(default_factory=dict)
    load_balance: float = 0.0
    fairness_floor: float | None = None

    def __post_init__(self) -> None:
        for name in ("excluded_clients", "excluded_therapists", "excluded_pairs"):
            if isinstance(getattr(self, name), str):
                raise InvalidInput(name, getattr(self, name), "expected several, such as a list")
        for name in ("waited_days", "start_days"):
            for id_, days in getattr(self, name).items():
                checks.between(days, f"{name}[{id_!r}]", 0, LONGEST_DAYS)
        for id_, rank in self.priority.items():
            checks.finite(rank, f"priority[{id_!r}]")
        for id_, n_held in self.held.items():
            checks.whole(n_held, f"held[{id_!r}]", 0, 10**6)
        checks.between(self.next_round_days, "next_round_days", 0, LONGEST_DAYS)
        checks.between(self.load_balance, "load_balance", 0, 1e6)
        checks.optional_between(self.fairness_floor, "fairness_floor", 0, 1)

    @property
    def waiting_counts(self) -> bool:
        """Whether anything is known of waiting."""
        return bool(self.waited_days or self.start_days)
