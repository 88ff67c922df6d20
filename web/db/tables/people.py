"""The people who work at clinics, what they may do there, and where they are signed in."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, LargeBinary, String, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column, validates

from web.db.tables.base import Base, OfClinic, one_of
from web.db.tables.sealed import Sealed, sealed_column

ROLES = ("coordinator", "therapist", "clinic_lead", "administrator")
STATUSES = ("invited", "active", "suspended", "removed")
ASKED_OF = ("none", "leads", "everybody")
LINK_KINDS = ("invitation", "reset")
PURPOSES = ("add", "enter", "prove")


class PersonRow(Base):
    """Somebody who works at one or more clinics; what they may do there is said by their memberships."""

    __tablename__ = "people"

    email: Mapped[str] = mapped_column(String(254), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    created_at: Mapped[datetime]


class AccountRow(Base):
    """How a person signs in: an Argon2id hash, None until a password was chosen.

    ``uniquifier`` names the account to the sign-in library, and changes when every sign-in shall end. ``is_short``: the
    password is too short to stand alone. ``totp`` is the secret of an authenticator app in hexadecimal, sealed, and
    ``totp_counter`` the step of the last code that was taken. ``n_failed`` counts tries in a row that failed in
    browsers that the person has never used, ``n_failed_known`` those in browsers that they have.
    """

    __tablename__ = "accounts"

    person_id: Mapped[UUID] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), unique=True)
    password: Mapped[str | None] = mapped_column(String(255))
    active: Mapped[bool] = mapped_column(default=True)
    uniquifier: Mapped[str] = mapped_column(String(64), unique=True)
    is_short: Mapped[bool] = mapped_column(default=False, server_default=false())
    _totp: Mapped[bytes | None] = sealed_column("totp")
    totp = Sealed(str, absent="")
    totp_counter: Mapped[int | None]
    n_failed: Mapped[int] = mapped_column(default=0, server_default="0")
    n_failed_known: Mapped[int] = mapped_column(default=0, server_default="0")
    changed_at: Mapped[datetime]

    @property
    def has_app(self) -> bool:
        """Whether there is an authenticator app, without opening its secret."""
        return self._totp is not None


class MembershipRow(OfClinic, Base):
    """A person's role at a clinic, and whether it holds at present.

    ``has_joined`` whether it ever held: who was only invited has told nobody here who they are, and owes nothing.
    """

    __tablename__ = "memberships"
    __table_args__ = (
        UniqueConstraint("clinic_id", "person_id", "role"),
        one_of("role", ROLES),
        one_of("status", STATUSES),
    )

    person_id: Mapped[UUID] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), index=True)
    role: Mapped[str] = mapped_column(String(20))
    status: Mapped[str] = mapped_column(String(20))
    has_joined: Mapped[bool] = mapped_column(default=False, server_default=false())
    created_at: Mapped[datetime]

    @validates("status")
    def _remember(self, key: str, status: str) -> str:
        self.has_joined = bool(self.has_joined) or status == "active"
        return status


class SignInRow(Base):
    """A browser in which somebody is signed in: looked up at every request, so that it can be ended from elsewhere.

    ``token_hash`` is the SHA-256 of 128 random bits in the browser's cookie. ``second`` is what was shown beside the
    password (a passkey is both), ``proved_at`` when the person last showed that it is they, ``is_half`` that the second
    factor is still to come. ``browser`` is its family alone; from where somebody signs in is not kept.
    """

    __tablename__ = "sign_ins"

    person_id: Mapped[UUID] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), index=True)
    token_hash: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    made_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    second: Mapped[str] = mapped_column(String(20), default="", server_default="")
    is_half: Mapped[bool] = mapped_column(default=False, server_default=false())
    proved_at: Mapped[datetime | None]
    browser: Mapped[str] = mapped_column(String(40), default="", server_default="")


class RecoveryCodeRow(Base):
    """A code for the day on which the second factor is lost: its hash, and when it was used."""

    __tablename__ = "recovery_codes"

    person_id: Mapped[UUID] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), index=True)
    code_hash: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    made_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class PasskeyRow(Base):
    """A passkey: what its device signs with stays there, this is the public half. It works on one ``host`` alone."""

    __tablename__ = "passkeys"

    person_id: Mapped[UUID] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), index=True)
    host: Mapped[str] = mapped_column(String(255))
    credential: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    public_key: Mapped[bytes] = mapped_column(LargeBinary)
    n_signed: Mapped[int] = mapped_column(default=0)
    name: Mapped[str] = mapped_column(String(60))
    made_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class ChallengeRow(Base):
    """What a device with a passkey is asked to sign, once and soon; ``person_id`` only where it is known who asks."""

    __tablename__ = "passkey_challenges"
    __table_args__ = (one_of("purpose", PURPOSES),)

    challenge_hash: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    purpose: Mapped[str] = mapped_column(String(10))
    host: Mapped[str] = mapped_column(String(255))
    person_id: Mapped[UUID | None] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), index=True)
    expires_at: Mapped[datetime] = mapped_column(index=True)


class StaffLinkRow(OfClinic, Base):
    """A link in a mail to somebody of staff: an invitation, or the way to a new password. Used once."""

    __tablename__ = "staff_links"
    __table_args__ = (one_of("kind", LINK_KINDS),)

    kind: Mapped[str] = mapped_column(String(20))
    person_id: Mapped[UUID] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), index=True)
    token_hash: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    made_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]


class SignInPolicyRow(OfClinic, Base):
    """What a clinic asks of those who sign in; without a row the defaults hold (``web.services.sign_in_policy``)."""

    __tablename__ = "sign_in_policies"
    __table_args__ = (
        UniqueConstraint("clinic_id"),
        one_of("second_factor", ASKED_OF),
        CheckConstraint("idle_minutes BETWEEN 5 AND 60", name="idle_minutes"),
        CheckConstraint("most_hours BETWEEN 1 AND 24", name="most_hours"),
    )

    second_factor: Mapped[str] = mapped_column(String(20))
    passkeys_only: Mapped[bool] = mapped_column(default=False)
    idle_minutes: Mapped[int]
    most_hours: Mapped[int]
    changed_at: Mapped[datetime]
