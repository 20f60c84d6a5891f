"""What agents say of each other: that every id they name is there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from pytest_subagents.errors import BadUsage, SubagentsError
from pytest_subagents.model.spec import Subagent
from pytest_subagents.specify.agent import ReadAgent
from pytest_subagents.specify.place import nearest, quoted


def unmet(subagents: Sequence[Subagent]) -> Iterator[BadUsage]:
    """The faults of `depends_on` among subagents of marks, whose tests may stand apart in one module."""
    known = {subagent.id: subagent for subagent in subagents}
    for subagent in subagents:
        where = f"{subagent.where} (agent {quoted(subagent.id)})"
        for index in range(len(subagent.depends_on)):
            problem = _problem(subagent, index, known)
            if problem is not None:
                yield BadUsage(where, problem[0], hint=problem[1])


def check(agents: Iterable[ReadAgent]) -> None:
    """Raises the first fault of `depends_on` among the agents of one file.

    An agent that depends on itself is a circle, and so a `BadUsage` like every other; the rest is the source's error.
    """
    read = tuple(agents)
    known = {agent.subagent.id: agent.subagent for agent in read}
    for agent in read:
        for index, dependency in enumerate(agent.subagent.depends_on):
            problem = _problem(agent.subagent, index, known)
            if problem is None:
                continue
            line = agent.dependency(index).line
            error: type[SubagentsError] = BadUsage if dependency.agent == agent.subagent.id else agent.at.source.error
            raise error(agent.at.where(line), problem[0], hint=problem[1])


def _problem(subagent: Subagent, index: int, known: dict[str, Subagent]) -> tuple[str, str | None] | None:
    """What is wrong with one entry of `depends_on`, and the hint."""
    dependency = subagent.depends_on[index]
    if dependency.agent == subagent.id:
        return f"{quoted(subagent.id)} depends on itself", None
    other = known.get(dependency.agent)
    if other is None:
        return f"it depends on {quoted(dependency.agent)}, which is no agent", nearest(
            dependency.agent, known, lead="its agents are"
        )
    if dependency.checkpoint is None or any(point.id == dependency.checkpoint for point in other.checkpoints):
        return None
    names = [point.id for point in other.checkpoints]
    what = f"it depends on {quoted(dependency.checkpoint)}, which is no checkpoint of {quoted(other.id)}"
    return what, nearest(dependency.checkpoint, names)
