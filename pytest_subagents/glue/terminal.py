"""What pytest's terminal says of subagents: the header, the word for a partial one, and the summary section."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Final

import pytest

from pytest_subagents.errors import SubagentsError
from pytest_subagents.glue.outcome import shown
from pytest_subagents.glue.run import Run
from pytest_subagents.glue.transport import carried
from pytest_subagents.model.report import Report
from pytest_subagents.model.result import Planned
from pytest_subagents.reports.escape import terminal
from pytest_subagents.reports.line import Line
from pytest_subagents.reports.terminal_text import summary_lines
from pytest_subagents.reports.wrapping import wrapped


class Terminal:
    """Registered where there is a person to talk to: everywhere but in xdist's workers."""

    def __init__(self, run: Run, *, workers: int) -> None:
        """`workers` of xdist; 0 where one process does it all."""
        self._run = run
        self._workers = workers

    def pytest_report_header(self, config: pytest.Config) -> list[str]:
        settings = self._run.settings
        if settings.plan:
            return ["subagents: a plan; nothing is started (--subagents-plan)"]
        told = [text for text in settings.changed if not text.startswith("mode=")]
        mode = next((text for text in settings.changed if text.startswith("mode=")), f"mode={settings.mode}")
        option = "-n" if config.getoption("numprocesses", None) else "--tx"
        which = which_limit(settings.max_concurrency, self._workers, option, what="agent" if settings.live else "check")
        limit = [f"subagents: {which}"] if settings.works else []
        return [f"subagents: {', '.join(terminal(text) for text in (mode, *told))}", *limit]

    @pytest.hookimpl(tryfirst=True)
    def pytest_report_teststatus(
        self, report: pytest.TestReport
    ) -> tuple[str, str, tuple[str, dict[str, bool]]] | None:
        # Only for what passed its call: every other outcome has pytest's own word.
        found = carried(report) if report.when == "call" and report.passed else None
        if found is None or found["expected"] or found["status"] != "partial":
            return None
        return "partial", "p", ("PARTIAL", {"yellow": True})

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        run = self._run
        for warning in run.warnings:
            terminalreporter.write_line(f"warning: {terminal(warning)}", yellow=True)
        if run.report is not None:
            terminalreporter.write_sep("=", "subagents")
            written = [run.shown_from_cwd(path) for path in run.written] if run.sharding is None else []
            width = shutil.get_terminal_size().columns
            can_record = not run.settings.live
            lines = summary_lines(
                run.report,
                written=written,
                width=width,
                can_record=can_record,
                beyond=_beyond_scope(run.report),
                again=_again(run, run.report),
                kept=[run.shown_from_cwd(path) for path in _kept(run, run.report)],
                whole=terminalreporter.verbosity > 0,
            )
            for line in (*lines, *_shard_lines(run)) if run.planned else _shard_lines(run):
                terminalreporter.write_line(line.text, **STYLES[line.style])
            for text in run.snapshot_lines:
                terminalreporter.write_line(f" {text}")
        for mistake in run.mistakes:
            for text in _worded(mistake, shutil.get_terminal_size().columns if terminalreporter.isatty else None):
                terminalreporter.write_line(text, red=True)


def _shard_lines(run: Run) -> tuple[Line, ...]:
    """Of a part of a run."""
    settings, sharding = run.settings, run.sharding
    if settings.shard is None or sharding is None:
        return ()
    from pytest_subagents.glue.sharding import asked_of
    from pytest_subagents.reports.shard_text import shard_lines

    return tuple(
        shard_lines(
            settings.shard,
            sharding.deal,
            tests=(sharding.tests, sharding.all_tests),
            written=[run.shown_from_cwd(path) for path in run.written],
            folder=run.shown_from_cwd(settings.report_dir),
            asked=asked_of(run),
            snapshot=settings.snapshot,
        )
    )


def _again(run: Run, report: Report) -> str:
    """The mode in which a resume goes on with a run that was cut short, or runs those again that lost its merge; empty
    where neither is so."""
    lost = run.merges is not None and any(run.merges.again.values())
    return run.settings.mode if run.settings.live and (lost or not report.complete) else ""


def _beyond_scope(report: Report) -> tuple[Planned, ...]:
    """The subagents of a live run that read or wrote what their scope does not say."""
    ran = [row for row in report.agents if row.used is not None]
    if not ran:
        return ()
    from pytest_subagents.plan.scope_gaps import scope_gaps  # which a replay needs not

    return tuple(row.planned for row in ran if row.used and scope_gaps(row.planned.scope, row.used).under_declared)


def _kept(run: Run, report: Report) -> list[Path]:
    """The private checkouts that this run has left, on this machine."""
    if run.work is None or run.settings.keep == "none":
        return []
    from pytest_subagents.workspace.slots import place_of  # which a replay needs not

    nodeids = (one.nodeid for row in report.agents for one in row.attempts or (row.planned,))
    places = [place_of(run.work, nodeid) for nodeid in nodeids]
    return [place for place in places if place.is_dir()]


STYLES: Final[Mapping[str, Mapping[str, bool]]] = MappingProxyType(
    {
        "plain": {},
        "heading": {"bold": True},
        "success": {"green": True},
        "partial": {"yellow": True},
        "failed": {"red": True},
        "not_run": {"yellow": True},
        "expected": {"cyan": True},
    }
)


def which_limit(most: int | None, workers: int, option: str = "-n", *, what: str = "agent") -> str:
    """Which limit holds on how many live agents (or `what` else) run at a time, of `--subagents-max-concurrency` and
    xdist's workers, whose number `option` says."""
    if most is not None and most < workers:
        number, why = most, "--subagents-max-concurrency"
    else:
        number, why = max(workers, 1), option if workers else "no -n"
    if number == 1:
        return f"one {what} at a time ({why})"
    return f"at most {number} {what}s at a time ({why}), fewer where a workflow says so"


def _worded(mistake: SubagentsError, width: int | None) -> Iterator[str]:
    """On a terminal broken between words."""
    for line in f"ERROR: {shown(str(mistake))}".split("\n"):
        yield from wrapped(line, width)
