"""One run, from its settings to its exit code."""

from __future__ import annotations

import os
from collections.abc import Iterable

import msgspec
import pytest

from pytest_subagents.conclude import check_writable, conclude, remove_empty, write_reports
from pytest_subagents.conduct.shown_paths import printable
from pytest_subagents.errors import BadUsage, SubagentsError
from pytest_subagents.gate import Gate, parse_gate
from pytest_subagents.glue import distribution, hermetic
from pytest_subagents.glue.attempts import fails_by_its_test
from pytest_subagents.glue.collecting import Collecting
from pytest_subagents.glue.evidence import evidence_of
from pytest_subagents.glue.machines.gateways import ELSEWHERE, refuse_paths
from pytest_subagents.glue.options import read_settings
from pytest_subagents.glue.output_files import refuse_shared
from pytest_subagents.glue.private_names import CHANNEL, is_crash, remember_failures, run_here
from pytest_subagents.glue.run import RUN_KEY, Run
from pytest_subagents.glue.running import Running
from pytest_subagents.glue.terminal import Terminal
from pytest_subagents.glue.transport import result_of
from pytest_subagents.model.platforms import must_start
from pytest_subagents.model.report import Report
from pytest_subagents.vendors.registry import VENDORS


def join(config: pytest.Config, platform: str) -> None:
    """Take part in this pytest run, in the role that this process has in it."""
    try:
        settings = read_settings(config, os.environ, config.invocation_params.dir)
        if settings.works:
            must_start(platform, next(text for text in settings.changed if text.startswith(("mode=", "checks="))))
        gates = tuple(parse_gate(text, where=settings.gates_from) for text in settings.gates)
        if settings.shard is not None:
            from pytest_subagents.glue.sharding import refuse_options

            refuse_options(config, settings.reports, settings.baseline)
        if settings.plan:
            run_here(config)
        role = distribution.role_of(config)
        if role == "controller":
            refuse_paths(config)
    except SubagentsError as error:
        raise pytest.UsageError(str(error)) from None
    run = Run(settings=settings, rootdir=config.rootpath, cwd=config.invocation_params.dir)
    config.stash[RUN_KEY] = run
    channel = config.workerinput.get(CHANNEL) if role == "worker" else None  # type: ignore[attr-defined]
    plugins: list[object] = []
    if settings.plan:
        from pytest_subagents.glue.plan_only import PlanOnly

        _register(config, [Collecting(run), PlanOnly(run), Terminal(run, workers=0)])
        return
    if role != "controller":
        plugins += [Collecting(run), Running(run)]
    if role != "worker":
        plugins += [Concluding(run, gates), Terminal(run, workers=distribution.workers_of(config))]
        plugins += _baselined(run, config, gates)
        if config.getoption("subagents") and not distribution.runs_nothing(config):
            from pytest_subagents.glue.nothing_found import NothingFound

            plugins.append(NothingFound(run))
    if role == "controller":
        from pytest_subagents.glue.machines.reaching import Reaching, limit_restarts
        from pytest_subagents.glue.scheduling.controller import Controller

        limit_restarts(config, distribution.workers_of(config))
        plugins += [Controller(run), Reaching()]
    worker, outpost = None, None
    if role == "worker":
        from pytest_subagents.glue.scheduling.worker import Worker

        worker = Worker(run, channel)
        plugins.append(worker)
        if ELSEWHERE in config.workerinput and channel is not None:  # type: ignore[attr-defined]
            from pytest_subagents.glue.machines.outpost import Outpost

            outpost = Outpost(run, send=worker.send)
            worker.listen_for(outpost.hear)
            plugins.append(outpost)
    if settings.works and not distribution.runs_nothing(config):
        from pytest_subagents.glue.live import go_live

        plugins += go_live(run, config, role, worker, outpost)
    if role != "controller" and (not settings.live or run.conductor is None):
        hermetic.guard(name for name in VENDORS.ours if name != "command")
        plugins.append(hermetic.Hermetic())
    whole = settings.shard is None  # of a shard, `subagents merge-reports` tells, which has all of it
    if role != "worker" and whole and settings.github == "auto" and os.environ.get("GITHUB_ACTIONS") == "true":
        from pytest_subagents.glue.github import GitHub

        plugins.append(GitHub(run, environ=os.environ))
    _register(config, plugins)


