"""The fold: what a sequence of events comes to."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_subagents.model import limits
from pytest_subagents.model.event import (
    AnyEvent,
    ChangeKind,
    Command,
    End,
    Failure,
    FileChange,
    Message,
    ModelChange,
    Notice,
    SessionStart,
    ToolCall,
    TurnStart,
    Usage,
)
from pytest_subagents.model.outcome import Change, Denial, Outcome
from pytest_subagents.model.outcome import Usage as Spent
from pytest_subagents.vendors.folding import Fold


def outcome_of(*events: AnyEvent) -> Outcome:
    fold = Fold()
    for event in events:
        fold.take(event)
    return fold.outcome()


def text_of(*events: AnyEvent) -> str | None:
    final = outcome_of(*events).final
    return final.text if final is not None else None


def test_nothing_comes_to_nothing() -> None:
    assert outcome_of() == Outcome()


def test_the_last_message_counts() -> None:
    assert text_of(Message(line=1, text="a"), Message(line=2, text="b")) == "b"


def test_pieces_of_one_message_belong_together() -> None:
    pieces = [Message(line=n, text=text, message_id="m", append=True) for n, text in enumerate("abc", 1)]
    assert text_of(*pieces) == "abc"
    assert text_of(*pieces, Message(line=9, text="d", message_id="n", append=True)) == "d"
    assert text_of(Message(line=1, text="a", append=True), Message(line=2, text="b", append=True)) == "b"


@pytest.mark.parametrize(
    "other",
    [
        Message(line=2, text="x", role="user"),
        Message(line=2, text="x", parent="t1"),
        Message(line=2, text="x", final=False),
        Notice(line=2, message="x"),
        ToolCall(line=2, tool="x", phase="end", output="x"),
    ],
)
def test_what_is_no_answer(other: AnyEvent) -> None:
    assert text_of(Message(line=1, text="a"), other) == "a"
    assert text_of(other) is None


def test_a_piece_too_many_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """What no contract would read is not held: more than its limit is, so that it is refused for it."""
    monkeypatch.setattr(limits, "ANSWER_BYTES", 10)
    text = text_of(*(Message(line=n, text="xxxx", message_id="m", append=True) for n in range(1, 99)))
    assert text is not None
    assert 10 < len(text) < 20


def test_a_turn_forgets_the_answer_the_end_and_the_failure_before_it() -> None:
    before = (
        Message(line=1, text="a"),
        Failure(line=2, kind="auth", message="x"),
        Failure(line=3, kind="provider_error", message="y", transient=True),
        End(line=4, ok=False, failure="auth"),
        FileChange(line=5, path="a", kind="add"),
        Usage(line=6, input_tokens=1),
        ToolCall(line=7, tool="t", phase="end", denied=True),
    )
    after = outcome_of(*before, TurnStart(line=8))
    assert (after.final, after.end, after.failure, after.notice) == (None, None, None, "")
    assert (after.changes, len(after.denials), after.usage.input_tokens) == ((Change(path="a", kind="add"),), 1, 1)
    another = outcome_of(*before, SessionStart(line=8, session_id="s"))
    assert (another.changes, another.denials, another.usage) == ((), (), Spent())


def test_a_session_without_a_name_is_another_one() -> None:
    change = FileChange(line=2, path="a", kind="add")
    assert outcome_of(SessionStart(line=1), change, SessionStart(line=3)).changes == ()


def test_the_model_is_the_last_one_named() -> None:
    assert outcome_of(SessionStart(line=1, model="a"), TurnStart(line=2)).model == "a"
    assert outcome_of(SessionStart(line=1, model="a"), ModelChange(line=2, model="b"), TurnStart(line=3)).model == "b"
    assert outcome_of(SessionStart(line=1, model="a"), SessionStart(line=2, session_id="x")).model is None


def test_a_failure_lasts_until_something_succeeds() -> None:
    failure = Failure(line=1, kind="rate_limit", message="x")
    assert outcome_of(failure).failure == failure
    assert outcome_of(failure, Message(line=2, text="a")).failure is None
    assert outcome_of(failure, End(line=2, ok=True)).failure is None
    assert outcome_of(failure, Command(line=2, command="ls", phase="end")).failure == failure


def test_a_bad_end_is_a_failure() -> None:
    outcome = outcome_of(Message(line=1, text="a"), End(line=2, ok=False, message="x"))
    assert outcome.failure == Failure(line=2, kind="provider_error", message="x")


def test_an_end_may_carry_the_answer() -> None:
    final = outcome_of(Message(line=1, text="a"), End(line=2, ok=True, text="b")).final
    assert final is not None
    assert (final.text, final.line, final.structured) == ("b", 2, False)
    structured = outcome_of(End(line=2, ok=True, text="b", structured="{}")).final
    assert structured is not None
    assert (structured.text, structured.structured) == ("{}", True)
    empty = outcome_of(Message(line=1, text="a"), End(line=2, ok=True, text="")).final
    assert empty is not None
    assert empty.text == ""


def test_durations_of_the_turns_add_up() -> None:
    assert outcome_of(End(line=1, ok=True, duration_ms=5), End(line=2, ok=True, duration_ms=7)).duration_ms == 12
    assert outcome_of(End(line=1, ok=True, duration_ms=-5)).duration_ms is None


def test_usage_is_replaced_or_added() -> None:
    total = Usage(line=1, input_tokens=10, output_tokens=1, usd=0.5)
    assert outcome_of(total, Usage(line=2, input_tokens=20)).usage == Spent(input_tokens=20)
    step = Usage(line=2, input_tokens=5, usd=0.25, cumulative=False)
    assert outcome_of(total, step).usage == Spent(input_tokens=15, output_tokens=1, usd=0.75)
    assert outcome_of(Usage(line=1, cumulative=False)).usage == Spent()


@pytest.mark.parametrize("count", [-1, 2**63, 10**30])
def test_counts_that_cannot_be_are_not_known(count: int) -> None:
    assert outcome_of(Usage(line=1, input_tokens=count, output_tokens=3)).usage == Spent(output_tokens=3)


@pytest.mark.parametrize("usd", [-1.0, float("nan"), float("inf")])
def test_costs_that_cannot_be_are_not_known(usd: float) -> None:
    assert outcome_of(Usage(line=1, usd=usd)).usage.usd is None


@pytest.mark.parametrize(
    ("kinds", "merged"),
    [
        (["add"], "add"),
        (["add", "update"], "add"),
        (["update", "update"], "update"),
        (["add", "delete"], None),
        (["add", "delete", "add"], "add"),
        (["delete", "add"], "update"),
        (["update", "delete"], "delete"),
    ],
)
def test_changes_of_one_file_come_to_one(kinds: list[ChangeKind], merged: ChangeKind | None) -> None:
    outcome = outcome_of(*(FileChange(line=n, path="a", kind=kind) for n, kind in enumerate(kinds, 1)))
    assert outcome.changes == (() if merged is None else (Change(path="a", kind=merged),))


@pytest.mark.parametrize(
    ("cwd", "path", "shown"),
    [
        ("/run/repo", "/run/repo/src/a.py", "src/a.py"),
        ("/run/repo/", "/run/repo/./src/../a.py", "a.py"),
        ("/run/repo", "/run/repository/a.py", "/run/repository/a.py"),
        ("/run/repo", "/run/other.py", "/run/other.py"),
        ("/run/repo", "src//a.py", "src/a.py"),
        ("/run/repo", "file:///run/repo/a.py", "a.py"),
        ("/", "/etc/passwd", "etc/passwd"),
        (None, "/run/repo/a.py", "/run/repo/a.py"),
        ("C:\\repo", "C:\\repo\\src\\a.py", "src/a.py"),
        ("/run/repo", "a\\b.py", "a\\b.py"),
    ],
)
def test_paths_are_relative_to_where_the_agent_ran(cwd: str | None, path: str, shown: str) -> None:
    outcome = outcome_of(SessionStart(line=1, cwd=cwd), FileChange(line=2, path=path, kind="update"))
    assert [change.path for change in outcome.changes] == [shown]


def test_changes_are_sorted_and_failed_ones_are_none() -> None:
    outcome = outcome_of(
        FileChange(line=1, path="b", kind="add"),
        FileChange(line=2, path="a", kind="add", parent="t1"),
        FileChange(line=3, path="c", kind="add", failed=True),
        FileChange(line=4, path="", kind="add"),
        FileChange(line=5, path="x" * 5_000, kind="add"),
    )
    assert [change.path for change in outcome.changes] == ["a", "b"]


def test_denials_keep_their_order_and_have_an_end() -> None:
    calls = [ToolCall(line=n, tool=f"t{n}", phase="end", output="x" * 9_999, denied=True) for n in range(1, 300)]
    denials = outcome_of(*calls).denials
    assert len(denials) == limits.DENIALS_KEPT
    assert denials[0] == Denial(tool="t1", message="x" * limits.MESSAGE_CHARS, line=1)


def test_events_are_counted_over_the_whole_file() -> None:
    outcome = outcome_of(Notice(line=1, message="a"), SessionStart(line=2), Notice(line=3, message="b"))
    assert outcome.events == (("Notice", 2), ("SessionStart", 1))


@given(st.text(min_size=600))
def test_text_of_a_vendor_is_cut(text: str) -> None:
    outcome = outcome_of(
        SessionStart(line=1, session_id=text, model=text, cli_version=text),
        Failure(line=2, kind="auth", message=text, transient=True),
        End(line=3, ok=False, message=text),
    )
    assert outcome.end is not None
    assert outcome.failure is not None
    for shown in (
        outcome.session_id,
        outcome.model,
        outcome.cli_version,
        outcome.notice,
        outcome.end.message,
        outcome.failure.message,
    ):
        assert shown is not None
        assert len(shown) <= limits.MESSAGE_CHARS
