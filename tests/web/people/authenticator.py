"""A passkey in software: signs what it is asked with a key of its own (ES256), as a device does."""

from __future__ import annotations

import hashlib
import json
import secrets
import struct
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from flask.testing import FlaskClient
from webauthn.helpers import encode_cbor
from werkzeug.test import TestResponse

from tests.web.people.factors import post

PRESENT, VERIFIED, HAS_KEY = 1, 4, 64


@dataclass
class Authenticator:
    """A device with one key. ``verifies``: it asks who holds it; ``origin`` is the page that it believes to see."""

    origin: str = "http://localhost"
    host: str = "localhost"
    verifies: bool = True
    count: int = 0
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    credential: bytes = field(default_factory=lambda: secrets.token_bytes(32))

    def make(self, options: dict[str, Any]) -> str:
        """The answer to being asked for a new passkey."""
        data = (
            self._data(HAS_KEY) + bytes(16) + struct.pack(">H", len(self.credential)) + self.credential + self._cose()
        )
        attested = encode_cbor({"fmt": "none", "attStmt": {}, "authData": data})
        return self._answer(
            clientDataJSON=self._client("webauthn.create", options["challenge"]), attestationObject=attested
        )

    def sign(self, options: dict[str, Any], **changed: Any) -> str:
        """The answer to being asked to sign."""
        self.count += 1
        data, client = self._data(), self._client("webauthn.get", options["challenge"])
        signature = self.key.sign(data + hashlib.sha256(client).digest(), ec.ECDSA(SHA256()))
        return self._answer(**{"clientDataJSON": client, "authenticatorData": data, "signature": signature} | changed)

    def _data(self, more: int = 0) -> bytes:
        flags = PRESENT | (VERIFIED if self.verifies else 0) | more
        return hashlib.sha256(self.host.encode()).digest() + bytes([flags]) + struct.pack(">I", self.count)

    def _client(self, kind: str, challenge: str) -> bytes:
        return json.dumps({"type": kind, "challenge": challenge, "origin": self.origin, "crossOrigin": False}).encode()

    def _cose(self) -> bytes:
        point = self.key.public_key().public_numbers()
        return encode_cbor({1: 2, 3: -7, -1: 1, -2: point.x.to_bytes(32, "big"), -3: point.y.to_bytes(32, "big")})

    def _answer(self, **response: bytes) -> str:
        name = encoded(self.credential)
        said = {key: encoded(value) for key, value in response.items()}
        return json.dumps({"id": name, "rawId": name, "type": "public-key", "response": said})


def encoded(value: bytes) -> str:
    """Bytes as browsers write them."""
    return urlsafe_b64encode(value).decode().rstrip("=")


def decoded(value: str) -> bytes:
    return urlsafe_b64decode(value + "=" * (-len(value) % 4))


def give_passkey(client: FlaskClient, device: Authenticator | None = None) -> Authenticator:
    """Let whoever is signed in have a passkey."""
    device = device or Authenticator()
    options = asked(client, "/your-sign-in/passkeys/ask")
    assert post(client, "/your-sign-in/passkeys", answer=device.make(options), name="my key").status_code in (200, 303)
    return device


def asked(client: FlaskClient, path: str = "/sign-in/passkey/ask") -> dict[str, Any]:
    """What is to be signed."""
    answer = post(client, path)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.get_json(force=True)
    return found


def enter_by(client: FlaskClient, answer: str) -> TestResponse:
    """Send what a passkey has answered."""
    return post(client, "/sign-in/passkey", answer=answer)
