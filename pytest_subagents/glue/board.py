"""Shows what live subagents are doing while pytest waits for them, and keeps it in the run directory for `status`.

On a terminal a table stands below pytest's own lines. Elsewhere a line is printed now and then, so that a log of
minutes does not look dead. A thread does both, and it is the only one that waits for a terminal or a disk: whoever
tells what an agent does, from whatever thread, under whatever locks, only leaves it here.
"""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Final, Literal

import pytest
from msgspec.structs import replace

from pytest_subagents.conduct.shown_paths import printable
from pytest_subagents.errors import SubagentsError
from pytest_subagents.glue.below import Below
from pytest_subagents.glue.private_names import is_crash
from pytest_subagents.glue.run import Run
from pytest_subagents.model import limits
from pytest_subagents.model.progress import AgentProgress, RunProgress, cut_off, in_order
from pytest_subagents.reports.progress_text import progress_line, progress_table
from pytest_subagents.transcript.run_directory import RunDirectory

if TYPE_CHECKING:
    from rich.text import Text

STATUS: Final = "status.json"


class Board:
    """Registered where there is a person to talk to: everywhere but in xdist's workers."""

    def __init__(self, run: Run, config: pytest.Config, directory: RunDirectory) -> None:
        self._run = run
        self._config = config
        self._directory = directory
        self._started = time.time()
        self._lock = threading.Lock()  # held for moments only, never while something is written
        self._agents: dict[str, AgentProgress] = {}
        self._below: Below | None = None
        self._over = threading.Event()
        self._changed = True
        """Since it was kept last."""
        run.tell = self.take

    def take(self, progress: AgentProgress) -> None:
        """What one of them does now; in any thread, and at once."""
        with self._lock:
            self._agents[progress.nodeid] = progress
            self._changed = True
        if self._below is not None and self._run.conductor is not None and not self._anything_open():
            self._below.clear()  # its test goes on here and now, and may print what it likes

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtestloop(self) -> Generator[None, object, object]:
        with self._watched():
            return (yield)

    @pytest.hookimpl(trylast=True)
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if is_crash(report):
            self._lost(printable(report.nodeid))

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self) -> None:
        """After xdist has ended its workers."""
        self._keep(over=True)

    def progress(self, *, over: bool = False) -> RunProgress:
        """What is known now."""
        with self._lock:
            agents = dict(self._agents)
        ended = {nodeid for nodeid, agent in agents.items() if agent.state == "ended"}
        return RunProgress(
            mode=self._run.settings.mode,
            started=self._started,
            updated=time.time(),
            planned=len(self._run.planned),
            done=len(ended | set(self._run.results)),
            agents=in_order(agents.values()),
            over=over,
        )

    @contextmanager
    def _watched(self) -> Iterator[None]:
        """Nothing of it is left behind, whatever ends pytest's loop."""
        below = self._below = Below.of(self._config)
        watching = threading.Thread(target=self._watch, args=(below,), name="subagents-board", daemon=True)
        watching.start()
        try:
            yield
        finally:
            self._over.set()
            try:
                watching.join()
            finally:
                self._below = None
                if below is not None:
                    below.close()

    def _watch(self, below: Below | None) -> None:
        """The thread. A fault in it is told at the end of the run, and ends nothing but the showing."""
        kept, told = -math.inf, time.monotonic()
        while True:
            now = time.monotonic()
            if now - kept >= (limits.PROGRESS_KEPT_SECONDS if self._changed else limits.PROGRESS_ALIVE_SECONDS):
                kept = now
                self._keep()
            try:
                if below is not None and below.draws:
                    self._draw(below)
                elif below is not None and now - told >= limits.PROGRESS_LINE_SECONDS and self._anything_busy():
                    told = now
                    below.tell(f"subagents: {progress_line(self.progress(), time.time())}")
            except Exception as error:
                below = None
                self._run.warnings.append(f"progress was not shown any more: {type(error).__name__}: {error}")
            if self._over.wait(limits.PROGRESS_DRAWN_SECONDS):
                return

    def _draw(self, below: Below) -> None:
        if not self._anything_open():
            below.clear()
            return
        width, height = below.size()
        lines = progress_table(self.progress(), time.time(), width=width, height=height)
        below.draw(_painted(lines, width, colours=below.colours), only_if=self._anything_open)

    def _anything_open(self) -> bool:
        with self._lock:
            return any(agent.state != "ended" for agent in self._agents.values())

    def _anything_busy(self) -> bool:
        with self._lock:
            return any(agent.busy for agent in self._agents.values())

    def _lost(self, nodeid: str) -> None:
        """A worker that died has not told that its agent ended."""
        with self._lock:
            known = self._agents.get(nodeid)
            if known is not None and known.state != "ended":
                self._agents[nodeid] = replace(known, state="ended", status="failed", ended=time.time())
                self._changed = True

    def _keep(self, *, over: bool = False) -> None:
        self._changed = False
        run = self.progress(over=over)
        with suppress(SubagentsError):  # a full disk, say: it is only for those who watch
            self._directory.write_json(STATUS, cut_off(run, run.updated) if over else run)


def _painted(lines: Sequence[Text], width: int, *, colours: bool) -> list[str]:
    """As a terminal reads them."""
    from rich.console import Console

    system: Literal["standard"] | None = "standard" if colours else None
    console = Console(width=width, color_system=system, force_terminal=True, no_color=False, emoji=False, markup=False)
    with console.capture() as captured:
        for line in lines:
            console.print(line, highlight=False, no_wrap=True, overflow="crop")
    return captured.get().split("\n")[: len(lines)]
