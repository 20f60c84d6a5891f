"""xdist: the two-way channel between its controller, which collects nothing, and each worker.

The channel rides in `workerinput`: execnet sends channels inside containers, and both ends of one gateway are
ordered, so a worker's plan is here before xdist hears that the collection is done. It ends with whoever held its other
end: a worker learns of its controller's death, a controller of a worker's, without waiting for anything.

Messages are dicts with a `kind`. A worker sends `plan`, `ask`, `release`, `spent`, `result`, `abort` and
`progress`; the controller sends `verdict` and `stop`.
"""

from __future__ import annotations

import threading
import time
from contextlib import suppress
from typing import Any, Final, Literal, TypeAlias

import msgspec
import pytest

from pytest_subagents.errors import BadFile, BadUsage
from pytest_subagents.glue.run import Run
from pytest_subagents.glue.transport import decoded, planned_of, to_plain
from pytest_subagents.model import limits
from pytest_subagents.model.progress import AgentProgress
from pytest_subagents.runners.leases import Ask, Leases

CHANNEL: Final = "subagents_channel"
_ENDED: Final = None
"""What execnet hands over when the other end is gone."""

Role: TypeAlias = Literal["controller", "worker", "alone"]


def role_of(config: pytest.Config) -> Role:
    """What this process is in the run."""
    if hasattr(config, "workerinput"):
        return "worker"
    distributes = config.getoption("dist", "no") != "no" and config.getoption("tx", None)
    return "controller" if distributes and not config.option.collectonly else "alone"


def workers_of(config: pytest.Config) -> int:
    """How many workers xdist has; 0 where one process does it all."""
    if role_of(config) != "controller":
        return 0
    specs = [str(spec).partition("*") for spec in config.getoption("tx")]
    return sum(int(number) if star and number.isdigit() else 1 for number, star, _ in specs)


def refuse_distribution(config: pytest.Config) -> None:
    """`BadUsage` for the ways of xdist that live agents cannot go."""
    if role_of(config) != "controller":
        return
    if config.getoption("dist") == "each":
        raise BadUsage(
            "--dist each",
            "every worker would start every agent, and each would cost once more",
            hint="use -n, or any other --dist",
        )
    for spec in config.getoption("tx"):
        if not str(spec).rpartition("*")[2].startswith("popen"):
            raise BadUsage(
                "--tx",
                f"{str(spec)!r} is another machine, where the run directory of this one is not",
                hint="use -n: live agents run on this machine",
            )


