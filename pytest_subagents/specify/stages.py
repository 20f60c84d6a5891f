"""What the stages of a merge say of agents and of each other."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from pytest_subagents.specify.place import Place, nearest, quoted
from pytest_subagents.specify.tree import Items, Leaf, Table


def check_stages(workflow: Table, ids: Collection[str], at: Place) -> None:
    """Raises for a stage of the same name, an agent or a stage that is not there, an agent in two stages."""
    stages = tuple(_stages(workflow))
    known = frozenset(ids)
    names: dict[str, int] = {}
    placed: dict[str, str] = {}
    for stage in stages:
        ((name, line),) = _texts(stage, "name")
        if name in names:
            raise at.fault(line, f"the stage {quoted(name)} is given twice, first on line {names[name]}")
        names[name] = line
        for id, line in _texts(stage, "agents"):
            if id not in known:
                raise at.fault(line, f"unknown agent {quoted(id)} in the stage {quoted(name)}", hint=nearest(id, known))
            if id in placed:
                raise at.fault(line, f"the agent {quoted(id)} is in the stages {quoted(placed[id])} and {quoted(name)}")
            placed[id] = name
    for stage in stages:
        ((name, _),) = _texts(stage, "name")
        for other, line in _texts(stage, "depends_on"):
            if other == name:
                raise at.fault(line, f"the stage {quoted(name)} depends on itself")
            if other not in names:
                hint = nearest(other, names)
                raise at.fault(
                    line, f"the stage {quoted(name)} depends on {quoted(other)}, which is no stage", hint=hint
                )
    _refuse_circles(stages, at)


def _refuse_circles(stages: Sequence[Table], at: Place) -> None:
    lines: dict[str, int] = {}
    waiting: dict[str, set[str]] = {}
    for stage in stages:
        ((name, line),) = _texts(stage, "name")
        lines[name] = line
        waiting[name] = {other for other, _ in _texts(stage, "depends_on")}
    while ready := [name for name, others in waiting.items() if not others & waiting.keys()]:
        for name in ready:
            del waiting[name]
    if waiting:
        names = ", ".join(quoted(name) for name in sorted(waiting))
        raise at.fault(lines[next(iter(waiting))], f"stages depend on each other in a circle: {names}")


def _stages(workflow: Table) -> Iterator[Table]:
    merge = workflow.find("merge")
    stages = merge.value.find("stages") if merge is not None and isinstance(merge.value, Table) else None
    if stages is not None and isinstance(stages.value, Items):
        yield from (stage for stage in stages.value.items if isinstance(stage, Table))


def _texts(stage: Table, key: str) -> Iterator[tuple[str, int]]:
    """The texts at `key`, which is one text or a list of them, with their lines."""
    entry = stage.find(key)
    if entry is None:
        return
    for node in entry.value.items if isinstance(entry.value, Items) else (entry.value,):
        if isinstance(node, Leaf) and isinstance(node.value, str):
            yield node.value, node.line
