"""`--subagents-plan`: what is collected is planned and shown, and nothing is run."""

from __future__ import annotations

import shutil
from typing import Final

import pytest

from pytest_subagents.conduct.plan_facts import Known, facts_of
from pytest_subagents.errors import BadUsage, SubagentsError
from pytest_subagents.glue.run import NODE_KEY, Collected, Run
from pytest_subagents.glue.terminal import STYLES
from pytest_subagents.model.plan import Plan
from pytest_subagents.plan.planning import plan_of
from pytest_subagents.reports.plan_text import plan_lines

OPTION: Final = "--subagents-plan"


class PlanOnly:
    """Registered instead of all that runs, concludes and reports."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._plans: list[Plan] = []

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool | None:
        """pytest goes on as if all were done; with files that it could not collect, it says so itself."""
        if session.testsfailed and not session.config.option.continue_on_collection_errors:
            return None
        selected = {item.stash[NODE_KEY] for item in session.items if NODE_KEY in item.stash}
        for collected in self._run.collected:
            if selected.intersection(item for nodeid in collected.nodeids for item in self._run.items_of(nodeid)):
                self._plan(collected)
        return True

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        run = self._run
        if not self._plans and not run.mistakes and session.exitstatus in (0, 5):
            run.blame(
                BadUsage(
                    OPTION,
                    "no subagent was selected, so there is nothing to plan",
                    hint="name a workflow file, or marked tests",
                )
            )
        if run.mistakes:
            session.exitstatus = max(mistake.exit_code for mistake in run.mistakes)

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        width = shutil.get_terminal_size().columns
        for plan in self._plans:
            terminalreporter.write_sep("=", "plan")
            for line in plan_lines(plan, width=width):
                terminalreporter.write_line(line.text, **STYLES[line.style])

    def _plan(self, collected: Collected) -> None:
        """All of a workflow, as its order does not depend on what is selected of it."""
        run, workflow = self._run, collected.workflow
        known = [
            Known(subagent=agent, nodeid=item, recording=run.assignments[item].recording)
            for agent, nodeid in zip(workflow.agents, collected.nodeids, strict=True)
            for item in run.items_of(nodeid)
        ]
        try:
            facts = facts_of(known, rootdir=run.rootdir, run_dir=run.settings.run_dir)
            self._plans.append(plan_of(workflow, facts, most=run.settings.max_concurrency))
        except SubagentsError as error:
            run.blame(error)
