"""`--subagents-baseline`: an earlier report, read before anything runs, and refused where it is of something else."""

from __future__ import annotations

from typing import Any

import pytest

from pytest_subagents.aggregate.attempts import planned_row
from pytest_subagents.aggregate.baseline import is_of
from pytest_subagents.errors import BadUsage
from pytest_subagents.glue.run import Run
from pytest_subagents.model.report import Report
from pytest_subagents.model.result import Planned
from pytest_subagents.reports.baseline_file import is_foreign, stored_baseline
from pytest_subagents.reports.commands import update_baseline


class Baselined:
    """Registered where the run is concluded: in the controller of xdist, or in the one process there is."""

    def __init__(self, run: Run, shown: str) -> None:
        """`shown` is the file as a person would name it."""
        self._run = run
        self._shown = shown
        self._nodes: dict[Any, bool] = {}
        """The workers of xdist, and whether they have collected."""

    @classmethod
    def of(cls, run: Run) -> Baselined:
        """Reads the baseline, which the report of this run may replace; `UsageError` where it is none."""
        assert run.settings.baseline is not None
        run.baseline = read_baseline(run)
        return cls(run, run.shown_from_cwd(run.settings.baseline))

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Where this process collects; after those of marks are known."""
        known = [assignment.planned for assignment in self._run.assignments.values()]
        if items and self._refuses(known):
            items.clear()

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node: Any) -> None:
        self._nodes[node] = False

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_node_collection_finished(self, node: Any) -> None:
        """Where workers do. None of them is given anything before all have."""
        self._nodes[node] = True
        self._stop_if_refused()

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        self._nodes.pop(node, None)
        self._stop_if_refused()

    def _stop_if_refused(self) -> None:
        if self._nodes and all(self._nodes.values()) and self._refuses([*self._run.planned.values()]):
            for node in self._nodes:
                node.shutdown()  # else xdist waits for it, and then kills it
            pytest.exit("the baseline is of something else", returncode=BadUsage.exit_code)

    def _refuses(self, planned: list[Planned]) -> bool:
        run = self._run
        if run.baseline is None or not planned or is_of(run.baseline, map(planned_row, planned), run.deselected):
            return False
        run.blame(is_foreign(self._shown))
        return True


def read_baseline(run: Run) -> Report:
    """The baseline of a run that has one; `UsageError` where the file is none."""
    path = run.settings.baseline
    assert path is not None
    shown = run.shown_from_cwd(path)
    try:
        return stored_baseline(path, where=shown, hint=_how_to_make(run, shown))
    except BadUsage as error:
        raise pytest.UsageError(str(error)) from None


def _how_to_make(run: Run, shown: str) -> str:
    typed = any(text.endswith("(--subagents-baseline)") for text in run.settings.changed)
    once = "run once without the option" if typed else "run once with SUBAGENTS_BASELINE set to nothing"
    return f"{once}, then: {update_baseline(shown)}"
