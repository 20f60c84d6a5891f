"""What a pytest process needs where agents may be started: a run directory, limits, and somebody who runs them."""

from __future__ import annotations

import os
import signal
import tempfile
import threading
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

from pytest_subagents.conduct.live import LiveConductor
from pytest_subagents.conduct.preflight import cautions, preflight
from pytest_subagents.conduct.situation import Situation
from pytest_subagents.conduct.workplace import Workplaces
from pytest_subagents.errors import BadUsage, SubagentsError
from pytest_subagents.glue.board import Board
from pytest_subagents.glue.distribution import Role
from pytest_subagents.glue.run import NODE_KEY, Run
from pytest_subagents.glue.worker_allowance import WorkerAllowance
from pytest_subagents.runners.allowance import Allowance, LocalAllowance
from pytest_subagents.runners.leases import Leases
from pytest_subagents.runners.private_root import homes_of, private_root, remove_private_root
from pytest_subagents.runners.supervision.dumpable import hide_environment
from pytest_subagents.runners.supervision.stop import Stop
from pytest_subagents.transcript.run_directory import RunDirectory, alive, latest, trusted_above
from pytest_subagents.workspace.slots import Slot, take_slot


def go_live(run: Run, config: pytest.Config, role: Role, channel: Any) -> list[object]:
    """Makes ready what this process needs in its role; the plugins to register. `pytest.UsageError` where it cannot."""
    hide_environment()
    try:
        directory = _directory(run, config, role)
        slot = None if role == "worker" else _slot(run)
    except SubagentsError as error:
        raise pytest.UsageError(str(error)) from None
    run.folder = directory.path
    work = run.work = slot.path if slot is not None else Path(config.workerinput["subagents_work"])  # type: ignore[attr-defined]
    plugins: list[object] = [Ending(directory, slot)]
    if role != "worker":
        plugins.append(Board(run, config, directory))
    if role == "controller":
        return plugins
    stop = Stop()
    if role == "worker" and channel is not None:
        to_controller = WorkerAllowance(channel, stop)
        allowance: Allowance = to_controller
        run.announce = to_controller.announce
    else:
        leases = Leases(at_once=run.settings.max_concurrency, budget=run.settings.budget)
        allowance = LocalAllowance(leases, stop, tell=lambda progress: run.tell(progress))
        plugins.append(_Over(run, leases))
    homes = Path(tempfile.mkdtemp(prefix="", dir=_private_root(directory)))
    trusted = trusted_above(run.settings.run_dir, run.rootdir)
    workplaces = Workplaces(rootdir=run.rootdir, work=work, trusted=trusted, environ=os.environ)
    run.conductor = LiveConductor(
        Situation(
            rootdir=run.rootdir,
            run_directory=directory,
            earlier=RunDirectory.open(run.earlier) if run.earlier is not None else None,
            homes=homes,
            environ=dict(os.environ),
            publish=run.settings.mode in ("once", "record"),
            reuse=run.settings.mode == "once",
            stale=run.settings.stale,
            redact=run.settings.redact,
            stop=stop,
            allowance=allowance,
            workplaces=workplaces,
        )
    )
    return [*plugins, Live(run, config, alone=role == "alone")]


class Live:
    """Registered wherever agents are started."""

    def __init__(self, run: Run, config: pytest.Config, *, alone: bool) -> None:
        self._run = run
        self._alone = alone
        self._timeouts = config.pluginmanager.hasplugin("timeout")

    @pytest.hookimpl(trylast=True, specname="pytest_collection_modifyitems")
    def pytest_prepare_to_start(self, items: list[pytest.Item]) -> None:
        """After everything that selects and orders: what is wrong is said before anything is started."""
        ours = [item for item in items if NODE_KEY in item.stash]
        if self._timeouts:
            for item in ours:
                item.add_marker(pytest.mark.timeout(0))  # its thread method would kill the worker; our limits hold
        self._check([item.stash[NODE_KEY] for item in ours])
        if self._run.mistakes:
            items.clear()

    def _check(self, nodeids: Sequence[str]) -> None:
        run = self._run
        running = [run.assignments[nodeid] for nodeid in nodeids if run.runs(nodeid)]
        for mistake in preflight(running, rootdir=run.rootdir, environ=os.environ, budget=run.settings.budget):
            run.blame(mistake)
        run.warnings += cautions(running, os.environ)
        if self._alone:
            return
        for assignment in running:
            subagent = assignment.subagent
            key = "depends_on" if subagent.depends_on else "resources" if subagent.resources else None
            if key is not None:
                run.blame(
                    BadUsage(
                        f"{subagent.where} (agent {subagent.id!r})",
                        f"{key!r} is not honoured yet where live agents are distributed to workers",
                        hint="run it with -n 0",
                    )
                )


class _Over:
    """Registered where one process does it all: it says why a run ended before its plan."""

    def __init__(self, run: Run, leases: Leases) -> None:
        self._run = run
        self._leases = leases

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self) -> None:
        self._run.over = self._leases.over


class Ending:
    """Registered in every live process: SIGTERM, as CI systems send it, ends a run as Ctrl-C does."""

    def __init__(self, directory: RunDirectory, slot: Slot | None) -> None:
        self._directory = directory
        self._slot = slot
        self._before: Any = None
        if threading.current_thread() is threading.main_thread():
            self._before = signal.signal(signal.SIGTERM, _interrupt)

    def pytest_unconfigure(self) -> None:
        if self._before is not None:
            signal.signal(signal.SIGTERM, self._before)
        if self._slot is not None:
            remove_private_root(homes_of(self._directory.path, Path(tempfile.gettempdir())))
            self._slot.release()
        self._directory.release()


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt(signal.Signals(number).name)


def _slot(run: Run) -> Slot:
    """One for the whole run, so that a checkout has the same path whichever worker makes it."""
    root = run.settings.run_dir
    return take_slot(root / "work", below=trusted_above(root, run.rootdir))


def _private_root(directory: RunDirectory) -> Path:
    try:
        return private_root(directory.path, temporary=Path(tempfile.gettempdir()), alive=alive)
    except BadUsage as error:
        raise pytest.UsageError(str(error)) from None


def _directory(run: Run, config: pytest.Config, role: Role) -> RunDirectory:
    """A new run, or in a worker the one of its controller; with the run before it, where that is to be gone on with."""
    if role == "worker":
        given = config.workerinput  # type: ignore[attr-defined]
        run.earlier = Path(given["subagents_earlier"]) if given.get("subagents_earlier") else None
        return RunDirectory.open(Path(given["subagents_run_folder"]))
    if run.settings.resume:
        run.earlier = latest(run.settings.run_dir)
        if run.earlier is None:
            raise BadUsage("--subagents-resume", f"there is no run in {run.settings.run_dir}", hint="leave it out")
    return RunDirectory.create(run.settings.run_dir, below=run.rootdir, started=datetime.now(UTC))
