"""The audit trail read: whether its chain holds, where it ends, and what of it somebody looks for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from web.db import audit_chain, crypto, tenancy
from web.db.queries import audit as rows
from web.db.queries.audit import Wanted
from web.exchange.audit_files import Anchor, Event
from web.services import audit
from web.services.clinics import Clinic

MISSING, CHANGED, CUT, NO_KEY, REWRITTEN, OLD_KEY = "missing", "changed", "cut", "no_key", "rewritten", "old_key"

_NO_END = (0, audit_chain.BEGINNING.hex())  # of a clinic that is younger than the key


@dataclass(frozen=True, slots=True)
class Verdict:
    """What checking a chain found: how many events hold, and the first that does not, with what is wrong there.

    ``trouble`` is one of ``missing`` (an event was removed), ``changed`` (it, or one that was put in or moved, does
    not bear the seal that follows), ``cut`` (the end was cut off), ``no_key`` (its key is not on the ring),
    ``rewritten`` (the seal is not the one that was kept elsewhere), and ``old_key`` (it is sealed with a key that had
    been replaced by then, as somebody does who was told that key alone).
    """

    n_good: int
    bad: int | None = None
    trouble: str | None = None

    @property
    def holds(self) -> bool:
        """Whether nothing is wrong."""
        return self.trouble is None


def head(session: Session, clinic: Clinic, *, now: datetime) -> Anchor:
    """Where the chain of the clinic that the session has entered ends."""
    row = rows.head(session)
    return Anchor(clinic.slug, row.sequence if row else 0, (row.mac if row else audit_chain.BEGINNING).hex(), now)


def verify(session: Session, anchors: Sequence[Anchor] = ()) -> Verdict:
    """Check the whole chain of the clinic that the session has entered; ``anchors`` are ends that were kept elsewhere.

    The file of keys keeps one for each key that was added. Of several that were kept of the same event each has to
    fit. Without any, events that were cut off at the end together with the head's row are not missed.
    """
    end = rows.head(session)  # read first: what is written meanwhile stands behind it
    ring, clinic_id = crypto.newest(), tenancy.entered(session)
    since = {name: ends.get(clinic_id, _NO_END) for name, ends in ring.ends.items()} if clinic_id else {}
    known = _ends([*since.values(), *((anchor.sequence, anchor.mac) for anchor in anchors)])
    before, n_good, is_end = audit_chain.BEGINNING, 0, end is None or end.sequence == 0
    for row in rows.chain(session):
        trouble = _trouble(row, n_good + 1, before, known) or _replaced(row, since)
        if trouble is not None:
            return Verdict(n_good, n_good + 1, trouble)
        before, n_good = row.mac, n_good + 1
        is_end = is_end or (end is not None and (end.sequence, end.mac) == (n_good, before))
    if not is_end or n_good < max(known, default=0):
        return Verdict(n_good, n_good + 1, CUT)
    return Verdict(n_good)


def ends_as_they_are(session: Session) -> Mapping[str, tuple[int, str]]:
    """Key that was added → where the chain of the clinic ended without it, by the chain alone: what is taken for true
    where it is shorter than it was, or another one."""
    names = list(crypto.newest().keys)
    found = dict.fromkeys(crypto.ring().ends, _NO_END)
    for row in rows.chain(session):
        place = names.index(row.key) if row.key in names else -1
        found |= {name: (row.sequence, row.mac.hex()) for name in found if place < names.index(name)}
    return found


def page(session: Session, wanted: Wanted, *, before: int | None, most: int) -> list[Event]:
    """The newest events that are looked for, with numbers below ``before``."""
    return [_event(row) for row in rows.page(session, wanted, before=before, most=most)]


def every(session: Session, wanted: Wanted, *, at_once: int = 1_000) -> Iterator[Event]:
    """All events that are looked for, the newest first, read in parts."""
    before: int | None = None
    while found := page(session, wanted, before=before, most=at_once):
        yield from found
        before = found[-1].sequence


def wanted(
    *,
    actor: str | None = None,
    action: str | None = None,
    subject: str | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
) -> Wanted:
    """What is looked for; what is empty is not asked for, and a moment without a zone is one of UTC."""
    moments = [moment and (moment if moment.tzinfo else moment.replace(tzinfo=UTC)) for moment in (since, until)]
    return Wanted(actor or None, action or None, subject or None, *moments)


def checked(session: Session, anchors: Sequence[Anchor] = (), *, actor: str, now: datetime) -> Verdict:
    """Check the chain, and write down how many events hold, and what does not."""
    found = verify(session, anchors)
    bad = {} if found.bad is None or found.trouble is None else {"bad": found.bad, "trouble": found.trouble}
    audit.record(session, "audit.checked", now=now, actor=actor, n=found.n_good, **bad)
    return found


def exported(session: Session, found: Wanted, *, now: datetime, actor: str = audit.COMMAND) -> int:
    """Write down that events were written out, and how many."""
    n = rows.count(session, found)
    audit.record(session, "audit.exported", now=now, actor=actor, n=n)
    return n


def _ends(kept: Iterable[tuple[int, str]]) -> Mapping[int, frozenset[str]]:
    """Number → every seal that was kept of it. Two are one too many: a trail that was written anew was kept again."""
    found: dict[int, frozenset[str]] = {}
    for sequence, mac in kept:
        found[sequence] = found.get(sequence, frozenset()) | {mac}
    return found


def _trouble(row: Any, number: int, before: bytes, known: Mapping[int, frozenset[str]]) -> str | None:
    if row.sequence != number:
        return MISSING if row.sequence > number else CHANGED
    try:
        _, secret = crypto.derived(audit_chain.PURPOSE, row.key)
    except crypto.NoKey:
        return NO_KEY
    if not audit_chain.is_sealed(secret, before, audit_chain.entry_of(row), row.mac):
        return CHANGED
    return REWRITTEN if known.get(number, frozenset()) - {row.mac.hex()} else None


def _replaced(row: Any, since: Mapping[str, tuple[int, str]]) -> str | None:
    """Whether an event bears the key of a time before its own."""
    names = list(crypto.ring().keys)  # the oldest first; one may have come since the check began
    newer = names[names.index(row.key) + 1 :]
    return OLD_KEY if any(name in since and row.sequence > since[name][0] for name in newer) else None


def _event(row: Any) -> Event:
    return Event(row.sequence, row.at, row.actor, row.action, row.subject, row.details, row.key, row.mac)


def person_of(actor: str) -> UUID | None:
    """The key of an actor who is a person; None for a client, a command, a job."""
    try:
        return UUID(actor.removeprefix("person "))
    except ValueError:
        return None
