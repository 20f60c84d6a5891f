"""Reads the keys that only articles use as keys of ours, on the tree, before the strict reader sees it."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from pytest_subagents.errors import BadFile
from pytest_subagents.model.spec import ReportedKey
from pytest_subagents.specify.keys.articles import UPLOADED, Only, ReadAs, Refused, Reported, Treatment, keys_below
from pytest_subagents.specify.place import Place, described, nearest, quoted
from pytest_subagents.specify.tree import Entry, Items, Leaf, Located, Table, put, without

_AGENT: Final = keys_below("agents[]")
_WORKFLOW: Final = keys_below("workflow")
_MAPS: Final = {
    name: keys_below(f"workflow.{name}") for name in ("context", "coordination", "execution", "merge", "audit")
}
_ADDRESS: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")
_TRIGGERS: Final = {
    "any_conflict": "any_conflict",
    "files_matching": "files_matching",
    "agent_confidence_below": "confidence_below",
    "lines_changed_above": "lines_changed_above",
}


@dataclass(slots=True)
class Rewriting:
    """One workflow on its way to our keys; what is only reported gathers in `reported`."""

    at: Place
    reported: list[ReportedKey] = field(default_factory=list)
    priorities: Table | None = None
    """`execution.agent_priority`: it belongs to the agents."""

    def workflow(self, table: Table) -> Table:
        """The map under `workflow` without any key of the articles."""
        result = table
        moved: list[tuple[str, Entry]] = []
        for name, treatments in _MAPS.items():
            entry = result.find(name)
            if entry is not None and isinstance(entry.value, Table):
                inner, taken = self._taken(entry.value, treatments, self.at.key(name))
                moved += [(f"{name}.{old.key}", old) for old in taken]
                if inner is not entry.value:
                    result = put(result, Entry(name, entry.line, inner)) if inner.entries else without(result, (name,))
        result, taken = self._taken(result, _WORKFLOW, self.at)
        shared = result.find("shared_context")
        if shared is not None:
            result = without(result, ("shared_context",))
            moved += [(f"shared_context.{old.key}", old) for old in self._only(shared, ("pre_cache",), self.at)]
        moved += [(old.key, old) for old in taken]
        result = self._with_moved(result, moved)
        return self._with_validation(result)

    def agent(self, table: Table, at: Place) -> Table:
        """The map of an agent (or of `defaults`) without any key of the articles."""
        if not any(entry.key in _AGENT or entry.key == "success_criteria" for entry in table.entries):
            return table
        result, taken = self._taken(table, _AGENT, at)
        for entry in taken:
            treatment = _AGENT[entry.key]
            assert isinstance(treatment, ReadAs)
            result = _added(result, (treatment.to,), entry, at)
        criteria = result.find("success_criteria")
        if criteria is not None and isinstance(criteria.value, Table):
            (commands,) = self._only(criteria, ("commands",), at) or (None,)
            if commands is None or not isinstance(commands.value, Items):
                raise at.key("success_criteria.commands").wanted(
                    commands.value if commands else criteria.value, "a list of commands"
                )
            runs = (Table((Entry("run", item.line, item),), item.line) for item in commands.value.items)
            result = put(result, Entry("success_criteria", criteria.line, Items(tuple(runs), criteria.line)))
        return result

    def prioritised(self, table: Table, id: str, at: Place) -> Table:
        """The agent's map with its share of `execution.agent_priority`."""
        entry = self.priorities.find(id) if self.priorities is not None else None
        return table if entry is None else _added(table, ("priority",), entry, at)

    def check_priorities(self, ids: Collection[str]) -> None:
        for entry in self.priorities.entries if self.priorities is not None else ():
            if entry.key not in ids:
                what = f"unknown agent {quoted(entry.key)} in 'execution.agent_priority'"
                raise self.at.fault(entry.line, what, hint=nearest(entry.key, ids, lead="its agents are"))

    def _taken(self, table: Table, treatments: Mapping[str, Treatment], at: Place) -> tuple[Table, list[Entry]]:
        """The table without these keys, and those of them that are read as one of ours."""
        moved: list[Entry] = []
        gone: list[str] = []
        for entry in table.entries:
            treatment = treatments.get(entry.key)
            if treatment is None:
                continue
            gone.append(entry.key)
            match treatment:
                case ReadAs():
                    moved.append(entry)
                case Only(value=value, hint=hint):
                    if described(entry.value) != described(Leaf(value)):
                        raise at.key(entry.key).wanted(entry.value, described(Leaf(value)), hint=hint)
                case Reported(why=why):
                    self._report(entry, at, why)
                case Refused(hint=hint):
                    raise at.fault(entry.line, f"{quoted(at.key(entry.key).path)} is not supported", hint=hint)
        return (without(table, gone), moved) if gone else (table, moved)

    def _report(self, entry: Entry, at: Place, why: str) -> None:
        where = Place(at.source).where(entry.line)
        self.reported.append(ReportedKey(key=at.key(entry.key).path, where=where, why=why))

    def _only(self, entry: Entry, names: tuple[str, ...], at: Place) -> tuple[Entry, ...]:
        """The entries of a map that may have these keys and no other."""
        inner = at.key(entry.key)
        if not isinstance(entry.value, Table):
            raise inner.wanted(entry.value, f"a map of {', '.join(names)}")
        for old in entry.value.entries:
            if old.key not in names:
                raise inner.fault(
                    old.line, f"unknown key {quoted(old.key)} in {quoted(inner.path)}", hint=nearest(old.key, names)
                )
        return entry.value.entries

    def _with_moved(self, table: Table, moved: list[tuple[str, Entry]]) -> Table:
        review: dict[str, Entry] = {}
        for path, entry in moved:
            at = self.at
            match path:
                case "context.shared_interfaces" | "shared_context.pre_cache":
                    table = self._with_files(table, entry)
                case "coordination.unresolvable_conflict_action":
                    if (_text(entry) or "").startswith("prefer-"):
                        raise at.key(path).refused(entry.value, "is not supported", hint="no side is ever preferred")
                    table = _added(table, ("merge", "on_failure"), entry, at)
                case "coordination.abort_on_agent_failure":
                    table = _added(table, ("execution", "abort_on_failure"), entry, at)
                case "coordination.broadcast_context" | "broadcast_context":
                    table = self._with_broadcast(table, entry)
                case "execution.agent_priority":
                    if not isinstance(entry.value, Table):
                        raise at.key(path).wanted(entry.value, "a map from ids to whole numbers")
                    self.priorities = entry.value
                case "audit.log_destination":
                    if _ADDRESS.match(_text(entry) or ""):
                        self._report(entry, at.key("audit"), UPLOADED.why)
                    else:
                        table = _added(table, ("audit", "log"), entry, at)
                case _:
                    review[entry.key] = entry
        return self._with_review(table, review)

    def _with_files(self, table: Table, entry: Entry) -> Table:
        new = entry.value.items if isinstance(entry.value, Items) else (entry.value,)
        context = table.find("context")
        inner = context.value if context is not None and isinstance(context.value, Table) else Table((), entry.line)
        files = inner.find("files")
        if files is not None and not isinstance(files.value, Items):
            raise self.at.key("context.files").wanted(files.value, "a list of paths")
        known = files.value.items if files is not None and isinstance(files.value, Items) else ()
        line = files.line if files is not None else entry.line
        return put(
            table,
            Entry(
                "context",
                context.line if context is not None else entry.line,
                put(inner, Entry("files", line, Items((*known, *new), line))),
            ),
        )

    def _with_broadcast(self, table: Table, entry: Entry) -> Table:
        for old in self._only(entry, ("files", "read_only"), self.at):
            if old.key == "files":
                table = _added(table, ("defaults", "scope", "read"), old, self.at)
            elif not (isinstance(old.value, Leaf) and old.value.value is True):
                raise self.at.key(f"{entry.key}.read_only").wanted(old.value, "true", hint="a broadcast only reads")
        return table

    def _with_review(self, table: Table, old: Mapping[str, Entry]) -> Table:
        required, triggers = old.get("human_review_required"), old.get("human_review_triggers")
        threshold = old.get("auto_merge_threshold")
        new: list[Entry] = list(self._triggers(triggers)) if triggers is not None else []
        if threshold is not None:
            new.append(Entry("confidence_below", threshold.line, threshold.value))
        if required is not None:
            at = self.at.key("coordination.human_review_required")
            if not (isinstance(required.value, Leaf) and isinstance(required.value.value, bool)):
                raise at.wanted(required.value, "true or false")
            if required.value.value:
                line = required.line
                if not new:
                    new.append(Entry("lines_changed_above", line, Leaf(0, line)))
                if not any(entry.key == "any_conflict" for entry in new):
                    new.append(Entry("any_conflict", line, Leaf(True, line)))
            elif triggers is not None:
                raise at.fault(required.line, f"no review is required, but triggers are given on line {triggers.line}")
        for entry in new:
            table = _added(table, ("review", entry.key), entry, self.at)
        return table

    def _triggers(self, entry: Entry) -> Iterable[Entry]:
        at = self.at.key("coordination.human_review_triggers")
        if not isinstance(entry.value, Items):
            raise at.wanted(entry.value, "a list of triggers")
        for index, item in enumerate(entry.value.items):
            for name, value in _trigger(item, at.item(index)):
                if name not in _TRIGGERS:
                    raise at.item(index).fault(
                        item.line, f"unknown trigger {quoted(name)}", hint=nearest(name, _TRIGGERS)
                    )
                yield Entry(_TRIGGERS[name], item.line, value)

    def _with_validation(self, table: Table) -> Table:
        """`validation.commands` of the merge and of its stages as `validation.run`."""
        merge = table.find("merge")
        if merge is None or not isinstance(merge.value, Table):
            return table
        at = self.at.key("merge")
        inner = _with_run(merge.value, at)
        stages = inner.find("stages")
        if stages is not None and isinstance(stages.value, Items):
            items = tuple(
                _with_run(stage, at.key("stages").item(index)) if isinstance(stage, Table) else stage
                for index, stage in enumerate(stages.value.items)
            )
            inner = put(inner, Entry("stages", stages.line, Items(items, stages.value.line)))
        return put(table, Entry("merge", merge.line, inner))


