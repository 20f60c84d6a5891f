"""What a run comes to: the reasons that its transcript, the end of its process and its answer give.

Evidence can only lower a status. The root cause comes first; what merely follows from it is left out, so that a person
reads one reason and not five. Text of an agent or a vendor is cut here, and escaped where it is shown.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from msgspec.structs import replace

from pytest_subagents.model import limits
from pytest_subagents.model.event import Failure, FailureKind
from pytest_subagents.model.outcome import Denial, Outcome, ProcessEnd
from pytest_subagents.model.reason import Reason
from pytest_subagents.model.status import Status
from pytest_subagents.model.verdict import Accepted, Refused, Verdict
from pytest_subagents.transcript.last_words import (
    denials_in,
    exit_words,
    first_line,
    is_death_by,
    last_error,
    launch_failure,
)

_ORDER: Final = (
    "launch", "auth", "rate_limit", "context_limit", "refusal", "provider_error", "timeout", "idle_timeout", "killed",
    "turn_limit", "budget", "output_limit", "incomplete", "exit_code", "no_protocol", "no_message", "not_json",
    "contract", "declared", "permission",
)  # fmt: skip
"""The order in which reasons stand; those of one kind stay in the order in which they were found."""

_HINTS: Final[dict[str, str]] = {
    "auth": "give the vendor's program a key that is valid, then record the run again",
    "rate_limit": "wait or raise the quota, then record the run again",
    "context_limit": "give the subagent less to read, or a model with a larger context window",
    "refusal": "the model declined the task: word the instructions differently, or use another model",
    "provider_error": "the provider failed, not the agent: record the run again",
    "launch": "run the vendor's program by hand with the same arguments",
    "turn_limit": "raise limits.max_turns, or split the task",
    "budget": "raise the limit, or split the task",
    "output_limit": "ask for a shorter answer, or raise the model's limit of output tokens",
}


_OUTSIDE: Final = frozenset({"timeout", "idle_timeout", "killed"})
"""Stops that have nothing to do with what the agent did."""

_REPEATED: Final = "the message is one text several times over, as a stream repeats it that the program had to retry"


def judge(outcome: Outcome, process: ProcessEnd, verdict: Verdict | None) -> tuple[Reason, ...]:
    """The reasons for which a run is no success, in a fixed order; none for one that is.

    `verdict` is what the contract says of `outcome.final`; None means that nobody asked it, which is never a success
    either. `process` are claims of a recording's metadata: they lower, and raise nothing.
    """
    accepted = isinstance(verdict, Accepted)
    if outcome.spoke:
        found = list(_failures(outcome, process))
        told = {reason.kind for reason in found}
        found += [stop for stop in _stops(outcome, process, accepted) if stop.kind not in told]
        found += _ending(outcome, process, verdict, caused=bool(found))
    else:
        found = [*_stops(outcome, process, accepted), *_silence(outcome, process)]
    found += _denials(outcome, process)
    if not found and not accepted:
        found.append(Reason(kind="no_message", message="the final message was not checked against a contract"))
    return tuple(sorted(found, key=lambda reason: _ORDER.index(reason.kind)))


def _failure_of(outcome: Outcome) -> Failure | None:
    """What ended the run badly: the last failure, or a terminal event that says so without one."""
    end = outcome.end
    if outcome.failure is None and end is not None and not end.ok:
        return Failure(line=end.line, kind=end.failure or "provider_error", message=end.message)
    return outcome.failure


def _ended_well(outcome: Outcome) -> bool:
    return outcome.end is not None and outcome.end.ok and outcome.failure is None


def _failures(outcome: Outcome, process: ProcessEnd) -> Iterator[Reason]:
    """How the vendor says that the run failed: by its stream, or by an exit code of its own."""
    ended_well = _ended_well(outcome)
    failure = _failure_of(outcome)
    told = None if ended_well else dict(outcome.exit_meanings).get(process.exit_code or 0)
    if failure is None and told is not None:
        yield _reason(told, f"exit code {process.exit_code}: {_meaning(told)}{_said(process)}")
    elif failure is not None and failure.kind != "killed":
        kind = told if told is not None and failure.kind == "provider_error" else failure.kind
        yield from _failed(kind, failure)


def _failed(kind: FailureKind, failure: Failure) -> Iterator[Reason]:
    message = first_line(failure.message) or _meaning(kind)
    yield _reason(kind, message, line=failure.line)
    if kind == "output_limit":
        # The kind is also that of a cap of our own on what a run prints; here it was the provider's.
        yield _reason("provider_error", f"the provider cut the model short: {message}", line=failure.line)


def _stops(outcome: Outcome, process: ProcessEnd, accepted: bool) -> Iterator[Reason]:
    """Whether the run was stopped from outside: by a limit of ours, a person's clock or a signal."""
    ended_well = _ended_well(outcome)
    at_most: Status | None = "partial" if ended_well and accepted else None
    where = _where(outcome)
    if process.stop_kind is not None:
        yield _stopped_by_us(process.stop_kind, outcome, process, at_most)
    elif process.timed_out:
        yield _reason(
            "timeout",
            f"the run was stopped when its time was up{where}",
            line=_last(outcome),
            at_most=at_most,
            hint=_busy(outcome, process),
        )
    elif process.killed is not None:
        what = f"the process got {process.killed[:40]}"
        yield _reason("killed", f"{what}{where}", line=_last(outcome), at_most=at_most, hint=_busy(outcome, process))
    elif (death := is_death_by(process.exit_code)) is not None and not ended_well:
        yield _reason(
            "killed", f"the process died of {death}{where}", line=_last(outcome), hint=_busy(outcome, process)
        )
    elif (failure := _failure_of(outcome)) is not None and failure.kind == "killed":
        said = first_line(failure.message)
        yield _reason("killed", f"the run was interrupted: {said}" if said else "the run was interrupted",
                      line=failure.line)  # fmt: skip


