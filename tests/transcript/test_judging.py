"""The table of reasons: what each kind of evidence comes to, alone and together."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from recorded import kinds

from pytest_subagents.model import limits
from pytest_subagents.model.event import End, Failure, FailureKind
from pytest_subagents.model.outcome import Denial, FinalMessage, Outcome, ProcessEnd
from pytest_subagents.model.reason import Reason, lowered
from pytest_subagents.model.status import Status, rank
from pytest_subagents.model.verdict import Accepted, Answer, AnswerStatus, Refused, Verdict
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
SILENT = Outcome()


def accepted(status: AnswerStatus = "success") -> Accepted:
    return Accepted(answer=Answer(status=status, summary="two files", findings=(), value={}))


def refused(kind: str = "not_json") -> Refused:
    return Refused(reasons=(Reason(kind=kind, message=f"it is {kind}"),))


def failed(kind: FailureKind, message: str = "boom") -> Outcome:
    failure = Failure(line=4, kind=kind, message=message)
    return replace(WELL, end=End(line=4, ok=False, failure=kind, message=message), failure=failure)


def status_of(outcome: Outcome, process: ProcessEnd, verdict: Verdict | None) -> tuple[Status, list[str]]:
    reasons = judge(outcome, process, verdict)
    return lowered(reasons), kinds(reasons)


@pytest.mark.parametrize(
    ("outcome", "process", "verdict", "status", "reasons"),
    [
        pytest.param(WELL, ProcessEnd(exit_code=0), accepted(), "success", [], id="all well"),
        pytest.param(WELL, ProcessEnd(), accepted(), "success", [], id="no metadata"),
        pytest.param(WELL, ProcessEnd(), accepted("partial"), "partial", ["declared"], id="the answer says partial"),
        pytest.param(WELL, ProcessEnd(), accepted("failed"), "failed", ["declared"], id="the answer says failed"),
        pytest.param(WELL, ProcessEnd(exit_code=1), accepted(), "partial", ["exit_code"], id="exit code 1"),
        pytest.param(WELL, ProcessEnd(exit_code=1), refused(), "failed", ["not_json"], id="exit code 1 and prose"),
        pytest.param(WELL, ProcessEnd(), refused("contract"), "failed", ["contract"], id="contract broken"),
        pytest.param(WELL, ProcessEnd(), None, "failed", ["no_message"], id="nobody asked the contract"),
        pytest.param(CUT_OFF, ProcessEnd(), accepted(), "partial", ["incomplete"], id="cut off after the answer"),
        pytest.param(
            CUT_OFF, ProcessEnd(), refused(), "failed", ["incomplete", "not_json"], id="cut off before the answer"
        ),
        pytest.param(
            CUT_OFF, ProcessEnd(), refused("no_message"), "failed", ["incomplete", "no_message"], id="cut off silently"
        ),
        pytest.param(WELL, ProcessEnd(killed="SIGTERM"), accepted(), "partial", ["killed"], id="killed when done"),
        pytest.param(
            WELL, ProcessEnd(killed="SIGTERM", exit_code=143), accepted(), "partial", ["killed"], id="and its exit code"
        ),
        pytest.param(WELL, ProcessEnd(timed_out=True), accepted(), "partial", ["timeout"], id="time up when done"),
        pytest.param(WELL, ProcessEnd(killed="SIGTERM"), refused(), "failed", ["killed"], id="killed with prose"),
        pytest.param(CUT_OFF, ProcessEnd(killed="SIGKILL"), accepted(), "failed", ["killed"], id="killed too early"),
        pytest.param(CUT_OFF, ProcessEnd(timed_out=True), refused(), "failed", ["timeout"], id="time up too early"),
        pytest.param(
            CUT_OFF, ProcessEnd(timed_out=True, killed="SIGKILL"), refused(), "failed", ["timeout"], id="timeout kills"
        ),
        pytest.param(CUT_OFF, ProcessEnd(exit_code=-9), accepted(), "failed", ["killed"], id="died of a signal"),
        pytest.param(CUT_OFF, ProcessEnd(exit_code=137), accepted(), "failed", ["killed"], id="as a shell tells it"),
        pytest.param(WELL, ProcessEnd(exit_code=-11), accepted(), "partial", ["exit_code"], id="crashed when done"),
        pytest.param(SILENT, ProcessEnd(), None, "failed", ["no_protocol"], id="empty file"),
        pytest.param(SILENT, ProcessEnd(exit_code=0), None, "failed", ["no_protocol"], id="empty file, exit code 0"),
        pytest.param(SILENT, ProcessEnd(exit_code=1), None, "failed", ["launch"], id="empty file, exit code 1"),
        pytest.param(
            SILENT,
            ProcessEnd(exit_code=1, stderr_tail="Error: not logged in"),
            None,
            "failed",
            ["auth"],
            id="empty file, not logged in",
        ),
        pytest.param(
            SILENT,
            ProcessEnd(exit_code=-9),
            None,
            "failed",
            ["killed", "no_protocol"],
            id="empty file, died of a signal",
        ),
        pytest.param(
            SILENT, ProcessEnd(killed="SIGKILL"), None, "failed", ["killed", "no_protocol"], id="empty file, killed"
        ),
        pytest.param(
            replace(SILENT, lines=1, last_line=1, text_excerpt="hello"),
            ProcessEnd(exit_code=1),
            None,
            "failed",
            ["no_protocol"],
            id="text, exit code 1",
        ),
        pytest.param(
            replace(SILENT, problem="it is a directory"),
            ProcessEnd(exit_code=1),
            None,
            "failed",
            ["no_protocol"],
            id="a directory",
        ),
    ],
)
def test_the_table(
    outcome: Outcome, process: ProcessEnd, verdict: Verdict | None, status: Status, reasons: list[str]
) -> None:
    assert status_of(outcome, process, verdict) == (status, reasons)


@pytest.mark.parametrize(
    "kind", ["provider_error", "rate_limit", "auth", "context_limit", "refusal", "launch", "budget", "turn_limit"]
)
@pytest.mark.parametrize("verdict", [accepted(), refused(), None])
def test_a_failed_run_gives_the_vendors_reason_alone(kind: FailureKind, verdict: Verdict | None) -> None:
    """`is_error: true` with a valid answer in it is no answer, and an API error's text is no prose."""
    assert status_of(failed(kind), ProcessEnd(exit_code=1), verdict) == ("failed", [kind])


