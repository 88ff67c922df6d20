"""A clinic's weights as people read them on a terminal."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from web.services.weights import Activation, Draft, Standing, Version
from web.wording import say_factor
from web.wording.events import say_actor
from web.wording.weights import say_version

SHOWN = 10


def standing_words(found: Standing) -> str:
    """What serves, the draft, and the last of what served."""
    lines = [f"{_begun(say_version(found.serving.version))} serve.", *_shares(found.serving), *_note(found.serving)]
    if found.two_person:
        lines += ["", "Two persons are asked for: one proposes new weights, another one approves them."]
    if found.draft is not None:
        lines += ["", f"A draft, last changed by {_who(found.draft.edited_by)}:", *_shares(found.draft)]
    if found.history:
        lines += ["", "What served, serves and will:", *map(_line, found.history[:SHOWN])]
    if len(found.history) > SHOWN:
        lines.append(f"  and {len(found.history) - SHOWN} before; --json has them all")
    return "\n".join(lines)


def activation_words(made: Activation, clinic: str) -> str:
    """What serves now."""
    return f"{_begun(say_version(made.version))} serve at {clinic} from now on. See: rapport weights show"


def _shares(weighed: Version | Draft) -> Iterable[str]:
    """One line a factor, the weightiest first."""
    for factor, share in sorted(weighed.weights.items(), key=lambda entry: -entry[1]):
        least, most = weighed.bounds[factor]
        yield f"  {share:6.1%}  {say_factor(factor)} ({factor}), clients may move it {least:g} to {most:g} times"


def _note(version: Version) -> list[str]:
    return [f"  “{' '.join(version.note.split())}” ({_who(version.author)})"] if version.note else []


def _line(one: Activation) -> str:
    second = "" if one.approved_by is None else f" and {_who(one.approved_by)}"
    state = one.state.replace("_", " ")
    return f"  {_moment(one.effective_at)}  {one.version or 'release'}  {state}, {_who(one.author)}{second}"


def _who(actor: str) -> str:
    return say_actor(actor)


def _moment(at: datetime) -> str:
    return at.strftime("%Y-%m-%d %H:%M UTC")


def _begun(words: str) -> str:
    return words[0].upper() + words[1:]
