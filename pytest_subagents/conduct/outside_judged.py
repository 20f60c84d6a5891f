"""What changed where an agent does not work, as reasons: against it where no other agent can have done it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from pytest_subagents.model import limits
from pytest_subagents.model.reason import Reason
from pytest_subagents.transcript.meta import OutsideChange

_YOU: Final = (
    "no other agent of the run was at work; if it was you, record it again, "
    "and say in ini subagents_sentinels what you work on meanwhile, such as !src/"
)
_SHOWN: Final = 10


def outside_reasons(changes: Iterable[OutsideChange]) -> Iterator[Reason]:
    """One for each of the first, and one that counts the others. What another one may have done lowers nothing."""
    found = tuple(changes)
    for change in found[:_SHOWN]:
        if change.certain:
            message = f"while it worked, {change.path} was changed, which is not where it works"
            yield Reason(
                kind="scope", message=message[: limits.MESSAGE_CHARS], at=change.path[: limits.MESSAGE_CHARS], hint=_YOU
            )
        else:
            message = f"while it and others worked, {change.path} was changed; whose doing that was is not known"
            yield Reason(
                kind="scope",
                message=message[: limits.MESSAGE_CHARS],
                at=change.path[: limits.MESSAGE_CHARS],
                at_most="success",
            )
    if len(found) > _SHOWN:
        certain = any(change.certain for change in found)
        message = f"so were {len(found) - _SHOWN:,} more"
        yield Reason(kind="scope", message=message, at_most=None if certain else "success")
