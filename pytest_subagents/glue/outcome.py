"""From a result to what pytest shows of its item: passed, failed with its reasons, or skipped with its reason."""

from __future__ import annotations

import pytest

from pytest_subagents.glue.run import RUN_KEY
from pytest_subagents.model.result import Result
from pytest_subagents.reports.escape import terminal
from pytest_subagents.reports.terminal_text import failure_lines


# pytest's public names for its outcomes are attributes of functions, which no type checker can follow.
class SubagentFailed(pytest.fail.Exception):  # type: ignore[name-defined, misc]
    """The subagent of an item did not do well; the message is for the terminal."""

    # pytest's short summary shows the name of an exception with its module, but for those of this one.
    __module__ = "builtins"


class SubagentNotRun(pytest.skip.Exception):  # type: ignore[name-defined, misc]
    """The subagent of an item never started."""


def settle(item: pytest.Item, result: Result) -> None:
    """Raise what makes pytest show `item` as its subagent's result is; nothing where that is well."""
    if result.expected or result.status == "success":
        return
    if result.status == "not_run":
        raise SubagentNotRun(terminal(result.reasons[0].message))
    if result.status == "failed" or result.waits_for_review or item.config.stash[RUN_KEY].settings.partial == "fail":
        raise SubagentFailed("\n".join(failure_lines(result, report=_report_path(item))), pytrace=False)


def _report_path(item: pytest.Item) -> str:
    run = item.config.stash[RUN_KEY]
    return run.shown_from_cwd(run.settings.report_dir / "report.json")


def shown(text: str) -> str:
    """`text` for a terminal, line by line."""
    return "\n".join(terminal(line) for line in text.split("\n"))
