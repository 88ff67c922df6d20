"""Counts of who asked how often, in the memory of a worker: what the limiter's own store does, without a thread.

The library's store starts a thread after nearly every request, to throw away what is over. Here whoever counts does so,
and not more often than needed.
"""

from __future__ import annotations

import time
from threading import Lock
from typing import Any

from limits.storage import Storage

SWEEP_SECONDS = 10.0
SCHEME = "counts"


class Counts(Storage):
    """(count, when its window is over) for each key; a window begins with the first request in it."""

    STORAGE_SCHEME = [SCHEME]  # noqa: RUF012 - by this name the library finds the class

    def __init__(self, uri: str | None = None, wrap_exceptions: bool = False, **options: Any) -> None:
        super().__init__(uri, wrap_exceptions=wrap_exceptions)
        self._windows: dict[str, tuple[int, float]] = {}
        self._swept_at = time.time()
        self._lock = Lock()

    @property
    def base_exceptions(self) -> type[Exception]:
        """What may go wrong in a store of this kind."""
        return ValueError

    def incr(self, key: str, expiry: float, amount: int = 1) -> int:
        """Count a request; how many there are in its window, which is ``expiry`` seconds long where it begins now."""
        now = time.time()
        with self._lock:
            self._sweep(now)
            count, until = self._windows.get(key, (0, 0.0))
            if until <= now:
                count, until = 0, now + expiry
            self._windows[key] = (count + amount, until)
            return count + amount

    def get(self, key: str) -> int:
        """How many there are in the window of a key."""
        count, until = self._windows.get(key, (0, 0.0))
        return count if until > time.time() else 0

    def get_expiry(self, key: str) -> float:
        """When the window of a key is over, in seconds since 1970; now where there is none."""
        now = time.time()
        return max(self._windows.get(key, (0, now))[1], now)

    def check(self) -> bool:
        """Whether this works: it always does."""
        return True

    def reset(self) -> int:
        """Forget all; how many there were."""
        with self._lock:
            n = len(self._windows)
            self._windows.clear()
        return n

    def clear(self, key: str) -> None:
        """Forget a key."""
        with self._lock:
            self._windows.pop(key, None)

    def _sweep(self, now: float) -> None:
        if now - self._swept_at < SWEEP_SECONDS:
            return
        self._windows = {key: window for key, window in self._windows.items() if window[1] > now}
        self._swept_at = now
