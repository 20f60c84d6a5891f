"""Whether a person must look at a subagent's diff before it counts (`workflow.review`), and has not.

Judged by the real changes and the recorded patch, live and in replay alike. Who changed nothing waits for nobody.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from msgspec.structs import replace

from pytest_subagents.conduct.assignment import NO_TEAM, Assignment
from pytest_subagents.conduct.scope_judged import real_or_told
from pytest_subagents.model.glob import matches, with_folders
from pytest_subagents.model.json_value import JsonValue
from pytest_subagents.model.outcome import Change
from pytest_subagents.model.reason import Reason, lowered
from pytest_subagents.model.result import Result
from pytest_subagents.model.spec import Review
from pytest_subagents.reports import commands
from pytest_subagents.runners.interface import Run
from pytest_subagents.transcript.approvals import digest_of
from pytest_subagents.workspace.patch_files import size_of

_SHOWN: Final = 3
_CONFLICT: Final = "its changes meet those of another"


def reviewed(result: Result, assignment: Assignment, run: Run) -> Result:
    """`result`, partial at most where its diff waits for a person."""
    team = assignment.team or NO_TEAM
    changes = tuple(real_or_told(run))
    approval = team.approvals.get(assignment.subagent.id)
    if not changes or (run.patch and approval is not None and approval.digest == digest_of(run.patch)):
        return result
    hint = _hint(assignment.subagent.id, approved_before=approval is not None, has_patch=bool(run.patch))
    words = tuple(_triggers(team.review, changes, run, result))
    last = len(words) - 1  # who reads them all is told once what to do
    found = [
        Reason(kind="review", message=each, hint=hint if number == last else None) for number, each in enumerate(words)
    ]
    on_conflict = Reason(kind="review", message=_CONFLICT, hint=hint) if team.review.any_conflict else None
    reasons = (*result.reasons, *found)
    return replace(result, reasons=reasons, status=lowered(reasons), on_conflict=on_conflict)


def _triggers(review: Review, changes: Sequence[Change], run: Run, result: Result) -> Iterator[str]:
    """Every reason why somebody must look, in words."""
    globs = tuple(with_folders(review.files_matching))
    touched = [change.path for change in changes if matches(change.path, globs)]
    if touched:
        more = f" and {len(touched) - _SHOWN:,} more" if len(touched) > _SHOWN else ""
        yield f"it changes {', '.join(touched[:_SHOWN])}{more}, which a person must approve (files_matching)"
    if review.lines_changed_above is not None:
        yield from _of_size(review.lines_changed_above, run)
    if review.confidence_below is not None and result.answer is not None:
        yield from _of_confidence(review.confidence_below, result.answer)


def _of_size(most: int, run: Run) -> Iterator[str]:
    above = f"more than {most:,} need a person's approval (lines_changed_above)"
    if not run.patch:
        yield f"how many lines it changes is not known, as its recording has no patch; {above}"
        return
    size = size_of(run.patch)
    if size.binary:
        files = "a binary file" if size.binary == 1 else f"{size.binary:,} binary files"
        yield f"it changes {files}, whose lines cannot be counted; {above}"
    elif size.lines > most:
        yield f"it changes {size.lines:,} lines; {above}"


def _of_confidence(least: float, answer: JsonValue) -> Iterator[str]:
    below = f"below {least:g} a person must approve its diff (confidence_below)"
    found = answer.get("confidence") if isinstance(answer, dict) else None
    if found is None:
        yield f"its answer has no 'confidence'; {below}"
    elif isinstance(found, bool) or not isinstance(found, (int, float)) or not 0 <= found <= 1:
        yield f"the 'confidence' of its answer is no number from 0 to 1; {below}"
    elif found < least:
        yield f"the confidence of its answer is {found:g}; {below}"


def _hint(agent: str, *, approved_before: bool, has_patch: bool) -> str:
    if not has_patch:
        return "record it again: without a recorded patch there is nothing to approve"
    words: Iterable[str] = (f"look at it: {commands.diff(agent)}", f"approve it: {commands.approve(agent)}")
    if approved_before:
        words = ("another diff of it was approved, not this one", *words)
    return "; ".join(words)
