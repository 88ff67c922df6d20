"""What is sealed opens in its own place with its own key, and nowhere else."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from uuid import uuid4

import pytest

from tests import keys
from web.db import crypto


@pytest.fixture(autouse=True)
def the_usual_ring() -> Iterator[None]:
    yield
    crypto.use(keys.RING)


@pytest.mark.P5
def test_a_sealed_value_opens_in_its_place_alone(tried: Callable[[int], None]) -> None:
    row, other = uuid4(), uuid4()
    for plain in (b"", b"x", "Ærø, 你好".encode(), os.urandom(10_000)):
        sealed = crypto.seal("goals.words", row, plain)
        assert crypto.open_sealed("goals.words", row, sealed) == plain
        assert plain == b"" or len(plain) < 4 or plain not in sealed
        for place, key in (("goals.words", other), ("handovers.words", row)):
            with pytest.raises(crypto.Tampered):
                crypto.open_sealed(place, key, sealed)
    tried(12)


@pytest.mark.P5
def test_no_bit_of_a_sealed_value_can_be_changed(tried: Callable[[int], None]) -> None:
    row = uuid4()
    sealed = crypto.seal("goals.words", row, b"sleep through the night")
    for at in range(len(sealed) * 8):
        changed = bytearray(sealed)
        changed[at // 8] ^= 1 << at % 8
        with pytest.raises((crypto.Tampered, crypto.NoKey)):
            crypto.open_sealed("goals.words", row, bytes(changed))
    for length in range(len(sealed)):
        with pytest.raises((crypto.Tampered, crypto.NoKey)):
            crypto.open_sealed("goals.words", row, sealed[:length])
    tried(len(sealed) * 9)


def test_the_same_words_are_never_sealed_alike() -> None:
    row = uuid4()
    assert len({crypto.seal("goals.words", row, b"sleep") for _ in range(1_000)}) == 1_000


def test_an_older_key_still_opens_and_a_foreign_one_of_its_name_does_not() -> None:
    row, first, second = uuid4(), os.urandom(32), os.urandom(32)
    crypto.use(crypto.KeyRing({"kold": first}, "kold"))
    sealed = crypto.seal("goals.words", row, b"sleep")
    crypto.use(crypto.KeyRing({"kold": first, "knew": second}, "knew"))
    assert crypto.open_sealed("goals.words", row, sealed) == b"sleep"
    assert crypto.key_of(sealed) == "kold"
    assert crypto.key_of(crypto.seal("goals.words", row, b"sleep")) == "knew"
    crypto.use(crypto.KeyRing({"kold": second}, "kold"))
    with pytest.raises(crypto.Tampered, match=r"goals\.words"):
        crypto.open_sealed("goals.words", row, sealed)
    crypto.use(crypto.KeyRing({"knew": second}, "knew"))
    with pytest.raises(crypto.NoKey, match=r"'kold'.*RAPPORT_KEYS"):
        crypto.open_sealed("goals.words", row, sealed)


def test_a_secret_is_derived_for_its_purpose_alone() -> None:
    """HKDF-SHA256 by RFC 5869: extract with no salt is HMAC with 32 zeros, expand once."""
    import hmac

    extracted = hmac.new(bytes(32), keys.RING.keys["ktest"], "sha256").digest()
    worked_out = hmac.new(extracted, b"rapport audit\x01", "sha256").digest()
    assert crypto.ring().derived("audit") == ("ktest", worked_out)
    assert crypto.ring().derived("marks")[1] != worked_out
    assert crypto.mark("email", "a@b.example") == crypto.mark("email", "a@b.example")
    assert crypto.mark("email", "a@b.example") != crypto.mark("phone", "a@b.example")


@pytest.mark.parametrize(
    ("given", "current", "said"),
    [
        ({"ktest": b"short"}, "ktest", "32 bytes"),
        ({"K test": bytes(32)}, "K test", "small letters"),
        ({"ktest": bytes(32)}, "kother", "current"),
        ({}, "ktest", "current"),
    ],
)
def test_a_ring_that_cannot_seal_is_refused(given: dict[str, bytes], current: str, said: str) -> None:
    with pytest.raises(crypto.NoKey, match=said):
        crypto.KeyRing(given, current)


def test_no_key_is_shown() -> None:
    assert str(bytes(range(32))) not in repr(keys.RING)
