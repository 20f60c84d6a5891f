"""What runs one subagent for real, and what that leaves behind.

Apart from `interface`, so that replay does not import it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Protocol

from pytest_subagents.model.json_value import JsonValue
from pytest_subagents.model.scope_use import ScopeUse
from pytest_subagents.model.spec import Subagent
from pytest_subagents.model.value import Value, field
from pytest_subagents.runners.supervision.order import Ending
from pytest_subagents.runners.supervision.stop import Stop
from pytest_subagents.vendors.watching import Progress


class Job(Value, frozen=True, kw_only=True):
    """One run of an agent that is to be started now."""

    subagent: Subagent
    prompt: str
    schema: JsonValue
    """The contract as one JSON Schema."""
    results: Mapping[str, JsonValue]
    """What the subagents that it needs came to, by id."""
    rootdir: Path
    workspace: Path
    """Where it works: a private checkout, or the rootdir."""
    folder: Path
    """Its own in the run directory, mode 0700: everything of this run is put there."""
    homes: Path
    """Where its private home may be made, mode 0700: outside of the repository."""
    environ: Mapping[str, str]
    """Of this process; what the allow-list does not name goes no further."""


class Executed(Value, frozen=True, kw_only=True):
    """What a live run left behind, in the folder of its job, before anything of it is read."""

    ending: Ending
    vendor: str
    stream: Path
    """Standard output, whole."""
    stderr: Path
    cli_version: str | None = None
    answer_file: Path | None = None
    """Whose content is the final message, for a program without a stream."""
    plain: bool = False
    """Whether standard output may be the final message itself, where no line of it is protocol."""
    progress: Progress = field(default_factory=Progress)
    """Turns, tokens and cost, as they were counted while it ran."""
    used: ScopeUse | None = None
    """What it read and wrote, as its stream tells it."""
    stop_kind: str | None = None
    """The kind of reason for which we stopped it; None where it ended by itself."""
    stop_message: str = ""
    secrets: tuple[str, ...] = ()
    """The values that the allow-list let through."""
    homes: tuple[str, str] = ("", "")
    """The folders that were its private home and its folder for temporary files."""
    hints: tuple[str, ...] = ()
    """What a person may want to know if it failed: a variable that is not set, say."""


class LiveRunner(Protocol):
    def run(self, job: Job, *, stop: Stop, watched: Callable[[Progress], None]) -> Executed:
        """Start an agent and wait for its end, whatever that is; when this returns, none of its processes lives.

        `watched` hears of its progress while it works. Raises `BadUsage` for what a person must fix, never for what an
        agent or a vendor's program did.
        """
        ...
