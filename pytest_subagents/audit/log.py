"""The audit log of one workflow, as lines of JSON: a header, then its agents in the order of the report.

Nothing of a machine or a clock is in it, so a replay of what was recorded gives the same bytes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from io import BytesIO
from pathlib import Path
from typing import Final

from pytest_subagents.audit.agent import agent_lines
from pytest_subagents.audit.entry import Entry, encoded, plain
from pytest_subagents.model.result import Result
from pytest_subagents.model.value import Value
from pytest_subagents.transcript.redaction.lint import suspicions
from pytest_subagents.transcript.redaction.redactor import Redactor
from pytest_subagents.transcript.store import Recording
from pytest_subagents.writing import write_parts

FORMAT: Final = "pytest-subagents/audit"
VERSION: Final = 1
_PLAIN: Final = ("agent", "action", "line", "commands", "tools", "failed", "denied", "outside")
"""What no agent words."""


class Audited(Value, frozen=True, kw_only=True):
    """A workflow of which a log is kept."""

    workflow: str
    """Its name."""
    where: str
    """The place of the key, for errors."""
    log: str
    """The path of the log from the rootdir."""
    recordings: dict[str, str]
    """By node id, the recording of each of its subagents: a path from the rootdir, or an absolute one elsewhere."""
    env: tuple[str, ...] = ()
    """Names of variables that its agents are given, whose values are secrets."""


def log_lines(
    audited: Audited,
    rows: Iterable[Result],
    recording_of: Callable[[Result], Recording | None],
    redactor: Redactor | None = None,
) -> Iterator[bytes]:
    """The whole log, line by line; of `rows`, those of the workflow.

    What becomes a recording has been looked at for secrets that redaction does not find. Of a row that has none,
    each line is looked at here, with `redactor`.
    """
    yield encoded({"format": FORMAT, "version": VERSION, "workflow": plain(audited.workflow)})
    for row in rows:
        if row.planned.nodeid in audited.recordings:
            seen = redactor if row.transcript is None else None
            for line in agent_lines(recording_of(row)):
                yield _clear({"agent": row.planned.id, **line}, seen)


def _clear(line: Entry, redactor: Redactor | None) -> bytes:
    """The bytes of `line`, without its texts where something in it looks like a secret."""
    data = encoded(line)
    if redactor is None or not suspicions(BytesIO(data), redactor):
        return data
    return encoded({**{key: line[key] for key in _PLAIN if key in line}, "hidden": True})


def write_log(
    audited: Audited,
    rows: Iterable[Result],
    recording_of: Callable[[Result], Recording | None],
    *,
    rootdir: Path,
    mode: int,
    redactor: Redactor | None = None,
) -> Path:
    """Writes the log, whole or not at all; its path. `OSError` where it cannot be written."""
    path = rootdir / audited.log
    write_parts(path, log_lines(audited, rows, recording_of, redactor), below=rootdir, mode=mode)
    return path
