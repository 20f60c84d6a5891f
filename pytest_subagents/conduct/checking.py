"""Subagents that are replayed while the workflow file's commands are run for real on what was recorded
(`--subagents-checks=run`). No agent is started for one, and no command comes from a recording."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from pytest_subagents.conduct.assignment import NO_TEAM, Assignment
from pytest_subagents.conduct.check_reasons import fresh_reasons
from pytest_subagents.conduct.checks import run_checks
from pytest_subagents.conduct.criteria import commands_of
from pytest_subagents.conduct.judged import judged, not_run
from pytest_subagents.conduct.leaving_out import leave_out
from pytest_subagents.conduct.left_out import was_left_out
from pytest_subagents.conduct.live import LiveConductor
from pytest_subagents.conduct.recorded_checkout import NoCheckout, RecordedCheckout, RecordedCheckouts
from pytest_subagents.conduct.replayed import replayed
from pytest_subagents.conduct.situation import Situation
from pytest_subagents.conduct.telling import Teller
from pytest_subagents.errors import SubagentsError
from pytest_subagents.merge.work import Work
from pytest_subagents.model.reason import Reason
from pytest_subagents.model.result import Result
from pytest_subagents.runners.interface import Run
from pytest_subagents.runners.registry import runner
from pytest_subagents.runners.vendor_settings import settings_of
from pytest_subagents.transcript.redaction.redactor import redactor_for
from pytest_subagents.transcript.redaction.secret_values import secrets_of
from pytest_subagents.writing import make_folder


class CheckingConductor:
    """Of one process, one subagent after the other."""

    def __init__(self, situation: Situation, checkouts: RecordedCheckouts, *, live: LiveConductor | None) -> None:
        """`live` runs those that are not replayed; None in a replay."""
        self._situation = situation
        self._checkouts = checkouts
        self._live = live
        self._replay = runner("replay")

    def starts(self, assignment: Assignment) -> bool:
        """Whether an agent would be started for it."""
        return self._live is not None and self._live.starts(assignment)

    def runs(self, assignment: Assignment) -> bool:
        """Whether an agent or a command would be."""
        return self.starts(assignment) or _has_work(assignment)

    def leave_out(self, assignment: Assignment) -> Result:
        """The result of an attempt that is not started, as nothing could beat what is there."""
        return leave_out(assignment, self._situation)

    def decided(self, assignment: Assignment, row: Result) -> None:
        """All runs of a subagent are over, this one among them, and `row` is what they came to."""
        if self._live is not None:
            self._live.decided(assignment, row)

    def result_of(self, assignment: Assignment, needed: Mapping[str, Result]) -> Result:
        """The result of a subagent. Never raises for what a recording or a command did."""
        if self._live is not None and self._live.starts(assignment):
            return self._live.result_of(assignment, needed)
        if not _has_work(assignment):
            return replayed(assignment, self._replay, stale=self._situation.stale)
        situation, team = self._situation, assignment.team or NO_TEAM
        teller = Teller(assignment, situation.allowance)
        teller.tell("waiting")
        why = situation.allowance.ask(team.where, stagger=0.0)
        if why:
            teller.end("not_run")
            return not_run(assignment, Reason(kind="stopped", message=why))
        run = self._replay.run(assignment.recording, checkpoints=assignment.subagent.checkpoints)
        teller.attempt(1)
        reasons = self._checked(assignment, run, teller)
        result = judged(assignment, run, stale=situation.stale, checks=reasons)
        situation.keeper.show(assignment.planned.nodeid, result)
        failed = result.status == "failed" and not result.expected
        keep = situation.keep == "all" or (failed and situation.keep == "failed")
        self._checkouts.leave(assignment.planned.nodeid, keep=keep)
        teller.end(result.status, result.reasons[0].message if result.reasons else "")
        return result

    def _checked(self, assignment: Assignment, run: Run, teller: Teller) -> Sequence[Reason]:
        """What its commands come to; a recording that cannot be used is a fault by itself."""
        if run.outcome is None or run.faults:
            return ()
        planned = assignment.planned
        made = self._checkouts.of(planned.nodeid, _work(planned.id, run))
        if isinstance(made, NoCheckout):
            return (_unchecked(made),)
        teller.tell("checking")
        try:
            folder = self._situation.run_directory.agent_folder(planned.nodeid)
            return self._run(assignment, made, folder)
        except SubagentsError as error:
            return (Reason(kind="checks", message=f"{error.where}: {error.what}", hint=error.hint),)
        except OSError as error:
            words = error.strerror or str(error)
            return (Reason(kind="checks", message=f"its commands cannot be run: {words}"),)

    def _run(self, assignment: Assignment, made: RecordedCheckout, folder: Path) -> Sequence[Reason]:
        situation, subagent = self._situation, assignment.subagent
        homes = situation.homes / folder.name
        make_folder(homes, below=situation.homes, mode=0o700)
        redactor = redactor_for(
            secrets=secrets_of(situation.environ, allowed=settings_of(subagent).env).values,
            workspaces=(str(made.workdir), str(situation.rootdir)),
            homes=(str(homes / "home"), os.path.expanduser("~")),
            temporaries=(str(homes / "tmp"),),
            patterns=situation.redact,
            where="ini subagents_redact",
        )
        records = run_checks(
            subagent,
            workspace=made.workdir,
            rootdir=situation.rootdir,
            folder=folder,
            homes=homes,
            environ=situation.environ,
            stop=situation.stop,
            redactor=redactor,
        )
        return tuple(fresh_reasons(subagent, records, kept=self._kept(folder)))

    def _kept(self, folder: Path) -> str | None:
        """Where what the commands printed is, in words that are the same for every run and machine."""
        root = self._situation.run_directory.root
        if not root.is_relative_to(self._situation.rootdir):
            return None
        below = folder.relative_to(self._situation.run_directory.path).as_posix()
        return f"{root.relative_to(self._situation.rootdir).as_posix()}/latest/{below}"


def _work(agent: str, run: Run) -> Work | None:
    meta = run.meta
    if meta.patch is None:
        return None
    return Work(agent=agent, base=meta.base or "", tree=meta.patch.tree, patch=run.patch, parts=meta.base_of)


def _unchecked(none: NoCheckout) -> Reason:
    if none.stale:
        return Reason(kind="stale", message=f"its work cannot be checked: {none.why}", hint=none.hint)
    return Reason(kind="checks", message=f"its commands cannot be run: {none.why}", hint=none.hint)


def _has_work(assignment: Assignment) -> bool:
    if assignment.team is None or not commands_of(assignment.subagent):
        return False
    return assignment.planned.attempt is None or not was_left_out(assignment)
