"""The keys of all tests: fixed, so that processes of one run read each other's databases, and a file for commands."""

from __future__ import annotations

import base64
import json
import os
import tempfile
from pathlib import Path

from web.db import crypto

NAME = "ktest"
RING = crypto.KeyRing({NAME: bytes(range(32))}, NAME)


def install() -> None:
    """Seal with the keys of tests, in this process and in every one that it starts."""
    crypto.use(RING)
    if "RAPPORT_KEYS" not in os.environ:
        handle, path = tempfile.mkstemp(prefix="rapport-keys-", suffix=".json")
        with os.fdopen(handle, "w") as file:
            key = base64.b64encode(RING.keys[NAME]).decode()
            json.dump({"keys": [{"name": NAME, "made_at": "2026-01-01T00:00:00+00:00", "key": key}]}, file)
        os.environ["RAPPORT_KEYS"] = path


def environment() -> dict[str, str]:
    """What a command of a test finds in its environment: nothing of this installation but the keys of tests."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("RAPPORT_", "DATABASE"))}
    return kept | {"RAPPORT_KEYS": os.environ["RAPPORT_KEYS"]}


def file() -> Path:
    """Where commands of tests find the keys."""
    return Path(os.environ["RAPPORT_KEYS"])


install()
