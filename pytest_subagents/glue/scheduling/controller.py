"""xdist's controller, which collects nothing: it knows of all what each worker tells it, and holds the limits.

A two-way channel to each worker rides in `workerinput`. Both ends of one gateway are ordered, so a worker's plan is
here before xdist hears that its collection is done, and what a worker must know of an item is there before the item is.
A channel ends with whoever held its other end: a worker learns of its controller's death, without waiting for anything.

Messages are dicts with a `kind`. A worker sends `plan`, `result`, `spent`, `limited`, `abort`, `checkpoint` and
`progress`; the controller sends `start` and `stop`.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Sequence
from contextlib import suppress
from typing import Any, Final

import msgspec
import pytest
from msgspec.structs import replace

from pytest_subagents.conduct.shown_paths import printable
from pytest_subagents.errors import BadFile, BadUsage
from pytest_subagents.glue.attempts import attempts_in, competes, excuse
from pytest_subagents.glue.distribution import dist_of, schedules, workers_of
from pytest_subagents.glue.machines.depot import Depot
from pytest_subagents.glue.machines.gateways import ELSEWHERE, is_elsewhere, options_in, plain_spec
from pytest_subagents.glue.private_names import CHANNEL, is_crash
from pytest_subagents.glue.run import Run
from pytest_subagents.glue.scheduling.entries import Entry, entry_of
from pytest_subagents.glue.scheduling.scheduler import Scheduler
from pytest_subagents.glue.scheduling.team_work import Start, TeamWork
from pytest_subagents.glue.transport import decoded, planned_of
from pytest_subagents.model import limits
from pytest_subagents.model.progress import AgentProgress
from pytest_subagents.runners.spending import Spending

_ENDED: Final = None
"""What execnet hands over when the other end is gone."""


class Controller:
    """Registered in xdist's controller."""

    def __init__(self, run: Run) -> None:
        self._run = run
        run.spending = self._spending = Spending(run.settings.budget)
        self._scheduler: Scheduler | None = None
        self._changed = threading.Condition(threading.Lock())  # each channel calls back in the thread of its gateway
        self._channels: dict[str, Any] = {}  # execnet forgets a channel that nobody holds
        self._depots: dict[str, Depot] = {}
        """Of the workers elsewhere."""
        self._entries: dict[str, tuple[Entry, ...]] = {}
        """What each worker has collected."""
        self._running: dict[str, str] = {}
        """Which worker has which live subagent of which there is no result yet."""
        self._interrupted = False

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node: Any) -> None:
        channel, worker = node.gateway.newchannel(), node.gateway.id
        self._channels[worker] = channel
        channel.setcallback(lambda message: self._take(worker, message), endmarker=_ENDED)
        node.workerinput[CHANNEL] = channel
        spec = plain_spec(node.gateway.spec)
        if is_elsewhere(spec):
            self._depots[worker] = Depot(self._run, spec, send=lambda message: _send(channel, message))
            node.workerinput[ELSEWHERE] = options_in(os.environ)
        node.workerinput["subagents_dist"] = dist_of(node.config)
        node.workerinput["subagents_run_folder"] = str(self._run.folder or "")
        node.workerinput["subagents_work"] = str(self._run.work or "")
        node.workerinput["subagents_again"] = msgspec.to_builtins(self._run.again)
        node.workerinput["subagents_earlier"] = [str(path) for path in self._run.earlier]

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_make_scheduler(self, config: pytest.Config) -> Scheduler | None:
        """Ours where anything may be started; a replay is of nobody's order."""
        if not self._run.settings.works or not schedules(dist_of(config)):
            return None
        self._scheduler = Scheduler(config, self._work, self._tell, workers=workers_of(config))
        return self._scheduler

    @pytest.hookimpl(optionalhook=True, trylast=True)  # when nobody wants it to be run again
    def pytest_handlecrashitem(self, crashitem: str, report: pytest.TestReport) -> None:
        planned = self._run.planned.get(printable(crashitem))
        if report.failed and planned is not None and competes(planned):
            excuse(report, "failed (crashed); its row decides")

    @pytest.hookimpl(trylast=True)  # when the run knows of it: its result may be a good one
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if self._scheduler is not None and is_crash(report) and report.outcome != "rerun":  # type: ignore[comparison-overlap]
            self._scheduler.crashed(printable(report.nodeid))

    def pytest_keyboard_interrupt(self, excinfo: pytest.ExceptionInfo[BaseException]) -> None:
        """Ctrl-C is for the agents too. With `-x`, xdist waits for them."""
        if type(excinfo.value) is KeyboardInterrupt:
            self._interrupted = True
            for channel in list(self._channels.values()):
                _send(channel, {"kind": "stop", "why": "the run was interrupted"})

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self) -> None:
        """Before xdist ends its workers: those that have been told to stop say what their agents came to."""
        if self._interrupted:
            with suppress(KeyboardInterrupt), self._changed:  # somebody does not wait for it
                self._changed.wait_for(lambda: not self._running, limits.WARDEN_SECONDS)

    def pytest_unconfigure(self) -> None:
        if self._scheduler is not None:
            self._scheduler.close()

    # Of the scheduler.

    def _work(self, node: Any) -> TeamWork:
        entries: Sequence[Entry] = self._entries.get(node.gateway.id, ())
        return TeamWork(entries, self._run, self._spending, most=self._run.settings.max_concurrency)

    def _tell(self, node: Any, start: Start) -> None:
        worker = node.gateway.id
        if start.instead is None:
            with self._changed:
                self._running[start.nodeid] = worker
        _send(self._channels.get(worker), {"kind": "start", "start": msgspec.to_builtins(start)})

    # Of the workers.

    def _take(self, worker: str, message: dict[str, Any] | None) -> None:
        depot = self._depots.get(worker)
        if depot is not None and message is _ENDED:
            depot.close()
        elif depot is not None and message is not None and depot.takes(message):
            depot.take(message)  # while it writes files, others are heard
            return
        with self._changed:
            if message is _ENDED:
                self._channels.pop(worker, None)
                self._running = {nodeid: holder for nodeid, holder in self._running.items() if holder != worker}
            else:
                self._hear(worker, message)
            self._changed.notify_all()

    def _hear(self, worker: str, message: dict[str, Any]) -> None:
        match message:
            case {"kind": "plan"}:
                self._plan(worker, message)
            case {"kind": "result", "result": str(text)}:
                self._keep(text)
            case {"kind": "spent", "tokens": tokens, "usd": usd}:
                self._let_know(lambda team: team.spending.spent(tokens=tokens, usd=usd))
            case {"kind": "abort", "team": str(name), "why": str(why)}:
                self._let_know(lambda team: team.spending.abort(name, why))
            case {"kind": "limited", "nodeid": str(nodeid)}:
                self._let_know(lambda team: team.limited(nodeid))
            case {"kind": "checkpoint", "nodeid": str(nodeid), "checkpoint": str(checkpoint)}:
                self._run.passed.add((nodeid, checkpoint))
                self._let_know(lambda team: team.passed(nodeid, checkpoint))
            case {"kind": "progress", "progress": plain}:
                self._run.tell(replace(msgspec.convert(plain, AgentProgress, strict=True), worker=worker))

    def _let_know(self, what: Any) -> None:
        if self._scheduler is not None:
            self._scheduler.hear(what)

    def _plan(self, worker: str, message: dict[str, Any]) -> None:
        """A worker's plan. Every worker sends the same one, so taking it again changes nothing."""
        run = self._run
        for where, what, hint, exit_code in message["mistakes"]:
            run.blame((BadFile if exit_code == BadFile.exit_code else BadUsage)(where, what, hint=hint))
        run.warnings += [warning for warning in message["warnings"] if warning not in run.warnings]
        for plain in message["planned"]:
            planned = planned_of(plain)
            run.planned[planned.nodeid] = planned
        run.attempts = attempts_in(run.planned.values())
        run.deselected.update(message["deselected"])
        run.bad_files = max(run.bad_files, message["bad_files"])
        if message["audits"]:
            from pytest_subagents.glue.auditing import learn_audits

            learn_audits(run, message["audits"])
        run.mergings += [file for file in message["mergings"] if file not in run.mergings]
        if message["sharding"] is not None:
            from pytest_subagents.glue.sharding import sharding_of

            run.sharding = sharding_of(message["sharding"])
        if message["told"]:
            from pytest_subagents.glue.notifying import learn_told

            learn_told(run, message["told"])
        self._entries[worker] = tuple(entry_of(plain) for plain in message["entries"])

    def _keep(self, text: str) -> None:
        """A result comes again with its test's report, lowered perhaps; the fold keeps the lower one."""
        try:
            result = decoded(text)
        except msgspec.MsgspecError:  # a worker runs users' code
            return
        self._run.results.setdefault(result.planned.nodeid, []).append(result)
        self._running.pop(result.planned.nodeid, None)


def _send(channel: Any, message: dict[str, Any]) -> None:
    if channel is None:
        return
    try:
        channel.send(message)
    except OSError:  # the other end is gone; its end marker tells what follows from that
        return
