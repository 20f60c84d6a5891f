"""What is shown of a live run, without secrets and paths of this machine: cut out as out of a recording."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from itertools import chain, takewhile
from pathlib import Path
from typing import BinaryIO, Final

from pytest_subagents.cli.ini_file import lines_said
from pytest_subagents.contract.loading import built_in_names
from pytest_subagents.errors import SubagentsError
from pytest_subagents.model import limits
from pytest_subagents.specify.workflow_file import read_workflow
from pytest_subagents.transcript.lines import blocks
from pytest_subagents.transcript.redaction.redactor import Redactor, redactor_for
from pytest_subagents.transcript.redaction.secret_values import secrets_of
from pytest_subagents.vendors.registry import VENDORS

TOO_LONG: Final = b"(a line too long to be read)\n"


def log_redactor(rootdir: Path, nodeids: Iterable[str] = ()) -> Redactor:
    """Knows the secrets of this environment: variables with telling names, and those that the agents of the workflow
    files of `nodeids` are given."""
    files = sorted({nodeid.partition("::")[0] for nodeid in nodeids})
    given = frozenset(name for file in files for name in _given(rootdir, file))
    return redactor_for(
        secrets=secrets_of(os.environ, allowed=given).values,
        workspaces=(str(rootdir),),
        homes=(os.path.expanduser("~"),),
        patterns=lines_said("redact", rootdir, commas=False),
        where="ini subagents_redact",
    )


def redacted(file: BinaryIO, redactor: Redactor) -> Iterator[bytes]:
    """Whole lines of a stream that has ended."""
    yield from redactor.redact_lines([TOO_LONG] if block.overlong else block.lines for block in blocks(file))


def redacted_bursts(parts: Iterable[bytes], redactor: Redactor) -> Iterator[bytes]:
    """Whole lines of a stream that goes on. In `parts` an empty one says that nothing more has come for now: only until
    then a line is held back, since what follows may show that a part of it is secret."""
    lines = _Lines()
    source = iter(parts)
    while (first := next(source, None)) is not None:
        yield from redactor.redact_lines(lines.of(part) for part in chain([first], takewhile(bool, source)))
    yield from redactor.redact_lines([lines.rest()])


class _Lines:
    """Lines of what comes in parts."""

    def __init__(self) -> None:
        self._rest = b""
        self._too_long = False

    def of(self, part: bytes) -> list[bytes]:
        *ends, self._rest = (self._rest + part).split(b"\n")
        whole = [end + b"\n" for end in ends]
        if whole and self._too_long:
            whole[0], self._too_long = TOO_LONG, False
        if len(self._rest) > limits.LINE_BYTES:
            self._rest, self._too_long = b"", True
        return whole

    def rest(self) -> list[bytes]:
        """What has no line end."""
        return [TOO_LONG] if self._too_long else [self._rest] if self._rest else []


def _given(rootdir: Path, file: str) -> frozenset[str]:
    """The variables that the agents of a workflow file may see."""
    if not file or file.endswith(".py"):
        return frozenset()
    try:
        workflow = read_workflow(rootdir / file, rootdir=rootdir, vendors=VENDORS, contracts=built_in_names())
    except (SubagentsError, OSError):
        return frozenset()
    return frozenset(name for agent in workflow.agents for entry in agent.vendors for name in entry.env)
