"""What cannot be done, because things are not as the caller saw them; the words are in ``web.wording.conflicts``."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

CODES = (
    "no_case",  # the client is on no waiting list of this clinic
    "case_changed",  # somebody else changed the case meanwhile
    "case_closed",  # the client needs no place any more
    "has_place",  # a place is open for the client already
    "no_place",  # the therapist has no place left
    "no_therapist",  # the therapist is not in the directory any more
    "hold_over",  # the hold ended before it was used
    "not_open",  # the place, request or proposal has ended meanwhile
    "answered",  # the therapist has answered already
    "has_request",  # a request of the client is open
    "not_on_list",  # the therapist is not on the list that the client saw
    "proposal_changed",  # somebody else changed the proposal meanwhile
    "called_off",  # the therapist does not leave any more
    "place_gone",  # the place with the therapist who leaves was given back meanwhile
    "hour_over",  # the hour has begun, or it is too long ago to note that it did not take place
    "rated",  # the client has said something about the session
    "reply_seen",  # the client has seen the answer already
    "not_solved",  # the proposal was not worked out yet, or not since it was changed
)


class Conflict(Exception):
    """One thing that stands against; nothing was done. ``client_id`` and ``therapist_id`` are whom it is about."""

    def __init__(self, code: str, *, client_id: UUID | None = None, therapist_id: UUID | None = None) -> None:
        if code not in CODES:
            raise ValueError(f"no conflict is called {code!r}")
        self.code, self.client_id, self.therapist_id = code, client_id, therapist_id
        super().__init__(code)


class Conflicts(Conflict):
    """Everything that stands against a change that is made as a whole or not at all."""

    def __init__(self, conflicts: Iterable[Conflict]) -> None:
        self.all = tuple(conflicts)
        first = self.all[0]
        super().__init__(first.code, client_id=first.client_id, therapist_id=first.therapist_id)
