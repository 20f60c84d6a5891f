"""What must be right before `--subagents-checks=run` runs the first command."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final, TypeAlias

from pytest_subagents.conduct.assignment import Assignment
from pytest_subagents.conduct.criteria import commands_of
from pytest_subagents.errors import BadUsage
from pytest_subagents.git.program import find_git
from pytest_subagents.git.repository import find_repository, head_of
from pytest_subagents.model.spec import Workflow

AgentsIn: TypeAlias = Callable[[str], tuple[str, ...]]
"""From a command line to the vendors' programs that it names."""
OPTION: Final = "--subagents-checks=run"


def command_faults(
    assignments: Sequence[Assignment],
    *,
    rootdir: Path,
    environ: Mapping[str, str],
    agents_in: AgentsIn | None,
) -> Iterator[BadUsage]:
    """Why the commands of these cannot be run here: there is no commit to check out, or, in a replay, `agents_in`
    finds a vendor's program in one of them."""
    with_commands = [each for each in assignments if commands_of(each.subagent)]
    if not with_commands:
        return
    try:
        head_of(find_repository(find_git(environ.get("PATH", "")), rootdir))
    except BadUsage as error:
        hint = "what was recorded is checked in a private checkout of a git repository; leave the option out"
        yield BadUsage(OPTION, f"{error.where} {error.what}", hint=hint)
    for assignment in with_commands if agents_in is not None else ():
        where = f"{assignment.subagent.where} (agent {assignment.subagent.id!r})"
        commands = [str(criterion.run) for criterion in commands_of(assignment.subagent)]
        yield from _starting(commands, agents_in, "criterion", where)


def validation_faults(workflow: Workflow, *, agents_in: AgentsIn | None) -> Iterator[BadUsage]:
    """The same for the commands that its merge at the end of the run is validated with."""
    merge = workflow.merge
    commands = [*merge.validation, *(run for stage in merge.stages for run in stage.validation)]
    if merge.at_end:
        yield from _starting(dict.fromkeys(commands), agents_in, "validation", workflow.where)


def _starting(commands: Iterable[str], agents_in: AgentsIn | None, what: str, where: str) -> Iterator[BadUsage]:
    for run in commands if agents_in is not None else ():
        found = agents_in(run) if agents_in is not None else ()
        if found:
            told = f"the {what} {run!r} would start {found[0]}, and a replay starts no agent"
            yield BadUsage(where, told, hint=f"check by another command, or leave {OPTION} out")
