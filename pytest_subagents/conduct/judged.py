"""From a run, replayed or live, to its Result, always: check, judge, verify, compare with what is expected."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final, Literal, TypeAlias

from msgspec.structs import replace

from pytest_subagents.conduct.assignment import Assignment, Verifier
from pytest_subagents.conduct.check_reasons import recorded_reasons
from pytest_subagents.conduct.redacted_run import redacted, shown
from pytest_subagents.conduct.reviewed import reviewed
from pytest_subagents.conduct.scope_judged import scope_reasons
from pytest_subagents.conduct.scoring import scored
from pytest_subagents.contract.checking import check
from pytest_subagents.model import limits
from pytest_subagents.model.json_value import JsonValue
from pytest_subagents.model.outcome import Outcome, Usage
from pytest_subagents.model.reason import Reason, lowered
from pytest_subagents.model.result import Diagnostics, Result
from pytest_subagents.model.spec import Expectation, Subagent
from pytest_subagents.model.status import Status
from pytest_subagents.model.verdict import Accepted, Refused, Verdict
from pytest_subagents.prompt.templates import TEMPLATE_DIGEST
from pytest_subagents.runners.interface import Run
from pytest_subagents.transcript.judging import judge
from pytest_subagents.transcript.staleness import stale_reasons
from pytest_subagents.workspace.patch_files import size_of

_NO_OUTCOME: Final = Outcome()
_NO_DIAGNOSTICS: Final = Diagnostics()

StalePolicy: TypeAlias = Literal["fail", "warn"]


def judged(
    assignment: Assignment, run: Run, *, stale: StalePolicy = "fail", checks: Sequence[Reason] | None = None
) -> Result:
    """The result of one run. Whatever an agent did is in it; nothing of that is raised.

    `checks` says what its `run:` criteria came to where they have been run just now; else what was recorded counts.
    """
    run = redacted(run)
    reasons = [replace(fault, at=fault.at or assignment.transcript) for fault in run.faults]
    verdict: Verdict | None = None
    if run.outcome is not None:
        verdict = check(assignment.contract, run.outcome.final) if run.outcome.spoke else None
        reasons += judge(run.outcome, run.meta.process, verdict)
        reasons += _staleness(assignment.subagent, run, stale)
        reasons += scope_reasons(assignment, run)
        reasons += recorded_reasons(assignment.subagent, run.meta) if checks is None else checks
    result = _result(assignment, run, verdict, reasons)
    if isinstance(verdict, Accepted) and assignment.verifiers:
        found = tuple(_verified(assignment.verifiers, verdict.answer.value, result))
        result = replace(result, reasons=(*result.reasons, *found), status=lowered((*result.reasons, *found)))
    if assignment.team is not None and assignment.team.review.asks:
        result = reviewed(result, assignment, run)
    if assignment.selectors:
        result = scored(assignment, result, result.answer, accepted=isinstance(verdict, Accepted))
    return shown(judged_by_expectation(result, assignment.subagent.expect))


def not_run(assignment: Assignment, reason: Reason) -> Result:
    """The row of a subagent that never started."""
    result = Result(
        planned=assignment.planned,
        status=reason.ceiling,
        reasons=(reason,),
        vendor=assignment.planned.vendor,
        model=assignment.planned.model,
    )
    return judged_by_expectation(result, assignment.subagent.expect)


def judged_by_expectation(result: Result, expect: Expectation | None) -> Result:
    """`result` marked as expected, or failed because it is not what was expected of it."""
    if expect is None:
        return result
    unmet = tuple(Reason(kind="expect", message=message) for message in _unmet(result, expect))
    if not unmet:
        return replace(result, expected=True)
    reasons = (*unmet, *result.reasons)
    return replace(result, reasons=reasons, status=lowered(reasons))


def _unmet(result: Result, expect: Expectation) -> Iterator[str]:
    kinds = {reason.kind for reason in result.reasons}
    if result.status != expect.status or not (expect.kind is None or expect.kind in kinds):
        wanted = expect.status if expect.kind is None else f"{expect.status} ({expect.kind})"
        actual = result.status if not kinds else f"{result.status} ({', '.join(sorted(kinds))})"
        yield f"expected {wanted}, but it came out {actual}"
    if expect.changes is not None:
        changed = {change.path for change in result.changes}
        for path in sorted(changed.difference(expect.changes)):
            yield f"it was not expected to change {path}"
        for path in sorted(set(expect.changes) - changed):
            yield f"expected to change {path}, but it did not"


def _staleness(subagent: Subagent, run: Run, policy: StalePolicy) -> tuple[Reason, ...]:
    reasons = stale_reasons(subagent, run.meta, template=TEMPLATE_DIGEST)
    if policy == "fail":
        return reasons
    allowed: Status = "success"
    return tuple(replace(reason, at_most=allowed) for reason in reasons)


def _result(assignment: Assignment, run: Run, verdict: Verdict | None, reasons: list[Reason]) -> Result:
    planned, outcome, process = assignment.planned, run.outcome or _NO_OUTCOME, run.meta.process
    answer = verdict.answer if isinstance(verdict, Accepted) else None
    refused = verdict if isinstance(verdict, Refused) else None
    return Result(
        planned=planned,
        status=lowered(reasons),
        reasons=tuple(reasons),
        violations=refused.violations if refused is not None else 0,
        vendor=outcome.vendor or planned.vendor,
        model=outcome.model or planned.model,
        summary=answer.summary if answer is not None else "",
        answer=answer.value if answer is not None else refused.value if refused is not None else None,
        findings=answer.findings if answer is not None else (),
        changes=run.changes if run.changes is not None else outcome.changes,
        changed_lines=_lines_of(assignment, run, outcome),
        passed=outcome.passed,
        exit_code=process.exit_code,
        runtime_ms=process.runtime_ms if process.runtime_ms is not None else outcome.duration_ms,
        usage=_priced(outcome.usage, process.usd),
        diagnostics=_diagnostics(run, reasons) if reasons or outcome.unreadable else _NO_DIAGNOSTICS,
        transcript=assignment.transcript,
    )


def _lines_of(assignment: Assignment, run: Run, outcome: Outcome) -> int | None:
    """How many lines an attempt changed. Who tells of no change has changed no line, as far as anybody knows."""
    if assignment.planned.attempt is None:
        return None
    if run.changes is None:
        return None if outcome.changes else 0
    return size_of(run.patch).lines


def _priced(usage: Usage, usd: float | None) -> Usage:
    """`usage` with a cost by a price list, where its stream tells none."""
    return usage if usd is None or usage.usd is not None else replace(usage, usd=usd)


def _diagnostics(run: Run, reasons: list[Reason]) -> Diagnostics:
    outcome = run.outcome or _NO_OUTCOME
    final = outcome.final
    return Diagnostics(
        exit_code=run.meta.process.exit_code,
        stderr_tail=run.meta.process.stderr_tail,
        unreadable=outcome.unreadable,
        unreadable_lines=outcome.unreadable_lines,
        excerpt=(final.text if final is not None else outcome.text_excerpt)[: limits.EXCERPT_CHARS],
        line=next((reason.line for reason in reasons if reason.line is not None), final.line if final else None),
    )


def _verified(verifiers: Iterable[tuple[str, Verifier]], value: JsonValue, result: Result) -> Iterator[Reason]:
    for address, verifier in verifiers:
        try:
            found = verifier(value, result)
            yield from _as_reasons(found, address)
        except Exception as error:  # a verifier is a person's code, and one that cannot judge has not passed
            yield Reason(kind="verify", message=_cut(f"{address} raised {type(error).__name__}: {error}"))


def _as_reasons(found: object, address: str) -> Iterator[Reason]:
    match found:
        case None:
            return
        case Reason():
            yield replace(found, kind="verify")
        case str():
            yield Reason(kind="verify", message=_cut(found))
        case Iterable():
            for one in found:
                yield from _as_reasons(one, address)
        case _:
            yield Reason(
                kind="verify",
                message=f"{address} gave {type(found).__name__}, not reasons",
                hint="return None, a message, a Reason, or an iterable of them",
            )


def _cut(text: str) -> str:
    clean = text.encode("utf-8", "replace").decode("utf-8")
    return clean if len(clean) <= limits.MESSAGE_CHARS else clean[: limits.MESSAGE_CHARS - 1] + "…"
