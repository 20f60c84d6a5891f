"""In a job of GitHub Actions: the report in the summary of the job, and annotations in its log.

Registered in the one process that concludes the run, where the variables of the runner say that this is such a job.
"""

from __future__ import annotations

import os
from collections.abc import Generator, Mapping
from pathlib import Path

import pytest

from pytest_subagents.conclude import add_to_summary
from pytest_subagents.git.place import below_checkout
from pytest_subagents.glue.run import Run
from pytest_subagents.reports.github import SUMMARY, WORKSPACE, annotation_lines


class GitHub:
    def __init__(self, run: Run, *, environ: Mapping[str, str]) -> None:
        self._run = run
        self._summary = environ.get(SUMMARY, "")
        self._below = below_checkout(run.rootdir, environ.get(WORKSPACE))

    @pytest.hookimpl(wrapper=True, trylast=True)
    def pytest_sessionfinish(self) -> Generator[None, object, object]:
        """After the run is concluded, and before the terminal's summary tells what failed here."""
        found = yield
        if self._run.report is not None and self._summary:
            self._summarise(Path(self._summary))
        return found

    @pytest.hookimpl(trylast=True)
    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """After our own section. Each line is a command to the runner, so it begins where a line begins."""
        if self._run.report is not None:
            terminalreporter.ensure_newline()
            for line in annotation_lines(self._run.report, below=self._below):
                terminalreporter.write_line(line)

    def _summarise(self, path: Path) -> None:
        run = self._run
        assert run.report is not None
        rest = os.path.relpath(run.settings.report_dir / "report.json", run.rootdir)
        fault = add_to_summary(run.report, path, rest=rest)
        if fault is not None:
            run.warnings.append(f"{SUMMARY}: {fault}")
