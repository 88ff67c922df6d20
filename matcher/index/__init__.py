"""The index: the best of a large directory for one client without asking about every pair.

It is derived from a ``Directory``, lives as long, and fills as clients ask: there is no file of it, and nothing to
rebuild by hand.
"""

from matcher.index.searching import Found, Index, index_of, search

__all__ = ["Found", "Index", "index_of", "search"]
