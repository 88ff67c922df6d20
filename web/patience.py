"""How long the server waits for a caller: for a whole request, between two parts of it, and while it answers.

gunicorn waits for ever once a request has begun. As many callers as there are threads, each of whom sends a byte now
and then, would keep everybody else out, and with them whoever looks for help.
"""

from __future__ import annotations

import errno
import math
import socket
import time
from collections.abc import Callable

READING_SECONDS = 30.0  # for all of a request: a megabyte by a poor telephone
STANDING_SECONDS = 10.0  # in which something of it has to come
SENDING_SECONDS = 30.0  # for each part of an answer to be taken


class TooSlow(ConnectionResetError):
    """What is left of a request is not waited for."""

    def __init__(self) -> None:
        super().__init__(errno.ECONNRESET, "the request took too long to arrive")


class Patient(socket.socket):
    """A connection that is waited for so long and no longer. Takes over a bare one, which is of no use afterwards.

    ``too_slow`` is called before ``recv`` raises TooSlow while the head of a request is read; whoever reads a body
    learns it by the exception alone, and answers.
    """

    def __init__(self, bare: socket.socket, too_slow: Callable[[socket.socket], None]) -> None:
        timeout = bare.gettimeout()
        super().__init__(fileno=bare.detach())
        self.settimeout(timeout)
        self._too_slow, self._until, self._reads_head = too_slow, math.inf, True

    def begin(self) -> None:
        """A request begins now."""
        self._until, self._reads_head = time.monotonic() + READING_SECONDS, True

    def head_is_read(self) -> None:
        """What comes from now on is the body."""
        self._reads_head = False

    def setblocking(self, flag: bool) -> None:
        """To wait means to wait for as long as an answer may take to be taken."""
        self.settimeout(SENDING_SECONDS if flag else 0.0)

    def recv(self, size: int, flags: int = 0) -> bytes:
        """As a socket does it. Raises TooSlow where nothing came for too long, or all of it took too long."""
        usual = self.gettimeout()
        if usual == 0:
            return super().recv(size, flags)
        left = min(self._until - time.monotonic(), STANDING_SECONDS)
        try:
            if left > 0:
                self.settimeout(left)
                return super().recv(size, flags)
        except TimeoutError:
            pass
        finally:
            self.settimeout(usual)
        if self._reads_head:
            self._too_slow(self)
        raise TooSlow
