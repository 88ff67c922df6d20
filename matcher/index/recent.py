"""What was asked for most recently, and no more of it than is allowed."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator
from threading import Lock
from typing import Generic, TypeVar

T = TypeVar("T")


class Recent(Generic[T]):
    """Keeps the ``most`` things that were asked for last. Threads may share it: one thing may then be made twice."""

    def __init__(self, most: int) -> None:
        self.most = most
        self._kept: OrderedDict[Hashable, T] = OrderedDict()
        self._changing = Lock()

    def get(self, key: Hashable, make: Callable[[], T]) -> T:
        """The thing of a key; made where it is not kept."""
        with self._changing:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
        made = make()
        with self._changing:
            self._kept[key] = made
            while len(self._kept) > self.most:
                self._kept.popitem(last=False)
        return made

    def __iter__(self) -> Iterator[T]:
        with self._changing:
            return iter(list(self._kept.values()))

    def __len__(self) -> int:
        return len(self._kept)