class Controller:
    """Registered in xdist's controller. It holds the limits of the whole run."""

    def __init__(self, run: Run, leases: Leases, *, most_failures: int = 0) -> None:
        """`most_failures` is what `-x` and `--maxfail` say; 0 for as many as there are."""
        self._run = run
        self._leases = leases
        self._most_failures = most_failures
        self._failed = 0
        self._changed = threading.Condition(threading.Lock())  # each channel calls back in the thread of its gateway
        self._channels: dict[str, Any] = {}  # execnet forgets a channel that nobody holds
        self._asked: dict[str, str] = {}
        """Which worker asked for a subagent that waits or runs."""
        self._granted: dict[str, str] = {}
        """Which worker was let start a subagent, of which there is no result yet."""
        self._interrupted = False
        self._timer: threading.Timer | None = None

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node: Any) -> None:
        channel, worker = node.gateway.newchannel(), node.gateway.id
        self._channels[worker] = channel
        channel.setcallback(lambda message: self._take(worker, message), endmarker=_ENDED)
        node.workerinput[CHANNEL] = channel
        node.workerinput["subagents_run_folder"] = str(self._run.folder or "")
        node.workerinput["subagents_work"] = str(self._run.work or "")
        node.workerinput["subagents_earlier"] = [str(path) for path in self._run.earlier]

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """`-x` and `--maxfail`: xdist lets each worker go on with what it was given, but no agent is started for it."""
        self._failed += report.failed
        if self._most_failures and self._failed >= self._most_failures:
            with self._changed:
                self._leases.stop(f"the run stops after {self._failed} failure{'s' * (self._failed > 1)}")
                self._decide()

    def pytest_keyboard_interrupt(self, excinfo: pytest.ExceptionInfo[BaseException]) -> None:
        """Ctrl-C is for the agents too. With `-x`, xdist waits for them."""
        if type(excinfo.value) is KeyboardInterrupt:
            self._interrupted = True
            self.stop("the run was interrupted")

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self) -> None:
        """Before xdist ends its workers: those that have been told to stop say what their agents came to."""
        if self._interrupted:
            with suppress(KeyboardInterrupt), self._changed:  # somebody does not wait for it
                self._changed.wait_for(lambda: not self._granted, limits.WARDEN_SECONDS)

    def pytest_unconfigure(self) -> None:
        with self._changed:
            if self._timer is not None:
                self._timer.cancel()

    def stop(self, why: str) -> None:
        """Ends every agent of every worker."""
        with self._changed:
            self._leases.stop(why)
            self._decide()
            for channel in self._channels.values():
                _send(channel, {"kind": "stop", "why": why})

    def _take(self, worker: str, message: dict[str, Any] | None) -> None:
        with self._changed:
            if message is _ENDED:
                self._forget(worker)
            else:
                self._hear(worker, message)
            self._decide()
            self._changed.notify_all()

    def _hear(self, worker: str, message: dict[str, Any]) -> None:
        match message:
            case {"kind": "plan"}:
                self._plan(message)
            case {"kind": "ask", "ask": plain}:
                ask = msgspec.convert(plain, Ask, strict=True)
                self._asked[ask.nodeid] = worker
                self._leases.ask(ask)
            case {"kind": "release", "nodeid": str(nodeid)}:
                self._asked.pop(nodeid, None)
                self._leases.release(nodeid)
            case {"kind": "spent", "tokens": tokens, "usd": usd}:
                self._leases.spent(tokens=tokens, usd=usd)
            case {"kind": "result", "result": str(text)}:
                self._keep(text)
            case {"kind": "abort", "team": str(team), "why": str(why)}:
                self._leases.abort(team, why)
            case {"kind": "progress", "progress": plain}:
                self._run.tell(msgspec.convert(plain, AgentProgress, strict=True))

    def _plan(self, message: dict[str, Any]) -> None:
        """A worker's plan. Every worker sends the same one, so taking it again changes nothing."""
        run = self._run
        for where, what, hint, exit_code in message["mistakes"]:
            run.blame((BadFile if exit_code == BadFile.exit_code else BadUsage)(where, what, hint=hint))
        run.warnings += [warning for warning in message["warnings"] if warning not in run.warnings]
        for plain in message["planned"]:
            planned = planned_of(plain)
            run.planned[planned.nodeid] = planned
        run.deselected.update(message["deselected"])
        run.bad_files = max(run.bad_files, message["bad_files"])

    def _keep(self, text: str) -> None:
        """A result comes again with its test's report, lowered perhaps; the fold keeps the lower one."""
        try:
            result = decoded(text)
        except msgspec.MsgspecError:  # a worker runs users' code
            return
        self._run.results.setdefault(result.planned.nodeid, []).append(result)
        self._granted.pop(result.planned.nodeid, None)

    def _forget(self, worker: str) -> None:
        """A worker is gone, and its agents with it: others may have their places."""
        self._channels.pop(worker, None)
        for nodeid in [nodeid for nodeid, holder in self._asked.items() if holder == worker]:
            del self._asked[nodeid]
            self._leases.release(nodeid)
        self._granted = {nodeid: holder for nodeid, holder in self._granted.items() if holder != worker}

    def _decide(self) -> None:
        """Tells everyone who may start now, and looks again when time alone could change something."""
        now = time.monotonic()
        for verdict in self._leases.verdicts(now):
            worker = self._asked.get(verdict.nodeid, "")
            channel = self._channels.get(worker)
            if channel is not None:
                if not verdict.why:
                    self._granted[verdict.nodeid] = worker
                _send(channel, {"kind": "verdict", "nodeid": verdict.nodeid, "why": verdict.why})
        wait = self._leases.next_look(now)
        if self._timer is not None:
            self._timer.cancel()
        self._timer = None
        if wait is not None:
            self._timer = threading.Timer(wait, self._look_again)
            self._timer.daemon = True
            self._timer.start()

    def _look_again(self) -> None:
        with self._changed:
            self._decide()


class Worker:
    """Registered in a worker of xdist."""

    def __init__(self, run: Run, channel: Any) -> None:
        self._run = run
        self._channel = channel

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection_finish(self) -> None:
        if self._channel is None:
            return
        run = self._run
        self._channel.send(
            {
                "kind": "plan",
                "planned": [to_plain(planned) for planned in run.planned.values()],
                "deselected": sorted(run.deselected),
                "mistakes": [(each.where, each.what, each.hint, each.exit_code) for each in run.mistakes],
                "warnings": list(run.warnings),
                "bad_files": run.bad_files,
            }
        )


def _send(channel: Any, message: dict[str, Any]) -> None:
    try:
        channel.send(message)
    except OSError:  # the other end is gone; its end marker tells what follows from that
        return
