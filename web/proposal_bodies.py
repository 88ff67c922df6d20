"""Proposals and the waiting list as programs see them: keys and figures, nobody's name."""

from __future__ import annotations

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, Field


class ProposalTotalsOut(BaseModel):
    """How a way of placing people does."""

    n_placed: int = Field(description="How many have a place")
    n_best: int = Field(description="How many of them have their own best")
    near: float | None = Field(description="How near people are to their own best on average, 0 to 1; no place is 0")
    worst: float | None = Field(description="The same of the worst-off tenth")


class ProposalLineOut(BaseModel):
    """What somebody gets, beside their own best."""

    client_id: UUID
    therapist_id: str | None = Field(description="null: no place, for the `reason`")
    score: float | None
    best_therapist_id: str | None = Field(description="Who would be best for them alone, of all with a free place")
    best_score: float | None
    regret: float | None = Field(description="`best_score` less `score`")
    cause: str | None = Field(
        description="What stands between: `own_best` (nothing), `needed`, `locked`, `parted`, `spared`, "
        "`locked_places`, `floor`, `balance`, `waiting` or `order`"
    )
    other_client_ids: list[UUID] = Field(description="Who has the place of their best")
    locked: bool
    reason: str | None = Field(description="`left_out`, `nobody_allowed`, `nobody_open`, `too_few_places` or `taken`")


class ProposalTroubleOut(BaseModel):
    """A lock that cannot be kept."""

    code: str = Field(description="`lock_no_therapist`, `lock_too_many` or `lock_not_allowed`")
    therapist_id: str
    client_ids: list[UUID]


class ProposalOut(BaseModel):
    """A proposal as it stands; what was found is there once it was worked out."""

    proposal_id: UUID
    state: Literal["solving", "draft", "committed", "discarded"]
    revision: int = Field(description="Rises with every change, and with what is found; `commit` asks for it")
    is_current: bool = Field(description="Whether what was found is about the settings as they are now")
    can_commit: bool
    policy: str | None = None
    n_waiting: int | None = None
    n_placed: int | None = None
    n_best: int | None = None
    totals: dict[str, ProposalTotalsOut] = Field(default_factory=dict, description="Policy → how it does")
    lines: list[ProposalLineOut] = Field(default_factory=list, description="Who waits longest first")
    troubles: list[ProposalTroubleOut] = Field(default_factory=list)


class ProposalCommitOut(BaseModel):
    """What was carried out."""

    proposal_id: UUID
    n_placed: int


class QueueEntryOut(BaseModel):
    """Somebody who waits."""

    client_id: UUID
    waiting_since: datetime
    priority: int = Field(description="0 as it comes, 1 soon, 2 first of all")
    revision: int = Field(description="Rises with every change of the case")
    kept: str | None = Field(description="`held` or `asked` where a place is kept for them, else null")


class QueueOut(BaseModel):
    """A part of the waiting list, who waits longest first."""

    entries: list[QueueEntryOut]
    next: str | None = Field(description="Where the next part begins: `?after=…`; null at the end")
