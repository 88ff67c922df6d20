"""A proposal for programs: keys, codes and figures, without names; and one that a command carries out at once."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from web.db.queries import proposals as rows
from web.services import audit, proposal_commits, proposals
from web.services.clinics import Clinic
from web.services.proposal_settings import Settings
from web.services.proposals import Proposal


def carry_out(
    session: Session, clinic: Clinic, settings: Settings, result: Mapping[str, Any], *, now: datetime
) -> UUID:
    """Keep what a command has found as a proposal, and carry it out; the key of the proposal."""
    key = proposals.kept(session, settings, result, actor=audit.COMMAND, now=now)
    row = rows.by_id(session, key)
    assert row is not None
    proposal_commits.commit(session, clinic, key, row.revision, actor=audit.COMMAND, now=now)
    return key


def of(proposal: Proposal) -> dict[str, Any]:
    """A proposal as a program sees it; its ``state`` is ``solving`` while it is worked out."""
    head = {
        "proposal_id": str(proposal.id), "state": "solving" if proposal.is_solving else proposal.state,
        "revision": proposal.revision, "is_current": proposal.is_current, "can_commit": proposal.can_commit,
    }  # fmt: skip
    return head | (document(proposal.result) if proposal.result is not None else {})


def document(result: Mapping[str, Any]) -> dict[str, Any]:
    """What was found."""
    lines = result["lines"]
    return {
        "policy": result["policy"],
        "n_waiting": result["n_waiting"],
        "n_placed": sum(line["therapist"] is not None for line in lines),
        "n_best": sum(line.get("cause") == "own_best" for line in lines),
        "totals": {
            policy: {name: total[name] for name in ("n_placed", "n_best", "near", "worst")}
            for policy, total in result["totals"].items()
        },
        "lines": [_line(line) for line in lines],
        "troubles": [
            {"code": one["code"], "therapist_id": one["therapist"], "client_ids": one["clients"]}
            for one in result["troubles"]
        ],
    }


def _line(line: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "client_id": line["client"], "therapist_id": line["therapist"], "score": line.get("score"),
        "best_therapist_id": line.get("best"), "best_score": line.get("best_score"), "regret": line.get("regret"),
        "cause": line.get("cause"), "other_client_ids": line.get("others", []), "locked": line.get("locked", False),
        "reason": line.get("reason"),
    }  # fmt: skip
