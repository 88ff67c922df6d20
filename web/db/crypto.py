"""Secrets at rest: a ring of keys, and bytes that are sealed for one place in one row.

What clients tell us is sealed before it reaches the database: AES-256 in Galois/Counter Mode (NIST SP 800-38D, 2007),
a fresh nonce each time, and the place (``table.column`` and the row's key) as authenticated data, so that no value can
be moved to another row or column unseen. A sealed value begins with the name of its key: keys can be changed row by
row while the old ones still open what they sealed.

Everything else that needs a secret (the look-up of an address, the audit chain) takes one derived from a key of the
ring for its purpose alone (HKDF, RFC 5869).
"""

from __future__ import annotations

import hashlib
import hmac
import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from uuid import UUID

import structlog
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

KEY_BYTES, _NONCE_BYTES, _TAG_BYTES = 32, 12, 16
NAME = re.compile(r"[a-z0-9]{4,16}")
_VERSION = b"\x01"
Ends = Mapping[UUID, tuple[int, str]]


class NoKey(RuntimeError):
    """A key is needed that this process has not been given; the text says which, and how to mend it."""


class Tampered(RuntimeError):
    """A sealed value was changed, moved, or sealed with another key of the same name."""


@dataclass(frozen=True, slots=True)
class KeyRing:
    """Keys by name, 32 bytes each, the oldest first. ``current`` seals; the others open what they sealed before.

    ``ends`` says of a key where the audit trail of each clinic (its key) ended when it was added: (sequence, seal as
    hexadecimal digits). Nothing that came later bears the seal of an older key.
    """

    keys: Mapping[str, bytes] = field(repr=False)
    current: str
    ends: Mapping[str, Ends] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name, key in self.keys.items():
            if not NAME.fullmatch(name) or len(key) != KEY_BYTES:
                raise NoKey(f"the key {name[:20]!r} must have a name of 4 to 16 small letters and digits, and 32 bytes")
        if self.current not in self.keys:
            raise NoKey(f"the ring has no key {self.current[:20]!r}, which it calls the current one")

    def key(self, name: str) -> bytes:
        """The key of a name. Raises NoKey."""
        if name not in self.keys:
            raise NoKey(f"the key {name!r} is not on the ring: add it to the file that RAPPORT_KEYS names")
        return self.keys[name]

    def derived(self, purpose: str, name: str | None = None) -> tuple[str, bytes]:
        """(name, 32 bytes) of a secret for one purpose, from the current key, or from the one that is named."""
        name = name or self.current
        return name, _derived(self.key(name), purpose)


@dataclass(slots=True)
class _Held:
    ring: KeyRing | None = None
    again: Callable[[], KeyRing] | None = None
    stamp: Callable[[], object] | None = None
    seen: object = None


_held = _Held()


def use(ring: KeyRing, again: Callable[[], KeyRing] | None = None, stamp: Callable[[], object] | None = None) -> None:
    """Let this process seal and open with a ring.

    ``again`` reads it anew, where a key is met that it does not have, and before anything is sealed once ``stamp`` has
    changed: a process that runs for months seals nothing with a key that was taken away meanwhile.
    """
    _held.ring, _held.again, _held.stamp = ring, again, stamp
    _held.seen = stamp() if stamp is not None else None


def ring() -> KeyRing:
    """The ring of this process. Raises NoKey where it has been given none."""
    if _held.ring is None:
        raise NoKey("this process has been given no keys: name their file in RAPPORT_KEYS (rapport keys make)")
    return _held.ring


def is_given() -> bool:
    """Whether this process has a ring."""
    return _held.ring is not None


def newest() -> KeyRing:
    """The ring as its file is now; where that cannot be read, the one that this process has. Raises NoKey."""
    if _held.stamp is not None and _held.again is not None and (now := _held.stamp()) != _held.seen:
        try:
            _held.ring, _held.seen = _held.again(), now
        except NoKey:  # said at the next start; nobody's answer is lost meanwhile
            structlog.get_logger().error("the file of keys was changed and cannot be read: the keys of before go on")
    return ring()


def _with_key(name: str) -> KeyRing:
    """A ring with this key, if need be the one that was changed since this process began. Raises NoKey."""
    if name not in ring().keys and _held.again is not None:
        _held.ring = _held.again()
    return ring()


def derived(purpose: str, name: str | None = None) -> tuple[str, bytes]:
    """(name, 32 bytes) of a secret for one purpose: from the key of this moment, or from the one that is named.

    Raises NoKey.
    """
    return (newest() if name is None else _with_key(name)).derived(purpose, name)


def seal(place: str, row: UUID, plain: bytes) -> bytes:
    """``plain``, readable only with the ring, and only as what stands in ``place`` (table.column) of this row."""
    keys = newest()
    nonce, head = os.urandom(_NONCE_BYTES), head_of(keys.current)
    return head + nonce + _cipher(keys.key(keys.current)).encrypt(nonce, plain, _bound(head, place, row))


def open_sealed(place: str, row: UUID, sealed: bytes) -> bytes:
    """What was sealed. Raises NoKey where its key is not on the ring, Tampered where it does not belong there."""
    head, name = _head(sealed)
    nonce, body = sealed[len(head) : len(head) + _NONCE_BYTES], sealed[len(head) + _NONCE_BYTES :]
    try:
        return _cipher(_with_key(name).key(name)).decrypt(nonce, body, _bound(head, place, row))
    except InvalidTag:
        raise Tampered(f"a value of {place} cannot be opened with the key {name!r} that it names") from None


def head_of(name: str) -> bytes:
    """How everything begins that is sealed with a key of this name."""
    return _VERSION + bytes([len(name)]) + name.encode()


def key_of(sealed: bytes) -> str:
    """The name of the key that a value was sealed with. Raises Tampered."""
    return _head(sealed)[1]


def mark(purpose: str, text: str, name: str | None = None) -> bytes:
    """By what a text is looked for without being readable: 16 bytes, the same for the same text, purpose and key."""
    return hmac.new(derived(f"mark {purpose}", name)[1], text.encode(), hashlib.sha256).digest()[:16]


def _head(sealed: bytes) -> tuple[bytes, str]:
    length = sealed[1] if len(sealed) > 2 else 0
    head = bytes(sealed[: 2 + length])
    if head[:1] != _VERSION or len(sealed) < len(head) + _NONCE_BYTES + _TAG_BYTES or not head[2:].isalnum():
        raise Tampered("a value that should be sealed is not")
    return head, head[2:].decode("ascii")


def _bound(head: bytes, place: str, row: UUID) -> bytes:
    return head + place.encode() + b"." + row.bytes


@lru_cache(maxsize=32)
def _cipher(key: bytes) -> AESGCM:
    return AESGCM(key)


@lru_cache(maxsize=256)
def _derived(key: bytes, purpose: str) -> bytes:
    return HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=f"rapport {purpose}".encode()).derive(key)
