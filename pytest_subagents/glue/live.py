"""What a pytest process needs where agents or commands may be started: a run directory, limits, and somebody who runs
them."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Generator, Sequence
from pathlib import Path

import pytest

from pytest_subagents.conduct.assignment import Assignment
from pytest_subagents.conduct.check_faults import command_faults, validation_faults
from pytest_subagents.conduct.checking import CheckingConductor
from pytest_subagents.conduct.keeping import Keeper, LocalKeeper
from pytest_subagents.conduct.live import LiveConductor
from pytest_subagents.conduct.needed_work import works_in
from pytest_subagents.conduct.outside import Guard
from pytest_subagents.conduct.places_checked import Places
from pytest_subagents.conduct.preflight import cautions, preflight
from pytest_subagents.conduct.recorded_checkout import RecordedCheckouts
from pytest_subagents.conduct.situation import Situation
from pytest_subagents.conduct.workplace import Workplaces
from pytest_subagents.errors import SubagentsError
from pytest_subagents.glue import hermetic
from pytest_subagents.glue.again import again_from, learn_again
from pytest_subagents.glue.attempts import one_of_each
from pytest_subagents.glue.board import Board
from pytest_subagents.glue.carrying import carry, warn_of_others
from pytest_subagents.glue.distribution import Role, dist_of, schedules, unscheduled, workers_of
from pytest_subagents.glue.interrupting import Interrupts
from pytest_subagents.glue.machines.camp import make_camp
from pytest_subagents.glue.machines.gateways import BROUGHT, ELSEWHERE
from pytest_subagents.glue.machines.outpost import Outpost
from pytest_subagents.glue.notifying import Notifying
from pytest_subagents.glue.run import NODE_KEY, Conductor, Run
from pytest_subagents.glue.run_folder import BegunRun, begin
from pytest_subagents.glue.scheduling.idle import Idling
from pytest_subagents.glue.scheduling.worker import Worker
from pytest_subagents.runners.allowance import Allowance, LocalAllowance
from pytest_subagents.runners.private_root import homes_of, private_root, remove_private_root
from pytest_subagents.runners.spending import Spending
from pytest_subagents.runners.supervision.dumpable import hide_environment
from pytest_subagents.runners.supervision.stop import Stop
from pytest_subagents.transcript.redaction.user_patterns import compiled
from pytest_subagents.transcript.run_directory import RunDirectory, alive, trusted_above
from pytest_subagents.workspace.slots import Slot, take_slot


def go_live(
    run: Run, config: pytest.Config, role: Role, worker: Worker | None, outpost: Outpost | None
) -> list[object]:
    """Makes ready what this process needs in its role; the plugins to register. `pytest.UsageError` where it cannot.

    `outpost` is that of a worker which shares no files with its controller.
    """
    hide_environment()
    return _begin_run(run, config, role) if worker is None else _go_live_in_worker(run, config, worker, outpost)


def _begin_run(run: Run, config: pytest.Config, role: Role) -> list[object]:
    """In the process that the run belongs to."""
    settings = run.settings
    try:
        compiled(settings.redact, where="ini subagents_redact")
        begun = begin(settings, run.rootdir, workers=workers_of(config))
        run.folder, run.earlier = begun.directory.path, begun.earlier
        learn_again(run)
        slot = _slot(run)
        homes = _homes(run.folder)
    except SubagentsError as error:
        raise pytest.UsageError(str(error)) from None
    run.work = slot.path
    stop = Stop()
    interrupts = Interrupts(stop, terminates=True)
    board = Board(run, config, begun.directory)
    plugins: list[object] = [Ending(run, begun, slot, interrupts, board), board]
    if settings.live:
        plugins.append(Notifying(run, homes))
    if role == "controller":
        return plugins
    run.spending = Spending(settings.budget)
    allowance = LocalAllowance(run.spending, stop, tell=lambda progress: run.tell(progress))
    run.announce = lambda result: run.results.setdefault(result.planned.nodeid, []).append(result)
    run.hold_interrupts = interrupts.held
    situation = _situation(run, begun.directory, homes, stop, allowance, _local_keeper(run, begun.directory))
    run.conductor, run.workplaces = _conductor(run, situation), situation.workplaces
    return [*plugins, Live(run, config, situation, alone=True)]


def _go_live_in_worker(run: Run, config: pytest.Config, worker: Worker, outpost: Outpost | None) -> list[object]:
    """What is wrong here is told the controller: a worker that raises a usage error is restarted for ever."""
    stop = Stop()
    worker.listen(stop)
    interrupts = Interrupts(stop, terminates=False)
    plugins: list[object] = [WorkerEnding(interrupts)]
    try:
        if outpost is None:
            local = _join_run(run, config)
            keeper: Keeper = local
        else:
            camp = make_camp(run, outpost)
            local, keeper = camp.keeper.local, camp.keeper
            plugins.append(camp)
        situation = _situation(run, local.directory, _homes(local.directory.path), stop, worker, keeper)
        run.conductor, run.workplaces = _conductor(run, situation), situation.workplaces
    except SubagentsError as error:
        run.blame(error)
        return []
    run.announce = worker.announce
    run.again = again_from(config.workerinput["subagents_again"])  # type: ignore[attr-defined]
    run.hold_interrupts = interrupts.held
    idling = [Idling()] if schedules(dist_of(config)) else []
    return [*plugins, Live(run, config, situation, alone=False), *idling]


def _join_run(run: Run, config: pytest.Config) -> LocalKeeper:
    """The run that the controller has begun, in the files that it has too."""
    given = config.workerinput  # type: ignore[attr-defined]
    directory = RunDirectory.open(Path(given["subagents_run_folder"]))
    run.folder, run.work = directory.path, Path(given["subagents_work"])
    run.earlier = tuple(Path(each) for each in given["subagents_earlier"])
    return _local_keeper(run, directory)


def _local_keeper(run: Run, directory: RunDirectory) -> LocalKeeper:
    earlier = tuple(RunDirectory.open(path) for path in run.earlier)
    return LocalKeeper(rootdir=run.rootdir, directory=directory, earlier=earlier)


def _situation(
    run: Run, directory: RunDirectory, homes: Path, stop: Stop, allowance: Allowance, keeper: Keeper
) -> Situation:
    settings, work = run.settings, run.work
    assert work is not None
    return Situation(
        rootdir=run.rootdir,
        run_directory=directory,
        keeper=keeper,
        homes=homes,
        environ=dict(os.environ),
        publish=settings.mode in ("once", "record"),
        reuse=settings.mode == "once",
        stale=settings.stale,
        redact=settings.redact,
        stop=stop,
        allowance=allowance,
        keep=settings.keep,
        workplaces=Workplaces(
            rootdir=run.rootdir,
            work=work,
            trusted=trusted_above(settings.run_dir, run.rootdir),
            environ=os.environ,
            beneath=run.beneath,
            called=run.called,
            keeper=keeper,
            stop=stop,
            uncommitted=settings.uncommitted,
        ),
        guard=Guard(rootdir=run.rootdir, environ=os.environ, listed=settings.sentinels),
    )


def _conductor(run: Run, situation: Situation) -> Conductor:
    settings, work = run.settings, run.work
    assert work is not None
    live = LiveConductor(situation) if settings.live else None
    if live is not None and settings.checks == "recorded":
        return live
    trusted = trusted_above(settings.run_dir, run.rootdir)
    checkouts = RecordedCheckouts(
        rootdir=run.rootdir,
        work=work,
        trusted=trusted,
        environ=os.environ,
        below=lambda nodeid, parts: works_in(parts, nodeid, run.called, situation.keeper.work),
    )
    return CheckingConductor(situation, checkouts, live=live)


class Live:
    """Registered wherever agents are started."""

    def __init__(self, run: Run, config: pytest.Config, situation: Situation, *, alone: bool) -> None:
        self._run = run
        self._workplaces, self._guard = situation.workplaces, situation.guard
        self._guard.alone = alone or config.workerinput["workercount"] == 1  # type: ignore[attr-defined]
        self._config = config
        self._alone = alone
        self._cautions = alone or config.workerinput["workerid"] == "gw0"  # type: ignore[attr-defined]
        """Whether this process says for all what a person should know."""
        self._timeouts = config.pluginmanager.hasplugin("timeout")

    @pytest.hookimpl(trylast=True, specname="pytest_collection_modifyitems")
    def pytest_prepare_to_start(self, items: list[pytest.Item]) -> None:
        """After everything that selects and orders: what is wrong is said before anything is started."""
        ours = [item for item in items if NODE_KEY in item.stash]
        if self._timeouts:
            for item in ours:
                item.add_marker(pytest.mark.timeout(0))  # its thread method would kill the worker; our limits hold
        looked_at = [item for item in ours if "subagent_workspace" in getattr(item, "fixturenames", ())]
        self._workplaces.held = frozenset(item.stash[NODE_KEY] for item in looked_at)
        selected = [item.stash[NODE_KEY] for item in ours]
        self._check(selected)
        self._check_commands(selected)
        if self._run.mistakes:
            items.clear()

    def _check(self, selected: Sequence[str]) -> None:
        run = self._run
        running = one_of_each(run.assignments[nodeid] for nodeid in selected if run.starts(nodeid))
        for mistake in preflight(running, rootdir=run.rootdir, budget=run.settings.budget):
            run.blame(mistake)
        places = self._places(running)
        for fault in places.faults():
            run.blame(fault)
        if not run.mistakes:
            carry(run, self._workplaces, places.carrying(), selected)
        if not run.mistakes and self._cautions:
            run.warnings += (*cautions(running, os.environ), *places.words())
            warn_of_others(run, self._workplaces, running)

    def _check_commands(self, nodeids: Sequence[str]) -> None:
        """Of those for which anything would be started."""
        run = self._run
        working = [run.assignments[nodeid] for nodeid in nodeids if run.runs(nodeid)]
        if working and not self._alone and (unfit := unscheduled(dist_of(self._config))) is not None:
            run.blame(unfit)
        if run.settings.checks == "run":
            programs = hermetic.agents_in if not run.settings.live else None
            for mistake in command_faults(working, rootdir=run.rootdir, environ=os.environ, agents_in=programs):
                run.blame(mistake)
            for each in run.collected:
                for mistake in validation_faults(each.workflow, agents_in=programs):
                    run.blame(mistake)

    def _places(self, running: Sequence[Assignment]) -> Places:
        run, elsewhere = self._run, ELSEWHERE in getattr(self._config, "workerinput", ())
        self._workplaces.ours = self._guard.ours = ours = _ours(run, elsewhere=elsewhere)
        return Places(
            running=running,
            beneath=run.beneath,
            rootdir=run.rootdir,
            environ=os.environ,
            ours=ours,
            uncommitted=run.settings.uncommitted,
            elsewhere=elsewhere,
        )


def _ours(run: Run, *, elsewhere: bool) -> tuple[Path, ...]:
    """What runs themselves write in a checkout."""
    recordings = {Path(assignment.recording.transcript).parent for assignment in run.assignments.values()}
    brought = (run.rootdir / name for name in (BROUGHT if elsewhere else ()))
    logs = (run.rootdir / audited.log for audited in run.audits)
    return (run.settings.report_dir, run.settings.run_dir, *brought, *sorted(recordings), *logs)


class Ending:
    """Registered in the process that the run belongs to."""

    def __init__(self, run: Run, begun: BegunRun, slot: Slot, interrupts: Interrupts, board: Board) -> None:
        self._run = run
        self._board = board
        self._begun = begun
        self._slot = slot
        self._interrupts = interrupts
        self._exit_code = int(pytest.ExitCode.INTERNAL_ERROR)
        self._came_to_nothing = False
        interrupts.install()

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> Generator[None, object, object]:
        found = yield
        self._exit_code = int(session.exitstatus)
        self._came_to_nothing = bool(self._run.mistakes) or not self._run.planned
        return found

    def pytest_unconfigure(self) -> None:
        self._interrupts.restore()
        directory = self._begun.directory
        remove_private_root(homes_of(directory.path, Path(tempfile.gettempdir())))
        self._slot.release()
        if self._came_to_nothing:
            directory.discard()
        else:
            self._begun.end(self._exit_code, self._board.progress(over=True).agents)
            directory.release()


class WorkerEnding:
    """Registered in a worker."""

    def __init__(self, interrupts: Interrupts) -> None:
        self._interrupts = interrupts
        interrupts.install()

    def pytest_unconfigure(self) -> None:
        self._interrupts.restore()


def _slot(run: Run) -> Slot:
    """One for the whole run, so that a checkout has the same path whichever worker makes it."""
    root = run.settings.run_dir
    return take_slot(root / "work", below=trusted_above(root, run.rootdir))


def _homes(run_folder: Path) -> Path:
    """Where this process makes the private homes of its agents."""
    root = private_root(run_folder, temporary=Path(tempfile.gettempdir()), alive=alive)
    return Path(tempfile.mkdtemp(prefix="", dir=root))