def _stopped_by_us(kind: str, outcome: Outcome, process: ProcessEnd, at_most: Status | None) -> Reason:
    """Why our own supervision stopped the run; time that is up after the answer takes nothing of it back."""
    timed = kind in _OUTSIDE
    said = first_line(process.stop_message) or f"the run was stopped: {kind.replace('_', ' ')}"
    return _reason(
        kind,
        f"{said}{_where(outcome)}",
        line=_last(outcome),
        at_most=at_most if timed else None,
        hint=_busy(outcome, process) if timed else None,
    )


def _ending(outcome: Outcome, process: ProcessEnd, verdict: Verdict | None, *, caused: bool) -> Iterator[Reason]:
    """What the end of the stream and the answer give, where nothing before them explains everything."""
    accepted = isinstance(verdict, Accepted)
    failed = _failure_of(outcome) is not None
    if outcome.problem or _may_lack_its_answer(outcome) or (outcome.end is None and not failed and not caused):
        yield _incomplete(outcome, process, accepted)
    if isinstance(verdict, Accepted):
        if not failed and process.exit_code not in (0, None) and not caused:
            yield _reason("exit_code", f"{exit_words(process.exit_code)} although the answer is valid{_said(process)}")
        if verdict.answer.status != "success":
            summary = first_line(verdict.answer.summary)
            said = f"the answer says {verdict.answer.status}" + (f": {summary}" if summary else "")
            line = outcome.final.line if outcome.final is not None else None
            yield _reason("declared", said, line=line, at_most=verdict.answer.status)
    elif isinstance(verdict, Refused) and (not caused or _cut_short(outcome)):
        yield from _refused(outcome, verdict)


def _incomplete(outcome: Outcome, process: ProcessEnd, accepted: bool) -> Reason:
    at_most: Status = "partial" if accepted else "failed"
    if outcome.problem:
        return _reason("incomplete", f"of the transcript, {outcome.problem}", line=_last(outcome), at_most=at_most)
    if outcome.end is not None:
        where = outcome.damaged_line
        message = f"line {where}, between the last message and the end, is damaged: it may have been the last message"
        return _reason("incomplete", message, line=where, at_most=at_most)
    message = f"the stream ends after line {outcome.last_line} without a terminal event"
    if outcome.last_line in outcome.unreadable_lines:
        message += ", which is cut off or damaged"
    if process.exit_code not in (0, None):
        message += f"; {exit_words(process.exit_code)}"
    if outcome.notice:
        message += f"; it was busy with: {first_line(outcome.notice)}"
    return _reason("incomplete", message, line=_last(outcome), at_most=at_most)


def _may_lack_its_answer(outcome: Outcome) -> bool:
    """Whether a line is damaged that may have been the last message, so that an earlier one stands in for it."""
    start = outcome.final.line if outcome.final is not None else 0
    return outcome.end is not None and outcome.end.ok and start < outcome.damaged_line < outcome.end.line


def _refused(outcome: Outcome, verdict: Refused) -> Iterator[Reason]:
    final = outcome.final
    for reason in verdict.reasons:
        if final is None:
            yield reason
            continue
        hint = _REPEATED if reason.kind == "not_json" and final.text in (final.text * 2)[1:-1] else reason.hint
        yield replace(reason, line=reason.line or final.line, hint=hint)


