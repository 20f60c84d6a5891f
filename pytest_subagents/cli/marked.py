"""Subagents that marks declare: the command does not import tests, so it says how pytest judges them."""

from __future__ import annotations

import shlex
from pathlib import Path

from pytest_subagents.cli.stored import stored_report
from pytest_subagents.errors import BadUsage, SubagentsError
from pytest_subagents.reports.commands import DEFAULT_REPORT
from pytest_subagents.reports.escape import terminal


def told_by_mark(agent: str, *, command: str) -> BadUsage | None:
    """What to tell a person who has named a subagent of a marked test, by its node id or as the last report has it;
    None where it is none."""
    nodeids = [agent] if ".py::" in agent else _in_report(agent)
    if not nodeids:
        return None
    hint = "pytest judges it: pytest --subagents " + " ".join(shlex.quote(terminal(nodeid)) for nodeid in nodeids[:3])
    return BadUsage(command, f"{agent!r} is declared by a mark, and judged with the body of its test", hint=hint)


def note_of(path: Path, rootdir: Path) -> str:
    """What to say beside the verdict on a recording of a marked test; empty where it is none."""
    for folder in path.parents:
        module = folder.parent.parent / f"{folder.name}.py"
        if folder.parent.name == "recordings" and module.is_file():
            shown = module.relative_to(rootdir).as_posix() if module.is_relative_to(rootdir) else str(module)
            command = f"pytest --subagents {shlex.quote(terminal(shown))}"
            return f"by its transcript alone; as the mark and the body of its test say: {command}"
    return ""


def _in_report(agent: str) -> list[str]:
    try:
        rows = stored_report(DEFAULT_REPORT).agents
    except SubagentsError:
        return []
    found = [row.planned for row in rows if agent in (row.planned.id, row.planned.nodeid)]
    return [planned.nodeid for planned in found if planned.nodeid.partition("::")[0].endswith(".py")]