def test_a_failure_after_which_nothing_came_counts_without_a_terminal_event() -> None:
    outcome = replace(failed("rate_limit"), end=None)
    assert status_of(outcome, ProcessEnd(exit_code=1), refused("no_message")) == ("failed", ["rate_limit"])


def test_a_cut_answer_is_shown_beside_the_limit_that_cut_it() -> None:
    reasons = judge(failed("output_limit"), ProcessEnd(exit_code=1), refused())
    assert kinds(reasons) == ["provider_error", "output_limit", "not_json"]


def test_an_interrupted_run_was_killed() -> None:
    assert status_of(failed("killed"), ProcessEnd(), refused()) == ("failed", ["killed"])
    assert status_of(failed("killed"), ProcessEnd(killed="SIGINT"), refused()) == ("failed", ["killed"])


def test_a_vendors_own_exit_code_says_what_the_stream_does_not() -> None:
    outcome = replace(CUT_OFF, exit_meanings=((53, "turn_limit"),))
    assert status_of(outcome, ProcessEnd(exit_code=53), refused()) == ("failed", ["turn_limit"])
    assert status_of(outcome, ProcessEnd(exit_code=54), refused()) == ("failed", ["incomplete", "not_json"])


def test_a_vendors_own_exit_code_does_not_speak_against_a_run_that_ended_well() -> None:
    outcome = replace(WELL, exit_meanings=((53, "turn_limit"),))
    assert status_of(outcome, ProcessEnd(exit_code=53), accepted()) == ("partial", ["exit_code"])


def test_denials_are_recorded_and_lower_nothing() -> None:
    denials = (
        Denial(tool="Write", message="no permission", line=7),
        Denial(tool="Write", message="no permission", line=9),
        Denial(tool="Bash", message="", line=11),
    )
    reasons = judge(replace(WELL, denials=denials), ProcessEnd(), accepted())
    assert lowered(reasons) == "success"
    assert [(reason.kind, reason.message, reason.line) for reason in reasons] == [
        ("permission", "Write was refused 2 times: no permission", 7),
        ("permission", "Bash was refused", 11),
    ]


def test_more_denials_than_are_shown_are_counted() -> None:
    denials = tuple(Denial(tool=f"tool {n}", message="", line=n) for n in range(1, 31))
    reasons = judge(replace(WELL, denials=denials), ProcessEnd(), accepted())
    assert len(reasons) == limits.DENIALS_SHOWN + 1
    assert reasons[-1].message == "10 more refusals"


def test_codex_tells_of_refusals_on_stderr_alone() -> None:
    stderr = "2026-11-20T15:16:10Z ERROR codex_core::tools::router: error=patch rejected: writing is blocked\n"
    (reason,) = judge(WELL, ProcessEnd(exit_code=0, stderr_tail=stderr), accepted())
    assert (reason.kind, reason.message) == ("permission", "a tool was refused: patch rejected: writing is blocked")


def test_reasons_of_the_answer_point_to_its_line() -> None:
    (reason,) = judge(WELL, ProcessEnd(), refused("contract"))
    assert reason.line == 3


def test_a_repeated_answer_is_explained() -> None:
    repeated = replace(WELL, final=FinalMessage(text='{"a":1}' * 4, line=3))
    (reason,) = judge(repeated, ProcessEnd(), refused("not_json"))
    assert "several times over" in str(reason.hint)
    (plain,) = judge(WELL, ProcessEnd(), refused("not_json"))
    assert plain.hint is None


def test_a_stopped_run_says_what_it_was_busy_with() -> None:
    busy = replace(CUT_OFF, notice="Reconnecting... waiting for network")
    (reason,) = judge(busy, ProcessEnd(killed="SIGKILL", exit_code=-9), refused())
    assert reason.message == "the process got SIGKILL; the stream ends after line 4 without a terminal event"
    assert reason.hint == "it was busy with: Reconnecting... waiting for network"


