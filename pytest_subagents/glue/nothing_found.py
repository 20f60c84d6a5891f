"""A word where `--subagents` was typed and no subagent was found: pytest looks only where it is told to."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from pytest_subagents.glue.run import Run
from pytest_subagents.model.glob import matches
from pytest_subagents.reports.escape import terminal


class NothingFound:
    """Registered where there is a person to talk to, who typed the option."""

    def __init__(self, run: Run) -> None:
        self._run = run

    @pytest.hookimpl(trylast=True)
    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        run = self._run
        if run.is_planned or run.deselected or run.mistakes or run.bad_files:
            return
        config = terminalreporter.config
        if config.getoption("lf", False) or any("::" in arg for arg in config.args):
            return  # that may well be what was asked for
        where = ", ".join(map(terminal, config.args))
        by = " (testpaths)" if config.args_source.name == "TESTPATHS" else ""
        found = next(_workflow_files(run), None)
        named = run.shown_from_cwd(found) if found is not None else "PATH"
        terminalreporter.write_line(
            f"subagents: none was found in {where}{by}; where they are elsewhere, name the place: "
            f"pytest --subagents {terminal(named)}",
            yellow=True,
        )


def _workflow_files(run: Run) -> Iterator[Path]:
    """Those in the rootdir itself."""
    globs = tuple(glob for glob in run.settings.files if "/" not in glob)
    yield from (path for path in sorted(run.rootdir.iterdir()) if matches(path.name, globs) and path.is_file())
