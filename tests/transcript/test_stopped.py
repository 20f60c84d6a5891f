"""What a run comes to that our own limits stopped, as its recording tells it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pytest_subagents.model.event import End, Failure
from pytest_subagents.model.outcome import FinalMessage, Outcome, ProcessEnd
from pytest_subagents.model.reason import Reason, lowered
from pytest_subagents.model.status import Status
from pytest_subagents.model.verdict import Accepted, Answer, Refused, Verdict
from pytest_subagents.transcript.judging import judge

WELL = Outcome(
    vendor="codex",
    dialects=("codex_exec",),
    lines=4,
    last_line=4,
    final=FinalMessage(text="{}", line=3),
    end=End(line=4, ok=True),
)
CUT_OFF = replace(WELL, end=None)
ACCEPTED = Accepted(answer=Answer(status="success", summary="", findings=(), value={}))
REFUSED = Refused(reasons=(Reason(kind="not_json", message="it is prose"),))


@pytest.mark.parametrize(
    ("kind", "outcome", "verdict", "status"),
    [
        ("timeout", WELL, ACCEPTED, "partial"),
        ("idle_timeout", WELL, ACCEPTED, "partial"),
        ("killed", WELL, ACCEPTED, "partial"),
        ("budget", WELL, ACCEPTED, "failed"),
        ("turn_limit", WELL, ACCEPTED, "failed"),
        ("output_limit", WELL, ACCEPTED, "failed"),
        ("idle_timeout", CUT_OFF, ACCEPTED, "failed"),
        ("idle_timeout", WELL, REFUSED, "failed"),
        ("budget", CUT_OFF, REFUSED, "failed"),
    ],
)
def test_a_stop_is_the_one_reason_at_its_own_ceiling(
    kind: str, outcome: Outcome, verdict: Verdict, status: Status
) -> None:
    process = ProcessEnd(exit_code=-15, stop_kind=kind, stop_message="nothing came for 600 s")
    reasons = judge(outcome, process, verdict)
    assert [reason.kind for reason in reasons] == [kind]
    assert reasons[0].message.startswith("nothing came for 600 s")
    assert lowered(reasons) == status


def test_a_stop_without_words_and_without_a_line_is_told_too() -> None:
    reasons = judge(Outcome(), ProcessEnd(exit_code=-9, stop_kind="idle_timeout"), None)
    assert [reason.kind for reason in reasons] == ["idle_timeout", "no_protocol"]
    assert reasons[0].message == "the run was stopped: idle timeout; nothing was on stdout"


def test_a_limit_that_the_vendor_told_of_itself_is_told_once() -> None:
    failure = Failure(line=4, kind="turn_limit", message="Reached max turns (3)")
    outcome = replace(WELL, end=End(line=4, ok=False, failure="turn_limit"), failure=failure)
    reasons = judge(outcome, ProcessEnd(stop_kind="turn_limit", stop_message="3 turns are over"), REFUSED)
    assert [reason.message for reason in reasons] == ["Reached max turns (3)"]