def test_a_damaged_last_line_is_named() -> None:
    damaged = replace(CUT_OFF, unreadable=1, unreadable_lines=(4,))
    reason = judge(damaged, ProcessEnd(), accepted())[0]
    assert "cut off or damaged" in reason.message


@pytest.mark.parametrize(
    ("stderr", "said"),
    [
        ("Error loading config.toml:\n/x/config.toml:33:6: key with no value\n", "config.toml:33:6: key with no value"),
        ("\x1b[31mGemini CLI is not running in a trusted directory.\x1b[0m\n", "Gemini CLI is not running"),
        ("error: unknown option '--no-such-flag'\n\nUsage: x [OPTIONS]\n", "unknown option '--no-such-flag'"),
        ("  --aa x   one\n  --bb y   two\n  --cc z   three\n", "it printed its usage"),
        ("", "exit code 1 and nothing on stdout"),
    ],
)
def test_a_program_that_did_not_start_is_quoted(stderr: str, said: str) -> None:
    (reason,) = judge(SILENT, ProcessEnd(exit_code=1, stderr_tail=stderr), None)
    assert reason.kind == "launch"
    assert said in reason.message


@pytest.mark.parametrize(
    ("stderr", "kind"),
    [
        ("When using Gemini API, you must specify the GEMINI_API_KEY environment variable.", "auth"),
        ("stream error: 401 Unauthorized", "auth"),
        ('_ApiError: {"error":{"code":400,"message":"bad"}}', "provider_error"),
        ("_ApiError: status: 429 Too Many Requests", "rate_limit"),
        ("--dangerously-skip-permissions cannot be used with root/sudo privileges", "launch"),
        ("Usage: opencode run\n  providers  manage AI providers and credentials, log in with 401\n", "launch"),
    ],
)
def test_stderr_tells_why_there_is_no_stream(stderr: str, kind: str) -> None:
    assert kinds(judge(SILENT, ProcessEnd(exit_code=1, stderr_tail=stderr), None)) == [kind]


def test_messages_are_cut() -> None:
    long = failed("provider_error", "x" * 10_000)
    (reason,) = judge(long, ProcessEnd(), None)
    assert len(reason.message) <= limits.MESSAGE_CHARS


OUTCOMES = st.builds(
    Outcome,
    dialects=st.sampled_from([(), ("codex_exec",)]),
    lines=st.integers(0, 3),
    last_line=st.integers(0, 3),
    end=st.none() | st.builds(End, line=st.just(3), ok=st.booleans(), message=st.text(max_size=5)),
    failure=st.none()
    | st.builds(
        Failure,
        line=st.just(2),
        kind=st.sampled_from(["provider_error", "killed", "output_limit", "launch"]),
        message=st.text(max_size=5),
    ),
    final=st.none() | st.builds(FinalMessage, text=st.text(max_size=5), line=st.just(3)),
    notice=st.text(max_size=5),
    problem=st.sampled_from(["", "it is a directory"]),
    unreadable_lines=st.sampled_from([(), (3,)]),
    exit_meanings=st.just(((53, "turn_limit"),)),
    text_excerpt=st.text(max_size=9),
)
PROCESSES = st.builds(
    ProcessEnd,
    exit_code=st.none() | st.sampled_from([0, 1, 53, 143, -9]),
    stderr_tail=st.text(max_size=20),
    killed=st.none() | st.just("SIGTERM"),
    timed_out=st.booleans(),
)
VERDICTS = st.sampled_from([accepted(), accepted("partial"), refused(), None])


@given(OUTCOMES, PROCESSES, VERDICTS)
def test_only_a_valid_answer_of_a_run_that_ended_well_is_a_success(
    outcome: Outcome, process: ProcessEnd, verdict: Verdict | None
) -> None:
    reasons = judge(outcome, process, verdict)
    if lowered(reasons) == "success":
        assert isinstance(verdict, Accepted)
        assert outcome.spoke
        assert outcome.end is not None
        assert outcome.end.ok
        assert process.exit_code in (0, None)
        assert not process.timed_out
        assert process.killed is None
    else:
        assert reasons


@given(OUTCOMES, PROCESSES, VERDICTS)
def test_what_the_metadata_claims_can_only_lower(
    outcome: Outcome, process: ProcessEnd, verdict: Verdict | None
) -> None:
    claimed = lowered(judge(outcome, process, verdict))
    assert rank(claimed) >= rank(lowered(judge(outcome, ProcessEnd(), verdict)))


@given(OUTCOMES, PROCESSES, VERDICTS)
def test_reasons_stand_in_one_order_and_are_one_line_each(
    outcome: Outcome, process: ProcessEnd, verdict: Verdict | None
) -> None:
    reasons = judge(outcome, process, verdict)
    assert reasons == judge(outcome, process, verdict)
    for reason in reasons:
        assert len(reason.message.splitlines()) == 1
