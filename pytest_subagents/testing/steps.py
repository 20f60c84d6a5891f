"""What a scripted agent does, one step after the other.

Steps that speak are told in the agent's dialect, whatever it is; the others are what programs do. Standard library
only: the agent's process loads this module too, and is to start as fast as Python does.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Final, Literal, TypeAlias

Kind: TypeAlias = Literal["provider_error", "rate_limit", "auth", "context_limit", "refusal"]
"""What can go wrong between a program and its provider, as kinds of a `Reason`."""
Channel: TypeAlias = Literal["stdout", "stderr"]

FOREVER: Final = 600.0
"""Seconds after which what hangs ends by itself, so that a test that fails leaves nothing behind for good."""


class _Step:
    __slots__ = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Say(_Step):
    """Commentary: text that is not the answer as long as another text follows."""

    text: str = field(kw_only=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Think(_Step):
    """Reasoning, where the dialect has it."""

    text: str = field(kw_only=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Run(_Step):
    """A shell command. It is pretended, with the output and the exit code given here, unless `really`: then it runs by
    `/bin/sh` in the current directory, and what it printed (both channels) and its exit code are told."""

    command: str = field(kw_only=False)
    output: str = ""
    exit_code: int = 0
    really: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Change(_Step):
    """Writes a file (deletes it, where `text` is None) and tells so. Without `told` it keeps quiet about it, without
    `really` it lies. Relative paths are below the current directory; folders are made."""

    path: str = field(kw_only=False)
    text: str | None = field(kw_only=False)
    told: bool = True
    really: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Use(_Step):
    """Any other tool, pretended. `arguments` is JSON."""

    tool: str = field(kw_only=False)
    arguments: Mapping[str, Any] = field(default_factory=dict)
    output: str = ""
    failed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Deny(_Step):
    """A tool that is refused."""

    tool: str = field(kw_only=False)
    message: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spend(_Step):
    """What the model's next answer takes, told when the dialect tells it, which for most is the end. Input includes
    what came from a cache; `usd` is told by Claude Code, OpenCode and our own dialect only."""

    input_tokens: int = field(kw_only=False)
    output_tokens: int = field(kw_only=False)
    cached_input_tokens: int = 0
    usd: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Retry(_Step):
    """The provider failed and is asked again, where the dialect tells of that."""

    kind: Kind = field(kw_only=False, default="rate_limit")
    message: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fail(_Step):
    """The provider failed for good. The program ends, with the exit code that the vendor's has for it."""

    kind: Kind = field(kw_only=False, default="provider_error")
    message: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer(_Step):
    """The final message and a good end. A text is said as it is, any other value as its JSON."""

    value: Any = field(kw_only=False)

    @property
    def text(self) -> str:
        return self.value if isinstance(self.value, str) else json.dumps(self.value, ensure_ascii=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Start(_Step):
    """The first lines of the stream, which otherwise come with the first step that speaks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Raw(_Step):
    """Text that is written as it is, without a line end of its own."""

    text: str = field(kw_only=False)
    to: Channel = "stdout"


@dataclass(frozen=True, slots=True, kw_only=True)
class Flood(_Step):
    """`size` bytes of lines that are no protocol."""

    size: int = field(kw_only=False)
    to: Channel = "stdout"


@dataclass(frozen=True, slots=True, kw_only=True)
class LongLine(_Step):
    """One line of `size` bytes that is no protocol, or that is commentary in the agent's dialect if it `speaks`."""

    size: int = field(kw_only=False)
    speaks: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class UnendedLine(_Step):
    """`size` bytes without a line end."""

    size: int = field(kw_only=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait(_Step):
    """Does nothing for so long."""

    seconds: float = field(kw_only=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitFor(_Step):
    """Until there is a file at `path`: how a test says when to go on."""

    path: str = field(kw_only=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Hang(_Step):
    """Does nothing, and does not end."""

    seconds: float = field(kw_only=False, default=FOREVER)


@dataclass(frozen=True, slots=True, kw_only=True)
class IgnoreTerm(_Step):
    """From here on SIGTERM, SIGINT and SIGHUP do nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Daemonise(_Step):
    """Leaves a process behind in a session of its own, which holds no pipe unless `holds_pipe`."""

    holds_pipe: bool = False
    ignores_term: bool = False
    seconds: float = FOREVER


@dataclass(frozen=True, slots=True, kw_only=True)
class Orphan(_Step):
    """Leaves a process behind in the same session, which holds the pipes open."""

    ignores_term: bool = False
    seconds: float = FOREVER


@dataclass(frozen=True, slots=True, kw_only=True)
class Relaunch(_Step):
    """Goes on in a child process, as launchers do: who ends this process alone leaves the child behind."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Exit(_Step):
    """Ends at once, with this exit code."""

    code: int = field(kw_only=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Die(_Step):
    """By a signal, such as `KILL`."""

    signal: str = field(kw_only=False, default="KILL")


Step: TypeAlias = (
    Say | Think | Run | Change | Use | Deny | Spend | Retry | Fail | Answer | Start | Raw | Flood | LongLine
    | UnendedLine | Wait | WaitFor | Hang | IgnoreTerm | Daemonise | Orphan | Relaunch | Exit | Die
)  # fmt: skip

_FORMS: Final[Mapping[str, type[Step]]] = {
    form.__name__: form
    for form in (
        *(Say, Think, Run, Change, Use, Deny, Spend, Retry, Fail, Answer, Start, Raw, Flood, LongLine),
        *(UnendedLine, Wait, WaitFor, Hang, IgnoreTerm, Daemonise, Orphan, Relaunch, Exit, Die),
    )
}


def as_json(step: Step) -> dict[str, Any]:
    """A step as an object that JSON can hold; `from_json` is the reverse."""
    return {"step": type(step).__name__, **asdict(step)}


def from_json(given: Mapping[str, Any]) -> Step:
    keys = dict(given)
    return _FORMS[keys.pop("step")](**keys)
