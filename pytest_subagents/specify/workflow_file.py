"""A workflow file, from its tree to a `Workflow`."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Final

from pytest_subagents.model.ids import clash_of
from pytest_subagents.model.spec import Workflow
from pytest_subagents.specify import dependencies
from pytest_subagents.specify.agent import ReadAgent, id_of, keys_of, places_of, read_agent
from pytest_subagents.specify.articles import Rewriting
from pytest_subagents.specify.defaults import under
from pytest_subagents.specify.keys.articles import Refused, keys_below
from pytest_subagents.specify.keys.workflow import WORKFLOW, WORKFLOW_KEYS
from pytest_subagents.specify.place import Place, Source, described, nearest, quoted, shown_path
from pytest_subagents.specify.reading import read_tree
from pytest_subagents.specify.stages import check_stages
from pytest_subagents.specify.tree import Entry, Items, Leaf, Located, Table, put, without

_TOP: Final = ("agents", "workflow")
_BELOW_WORKFLOW: Final = frozenset(key.name for key in WORKFLOW_KEYS)
_INHERITED: Final = ("contract", "vendors")
"""Keys of the workflow that every agent has as if they stood in `defaults`."""
_PLACED: Final = frozenset({"audit"})
"""Keys of which it turns out elsewhere whether they can be honoured."""
_FOR_AGENTS: Final = frozenset({*_INHERITED, "defaults"})
"""Keys of the workflow that are kept in its agents alone."""


def read_workflow(path: Path, *, rootdir: Path, vendors: Collection[str], contracts: Collection[str]) -> Workflow:
    """The workflow of a file, complete and checked; nothing but this file is opened.

    `vendors` and `contracts` are the names that are known. Raises `BadFile` for whatever a person must mend, and
    `BadUsage` for an agent that depends on itself, which like every circle is no fault of the file's form.
    """
    tree = read_tree(path, rootdir=rootdir)
    source = Source(
        shown=shown_path(path, rootdir),
        rootdir=rootdir,
        folder=Path(os.path.abspath(path)).parent,
        vendors=vendors,
        contracts=frozenset(contracts),
    )
    return _workflow(tree, Place(source), _name_of(path))


def _workflow(tree: Located, at: Place, name: str) -> Workflow:
    top = _top(tree, at)
    section = _section(top, at)
    listed = _listed(top, section, at)
    rewriting = Rewriting(at=at)
    written = _rewritten(without(section, ("agents",)), rewriting, at)
    fields = dict(WORKFLOW.fields(written, at))
    agents = tuple(_read_agents(listed, _below(written), rewriting, at))
    dependencies.check(agents)
    check_stages(written, [agent.subagent.id for agent in agents], at)
    return Workflow(
        **{"name": name, **{key: value for key, value in fields.items() if key not in _FOR_AGENTS}},  # type: ignore[arg-type]
        agents=tuple(agent.subagent for agent in agents),
        where=at.where(written.line),
        set_keys=frozenset(keys_of(written)),
        places=places_of(written, _PLACED, at),
        reported=tuple(rewriting.reported),
    )


def _top(tree: Located, at: Place) -> Table:
    """The file's outermost map, with the keys that may stand there."""
    if isinstance(tree, Leaf) and tree.value is None:
        raise at.fault(0, "is empty", hint="a workflow file has a list 'agents'")
    if not isinstance(tree, Table):
        raise at.fault(tree.line, f"must be a map with 'agents', not {described(tree)}")
    outside = keys_below("")
    for entry in tree.entries:
        if entry.key in (*_TOP, "$schema"):
            continue
        match outside.get(entry.key):
            case Refused(hint=hint):
                raise at.fault(entry.line, f"{quoted(entry.key)} is not supported", hint=hint)
        hint = f"{entry.key!r} belongs under 'workflow'" if entry.key in _BELOW_WORKFLOW else nearest(entry.key, _TOP)
        raise at.fault(entry.line, f"unknown key {quoted(entry.key)}", hint=hint)
    return tree


def _section(top: Table, at: Place) -> Table:
    entry = top.find("workflow")
    if entry is None:
        return Table((), top.line)
    if not isinstance(entry.value, Table):
        raise at.key("workflow").wanted(entry.value, "a map")
    return Table(entry.value.entries, entry.line)


def _listed(top: Table, section: Table, at: Place) -> Items:
    """The list of agents, which articles also write below `workflow`."""
    outer, inner = top.find("agents"), section.find("agents")
    if outer is not None and inner is not None:
        raise at.fault(inner.line, f"the key 'agents' is given twice, first on line {outer.line}")
    entry = outer or inner
    if entry is None:
        raise at.fault(0, "has no agents", hint="a workflow file has a list 'agents'")
    if not isinstance(entry.value, Items):
        raise at.key("agents").wanted(entry.value, "a list of maps", hint="write each agent as '- id: …'")
    if not entry.value.items:
        raise at.fault(entry.line, "has no agents", hint="the list 'agents' is empty")
    return entry.value


def _rewritten(section: Table, rewriting: Rewriting, at: Place) -> Table:
    """What stands below `workflow`, its defaults too, in keys of ours."""
    written = rewriting.workflow(section)
    shared = written.find("defaults")
    if shared is None or not isinstance(shared.value, Table):
        return written
    return put(written, Entry("defaults", shared.line, rewriting.agent(shared.value, at.key("defaults"))))


def _below(written: Table) -> Table:
    """What an agent has that says nothing itself: `defaults`, and below them what the workflow says for all."""
    shared = written.find("defaults")
    own = shared.value if shared is not None and isinstance(shared.value, Table) else Table((), written.line)
    return under(own, Table(tuple(entry for entry in written.entries if entry.key in _INHERITED), written.line))


def _read_agents(listed: Items, below: Table, rewriting: Rewriting, at: Place) -> Iterator[ReadAgent]:
    lines: dict[str, int] = {}
    for index, item in enumerate(listed.items):
        if not isinstance(item, Table):
            raise at.key("agents").item(index).wanted(item, "a map with an 'id'")
        id = id_of(item, at)
        if id in lines:
            raise at.fault(item.line, f"the id {quoted(id)} is given twice, first on line {lines[id]}")
        lines[id] = item.line
        here = at.of_agent(id)
        own = rewriting.prioritised(rewriting.agent(item, here), id, here)
        yield read_agent(under(own, below), at)
    rewriting.check_priorities(lines)
    clash = clash_of(lines)
    if clash is not None:
        first, second = clash
        what = f"the id {quoted(second)} differs from {quoted(first)} on line {lines[first]} in case alone"
        raise at.fault(lines[second], what, hint="some file systems take them for the same")


def _name_of(path: Path) -> str:
    """`review` of `review.subagents.yaml`."""
    return path.stem.removesuffix(".subagents") or path.stem