def _with_run(table: Table, at: Place) -> Table:
    validation = table.find("validation")
    if validation is None or not isinstance(validation.value, Table):
        return table
    commands = validation.value.find("commands")
    if commands is None:
        return table
    rest = without(validation.value, ("commands",))
    return put(table, Entry("validation", validation.line, _added(rest, ("run",), commands, at.key("validation"))))


def _trigger(item: Located, at: Place) -> Iterable[tuple[str, Located]]:
    """A trigger as the articles write them: a word, a map of one key, or such a map in quotes."""
    if isinstance(item, Table):
        return [(entry.key, entry.value) for entry in item.entries]
    if not (isinstance(item, Leaf) and isinstance(item.value, str)):
        raise at.wanted(item, "a trigger")
    name, colon, rest = item.value.partition(":")
    if not colon:
        return [(name.strip(), Leaf(True, item.line))]
    # Only here, so that a TOML or JSON file does not load the YAML library.
    from pytest_subagents.specify.yaml_source import tree_of

    try:
        return [(name.strip(), _on_line(tree_of(rest.strip(), at.source.shown), item.line))]
    except BadFile as error:
        raise at.fault(item.line, f"{quoted(item.value)} is no trigger: {error.what}") from None


def _on_line(node: Located, line: int) -> Located:
    match node:
        case Items():
            return Items(tuple(_on_line(item, line) for item in node.items), line)
        case Leaf():
            return Leaf(node.value, line, node.text)
    return node


def _added(table: Table, path: tuple[str, ...], entry: Entry, at: Place) -> Table:
    """The table with the value of `entry` at `path`; maps on the way are made. It must be free."""
    name, *rest = path
    old = table.find(name)
    if not rest:
        if old is not None:
            raise at.fault(
                entry.line,
                f"{quoted(entry.key)} is another name of {quoted(at.key(name).path)}, given on line {old.line}",
            )
        return put(table, Entry(name, entry.line, entry.value))
    if old is None:
        return put(table, Entry(name, entry.line, _added(Table((), entry.line), tuple(rest), entry, at.key(name))))
    if not isinstance(old.value, Table):
        raise at.key(name).wanted(old.value, "a map")
    return put(table, Entry(name, old.line, _added(old.value, tuple(rest), entry, at.key(name))))


def _text(entry: Entry) -> str | None:
    return entry.value.value if isinstance(entry.value, Leaf) and isinstance(entry.value.value, str) else None
