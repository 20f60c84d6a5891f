"""What a run says without the tokens and passwords that are known by their form, before anything judges or shows it.

A recording of ours was redacted when it was made. One that somebody put there was not, and what a replay reports goes
to places that a recording does not: logs, pages, code scanning. Values of this machine's environment are not looked
for: a report is the same on every machine.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import msgspec
from msgspec.structs import replace

from pytest_subagents.model.outcome import Outcome, ProcessEnd
from pytest_subagents.model.result import Result
from pytest_subagents.runners.interface import Run
from pytest_subagents.transcript.token_signs import seems_to_hold


def redacted(run: Run) -> Run:
    """`run` without them; itself where there are none."""
    if not seems_to_hold("\n".join(filter(None, _texts(run)))):
        return run
    from pytest_subagents.transcript.redaction.redactor import Redactor

    redact = Redactor().redact_text
    outcome, meta = run.outcome, run.meta
    checks = {name: replace(check, output=redact(check.output)) for name, check in meta.checks.items()}
    return replace(
        run,
        outcome=_outcome(outcome, redact) if outcome is not None else None,
        meta=replace(meta, process=_process(meta.process, redact), checks=checks),
    )


def shown(result: Result) -> Result:
    """`result` as it is reported, where the path of a file holds one: what was judged is the path as it is."""
    paths = (*(change.path for change in result.changes), *(reason.at or "" for reason in result.reasons))
    if not any(paths) or not seems_to_hold("\n".join(paths)):
        return result
    from pytest_subagents.transcript.redaction.redactor import Redactor

    redact = Redactor().redact_text
    return replace(
        result,
        changes=tuple(replace(change, path=redact(change.path)) for change in result.changes),
        reasons=tuple(
            replace(reason, message=redact(reason.message), at=redact(reason.at) if reason.at else reason.at)
            for reason in result.reasons
        ),
    )


def _texts(run: Run) -> Iterator[str]:
    process, outcome = run.meta.process, run.outcome
    yield from (process.stderr_tail, process.stop_message, process.killed or "")
    yield from (check.output for check in run.meta.checks.values())
    if outcome is None:
        return
    yield from (outcome.text_excerpt, outcome.notice, outcome.model or "", outcome.cli_version or "")
    if outcome.final is not None:
        yield outcome.final.text
    if outcome.end is not None:
        yield outcome.end.message
    if outcome.failure is not None:
        yield outcome.failure.message
    for denial in outcome.denials:
        yield from (denial.tool, denial.message)


def _outcome(outcome: Outcome, redact: Callable[[str], str]) -> Outcome:
    final, end, failure = outcome.final, outcome.end, outcome.failure
    return replace(
        outcome,
        final=replace(final, text=redact(final.text)) if final is not None else None,
        end=msgspec.structs.replace(end, message=redact(end.message)) if end is not None else None,
        failure=msgspec.structs.replace(failure, message=redact(failure.message)) if failure is not None else None,
        denials=tuple(replace(each, tool=redact(each.tool), message=redact(each.message)) for each in outcome.denials),
        text_excerpt=redact(outcome.text_excerpt),
        notice=redact(outcome.notice),
        model=None if outcome.model is None else redact(outcome.model),
        cli_version=None if outcome.cli_version is None else redact(outcome.cli_version),
    )


def _process(process: ProcessEnd, redact: Callable[[str], str]) -> ProcessEnd:
    killed = None if process.killed is None else redact(process.killed)
    return replace(
        process, stderr_tail=redact(process.stderr_tail), stop_message=redact(process.stop_message), killed=killed
    )
