"""Passkeys (Web Authentication, level 2): a device signs a challenge, after it has seen who holds it.

Every passkey here asks its device to verify its owner, so that one is both factors: the device, and what unlocks it. No
statement is asked for about who made the device. The private half never leaves it; what is kept here signs nothing, and
is not sealed therefore. A challenge is kept as a hash for five minutes and answered once.
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import webauthn
from sqlalchemy.orm import Session
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from web.db.queries import people, sign_ins
from web.db.tables import ChallengeRow, PasskeyRow
from web.services import audit, second_factors, staff_mail

ADD, ENTER, PROVE = "add", "enter", "prove"
LIVES = timedelta(minutes=5)
NAME, LONGEST_NAME, MOST = "Rapport", 60, 20
LONGEST = 20_000  # characters of what a device answers; ours are below 2,000


@dataclass(frozen=True, slots=True)
class Passkey:
    """A passkey as its owner reads of it."""

    id: UUID
    name: str
    host: str
    made_at: datetime
    used_at: datetime | None


def every(session: Session, person_id: UUID) -> list[Passkey]:
    """Somebody's passkeys, the oldest first."""
    return [Passkey(r.id, r.name, r.host, r.made_at, r.used_at) for r in sign_ins.passkeys(session, person_id)]


def ask_for_new(session: Session, person_id: UUID, host: str, *, now: datetime) -> str:
    """What a browser needs to make a passkey (JSON)."""
    person = people.of_key(session, person_id)
    known = [PublicKeyCredentialDescriptor(id=row.credential) for row in sign_ins.passkeys(session, person_id)]
    options = webauthn.generate_registration_options(
        rp_id=host,
        rp_name=NAME,
        user_id=person_id.bytes,
        user_name=person.email,
        user_display_name=person.name or person.email,
        challenge=_challenge(session, ADD, host, person_id, now),
        exclude_credentials=known,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED, user_verification=UserVerificationRequirement.REQUIRED
        ),
    )
    return webauthn.options_to_json(options)


def add(session: Session, person_id: UUID, answer: str, name: str, *, host: str, origin: str, now: datetime) -> bool:
    """Keep a new passkey; whether the browser's answer was one to what this person was asked here."""
    challenge = _answered(session, answer, ADD, host, person_id, now)
    if challenge is None or len(sign_ins.passkeys(session, person_id)) >= MOST:
        return False
    try:
        made = webauthn.verify_registration_response(
            credential=answer,
            expected_challenge=challenge,
            expected_rp_id=host,
            expected_origin=origin,
            require_user_verification=True,
        )
    except (WebAuthnException, ValueError, TypeError, KeyError, AttributeError):
        return False
    if sign_ins.is_passkey(session, made.credential_id):
        return False
    row = PasskeyRow(
        person_id=person_id, host=host, credential=made.credential_id, public_key=made.credential_public_key,
        n_signed=made.sign_count, name=_named(name), made_at=now,
    )  # fmt: skip
    session.add(row)
    session.flush()
    _tell(session, person_id, "passkey_added", now)
    return True


def ask(session: Session, purpose: str, host: str, *, person_id: UUID | None = None, now: datetime) -> str:
    """What a browser needs to let a passkey answer (JSON). It names no passkey, so that nobody learns who has one."""
    options = webauthn.generate_authentication_options(
        rp_id=host,
        challenge=_challenge(session, purpose, host, person_id, now),
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    return webauthn.options_to_json(options)


def answered(
    session: Session,
    purpose: str,
    answer: str,
    *,
    host: str,
    origin: str,
    person_id: UUID | None = None,
    now: datetime,
) -> UUID | None:
    """Whose passkey has answered what was asked for this, of this person where one was meant; None otherwise."""
    challenge = _answered(session, answer, purpose, host, person_id, now)
    row = _locked(session, _bytes(_read(answer), "rawId"), host) if challenge is not None else None
    if row is None or person_id not in (None, row.person_id):
        return None
    try:
        found = webauthn.verify_authentication_response(
            credential=answer,
            expected_challenge=challenge,
            expected_rp_id=host,
            expected_origin=origin,
            credential_public_key=row.public_key,
            credential_current_sign_count=row.n_signed,
            require_user_verification=True,
        )
    except (WebAuthnException, ValueError, TypeError, KeyError, AttributeError):
        return None
    row.n_signed, row.used_at = found.new_sign_count, now
    session.flush()
    return row.person_id


def rename(session: Session, person_id: UUID, passkey_id: UUID, name: str) -> bool:
    """Call one's passkey something else; whether there was such a one."""
    row = next((row for row in sign_ins.passkeys(session, person_id) if row.id == passkey_id), None)
    if row is None:
        return False
    row.name = _named(name)
    session.flush()
    return True


def remove(session: Session, person_id: UUID, passkey_id: UUID, *, now: datetime) -> bool:
    """Let a passkey open nothing any more; whether there was such a one. Raises NeedsLongerPassword."""
    account, known = people.locked_account(session, person_id), sign_ins.passkeys(session, person_id)
    if passkey_id not in {row.id for row in known}:
        return False
    if account.is_short and not account.has_app and len(known) == 1:
        raise second_factors.NeedsLongerPassword
    sign_ins.forget_passkeys(session, person_id, passkey_id)
    second_factors.forget_codes_without_factor(session, person_id)
    _tell(session, person_id, "passkey_removed", now)
    return True


def _locked(session: Session, credential: bytes, host: str) -> PasskeyRow | None:
    """A passkey that nobody takes away until the transaction ends: whoever does locks its owner's account first."""
    row = sign_ins.passkey(session, credential, host)
    if row is None:
        return None
    people.locked_account(session, row.person_id)
    return sign_ins.passkey(session, credential, host)


def _challenge(session: Session, purpose: str, host: str, person_id: UUID | None, now: datetime) -> bytes:
    sign_ins.forget_challenges(session, now)
    challenge = secrets.token_bytes(32)
    row = ChallengeRow(
        challenge_hash=hashlib.sha256(challenge).digest(), purpose=purpose, host=host, person_id=person_id,
        expires_at=now + LIVES,
    )  # fmt: skip
    session.add(row)
    session.flush()
    return challenge


def _answered(
    session: Session, answer: str, purpose: str, host: str, person_id: UUID | None, now: datetime
) -> bytes | None:
    """The challenge that an answer names, which is then used up; None where it was not ours, here, for this."""
    said = _read(_bytes(_read(answer).get("response", {}), "clientDataJSON"))
    challenge = _bytes(said, "challenge")
    row = sign_ins.take_challenge(session, hashlib.sha256(challenge).digest()) if challenge else None
    if row is None or (row.purpose, row.host, row.person_id) != (purpose, host, person_id):
        return None
    return challenge if row.expires_at - LIVES <= now < row.expires_at else None


def _read(text: str | bytes) -> dict[str, Any]:
    if len(text) > LONGEST:
        return {}
    try:
        found = json.loads(text or "{}")
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _bytes(said: Any, name: str) -> bytes:
    value = said.get(name) if isinstance(said, dict) else None
    if not isinstance(value, str):
        return b""
    try:
        return base64.urlsafe_b64decode(value + "=" * (-len(value) % 4))
    except ValueError:
        return b""


def _named(name: str) -> str:
    plain = "".join(letter for letter in name if letter.isprintable()).strip()
    return plain[:LONGEST_NAME] or NAME


def _tell(session: Session, person_id: UUID, action: str, now: datetime) -> None:
    audit.record(session, f"person.{action}", now=now, subject=str(person_id), actor=str(person_id))
    staff_mail.tell_of_change(session, person_id, now=now)
