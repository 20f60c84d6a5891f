"""How the scope of one subagent differs from what it read and wrote in its last live run."""

from __future__ import annotations

from pathlib import Path

import msgspec

from pytest_subagents.model.result import Result
from pytest_subagents.model.scope import Scope
from pytest_subagents.model.scope_use import ScopeGaps
from pytest_subagents.model.value import Value
from pytest_subagents.plan.scope_gaps import scope_gaps
from pytest_subagents.reports.line import Line
from pytest_subagents.reports.scope_text import scope_lines
from pytest_subagents.transcript.scope_history import LastUse, ScopeHistory


class ScopeShown(Value, frozen=True, kw_only=True):
    declared: Scope
    last: LastUse
    gaps: ScopeGaps

    @classmethod
    def of(cls, row: Result, run_dir: Path) -> ScopeShown | None:
        """None where no run in `run_dir` tells what it read and wrote."""
        chosen = next((run.nodeid for run in row.attempts if run.selected), row.planned.nodeid)
        last = ScopeHistory(run_dir).of(chosen)
        if last is None:
            return None
        declared = row.planned.scope
        gaps = scope_gaps(declared, last.use, ended_well=last.ended_well)
        return cls(declared=declared, last=last, gaps=gaps)

    def lines(self) -> tuple[Line, ...]:
        return scope_lines(self.declared, self.last.use, self.gaps, run=self.last.run)

    def plain(self) -> dict[str, object]:
        """For `--json`."""
        gaps = msgspec.to_builtins(self.gaps)
        corrected = gaps.pop("corrected")
        return {
            "run": self.last.run,
            "used": msgspec.to_builtins(self.last.use),
            "gaps": {**gaps, "under_declared": self.gaps.under_declared, "over_declared": self.gaps.over_declared},
            "corrected": corrected,
        }