def _baselined(run: Run, config: pytest.Config, gates: Iterable[Gate]) -> Iterable[object]:
    """What compares findings with those of an earlier report, where that is asked for. A part of a run leaves that to
    merge-reports, but makes sure that the earlier report is there."""
    whole = run.settings.shard is None
    if run.settings.baseline is None and whole:
        wanting = next((gate for gate in gates if gate.metric.startswith("new_findings")), None)
        if wanting is not None:
            run.warnings.append(f"the gate '{wanting.expression}' cannot pass without --subagents-baseline")
        return ()
    if run.settings.baseline is None or distribution.runs_nothing(config):
        return ()
    from pytest_subagents.glue.baselined import Baselined, read_baseline

    if not whole:
        read_baseline(run)
        return ()
    return (Baselined.of(run),)


def _register(config: pytest.Config, plugins: Iterable[object]) -> None:
    for plugin in plugins:
        config.pluginmanager.register(plugin, f"subagents-{type(plugin).__name__.lower()}")


class Concluding:
    """Gathers what items report and concludes the run: in the controller of xdist, or in the one process there is."""

    def __init__(self, run: Run, gates: tuple[Gate, ...]) -> None:
        self._run = run
        self._shard = run.settings.shard
        self._gates = gates if self._shard is None else ()
        self._paths = (run.settings.report_dir / "report.json", *run.settings.reports)
        if self._shard is not None:
            self._paths = (run.settings.report_dir / self._shard.file_name,)
        self._keys: dict[str, object] = {}

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionstart(self, session: pytest.Session) -> None:
        if distribution.runs_nothing(session.config):
            return
        try:
            refuse_shared(session.config, self._paths)
            self._run.made_folders = check_writable(self._paths, below=self._run.rootdir)
        except BadUsage as error:
            raise pytest.UsageError(str(error)) from None

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        self._run.started.add(printable(nodeid))

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        nodeid = printable(report.nodeid)
        if is_crash(report):
            self._run.crashed.add(nodeid)
        elif report.outcome != "rerun":  # type: ignore[comparison-overlap]  # rerunfailures' own outcome
            self._take(nodeid, report)

    def pytest_keyboard_interrupt(self, excinfo: pytest.ExceptionInfo[BaseException]) -> None:
        # The ways of pytest and xdist to stop early (-x, errors in collection) come by here too, as subclasses.
        soft = isinstance(excinfo.value, KeyboardInterrupt) and type(excinfo.value) is not KeyboardInterrupt
        self._run.cut_short = not soft
        self._run.max_failures = soft and str(excinfo.value).startswith("stopping after")

    @pytest.hookimpl(tryfirst=True, specname="pytest_sessionfinish")
    def pytest_remember_for_lf(self, session: pytest.Session) -> None:
        """Before pytest saves what `--lf` runs again."""
        nodes = [*self._run.open_nodes(), *self._merge(session)]
        keys = [self._keys[nodeid] for nodeid in nodes if nodeid in self._keys]
        remember_failures(session.config, keys)

    def _merge(self, session: pytest.Session) -> list[str]:
        """Makes the merges that are due at the end; node ids of those who did not end well by them."""
        run = self._run
        if not run.mergings or run.mistakes or not run.planned or distribution.runs_nothing(session.config):
            return []
        from pytest_subagents.glue.merging import merge_all, open_nodes

        run.merges = merge_all(run)
        if run.settings.live:
            from pytest_subagents.glue.again import leave_again

            leave_again(run, run.merges.again)
        return open_nodes(run.merges)

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """After xdist has ended its workers, before the terminal's summary."""
        run = self._run
        if run.max_failures and session.exitstatus == pytest.ExitCode.INTERRUPTED:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED  # as without xdist
        if run.mistakes:
            session.exitstatus = max(mistake.exit_code for mistake in run.mistakes)
        elif run.bad_files and not session.config.option.continue_on_collection_errors:
            session.exitstatus = pytest.ExitCode.INTERRUPTED
        elif not run.is_planned and run.settings.asked and session.exitstatus in (0, 1, 5):
            run.blame(_nothing_planned(run.settings.asked))
            session.exitstatus = pytest.ExitCode.USAGE_ERROR
        elif run.is_planned and not distribution.runs_nothing(session.config):
            self._conclude(session)
        if not run.written:
            remove_empty(run.made_folders)

    def pytest_unconfigure(self) -> None:
        """Let go of everything: pytest looks through all that is alive several times before it ends."""
        self._run.clear()
        self._keys.clear()

    def _conclude(self, session: pytest.Session) -> None:
        run, settings = self._run, self._run.settings
        conclusion = conclude(
            run.tally(), self._gates, verdict=settings.verdict, partial=settings.partial, amend=self._amended
        )
        run.report = conclusion.report
        failed = bool(conclusion.decision.exit_code) or any(map(fails_by_its_test, conclusion.report.agents))
        if settings.snapshot and self._shard is None:
            from pytest_subagents.glue.snapshot import check_snapshot

            failed |= not check_snapshot(session.config, run, conclusion.report)
        if self._shard is None:
            self._write(conclusion.report, session.config)
        for fault in run.merges.faults if run.merges is not None else ():
            run.blame(fault)
        if run.audits:
            from pytest_subagents.glue.auditing import write_audits

            run.written += write_audits(run, conclusion.report)
        ours_alone = settings.verdict == "gates" and not run.foreign_failures
        if session.exitstatus == pytest.ExitCode.TESTS_FAILED and ours_alone:
            session.exitstatus = pytest.ExitCode.OK
        if self._shard is not None and session.exitstatus == pytest.ExitCode.NO_TESTS_COLLECTED:
            session.exitstatus = pytest.ExitCode.OK  # other shards have them
        if failed and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED
        if run.mistakes:
            session.exitstatus = pytest.ExitCode.USAGE_ERROR
        if self._shard is not None:
            self._write_part(session)

    def _write(self, report: Report, config: pytest.Config) -> None:
        try:
            self._run.written = write_reports(
                report,
                self._paths,
                below=self._run.rootdir,
                evidence=lambda report: evidence_of(self._run, report, config),
            )
        except BadUsage as error:
            self._run.blame(error)

    def _write_part(self, session: pytest.Session) -> None:
        """With the exit code that this run has by then."""
        from pytest_subagents.glue.sharding import write_part

        try:
            self._run.written = (write_part(self._run, session), *self._run.written)
        except BadUsage as error:
            self._run.blame(error)
            session.exitstatus = pytest.ExitCode.USAGE_ERROR

    def _amended(self, report: Report) -> Report:
        """With what is known only of the whole."""
        run = self._run
        report = run.merges.amend(report) if run.merges is not None else report
        if run.baseline is None:
            return report
        from pytest_subagents.aggregate.baseline import against

        return against(report, run.baseline)

    def _take(self, nodeid: str, report: pytest.TestReport) -> None:
        run = self._run
        try:
            result = result_of(report)
        except msgspec.MsgspecError:
            # A worker runs users' code: what it sends in another shape than ours is no result.
            result = None
        if nodeid in run.planned:
            self._keys[nodeid] = getattr(report, "id", report.nodeid)
            if report.when == "setup" and report.skipped and result is None:
                run.leave_out(nodeid)
        if result is not None:
            run.results.setdefault(nodeid, []).append(result)
        if report.failed and (result is None or any(reason.kind == "assertion" for reason in result.reasons)):
            run.foreign_failures += 1


def _nothing_planned(asked: tuple[str, ...]) -> BadUsage:
    return BadUsage(
        ", ".join(asked),
        "no subagent was selected, so there is nothing to judge or to write",
        hint="name a workflow file, marked tests or transcripts, or leave the option out",
    )
