"""One unit after the other onto a tree: joined, validated, and taken out again where that fails."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias

from msgspec.structs import replace

from pytest_subagents.merge.joining import Joining
from pytest_subagents.merge.units import Unit
from pytest_subagents.merge.work import Rebuilt
from pytest_subagents.model.integration import Halt, Merged, Row, TakenOut, Validation, Waiting
from pytest_subagents.model.value import Value

Validate: TypeAlias = Callable[[str, Unit], Validation]
"""Of a tree, after a unit."""


class Outcome(Value, frozen=True, kw_only=True):
    rows: Mapping[str, Row]
    """By id, of those whose work there is."""
    validations: tuple[Validation, ...]
    halt: Halt | None


def unit_by_unit(joining: Joining, units: Sequence[Unit], works: Mapping[str, Rebuilt], validate: Validate) -> Outcome:
    """Brings the `works` of `units` into `joining`, as far as they merge and what comes of it passes."""
    going = _Going(joining=joining, validate=validate)
    for unit in units:
        going.on(unit, [works[agent] for agent in unit.agents if agent in works])
    return Outcome(rows=going.rows, validations=tuple(going.validations), halt=going.halt)


class _Going:
    def __init__(self, *, joining: Joining, validate: Validate) -> None:
        self._joining = joining
        self._validate = validate
        self._passed: set[str] = set()
        self.rows: dict[str, Row] = {}
        self.validations: list[Validation] = []
        self.halt: Halt | None = None

    def on(self, unit: Unit, works: Sequence[Rebuilt]) -> None:
        why = self._waits(unit)
        if why:
            self._joining.leave_out([work.agent for work in works])
            self.rows |= {work.agent: Waiting(agent=work.agent, why=why) for work in works}
            return
        rows = self._joining.add(works)
        self.rows |= {row.agent: row for row in rows}
        merged = [row.agent for row in rows if isinstance(row, Merged)]
        if not merged or not unit.commands:
            self._passed.add(unit.name)
            return
        found = replace(self._validate(self._joining.tree, unit), agents=tuple(merged))
        self.validations.append(found)
        if found.state != "failed":
            self._passed.add(unit.name)
            return
        self._joining.take_out(merged)
        self.rows |= {agent: TakenOut(agent=agent, why=f"the merge does not hold: {found.why}") for agent in merged}
        match unit.on_failure:
            case "abort-workflow":
                self.halt = Halt(kind="aborted", after=unit.name)
            case "pause-and-notify":
                self.halt = Halt(kind="paused", after=unit.name)
            case "create-review-issue":
                pass

    def _waits(self, unit: Unit) -> str:
        if self.halt is not None:
            return f"the merge was {self.halt.kind} after {self.halt.after}"
        missing = next((name for name in unit.after if name not in self._passed), None)
        return f"it waits for the stage {missing}, which is not merged" if missing is not None else ""
