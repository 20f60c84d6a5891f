"""What a subagent may read and write, as globs."""

from __future__ import annotations

from pytest_subagents.model.value import Value


class Scope(Value, frozen=True, kw_only=True):
    """The read globs and write globs of a subagent, from the root of the repository.

    A directory means everything below it. `read=None` says that nothing is known of what it reads;
    an empty `write` says that it writes nothing.
    """

    read: tuple[str, ...] | None = None
    write: tuple[str, ...] = ()
