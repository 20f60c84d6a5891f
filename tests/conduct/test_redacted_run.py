"""A recording that nobody redacted: no token of a known form in it reaches a result, whatever it stands in."""

from __future__ import annotations

import json

from builders import a_planned
from recorded import result_contract

from pytest_subagents.conduct.assignment import Assignment, Team
from pytest_subagents.conduct.judged import judged
from pytest_subagents.conduct.redacted_run import redacted
from pytest_subagents.model.event import Failure
from pytest_subagents.model.outcome import Change, CheckRecord, Denial, FinalMessage, Outcome, ProcessEnd
from pytest_subagents.model.result import Result
from pytest_subagents.model.scope import Scope
from pytest_subagents.model.spec import Subagent
from pytest_subagents.runners.interface import Run
from pytest_subagents.transcript.meta import RecordingMeta
from pytest_subagents.transcript.store import Recording

TOKEN = "ghp_" + "a1B2c3D4e5F6g7H8i9J0" * 2
ESCAPED = "".join(f"\\u{ord(char):04x}" for char in TOKEN)


def result_of(outcome: Outcome, process: ProcessEnd | None = None, *, changes: tuple[Change, ...] = ()) -> Result:
    meta = RecordingMeta(
        process=process or ProcessEnd(exit_code=1), checks={"t": CheckRecord(run="t", exit_code=1, output=TOKEN)}
    )
    assignment = Assignment(
        subagent=Subagent(id="fix", scope=Scope(write=("docs/",)), success_criteria=()),
        planned=a_planned("fix"),
        contract=result_contract(),
        recording=Recording(transcript="fix.jsonl"),
        team=Team(),
    )
    return judged(assignment, Run(outcome=outcome, meta=meta, changes=changes, patch=b""))


def said(text: str, **more: object) -> Outcome:
    return Outcome(dialects=("codex",), final=FinalMessage(text=text, line=3), **more)  # type: ignore[arg-type]


def test_an_answer_its_findings_and_what_quotes_it() -> None:
    answer = {"status": "success", "summary": f"see {TOKEN}", "findings": [{"file": f"a/{TOKEN}.py", "title": TOKEN}]}
    for text in (json.dumps(answer), json.dumps({**answer, "summary": json.dumps({"a": ESCAPED})}), f"prose {TOKEN}"):
        result = result_of(said(text), ProcessEnd(exit_code=1, stderr_tail=f"Authorization: Bearer {TOKEN}"))
        assert TOKEN not in repr(result)
        assert ESCAPED not in json.dumps(result.answer)
        assert "<redacted>" in repr(result)
    escaped = json.dumps(answer).replace(TOKEN, ESCAPED)
    assert result_of(said(escaped)).summary == "see <redacted>"


def test_failures_denials_and_the_names_of_files() -> None:
    outcome = Outcome(
        dialects=("codex",),
        failure=Failure(line=4, kind="auth", message=f"401 for {TOKEN}"),
        denials=(Denial(tool=TOKEN, message=f"no {TOKEN}", line=2),),
        notice=TOKEN,
        text_excerpt=TOKEN,
        model=TOKEN,
    )
    result = result_of(
        outcome, ProcessEnd(killed=TOKEN, stop_message=TOKEN), changes=(Change(path=f"src/{TOKEN}.py", kind="add"),)
    )
    assert TOKEN not in repr(result)
    assert {"auth", "permission", "scope"} <= {reason.kind for reason in result.reasons}
    assert [change.path for change in result.changes] == ["src/<redacted>.py"]


def test_what_holds_none_stays_the_same_value() -> None:
    run = Run(outcome=said('{"status": "success", "summary": "All is well.", "findings": []}'))
    assert redacted(run) is run
