"""One subagent from its specification to its Result, by a real agent: prompt, workspace, run, record, judge.

What the agent said is redacted into a recording first, and that is what is judged. So the result of a live run is, to
the byte, the result of replaying what it recorded.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from msgspec.structs import replace

from pytest_subagents.conduct.assignment import NO_TEAM, Assignment, Team
from pytest_subagents.conduct.backoff import wait_before
from pytest_subagents.conduct.candidate import secrets_out
from pytest_subagents.conduct.judged import judged, not_run
from pytest_subagents.conduct.leaving_out import leave_out
from pytest_subagents.conduct.left_out import may_be_left_out
from pytest_subagents.conduct.login_hints import with_login_hints
from pytest_subagents.conduct.one_try import Tried, try_once
from pytest_subagents.conduct.prompting import prompt_of
from pytest_subagents.conduct.publishing import lasts, record
from pytest_subagents.conduct.replayed import replayed
from pytest_subagents.conduct.shown_paths import without_rootdir
from pytest_subagents.conduct.situation import Situation
from pytest_subagents.conduct.specification import specification_digest
from pytest_subagents.conduct.spoiled import has_nothing_better, mark
from pytest_subagents.conduct.telling import Teller
from pytest_subagents.errors import SubagentsError
from pytest_subagents.model import limits
from pytest_subagents.model.reason import Reason, lowered
from pytest_subagents.model.result import Result
from pytest_subagents.prompt.templates import TEMPLATE_DIGEST
from pytest_subagents.runners.registry import runner
from pytest_subagents.transcript.recording import Candidate, fresh
from pytest_subagents.transcript.run_state import make_state_folder
from pytest_subagents.writing import open_file

_RETRIED: Final = ("rate_limit", "provider_error")


class LiveConductor:
    """Runs the subagents of one process, one after the other."""

    def __init__(self, situation: Situation) -> None:
        self._situation = situation
        self._replay = runner("replay")

    def runs(self, assignment: Assignment) -> bool:
        """Whether anything would be started for it: only its agent could be."""
        return self.starts(assignment)

    def starts(self, assignment: Assignment) -> bool:
        """Whether an agent would be started for it."""
        if assignment.team is None:
            return False
        if assignment.lost:
            return True
        absent = may_be_left_out(assignment)
        return not (
            self._situation.reuse
            and fresh(assignment.recording, assignment.subagent, template=TEMPLATE_DIGEST, may_be_absent=absent)
        )

    def leave_out(self, assignment: Assignment) -> Result:
        """The result of an attempt that is not started, as nothing could beat what is there."""
        return leave_out(assignment, self._situation)

    def decided(self, assignment: Assignment, row: Result) -> None:
        """All runs of a subagent are over, this one among them, and `row` is what they came to."""
        self._abort_after(assignment.team or NO_TEAM, row)

    def result_of(self, assignment: Assignment, needed: Mapping[str, Result]) -> Result:
        """The result of a subagent, replayed where it need not run. Never raises for what an agent did."""
        if not self.runs(assignment):
            return replayed(assignment, self._replay, stale=self._situation.stale)
        try:
            prompt = prompt_of(assignment, needed, self._situation.rootdir)
        except SubagentsError as error:
            return self._not_started(assignment, error)
        specification = specification_digest(
            assignment,
            prompt=prompt,
            needed=needed,
            publish=self._situation.publish,
            works=self._situation.workplaces.built_on(assignment),
        )
        earlier = self._finished_before(assignment, specification)
        return earlier if earlier is not None else self._run(assignment, needed, prompt, specification)

    def _run(self, assignment: Assignment, needed: Mapping[str, Result], prompt: str, specification: str) -> Result:
        situation, team = self._situation, assignment.team or NO_TEAM
        teller = Teller(assignment, situation.allowance, secrets_out(assignment.subagent, situation).redact_text)
        teller.tell("waiting")
        why = situation.allowance.ask(team.where, stagger=team.stagger)
        if why:
            teller.end("not_run")
            return not_run(assignment, Reason(kind="stopped", message=why))
        try:
            result = self._tried(assignment, needed, prompt, specification, teller)
            if assignment.planned.attempt is None:  # else the row decides
                self._abort_after(team, result)
            teller.end(result.status, result.reasons[0].message if result.reasons else "")
            return result
        except SubagentsError as error:  # it has no place in the run directory: an agent moved that away, say
            teller.end("failed")
            return self._not_started(assignment, error)
        finally:
            situation.workplaces.leave(assignment.planned.nodeid)

    def _abort_after(self, team: Team, result: Result) -> None:
        if result.status == "failed" and not result.expected and team.abort_on_failure:
            why = f"{result.planned.id} failed, and execution.abort_on_failure is set"
            self._situation.allowance.abort(team.where, why)

    def _tried(
        self, assignment: Assignment, needed: Mapping[str, Result], prompt: str, specification: str, teller: Teller
    ) -> Result:
        """Tries until a result is there that no retry could better."""
        folder = self._situation.run_directory.agent_folder(assignment.planned.nodeid)
        retries = {kind: getattr(assignment.subagent.retries, kind) for kind in _RETRIED}
        for number in range(1, 2 + sum(retries.values())):
            teller.attempt(number)
            tried = try_once(assignment, needed, prompt, self._folder_of(folder, number), self._situation, teller)
            result = self._judged(assignment, tried)
            self._situation.allowance.spent(tokens=tried.tokens, usd=tried.usd)
            if any(reason.kind == "rate_limit" for reason in result.reasons):
                self._situation.allowance.limited(assignment.planned.nodeid)
            kind = next((reason.kind for reason in result.reasons if retries.get(reason.kind)), None)
            if kind is None or self._situation.stop.why:
                break
            retries[kind] -= 1
            teller.tell("backing off")
            if self._situation.stop.wait(wait_before(number, _last_words(tried))):
                break
        if tried.candidate is not None:
            self._situation.keeper.build_on(assignment.planned.nodeid, tried.candidate)
        result = self._finish(assignment, tried, result, specification)
        self._situation.keeper.show(assignment.planned.nodeid, result)
        if tried.candidate is not None:  # else it has hardly begun
            self._situation.workplaces.leave(assignment.planned.nodeid, keep=self._keeps(result))
        return result

    def _keeps(self, result: Result) -> bool:
        """Whether a person may want to look at what it left."""
        failed = result.status == "failed" and not result.expected
        return self._situation.keep == "all" or (failed and self._situation.keep == "failed")

    def _judged(self, assignment: Assignment, tried: Tried) -> Result:
        """The candidate, judged as replay would judge it if it were the recording."""
        if tried.fault is not None:
            return not_run(assignment, tried.fault)
        if tried.candidate is None:
            return not_run(assignment, Reason(kind="launch", message="nothing is known of the run"))
        run = self._replay.run(tried.candidate.recording, checkpoints=assignment.subagent.checkpoints)
        # Where it will stand is not known before it is there.
        result = judged(replace(assignment, transcript=None), run, stale=self._situation.stale)
        return replace(with_login_hints(result, tried.executed), used=tried.used)

    def _finish(self, assignment: Assignment, tried: Tried, result: Result, specification: str) -> Result:
        """Kept where another run would find it: as a recording, and for `--subagents-resume`."""
        situation, candidate = self._situation, tried.candidate
        stopped = tried.executed is not None and tried.executed.ending.cause in ("stopped", "lost")
        if candidate is None or stopped:
            return result
        lasting = lasts(result)
        if not lasting and not self._is_recorded_spoiled(assignment, candidate):
            return result
        if situation.publish:
            refusal = record(assignment, tried, situation.keeper)
            if refusal is not None:
                reasons = (*result.reasons, refusal)
                return replace(result, reasons=reasons, status=lowered(reasons), expected=False)
            result = replace(result, transcript=assignment.transcript)
        if lasting:
            situation.keeper.keep(assignment.planned.nodeid, candidate, specification)
        return result

    def _is_recorded_spoiled(self, assignment: Assignment, candidate: Candidate) -> bool:
        trusted = self._situation.run_directory.trusted
        return self._situation.publish and has_nothing_better(assignment) and mark(candidate, below=trusted)

    def _finished_before(self, assignment: Assignment, specification: str) -> Result | None:
        """The result of what an earlier run has finished, which stands where it would if it had run now."""
        situation = self._situation
        candidate = situation.keeper.finished(assignment.planned.nodeid, specification)
        if candidate is None:
            return None
        run = self._replay.run(candidate.recording, checkpoints=assignment.subagent.checkpoints)
        if run.outcome is None or run.faults:
            return None
        result = judged(replace(assignment, transcript=None), run, stale=situation.stale)
        situation.keeper.build_on(assignment.planned.nodeid, candidate)
        if not situation.publish:
            return result
        if situation.keeper.publish(assignment, candidate) is not None:
            return None
        return replace(result, transcript=assignment.transcript)

    def _not_started(self, assignment: Assignment, error: SubagentsError) -> Result:
        message = without_rootdir(self._situation.rootdir, f"{error.where}: {error.what}")
        return not_run(assignment, Reason(kind="launch", message=message, hint=error.hint))

    def _folder_of(self, folder: Path, number: int) -> Path:
        """The first try's files stand in the subagent's own folder, a retry's below it."""
        if number == 1:
            return folder
        retry = folder / f"retry-{number - 1}"
        make_state_folder(retry, below=self._situation.run_directory.path)
        return retry


def _last_words(tried: Tried) -> str:
    """The end of what the run said, where a vendor's hint how long to wait may stand."""
    if tried.executed is None:
        return ""
    words = []
    for path in (tried.executed.stderr, tried.executed.stream):
        try:
            with open_file(path, below=path.parent) as file:
                file.seek(max(0, file.seek(0, os.SEEK_END) - limits.BACKOFF_READ_BYTES))
                words.append(file.read().decode("utf-8", "replace"))
        except OSError:
            continue
    return "\n".join(words)
