"""Hooks around each item, in the process that runs it: conduct the subagent, and put its result on the report."""

from __future__ import annotations

from collections.abc import Generator

import pytest
from msgspec.structs import replace

from pytest_subagents.glue.attempts import competes, excuse
from pytest_subagents.glue.items import SubagentItem
from pytest_subagents.glue.outcome import SubagentFailed, SubagentNotRun, settle
from pytest_subagents.glue.run import NODE_KEY, Run
from pytest_subagents.glue.transport import attach
from pytest_subagents.model import limits
from pytest_subagents.model.reason import Reason, lowered
from pytest_subagents.model.result import Result
from pytest_subagents.model.status import rank


class Running:
    """Registered wherever items run: in a worker of xdist, or in the one process there is."""

    def __init__(self, run: Run) -> None:
        self._run = run

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_call(self, item: pytest.Item) -> None:
        if NODE_KEY in item.stash and not isinstance(item, SubagentItem):
            settle(item, self._run.result_of(item.stash[NODE_KEY]))

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        report = yield
        if (report.when == "call" or report.failed) and NODE_KEY in item.stash:
            self._attach(item, call.excinfo.value if call.excinfo else None, report)
        return report

    def _attach(self, item: pytest.Item, raised: BaseException | None, report: pytest.TestReport) -> None:
        """Put the result on the report, lowered where the test around it failed."""
        if report.when == "setup":
            self._run.never_ran(item.stash[NODE_KEY], _assertion(report))
        result = self._run.result_of(item.stash[NODE_KEY])
        if report.failed and not isinstance(raised, SubagentFailed):
            result = _with_assertion(result, report)
        elif isinstance(raised, SubagentNotRun):
            report.longrepr = (str(item.path), 0, f"Skipped: {raised}")
        elif isinstance(raised, SubagentFailed) and self._run.settings.verdict == "gates":
            _excuse(report, result, "the gates decide")
        if report.failed and report.when == "call" and competes(result.planned):
            _excuse(report, result, "its row decides")
        if result.planned.attempt is not None:
            self._run.attempted(item.stash[NODE_KEY], result)
        attach(report, result)
        if report.when == "teardown" or isinstance(item, SubagentItem):
            self._run.forget(item.stash[NODE_KEY])


def _excuse(report: pytest.TestReport, result: Result, who: str) -> None:
    deciding = max(result.reasons, key=lambda reason: rank(reason.ceiling))
    excuse(report, f"{result.status} ({deciding.kind}); {who}")


def _with_assertion(result: Result, report: pytest.TestReport) -> Result:
    """`result` with what its test found; an expectation that was met is met no more."""
    reason = _assertion(report)
    if reason in result.reasons:
        return result
    reasons = (*result.reasons, reason)
    return replace(result, reasons=reasons, status=lowered(reasons), expected=False)


def _assertion(report: pytest.TestReport) -> Reason:
    crash = getattr(report.longrepr, "reprcrash", None)
    message = str(getattr(crash, "message", "") or report.longreprtext).strip().partition("\n")[0]
    where = "" if report.when == "call" else f" in {report.when}"
    return Reason(kind="assertion", message=f"the test failed{where}: {message}"[: limits.MESSAGE_CHARS])
