"""What is looked for on the waiting list, as it stands in the address: a filtered page is a link one can send.

A name that is looked for stands there sealed (``find``): an address is read by more people than its page.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from matcher import vocabulary as v
from web import visits
from web.services import waiting_list
from web.services.cases import PRIORITIES
from web.services.waiting_list import FLAGS, LONGEST_WORDS, ORDERS, STATES, Filters

USUAL = Filters()


TYPED, SEALED = "words", "find"


def read(said: Mapping[str, str]) -> Filters:
    """The filters of an address; what is none of ours asks for nothing."""
    sought = waiting_list.unsealed(visits.clinic(), said.get(SEALED, ""))
    priority, page = said.get("priority", ""), said.get("page", "")
    return Filters(
        state=_known(said.get("state"), STATES) or USUAL.state,
        flag=_known(said.get("flag"), FLAGS),
        priority=int(priority) if priority in {str(one) for one in PRIORITIES} else None,
        over="over" in said,
        concern=_known(said.get("concern"), v.CONCERNS.codes),
        words=sought.strip()[:LONGEST_WORDS],
        order=_known(said.get("order"), ORDERS) or USUAL.order,
        page=int(page) if page.isascii() and page.isdigit() and 0 < len(page) < 5 and int(page) else 1,
    )


def typed(said: Mapping[str, str]) -> Filters:
    """The same with the words as somebody has just typed them."""
    return replace(read(said), words=said.get(TYPED, "").strip()[:LONGEST_WORDS], page=1)


def address(filters: Filters, **changes: Any) -> dict[str, str]:
    """What of the filters stands in the address: all that is not as usual. A change goes back to the first page."""
    filters = replace(filters, **({"page": 1} | changes if changes else {}))
    found = {
        "state": filters.state if filters.state != USUAL.state else "",
        "flag": filters.flag or "",
        "priority": "" if filters.priority is None else str(filters.priority),
        "over": "y" if filters.over else "",
        "concern": filters.concern or "",
        SEALED: waiting_list.sealed(visits.clinic(), filters.words) if filters.words else "",
        "order": filters.order if filters.order != USUAL.order else "",
        "page": str(filters.page) if filters.page > 1 else "",
    }
    return {name: value for name, value in found.items() if value}


def is_narrowed(filters: Filters) -> bool:
    """Whether anything but the state is asked for."""
    return any((filters.flag, filters.priority is not None, filters.over, filters.concern, filters.words))


def _known(said: str | None, codes: Any) -> str | None:
    return said if said in codes else None
