"""What a clinic asks of those who sign in: a second factor of some or of all, passkeys alone, and for how long.

It is looked at on every request, not at the door alone: what is asked for from now on holds for who is in already.
"""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from matcher.errors import InvalidInput
from web.db.queries import sign_ins
from web.db.tables import SignInPolicyRow
from web.db.tables.people import ASKED_OF
from web.services import audit

NOBODY, LEADS, EVERYBODY = ASKED_OF
LEADING = frozenset({"administrator", "clinic_lead"})
IDLE_MINUTES, MOST_HOURS = (5, 60), (1, 24)
# what was shown beside the password: nothing, or one of these; a click in the demo stands for whatever is asked there
APP, PASSKEY, RECOVERY, DEMO = "totp", "passkey", "recovery", "demo"
WHOLE, AGAIN, OWES_FACTOR, OWES_PASSKEY = "whole", "again", "second_factor", "passkey"


@dataclass(frozen=True, slots=True)
class SignInPolicy:
    """A clinic's rules. After ``idle_minutes`` without use, or ``most_hours`` with, a sign-in is over."""

    second_factor: str = NOBODY
    passkeys_only: bool = False
    idle_minutes: int = 30
    most_hours: int = 12

    @property
    def idle(self) -> timedelta:
        """How long a sign-in outlives its last use."""
        return timedelta(minutes=self.idle_minutes)

    @property
    def at_most(self) -> timedelta:
        """How long a sign-in lasts, however much it is used."""
        return timedelta(hours=self.most_hours)

    def asks(self, roles: AbstractSet[str]) -> bool:
        """Whether somebody with these roles needs a second factor."""
        return self.second_factor == EVERYBODY or (self.second_factor == LEADS and bool(roles & LEADING))


@dataclass(frozen=True, slots=True)
class Has:
    """What somebody could show beside a password: an app, and passkeys, of which some work on this host."""

    app: bool
    n_passkeys: int
    n_here: int

    @property
    def any(self) -> bool:
        """Whether there is anything."""
        return self.app or self.n_passkeys > 0


def standing(policy: SignInPolicy, roles: AbstractSet[str], second: str, has: Has) -> str:
    """Whether a sign-in is enough (``whole``), has to be made again, or what its person has to set up first.

    Who has a second factor is asked for it whatever the clinic asks for: also where their passkey belongs to another
    host, for a password alone must not lead round it.
    """
    if second == DEMO:
        return WHOLE
    if has.any and not second:
        return AGAIN
    if not policy.asks(roles):
        return WHOLE
    if policy.passkeys_only:
        if not has.n_here:
            return OWES_PASSKEY
        return WHOLE if second in (PASSKEY, RECOVERY) else AGAIN
    return WHOLE if has.any else OWES_FACTOR


def of(session: Session) -> SignInPolicy:
    """The rules of the clinic that the session has entered."""
    row = sign_ins.policy(session)
    if row is None:
        return SignInPolicy()
    return SignInPolicy(row.second_factor, row.passkeys_only, row.idle_minutes, row.most_hours)


def change(session: Session, clinic_id: UUID, rules: SignInPolicy, *, actor: UUID, now: datetime) -> None:
    """Let these rules hold from now on. Raises InvalidInput."""
    if rules.second_factor not in ASKED_OF:
        raise InvalidInput("second_factor", rules.second_factor, f"expected one of {', '.join(ASKED_OF)}")
    for field, value, (least, most) in (
        ("idle_minutes", rules.idle_minutes, IDLE_MINUTES),
        ("most_hours", rules.most_hours, MOST_HOURS),
    ):
        if not least <= value <= most:
            raise InvalidInput(field, value, f"expected {least} to {most}")
    row = sign_ins.policy(session)
    if row is None:
        row = SignInPolicyRow(clinic_id=clinic_id)
        session.add(row)
    row.second_factor, row.passkeys_only = rules.second_factor, rules.passkeys_only
    row.idle_minutes, row.most_hours, row.changed_at = rules.idle_minutes, rules.most_hours, now
    audit.record(
        session, "sign_in_policy.changed", now=now, actor=str(actor), second_factor=rules.second_factor,
        passkeys_only=int(rules.passkeys_only), idle_minutes=rules.idle_minutes, most_hours=rules.most_hours,
    )  # fmt: skip
