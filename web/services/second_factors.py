"""What is shown beside a password: the code of an authenticator app, or a recovery code. Each opens once.

Codes are those of RFC 6238 (SHA-1, six digits, thirty seconds), one step early or late. The secret is sealed in the
row of its account. Recovery codes have 120 random bits each, so that a plain hash of one cannot be guessed.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from passlib.exc import TokenError
from passlib.totp import TOTP
from sqlalchemy.orm import Session

from web.db import crypto
from web.db.queries import people, sign_ins
from web.db.tables import RecoveryCodeRow
from web.services import audit, passwords, staff_mail
from web.services.sign_in_policy import Has

N_CODES, CODE_BYTES = 10, 15
STEP_SECONDS = 30
LONGEST = 40  # a longer code is none of ours
ISSUER = "Rapport"
_SECRET_BYTES = 20


class NeedsLongerPassword(Exception):
    """The last second factor cannot go: the password beside it is too short to stand alone."""


class NotTheirs(Exception):
    """An administrator cannot take the second factor of somebody who is not of their clinic alone."""


@dataclass(frozen=True, slots=True)
class Factors:
    """What somebody has beside their password, and whether they need it."""

    has: Has
    n_codes: int
    is_short: bool


def of(session: Session, person_id: UUID, host: str) -> Factors:
    """What somebody has; ``host`` is the name that was called."""
    account, keys = people.account(session, person_id), sign_ins.passkeys(session, person_id)
    has = Has(account.has_app, len(keys), sum(key.host == host for key in keys))
    return Factors(has, sign_ins.n_codes(session, person_id), account.is_short)


def pending_secret(nonce: str) -> bytes:
    """The secret of an app that is being set up, the same for the same nonce: nothing is kept until it has worked."""
    return hmac.new(crypto.derived("app to be set up")[1], nonce.encode(), hashlib.sha256).digest()[:_SECRET_BYTES]


def typed_by_hand(secret: bytes) -> str:
    """A secret as it is typed into an app where no camera helps: base 32, in groups of four."""
    letters = base64.b32encode(secret).decode()
    return " ".join(letters[k : k + 4] for k in range(0, len(letters), 4))


def address(secret: bytes, email: str, clinic_name: str) -> str:
    """What an app reads from the drawing (otpauth URI)."""
    issuer = f"{ISSUER} {clinic_name}".replace(":", " ")
    return _app(secret).to_uri(label=email.replace(":", " "), issuer=issuer)


def is_code_of(secret: bytes, code: str, *, now: datetime) -> bool:
    """Whether an app that is being set up shows this code."""
    return _step(secret, code, now) is not None


def set_up_app(session: Session, person_id: UUID, secret: bytes, code: str, *, now: datetime) -> bool:
    """Let an app be the second factor from now on, where it shows the right code; whether it did."""
    step = _step(secret, code, now)
    if step is None:
        return False
    account = people.account(session, person_id)
    account.totp, account.totp_counter = secret.hex(), step
    session.flush()
    _tell(session, person_id, "app_set_up", actor=person_id, now=now)
    return True


def take_app_code(session: Session, person_id: UUID, code: str, *, now: datetime) -> bool:
    """Let somebody's app answer for them; whether the code was right, and none of its step was used before."""
    account = people.locked_account(session, person_id)  # somebody may just take the app away
    if not account.has_app:
        return False
    step = _step(bytes.fromhex(account.totp), code, now)
    return step is not None and sign_ins.take_step(session, person_id, step)


def remove_app(session: Session, person_id: UUID, *, now: datetime) -> None:
    """Let the app be no second factor any more. Raises NeedsLongerPassword."""
    account = people.locked_account(session, person_id)
    if account.is_short and not sign_ins.passkeys(session, person_id):
        raise NeedsLongerPassword
    account.totp, account.totp_counter = "", None
    session.flush()
    forget_codes_without_factor(session, person_id)
    _tell(session, person_id, "app_removed", actor=person_id, now=now)


