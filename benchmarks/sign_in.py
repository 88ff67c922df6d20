"""``make bench ONLY=sign_in``: what a look at a password costs, beside scrypt at OWASP's figures.

A password shall be slow to guess and quick enough to type: 150 ms at most on one core.
"""

from __future__ import annotations

import hashlib
import os

from benchmarks.report import Row, one_thread, paired, publish
from web.services import passwords

COMMAND = "make bench ONLY=sign_in"
WORDS = "harbour lights in late autumn"
MOST_MS, REPEATS = 150, 15
# OWASP Password Storage Cheat Sheet: N=2^17, r=8, p=1
N, R, P, MEMORY = 2**17, 8, 1, 256 * 2**20
NOTES = (
    f"Argon2id: {passwords.MEMORY_KIB} KiB, t={passwords.TIME_COST}, p={passwords.PARALLELISM}.",
    "scrypt: N=2^17, r=8, p=1.",
)


def main() -> bool:
    hashed, salt = passwords.hash_of(WORDS), os.urandom(16)

    def ours() -> None:
        assert passwords.matches(hashed, WORDS)

    def scrypt() -> None:
        hashlib.scrypt(WORDS.encode(), salt=salt, n=N, r=R, p=P, maxmem=MEMORY)

    with one_thread():
        mine, theirs, ratio = paired(ours, scrypt, REPEATS)
    ms = 1_000 * mine
    row = Row(
        "one look at a password", f"{ms:.0f} ms", f"scrypt {1_000 * theirs:.0f} ms", ratio, f"<= {MOST_MS} ms",
        ms <= MOST_MS,
    )  # fmt: skip
    return publish("sign_in", COMMAND, [row], NOTES, {"look ms": ms, "scrypt ms": 1_000 * theirs})
