"""The steps of a transcript, as `subagents logs` tells them."""

from __future__ import annotations

import pytest
from hostile_report import payloads
from recorded import recording

from pytest_subagents.model.event import AnyEvent, Command, Message, Reasoning, ToolCall, Usage
from pytest_subagents.reports.cells import cells
from pytest_subagents.reports.escape import terminal
from pytest_subagents.reports.step_text import Steps
from pytest_subagents.reports.wrapping import wrapped
from pytest_subagents.vendors.reading import iter_events


def told(*events: AnyEvent, width: int | None = None, whole: bool = False, watched: bool = False) -> list[str]:
    steps = Steps(width=width, whole=whole, watched=watched)
    found = [line for event in events for line in steps.of(event)]
    return [line.text for line in (*found, *steps.rest())]


def of(name: str) -> list[str]:
    return told(*iter_events(recording(name)))


@pytest.mark.parametrize(
    ("name", "lines"),
    [
        (
            "codex/09_file_change",
            ["3  said     Applying the fix.", "5  added    /run/repo/notes/review.md", "5  deleted  /run/repo/old.txt"],
        ),
        ("claude/07b_bash_nonzero", ["3  ran      exit code 3: echo out; echo err >&2; exit 3"]),
        ("claude/07c_bash_denied", ["3  refused  touch /run/other"]),
        ("claude/13_sigkill", ["3  runs     echo started; sleep 8; echo finished (its end was not told)"]),
        ("claude/12_api_429", ["2  failed   rate_limit: API retry 1 of 2: 429 rate_limit (it goes on)"]),
        ("claude/10b_subagent_tools", ["7  ran      · echo inside-A > a.out; cat a.out"]),
    ],
)
def test_what_the_vendors_programs_say(name: str, lines: list[str]) -> None:
    found = [line.strip() for line in of(name)]
    assert [line for line in lines if line not in found] == []


def test_parts_of_a_message_are_one_and_a_message_sent_again_too() -> None:
    said = [line for line in of("gemini/01_success") if "  said" in line]
    assert len(said) == 1
    assert said[0].endswith("}]}")
    again = told(
        Message(line=1, text="Hel", message_id="a", append=True),
        Message(line=2, text="lo", message_id="a", append=True),
        Message(line=3, text="Hello", message_id="a"),
        Usage(line=4, input_tokens=1),
        Message(line=5, text="Bye", message_id="b"),
    )
    assert again == ["     1  said     Hello", "     5  said     Bye"]


def test_a_call_is_told_once_or_where_somebody_watches_twice() -> None:
    call = (
        Command(line=1, command="ls", phase="start", call_id="x"),
        Command(line=2, command="", phase="end", exit_code=0, output="a\n", call_id="x"),
    )
    assert told(*call) == ["     2  ran      ls"]
    assert told(*call, watched=True) == ["     1  runs     ls", "     2  ran      ls"]
    assert told(*call, whole=True) == ["     2  ran      ls", "                 a"]


def test_what_is_long_is_cut_and_counted_unless_all_is_asked_for() -> None:
    output = "".join(f"{number}\n" for number in range(30))
    failed = ToolCall(line=1, tool="web", phase="end", output=output, failed=True)
    assert told(failed)[-1] == "                 … (18 more lines: --full)"
    assert len(told(failed, whole=True)) == 31
    message = Message(line=1, text="word " * 1_000)
    lines = told(message, width=80)
    assert len(lines) == 13
    assert max(map(len, lines)) <= 80
    assert lines[-1] == "                 … (more: --full)"
    assert told(message, whole=True)[0].count("word") == 1_000


@pytest.mark.parametrize("payload", payloads().values(), ids=payloads())
@pytest.mark.parametrize("width", [None, 40, 80])
def test_nothing_is_obeyed_and_all_fits(payload: str, width: int | None) -> None:
    events = (
        Message(line=1, text=payload),
        Reasoning(line=2, text=payload, parent=payload),
        Command(line=3, command=payload, phase="end", output=payload, exit_code=1),
        ToolCall(line=4, tool=payload, phase="start", arguments=payload),
    )
    for line in told(*events, width=width):
        assert "\n" not in line
        assert terminal(line) == line
        assert width is None or cells(line) <= width


def test_words_are_kept_whole_and_columns_too() -> None:
    assert list(wrapped("short", 80)) == list(wrapped("short", None)) == ["short"]
    assert list(wrapped("  node id     one two three four", 30)) == [
        "  node id     one two three",
        "              four",
    ]
    assert list(wrapped("contract: one two three four", 20)) == ["contract: one two", "  three four"]
    assert list(wrapped("x" * 50, 20)) == ["x" * 50]
