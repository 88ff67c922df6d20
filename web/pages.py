"""Pages that were made already: what is shown of an unchanging record is made once and kept a while.

A key names everything that a page depends on; only the token of its forms is each visitor's own, and is put in at the
end. What is kept lives in the memory of a worker, no longer than others push it out.
"""

from __future__ import annotations

import secrets
from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock

from flask_wtf.csrf import generate_csrf

MOST = 200
_TOKEN = secrets.token_hex(16)  # nobody can write it into a page beforehand


class KeptPages:
    """The pages of one kind that were asked for last."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._pages: OrderedDict[Hashable, str] = OrderedDict()
        self._lock = Lock()

    def get(self, key: Hashable, make: Callable[[Callable[[], str]], str]) -> str:
        """The page of a key; ``make`` makes it, and is given what stands for the token until the page leaves."""
        with self._lock:
            page = self._pages.get(key)
            if page is not None:
                self._pages.move_to_end(key)
        if page is None:
            page = make(lambda: _TOKEN)
            with self._lock:
                self._pages[key] = page
                while len(self._pages) > self._most:
                    self._pages.popitem(last=False)
        return page.replace(_TOKEN, generate_csrf())
