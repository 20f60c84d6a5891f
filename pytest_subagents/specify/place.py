"""Where something was written, and the wording of what is wrong with it."""

from __future__ import annotations

import difflib
import os
from collections.abc import Callable, Collection, Iterable
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from pytest_subagents.errors import BadFile, SubagentsError
from pytest_subagents.model.json_value import JsonValue
from pytest_subagents.model.value import Value, field
from pytest_subagents.specify.tree import Given, Items, Leaf, Located, Table

_QUOTED_CHARS = 60
_CHOICES = 60
"""Known names shown in a hint; a workflow may have ten thousand agents."""


class Source(Value, frozen=True, kw_only=True):
    """What is being read: the file (or the test) and the names that it may use.

    `vendors` and `contracts` are known to upper layers alone, so they are handed in. `schema_of` turns a class given
    in Python into a JSON Schema; without it classes are refused.
    """

    shown: str
    """The file from the rootdir, or the node id of a test."""
    rootdir: Path
    folder: Path
    """What the path of a contract starts from."""
    error: type[SubagentsError] = BadFile
    vendors: Collection[str] = ()
    contracts: Collection[str] = ()
    schema_of: Callable[[type], JsonValue] | None = None
    files: dict[str, PurePosixPath] = field(default_factory=dict)
    """Contracts already found: ten thousand agents name the same few."""


class Place(NamedTuple):
    """A key in a source: of which agent, and by which way (`limits.timeout`) it is reached."""

    source: Source
    agent: str | None = None
    path: str = ""

    def key(self, name: str) -> Place:
        return Place(self.source, self.agent, f"{self.path}.{name}" if self.path else name)

    def item(self, index: int) -> Place:
        """An entry of a list, counted from 0 as in a JSON Pointer."""
        return Place(self.source, self.agent, f"{self.path}[{index}]")

    def of_agent(self, id: str) -> Place:
        return Place(self.source, id, "")

    def where(self, line: int) -> str:
        """`subagents.yaml:12 (agent 'fix')`, as far as known."""
        shown = f"{self.source.shown}:{line}" if line else self.source.shown
        return f"{shown} (agent {quoted(self.agent)})" if self.agent is not None else shown

    def fault(self, line: int, what: str, *, hint: str | None = None) -> SubagentsError:
        return self.source.error(self.where(line), what, hint=hint)

    def wanted(self, node: Located, words: str, *, hint: str | None = None) -> SubagentsError:
        """`'limits.timeout' must be a duration, not 'soon'`."""
        return self.fault(node.line, f"{self._subject} must be {words}, not {described(node)}", hint=hint)

    def refused(self, node: Located, problem: str, *, hint: str | None = None) -> SubagentsError:
        """`'scope.read[0]' '../x' leaves the repository`."""
        return self.fault(node.line, f"{self._subject} {described(node)} {problem}", hint=hint)

    @property
    def _subject(self) -> str:
        return quoted(self.path) if self.path else "it"


def quoted(value: object) -> str:
    """`value` as Python writes it (nothing in it can reach a terminal), cut in the middle where it is long."""
    if isinstance(value, str):
        value = value[: 4 * _QUOTED_CHARS] + value[-_QUOTED_CHARS:] if len(value) > 5 * _QUOTED_CHARS else value
    text = repr(value)
    half = _QUOTED_CHARS // 2
    return text if len(text) <= _QUOTED_CHARS else f"{text[:half]}…{text[-half:]}"


def described(node: Located) -> str:
    match node:
        case Leaf(value=None):
            return "nothing"
        case Leaf(value=bool() as value):
            return "true" if value else "false"
        case Leaf(value=int() | float() as value):
            return node.text if 0 < len(node.text) <= _QUOTED_CHARS else quoted(value)
        case Leaf():
            return quoted(node.value)
        case Items():
            return "a list"
        case Table():
            return "a map"
        case Given():
            name = type(node.value).__name__
            return f"{'an' if name[:1] in 'AEIOUaeiou' else 'a'} {name}"


def nearest(name: str, choices: Iterable[str], *, lead: str = "use one of") -> str:
    """A hint for a name that is not known: the nearest one, then all of them, sorted."""
    known = sorted(choices)
    more = f" and {len(known) - _CHOICES} more" if len(known) > _CHOICES else ""
    listed = f"{lead}: {', '.join(known[:_CHOICES])}{more}" if known else "none is known"
    close = difflib.get_close_matches(name[:200], known, n=1)
    return f"did you mean {close[0]!r}? {listed}" if close else listed


def shown_path(path: Path, rootdir: Path) -> str:
    """The path from the rootdir with `/` (as it is, where it lies outside), safe to print."""
    absolute, root = Path(os.path.abspath(path)), Path(os.path.abspath(rootdir))
    shown = absolute.relative_to(root) if absolute.is_relative_to(root) else path
    text = shown.as_posix()
    return text if text.isprintable() else ascii(text)[1:-1]
