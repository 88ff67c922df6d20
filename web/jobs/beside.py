"""A worker beside the web server, which ends with it: a process of its own, so that no page waits for a computation."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from web.settings import Settings

GRACE_SECONDS = 10


@contextmanager
def worker(settings: Settings) -> Iterator[None]:
    """A worker of this installation until the block ends. It also ends by itself where this process is killed."""
    told = {"DATABASE_URL": settings.database_url, "RAPPORT_ENV": settings.environment}
    words = [sys.executable, "-m", "web.cli", "worker", "--under", str(os.getpid())]
    process = subprocess.Popen(words, env={**os.environ, **told}, stdin=subprocess.DEVNULL)  # noqa: S603 - our own
    try:
        yield
    finally:
        process.terminate()
        try:
            process.wait(timeout=GRACE_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()  # what it was doing is begun again by the next one
