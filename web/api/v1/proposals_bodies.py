"""What a program sends for a proposal, and how it asks for the waiting list."""

from __future__ import annotations

from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from web.exchange.schema.fields import Document
from web.services.proposal_settings import Settings

_KEY = Field(min_length=1, max_length=100)


class ProposalIn(Document):
    """What is asked of a proposal."""

    policy: str = Field("optimal", description="`optimal`, `stable` or `first-come`")
    balance: str = Field("none", description="How much caseloads are spread: `none`, `some` or `much`")
    floor: float | None = Field(
        None, ge=0, le=1, description="The share of their own best below which nobody should come"
    )
    locks: dict[str, str] = Field(default_factory=dict, description="Client → therapist who shall be together")
    excluded_pairs: list[tuple[str, str]] = Field(default_factory=list, description="[client, therapist]")
    excluded_clients: list[str] = Field(default_factory=list)
    excluded_therapists: list[str] = Field(default_factory=list)

    def settings(self) -> Settings:
        """The same as the service takes it."""
        return Settings(
            self.policy, self.balance, self.floor, self.locks, tuple(self.excluded_pairs),
            tuple(self.excluded_clients), tuple(self.excluded_therapists),
        )  # fmt: skip


class ProposalCommitIn(Document):
    """Which state of the proposal shall be carried out."""

    revision: int = Field(description="The revision as you have seen it")


class ProposalPath(BaseModel):
    """Which proposal is meant."""

    proposal_id: UUID = Field(description="The key of the proposal")


class QueueQuery(BaseModel):
    """Which part of the waiting list is asked for."""

    model_config = ConfigDict(extra="forbid")
    limit: int = Field(100, ge=1, le=500, description="At most so many")
    after: str | None = Field(None, max_length=100, description="`next` of the part before")
