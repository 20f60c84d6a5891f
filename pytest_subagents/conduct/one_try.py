"""One run of an agent, from a folder to work in to a recording that could be kept."""

from __future__ import annotations

import errno
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from msgspec.structs import replace

from pytest_subagents.conduct.assignment import Assignment
from pytest_subagents.conduct.candidate import Facts, make_candidate, redactor_of
from pytest_subagents.conduct.checks import run_checks
from pytest_subagents.conduct.criteria import commands_of
from pytest_subagents.conduct.scope_used import scope_used
from pytest_subagents.conduct.shown_paths import without_rootdir
from pytest_subagents.conduct.situation import Situation
from pytest_subagents.conduct.telling import Teller
from pytest_subagents.contract.one_schema import one_schema
from pytest_subagents.errors import SubagentsError
from pytest_subagents.model.reason import Reason
from pytest_subagents.model.result import Result
from pytest_subagents.model.scope_use import ScopeUse
from pytest_subagents.model.value import Value
from pytest_subagents.prompt.brief import Needed
from pytest_subagents.runners.live_interface import Executed, Job
from pytest_subagents.runners.registry import live_runner
from pytest_subagents.transcript.recording import Candidate
from pytest_subagents.transcript.redaction.redactor import Redactor
from pytest_subagents.writing import make_folder

_FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT})


class Tried(Value, frozen=True, kw_only=True):
    """What one run came to: a candidate for a recording, or the fault for which there is none."""

    candidate: Candidate | None = None
    executed: Executed | None = None
    redactor: Redactor | None = None
    """What the candidate was redacted with."""
    used: ScopeUse | None = None
    """What it read and wrote."""
    fault: Reason | None = None

    @property
    def tokens(self) -> int | None:
        return self.executed.progress.tokens if self.executed is not None else None

    @property
    def usd(self) -> float | None:
        return self.executed.progress.usd if self.executed is not None else None


def try_once(
    assignment: Assignment,
    needed: Mapping[str, Result],
    prompt: str,
    folder: Path,
    situation: Situation,
    teller: Teller,
) -> Tried:
    """Run it once. What an agent does, and a disk or a git that fails under it, is a fault in what is returned."""
    subagent, homes = assignment.subagent, situation.homes / folder.name
    executed: Executed | None = None
    try:
        make_folder(homes, below=situation.homes, mode=0o700)
        workplace = situation.workplaces.of(assignment)
        if isinstance(workplace, Reason):
            return Tried(fault=workplace)
        job = Job(
            subagent=subagent,
            prompt=prompt,
            schema=one_schema(subagent.contract),
            results={id: Needed.of(result).plain() for id, result in needed.items()},
            rootdir=situation.rootdir,
            workspace=workplace.folder,
            folder=folder,
            homes=homes,
            environ=situation.environ,
        )
        before = situation.guard.look()
        executed = live_runner(subagent.runner).run(job, stop=situation.stop, watched=teller.watched)
        if executed.ending.cause == "launch":
            return Tried(executed=executed, fault=_launch(executed, workplace.folder, situation.rootdir))
        # Before the checks: what a command leaves behind the agent has not changed.
        diff, base_of = workplace.diff(), workplace.base_of
        outside = situation.guard.changed(before, assignment)
        facts = Facts(executed=executed, workspace=workplace.folder, diff=diff, base_of=base_of, outside=outside)
        redactor = redactor_of(assignment, facts, situation)
        if executed.ending.cause == "exited" and commands_of(subagent):
            teller.tell("checking")
            checks = run_checks(
                subagent,
                workspace=workplace.folder,
                rootdir=situation.rootdir,
                folder=folder,
                homes=homes,
                environ=situation.environ,
                stop=situation.stop,
                redactor=redactor,
            )
            facts = replace(facts, checks=checks)
        candidate = make_candidate(assignment, facts, folder, situation, redactor)
        used = scope_used(facts, redactor)
        return Tried(executed=executed, candidate=candidate, redactor=redactor, used=used)
    except SubagentsError as error:
        kind = "launch" if executed is None else "killed"
        message = without_rootdir(situation.rootdir, f"{error.where}: {error.what}")
        fault = Reason(kind=kind, message=message, hint=error.hint)
        return Tried(executed=executed, fault=fault)
    except OSError as error:
        return Tried(executed=executed, fault=_unwritten(error, executed, situation.rootdir))


def _unwritten(error: OSError, executed: Executed | None, rootdir: Path) -> Reason:
    """For a disk that is full, mostly. Where it was that which ended the agent, its end says more."""
    where = str(error.filename or "").removeprefix(f"{rootdir}/")
    words = (error.strerror or str(error)) + (f" ({where})" if where else "")
    hint = "make room on the disk of the run directory" if error.errno in _FULL else None
    if executed is None:
        return Reason(kind="launch", message=f"it cannot be started: {words}", hint=hint)
    return Reason(kind="killed", message=executed.ending.message or f"what it said is lost: {words}", hint=hint)


def _launch(executed: Executed, *folders: Path) -> Reason:
    """Without `folders` in its words: a report is the same on every machine."""
    message = executed.ending.message or "it could not be started"
    for folder in folders:
        message = message.replace(f"{folder}/", "")
    return Reason(kind="launch", message=message, hint="; ".join(executed.hints) or None)