def _cut_short(outcome: Outcome) -> bool:
    """Whether the answer is the model's own and only ended too early, so that what is wrong with it tells more."""
    failure = _failure_of(outcome)
    return failure is not None and failure.kind == "output_limit"


def _silence(outcome: Outcome, process: ProcessEnd) -> Iterator[Reason]:
    """Why there is no event at all."""
    stopped = (
        process.stop_kind is not None
        or process.killed is not None
        or process.timed_out
        or is_death_by(process.exit_code) is not None
    )
    if process.exit_code not in (0, None) and not (stopped or outcome.lines or outcome.problem):
        kind = launch_failure(process.stderr_tail)
        said = last_error(process.stderr_tail)
        yield _reason(kind, f"{exit_words(process.exit_code)} and nothing on stdout" + (f": {said}" if said else ""))
        return
    yield _reason("no_protocol", _no_protocol(outcome), hint=_how_to_record(outcome))


def _no_protocol(outcome: Outcome) -> str:
    if outcome.problem:
        return f"the transcript is none: {outcome.problem}"
    if not outcome.lines:
        return "the transcript is empty"
    counted = "its only line is" if outcome.lines == 1 else f"none of its {outcome.lines} lines is"
    message = f"{counted} {'no event' if outcome.lines == 1 else 'an event'} of a known dialect"
    excerpt = first_line(outcome.text_excerpt)
    return f"{message}; it begins: {excerpt}" if excerpt else message


def _how_to_record(outcome: Outcome) -> str | None:
    if outcome.problem or not outcome.lines:
        return None
    return (
        "record the vendor's event stream: codex exec --json, claude -p --output-format stream-json --verbose, "
        "gemini --output-format stream-json, opencode run --format json"
    )


def _denials(outcome: Outcome, process: ProcessEnd) -> Iterator[Reason]:
    """Tools that were refused, each once. Codex tells of some on stderr alone."""
    told: dict[tuple[str, str], list[int]] = {}
    for denial in (
        *outcome.denials,
        *(Denial(tool="", message=said, line=0) for said in denials_in(process.stderr_tail)),
    ):
        told.setdefault((denial.tool, first_line(denial.message)), []).append(denial.line)
    for (tool, said), lines in list(told.items())[: limits.DENIALS_SHOWN]:
        times = "" if len(lines) == 1 else f" {len(lines)} times"
        what = f"{tool or 'a tool'} was refused{times}" + (f": {said}" if said else "")
        yield _reason("permission", what, line=lines[0] or None)
    if len(told) > limits.DENIALS_SHOWN:
        yield _reason("permission", f"{len(told) - limits.DENIALS_SHOWN} more refusals")


def _reason(
    kind: str, message: str, *, line: int | None = None, at_most: Status | None = None, hint: str | None = None
) -> Reason:
    hint = hint if hint is not None else _HINTS.get(kind)
    cut = message if len(message) <= limits.MESSAGE_CHARS else message[: limits.MESSAGE_CHARS - 1] + "…"
    return Reason(kind=kind, message=cut, line=line, hint=hint, at_most=at_most)


def _where(outcome: Outcome) -> str:
    if not outcome.lines:
        return "; nothing was on stdout"
    if outcome.end is None:
        return f"; the stream ends after line {outcome.last_line} without a terminal event"
    if outcome.end.ok:
        return ", although the stream ended well"
    said = first_line(outcome.end.message)
    return f"; the stream ends with: {said}" if said else "; the stream ends with a failure"


def _last(outcome: Outcome) -> int | None:
    return outcome.last_line or None


def _busy(outcome: Outcome, process: ProcessEnd) -> str | None:
    """What the run was doing when it was stopped."""
    busy = first_line(outcome.notice)
    if not busy and launch_failure(process.stderr_tail) != "launch":
        busy = last_error(process.stderr_tail)
    return f"it was busy with: {busy}"[: limits.MESSAGE_CHARS] if busy else None


def _said(process: ProcessEnd) -> str:
    said = last_error(process.stderr_tail)
    return f"; stderr: {said}" if said else ""


def _meaning(kind: FailureKind) -> str:
    return {
        "auth": "the program could not log in",
        "rate_limit": "the provider's rate limit or quota was reached",
        "context_limit": "the model's context window was full",
        "refusal": "the model refused",
        "provider_error": "the provider answered with an error",
        "launch": "the program refused to start",
        "killed": "the run was interrupted",
        "turn_limit": "the limit of turns was reached",
        "budget": "the budget was spent",
        "output_limit": "the limit of output tokens was reached",
        "contract": "no answer satisfied the schema",
    }[kind]
