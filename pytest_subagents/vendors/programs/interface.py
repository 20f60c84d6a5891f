"""What a vendor's program does: it turns a subagent into a command line and a private environment.

Nothing here starts anything. A program gives values, and the edge writes the files and starts the process.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Literal, Protocol, TypeAlias

from pytest_subagents.model.json_value import JsonValue
from pytest_subagents.model.spec import Subagent, Tool, VendorSettings
from pytest_subagents.model.value import Value, field

Honoured: TypeAlias = Literal["yes", "partly", "no"]


class Request(Value, frozen=True, kw_only=True):
    """One subagent that is to be started. Paths are absolute; folders exist, private ones with mode 0700."""

    subagent: Subagent
    settings: VendorSettings
    """Of this vendor; empty ones where the workflow has none."""
    prompt: str
    prompt_file: Path
    """Holds `prompt`, UTF-8."""
    workspace: Path
    """The folder to work in, also the process's current directory."""
    home: Path
    """A private HOME."""
    config: Path
    """Below `home`, as `Program.config_folder` says: the vendor's own folder, with a copy of the person's `home`."""
    temporary: Path
    """A private TMPDIR."""
    output_file: Path
    """Where the program may write its final message; it does not exist yet."""
    session: str
    """A fresh UUID for this run, so that a log can be proven to be its own."""
    tools: frozenset[Tool]
    """What the agent may use; without `edit` and `shell` it must not be able to write."""
    model: str | None = None
    schema: JsonValue = None
    """The contract as one JSON Schema without references to other files; None where it has none."""
    schema_file: Path | None = None
    """Holds `schema`."""
    environ: Mapping[str, str] = field(default_factory=dict)
    """The variables that the allow-list lets through, for a program that must know what is set."""
    config_text: Callable[[str], str | None] = lambda name: None
    """The text of a file below `config`, by its relative path; None where it is not there or no text."""

    @property
    def writes(self) -> bool:
        """Whether the subagent has a write scope."""
        return bool(self.subagent.scope.write)


class Launch(Value, frozen=True, kw_only=True):
    """How a program is started.

    No secret may stand in `argv`, which every user of the machine can read.
    """

    argv: tuple[str, ...]
    """The first is a name to look up in PATH, or a path."""
    env: Mapping[str, str] = field(default_factory=dict)
    """Variables of the vendor's own, over PATH, locale, HOME, TMPDIR and the allow-list."""
    files: tuple[tuple[Path, str], ...] = ()
    """Written (mode 0600, folders 0700) before the start, below `home`."""
    answer_file: Path | None = None
    """Whose content is the final message, for a program without a stream."""
    stdin: Path | None = None
    """A file opened as its standard input, such as the prompt, which may be too long for an argument (128 KiB on
    Linux); it ends where the file ends. Without one the standard input is empty and closed."""


class Parity(Value, frozen=True, kw_only=True):
    """How one feature of a specification is honoured by one vendor, as the documentation says it."""

    honoured: Honoured
    how: str


FEATURES: tuple[str, ...] = (
    "model",
    "prompt",
    "working directory",
    "read-only",
    "write scope",
    "tools",
    "mcp",
    "contract",
    "private home",
    "home",
    "env",
    "session id",
    "telemetry off",
    "plugins off",
    "subagents off",
    "limits.max_turns",
    "limits.max_tokens",
    "limits.max_usd",
    "own retries",
    "usage",
    "cost",
)
"""What the parity page says of every vendor, in its order."""


class Program(Protocol):
    """One vendor's program."""

    @property
    def vendor(self) -> str: ...

    @property
    def executable(self) -> str | None:
        """Its name in PATH; None where the specification names it (`command`)."""
        ...

    @property
    def config_folder(self) -> str:
        """Where below a private HOME the vendor's own configuration lies, such as `.codex`."""
        ...

    @property
    def version_arguments(self) -> tuple[str, ...] | None:
        """What makes it print its version; None where nothing does."""
        ...

    @property
    def oldest(self) -> tuple[int, ...] | None:
        """The oldest version whose flags and stream are known; None where there is no such thing."""
        ...

    @property
    def keys(self) -> tuple[str, ...]:
        """The variables that a person usually names under `env`, for hints."""
        ...

    @property
    def parity(self) -> Mapping[str, Parity]:
        """For each of `FEATURES`."""
        ...

    def refusals(self, subagent: Subagent, settings: VendorSettings) -> Sequence[str]:
        """What of a specification this vendor cannot honour, each as words that follow the agent's place."""
        ...

    def launch(self, request: Request) -> Launch:
        """The command line and the environment. Pure: the same request gives the same launch."""
        ...
