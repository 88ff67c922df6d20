"""The seam of a fit: ratings cut into partitions of clients, each summed apart, the sums added in any order.

A partition knows nothing of the others, so they may be summed by threads, as here, by processes or by other machines.
What is made of them is taken in their order, so that as many threads as there are give the same fit to the bit.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import ContextVar
from itertools import islice
from typing import TypeVar

import numpy as np

from matcher.alliance.tables import Codes
from matcher.errors import InvalidInput

MOST = 20_000  # ratings whose columns are in memory at once, for each thread

_MOST_THREADS: ContextVar[int] = ContextVar("most threads", default=1)

Made = TypeVar("Made")


def partitions(client: Codes, order: Codes) -> list[Codes]:
    """The ratings in their order, which is that of their clients, cut between clients into parts of about ``MOST``."""
    there = client[order]
    first = np.flatnonzero(np.append(True, there[1:] != there[:-1]))
    cuts = np.unique(first[np.searchsorted(first, np.arange(MOST, len(order), MOST), side="right") - 1])
    return [part for part in np.split(order, cuts) if len(part)]


def made_of(parts: Iterable[Codes], make: Callable[[Codes], Made]) -> Iterator[Made]:
    """``make(part)`` of every part in their order, a few at a time beside one another, so that few are in memory."""
    parts, most = list(parts), _MOST_THREADS.get()
    if most < 2 or len(parts) < 2:
        yield from map(make, parts)
        return
    with ThreadPoolExecutor(most) as pool:
        waiting = iter(parts)
        begun: deque[Future[Made]] = deque(pool.submit(make, part) for part in islice(waiting, 2 * most))
        while begun:
            made = begun.popleft().result()
            begun.extend(pool.submit(make, part) for part in islice(waiting, 1))
            yield made


@contextmanager
def threads(most: int) -> Iterator[None]:
    """Let fits take partitions side by side. It changes how long they take, and nothing else.

    Parameters
    ----------
    most : int
        Threads, 1 or more; outside of this context a fit uses one.

    Returns
    -------
    context manager
        For a ``with`` statement; it gives nothing.

    Raises
    ------
    InvalidInput
        For anything but a whole number from 1 on.

    Examples
    --------
    >>> from matcher import AllianceModel, threads
    >>> ratings = {"client_id": [0, 0, 1, 1, 2], "therapist_id": [0, 1, 0, 0, 1]}
    >>> with threads(2):
    ...     model = AllianceModel().fit(ratings, [9, 5, 8, 9, 5])
    """
    if not isinstance(most, int) or isinstance(most, bool) or most < 1:
        raise InvalidInput("threads", most, "expected a whole number of threads, 1 or more")
    before = _MOST_THREADS.set(most)
    try:
        yield
    finally:
        _MOST_THREADS.reset(before)
