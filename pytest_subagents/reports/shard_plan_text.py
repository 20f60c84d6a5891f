"""For the terminal: who goes to which of several machines, and how long each is expected to take."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence

from pytest_subagents.model.plan import Plan, ShardPlan
from pytest_subagents.reports.cells import cells
from pytest_subagents.reports.escape import terminal
from pytest_subagents.reports.line import Line
from pytest_subagents.reports.wording import NOTHING, duration, number_of
from pytest_subagents.reports.wrapping import wrapped

_COLUMNS = ("shard", "takes", "subagents")


def shard_plan_lines(
    plan: Plan, shards: Sequence[ShardPlan], *, file: str, undivided: bool, width: int
) -> tuple[Line, ...]:
    """One row a shard, and what to type; `file` is the workflow file as a person types it, `undivided` says that it
    stays together as a whole."""
    count = len(shards)
    longest = max((shard.makespan.milliseconds for shard in shards if shard.makespan is not None), default=0)
    alone = next(one for one in plan.makespans if one.workers == plan.workers)
    about = "~" if any(shard.guessed for shard in shards) else ""
    head = f"{terminal(plan.name)}: {number_of(len(plan.access), 'subagent')} in {number_of(count, 'shard')}, "
    head += f"{about}{duration(longest)}; in one run {about}{duration(alone.milliseconds)} with -n {plan.workers}"
    told = "What hangs together (by needs, writes or resources) stays in one shard."
    if undivided:
        told = "One shard has all of it: its merge, audit, notices or abort are of the whole."
    command = shlex.join(["pytest", "--subagents", f"--subagents-shard=1/{count}", terminal(file)])
    return (
        *(Line(text=text, style="heading") for text in wrapped(head, width)),
        Line(),
        *_table(shards, width),
        Line(),
        *(Line(text=text) for text in wrapped(told, width)),
        Line(text=f"The first is run by: {command}"),
    )


def _table(shards: Sequence[ShardPlan], width: int) -> Iterator[Line]:
    rows = [(f"{shard.number}/{len(shards)}", _time(shard)) for shard in shards]
    first, second = (max(cells(row[column]) for row in (*rows, _COLUMNS)) for column in (0, 1))
    yield Line(text=f"  {_COLUMNS[0]:<{first}}  {_COLUMNS[1]:<{second}}  {_COLUMNS[2]}")
    for shard, (name, time) in zip(shards, rows, strict=True):
        start = f"  {name:<{first}}  {time:<{second}}  "
        who = ", ".join(map(terminal, shard.agents)) or "nobody: fewer shards do as well"
        lines = list(wrapped(who, max(width - len(start), 20)))
        yield Line(text=start + lines[0], style="plain" if shard.agents else "partial")
        yield from (Line(text=" " * len(start) + line.strip()) for line in lines[1:])


def _time(shard: ShardPlan) -> str:
    if shard.makespan is None:
        return NOTHING
    return f"{'~' if shard.guessed else ''}{duration(shard.makespan.milliseconds)} with -n {shard.makespan.workers}"
