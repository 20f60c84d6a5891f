"""Shows what live subagents are doing while pytest waits for them, and keeps it in the run directory for `status`.

On a terminal a table is drawn below pytest's own lines, and gone before pytest writes again. Elsewhere a line is
printed now and then, so that a log of minutes does not look dead.
"""

from __future__ import annotations

import threading
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

import pytest

from pytest_subagents.errors import SubagentsError
from pytest_subagents.glue.run import Run
from pytest_subagents.model.progress import AgentProgress, RunProgress, in_order
from pytest_subagents.reports.progress_text import progress_line, progress_table
from pytest_subagents.transcript.run_directory import RunDirectory

if TYPE_CHECKING:
    from rich.live import Live

_KEPT_EVERY: Final = 1.0
"""Seconds between two writings of the file."""
_LINE_EVERY: Final = 30.0
"""Seconds between two lines in a log."""
_DRAWN_A_SECOND: Final = 4
STATUS: Final = "status.json"


class Board:
    """Registered where there is a person to talk to: everywhere but in xdist's workers."""

    def __init__(self, run: Run, config: pytest.Config, directory: RunDirectory) -> None:
        self._run = run
        self._config = config
        self._directory = directory
        self._lock = threading.RLock()
        self._agents: dict[str, AgentProgress] = {}
        self._started = time.time()
        self._kept = 0.0
        self._live: Live | None = None
        self._over = threading.Event()
        self._lines: threading.Thread | None = None
        run.tell = self.take

    def take(self, progress: AgentProgress) -> None:
        """In any thread."""
        with self._lock:
            self._agents[progress.nodeid] = progress
            if progress.state == "ended" or time.monotonic() - self._kept >= _KEPT_EVERY:
                self._keep()
            if self._busy():
                self._show()

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_logstart(self) -> None:
        self._hide()

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_logreport(self) -> object:
        """pytest writes now."""
        self._hide()
        result = yield
        with self._lock:
            if self._busy():
                self._show()
        return result

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self) -> None:
        self._over.set()
        self._hide()
        with self._lock:
            self._keep(over=True)

    def value(self, *, over: bool = False) -> RunProgress:
        """What is known now."""
        return RunProgress(
            mode=self._run.settings.mode,
            started=self._started,
            updated=time.time(),
            planned=len(self._run.planned),
            agents=in_order(self._agents.values()),
            over=over,
        )

    def _busy(self) -> bool:
        return any(agent.state not in ("waiting", "ended") for agent in self._agents.values())

    def _keep(self, *, over: bool = False) -> None:
        self._kept = time.monotonic()
        with suppress(SubagentsError):  # a full disk, say: it is only for those who watch
            self._directory.write_json(STATUS, self.value(over=over))

    def _show(self) -> None:
        if self._over.is_set() or self._live is not None or self._lines is not None:
            return
        writer = self._config.get_terminal_writer()
        if not _is_terminal(writer):
            self._lines = threading.Thread(target=self._tell_now_and_then, name="subagents-progress", daemon=True)
            self._lines.start()
            return
        self._new_line()
        self._live = _live_table(writer, self)
        self._live.start()

    def _hide(self) -> None:
        with self._lock:
            live, self._live = self._live, None
        if live is not None:
            live.stop()

    def _tell_now_and_then(self) -> None:
        while not self._over.wait(_LINE_EVERY):
            with self._lock:
                if self._busy():
                    self._new_line()
                    line = progress_line(self.value(), time.time())
                    self._config.get_terminal_writer().line(f"subagents: {line}")

    def _new_line(self) -> None:
        """pytest names the file again when it writes the next result."""
        reporter: Any = self._config.pluginmanager.get_plugin("terminalreporter")
        if reporter is not None:
            reporter.ensure_newline()


def _is_terminal(writer: Any) -> bool:
    return bool(writer.hasmarkup)


def _live_table(writer: Any, board: Board) -> Live:
    from rich.console import Console
    from rich.live import Live

    console = Console(file=_Through(writer), force_terminal=True, width=writer.fullwidth)  # type: ignore[arg-type]
    return Live(
        get_renderable=lambda: progress_table(board.value(), time.time()),
        console=console,
        transient=True,
        refresh_per_second=_DRAWN_A_SECOND,
        redirect_stdout=False,
        redirect_stderr=False,
    )


class _Through:
    """pytest's terminal writer as the file that rich writes to: capturing does not hide it."""

    encoding = "utf-8"

    def __init__(self, writer: Any) -> None:
        self._writer = writer

    def write(self, text: str) -> int:
        self._writer.write(text)
        return len(text)

    def flush(self) -> None:
        self._writer.flush()

    def isatty(self) -> bool:
        return True