def new_codes(session: Session, person_id: UUID, *, now: datetime) -> list[str]:
    """New recovery codes in place of all others. They are shown once: only their hashes are kept."""
    sign_ins.forget_codes(session, person_id)
    codes = [_written(secrets.token_bytes(CODE_BYTES)) for _ in range(N_CODES)]
    session.add_all(RecoveryCodeRow(person_id=person_id, code_hash=_hash(code), made_at=now) for code in codes)
    session.flush()
    audit.record(session, "person.recovery_codes_made", now=now, subject=str(person_id), actor=str(person_id))
    return codes


def take_recovery_code(session: Session, person_id: UUID, code: str, *, now: datetime) -> bool:
    """Use up a recovery code; whether it was one of this person's that nobody had used."""
    if not sign_ins.take_code(session, person_id, _hash(code), now=now):
        return False
    _tell(session, person_id, "recovery_code_used", actor=person_id, now=now)
    return True


def forget_codes_without_factor(session: Session, person_id: UUID) -> None:
    """Recovery codes stand in for a second factor: they go with the last one."""
    if not people.account(session, person_id).has_app and not sign_ins.passkeys(session, person_id):
        sign_ins.forget_codes(session, person_id)


def take_away(session: Session, person_id: UUID, *, actor: UUID, now: datetime) -> None:
    """Take every second factor of somebody who has lost it. They are signed out, and told.

    A password that is too short to stand alone goes with it: its owner chooses another one by mail. Raises NotTheirs
    for who has accepted no invitation here, or works at another clinic as well: it guards that one too.
    """
    mine = people.memberships(session, person_id)
    is_here = any(row.has_joined and row.status != "removed" for row in mine)
    if not is_here or sign_ins.works_elsewhere(session, person_id):
        raise NotTheirs
    _take_away(session, person_id, str(actor), now)


def take_away_by_command(session: Session, person_id: UUID, *, now: datetime) -> None:
    """The same by whoever runs the server, of anybody."""
    _take_away(session, person_id, audit.COMMAND, now)


def _take_away(session: Session, person_id: UUID, actor: str, now: datetime) -> None:
    account = people.locked_account(session, person_id)  # before any sign-in is ended: who is coming in ends, too
    account.totp, account.totp_counter = "", None
    if account.is_short:
        account.password = None
    sign_ins.forget_passkeys(session, person_id)
    sign_ins.forget_codes(session, person_id)
    sign_ins.end_others(session, person_id, None, now=now)
    session.flush()
    _tell(session, person_id, "second_factor_reset", actor=actor, now=now)


def looks_like_app_code(code: str) -> bool:
    """Whether this is six digits, however they were grouped."""
    plain = code.replace(" ", "").replace("-", "")
    return len(plain) == 6 and plain.isascii() and plain.isdigit()


def shortest_password(factors: Factors) -> int:
    """How long a password of somebody with these factors is at least."""
    return passwords.SHORTEST_OF_TWO if factors.has.any else passwords.SHORTEST


def _tell(session: Session, person_id: UUID, action: str, *, actor: UUID | str, now: datetime) -> None:
    audit.record(session, f"person.{action}", now=now, subject=str(person_id), actor=str(actor))
    staff_mail.tell_of_change(session, person_id, now=now)


def _app(secret: bytes) -> TOTP:
    return TOTP(key=secret, format="raw", digits=6, period=STEP_SECONDS, alg="sha1")


def _step(secret: bytes, code: str, now: datetime) -> int | None:
    """The step of which this is the code; None where it is the code of none near now."""
    plain = code.replace(" ", "").replace("-", "")
    if not looks_like_app_code(plain):
        return None
    try:
        return int(_app(secret).match(plain, time=int(now.timestamp()), window=STEP_SECONDS).counter)
    except TokenError:
        return None


def _written(code: bytes) -> str:
    letters = base64.b32encode(code).decode().lower()
    return "-".join(letters[k : k + 4] for k in range(0, len(letters), 4))


def _hash(code: str) -> bytes:
    plain = "".join(letter for letter in code[:LONGEST].lower() if letter.isalnum())
    return hashlib.sha256(plain.encode("utf-8", "surrogateescape")).digest()
