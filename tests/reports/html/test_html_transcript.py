"""Transcripts on the page: as steps, and on pages beside it where they are long."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from builders import a_report, a_result
from hostile_report import payloads
from page_reading import Given, Page, pages

from pytest_subagents.model import event, limits
from pytest_subagents.model.evidence import ChangedFile, ChildSession, RunEvidence, Said, Unreadable
from pytest_subagents.model.outcome import CheckRecord
from pytest_subagents.reports.html.steps import steps_of


def _command(line: int, **keywords: object) -> event.Command:
    given = {"command": f"cat {line}", "phase": "end", "output": "x\n" * 50, "exit_code": 0, **keywords}
    return event.Command(line=line, **given)  # type: ignore[arg-type]


def _told(*said: Said) -> list[tuple[str, str, str]]:
    return [(step.what, step.one, step.end) for step in steps_of(iter(said))]


def test_a_call_and_its_result_are_one_step() -> None:
    said = (
        event.ToolCall(line=1, tool="Read", phase="start", arguments='{"a": 1}', call_id="c1"),
        event.Reasoning(line=2, text="hm"),
        event.ToolCall(line=3, tool="", phase="end", output="one\ntwo", call_id="c1"),
        event.ToolCall(line=4, tool="", phase="end", call_id="c1"),
        event.Command(line=5, command="sleep 9", phase="start", call_id="c2"),
    )
    assert _told(*said) == [
        ("Thinking", "hm", ""),
        ("Tool", 'Read {"a": 1}', "2 lines"),
        ("Command", "sleep 9", "did not end"),
    ]


def test_parts_of_a_message_are_one_step() -> None:
    said = (
        event.Message(line=1, text="Hel", message_id="m"),
        event.Message(line=2, text="lo", message_id="m", append=True),
        event.Message(line=3, text="Do it", role="user"),
    )
    assert _told(*said) == [("Message", "Hello", ""), ("Prompt", "Do it", "")]


@pytest.mark.parametrize(
    ("said", "told"),
    [
        (event.SessionStart(line=1, session_id="s", model="m"), ("Session", "s · m", "")),
        (event.ModelChange(line=1, model="m"), ("Model", "m", "")),
        (event.FileChange(line=1, path="a.py", kind="add"), ("File", "Added a.py", "")),
        (event.Subagent(line=1, agent_id="7", phase="start", description="Look"), ("Subagent", "Look 7", "started")),
        (event.Todo(line=1, done=1, total=3), ("Plan", "1 of 3 done", "")),
        (event.Usage(line=1, input_tokens=1200, output_tokens=3, usd=0.5), ("Usage", "1,200 in, 3 out, $0.50", "")),
        (event.Notice(line=1, message="hook"), ("Notice", "hook", "")),
        (event.Failure(line=1, kind="rate_limit", message="429", transient=True), ("Retry", "429", "rate limit")),
        (event.Failure(line=1, kind="auth", message="401"), ("Error", "401", "auth")),
        (event.End(line=1, ok=True, duration_ms=1500), ("End", "it ended well", "1.5s")),
        (event.Unknown(line=1, name="new.event"), ("Unknown", "new.event", "")),
        (ChildSession(name="agent-1.jsonl"), ("Session of its own subagent", "agent-1.jsonl", "")),
        (_command(1, exit_code=2, failed=True), ("Command", "cat 1", "exit 2 · 50 lines")),
        (event.ToolCall(line=1, tool="Bash", phase="end", denied=True), ("Tool", "Bash", "denied")),
    ],
)
def test_every_kind_of_event_is_a_step(said: Said, told: tuple[str, str, str]) -> None:
    assert _told(said) == [told]


def test_unreadable_lines_that_follow_each_other_are_one_step() -> None:
    said = [Unreadable(line=line, text=f"noise {line}", size=7) for line in range(1, 900)]
    told = _told(event.Notice(line=1, message="a"), *said, event.Notice(line=900, message="b"))
    assert [what for what, _, _ in told] == ["Notice", "No protocol", "Notice"]
    assert told[1][2] == "899 lines"


def _long(number: int) -> Given:
    def said() -> Iterator[Said]:
        for line in range(1, number + 1):
            yield _command(line, failed=line % 100 == 7, exit_code=line % 100 == 7)

    return Given(RunEvidence(said=said, transcript_bytes=number * 100))


def test_a_short_transcript_is_on_the_page() -> None:
    found = pages(a_report(a_result()), _long(30))
    assert list(found) == ["r.html"]
    page = Page(found["r.html"])
    assert "30 steps, 1 failed" in page.text
    assert {f"agent-math-s{number}" for number in range(1, 31)} <= set(page.ids)
    assert "Showing 20 of 50 lines" in page.text


def test_a_long_one_is_on_pages_beside_it_and_every_link_arrives(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pytest_subagents.reports.html.room.HTML_BYTES", 100_000)
    monkeypatch.setattr("pytest_subagents.reports.html.transcript.HTML_SIDE_STEPS", 400)
    found = pages(a_report(a_result(), a_result("b"), a_result("c", kind="contract")), _long(1000))
    assert len(found["r.html"]) < 300_000
    read = {name: Page(text) for name, text in found.items()}
    assert [name for name, page in read.items() if list(page.problems())] == []
    for name, page in read.items():
        for link in page.links:
            path, _, anchor = link.partition("#")
            target = name if not path else path.removeprefix("../") if path.startswith("../") else path
            target = target if target in found else f"r-data/{target}"
            assert not anchor or anchor in read[target].ids
    assert "r-data/agent-math-steps-3.html" in found
    assert "1,000 steps, 10 failed" in read["r.html"].text
    assert "the folder r-data was not copied" in read["r.html"].text


def test_for_whom_there_is_no_room_there_is_a_page_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pytest_subagents.reports.html.room.HTML_ELEMENTS", 1_200)
    report = a_report(*(a_result(f"a{number}") for number in range(20)), a_result("worst", kind="contract"))
    found = pages(report, _long(3))
    assert "r-data/agent-a19.html" in found
    assert "r-data/agent-worst.html" not in found
    assert list(Page(found["r-data/agent-a19.html"]).problems()) == []
    assert "../r.html#agent-a19" in Page(found["r-data/agent-a19.html"]).links


def test_without_a_folder_the_rest_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pytest_subagents.reports.html.room.HTML_BYTES", 100_000)
    found = pages(a_report(a_result()), _long(2000), beside=False)
    assert list(found) == ["r.html"]
    assert "of 2,000 steps. A report that is written to a file has the others beside it." in Page(found["r.html"]).text


def test_a_long_text_has_its_head_and_its_tail() -> None:
    text = "a" * 50_000 + "the end"
    given = Given(RunEvidence(said=lambda: iter([event.Message(line=1, text=text)])))
    page = Page(pages(a_report(a_result()), given)["r.html"])
    assert "the end" in page.text
    assert f"Shown are {limits.HTML_BODY_CHARS:,} of 50,007 characters." in page.text


def _said_by(text: str) -> list[Said]:
    """`text` wherever an agent can put one."""
    return [
        event.SessionStart(line=1, session_id=text, model=text, cwd=text, cli_version=text),
        event.Message(line=2, text=text, message_id=text, parent=text),
        event.Reasoning(line=3, text=text),
        event.Command(line=4, command=text, phase="end", output=text, call_id=text, failed=True),
        event.ToolCall(line=5, tool=text, phase="end", arguments=text, output=text, call_id=text + "2"),
        event.FileChange(line=6, path=text, kind="add"),
        event.Subagent(line=7, agent_id=text, phase="end", status=text, description=text, answer=text),
        event.Notice(line=8, message=text),
        event.Failure(line=9, kind="auth", message=text),
        event.Unknown(line=10, name=text),
        Unreadable(line=11, text=text, size=3),
        event.ModelChange(line=12, model=text),
        event.End(line=13, ok=False, message=text, text=text, structured=text),
        ChildSession(name=text),
    ]


def _shown(text: str) -> Page:
    patch = f"diff --git a/x b/x\nnew file mode 100644\nindex 0..1\n--- /dev/null\n+++ b/x\n@@ -0,0 +1 @@\n+{text}\n"
    evidence = RunEvidence(
        said=lambda: iter(_said_by(text)),
        files=(ChangedFile(path=text, added=1, removed=0, binary=False, text=patch),),
        no_patch=text,
        patched=True,
        checks=(CheckRecord(run=text, exit_code=1, output=text),),
        instructions=text,
        cli_version=text,
        base=text,
    )
    return Page(pages(a_report(a_result(kind="scope")), Given(evidence))["r.html"])


@pytest.mark.parametrize("payload", payloads().values(), ids=payloads())
def test_no_payload_in_a_transcript_or_a_patch_is_markup(payload: str) -> None:
    short = payload[:90].replace("\n", " ").strip()
    page, benign = _shown(short), _shown("y" * len(short))
    assert list(page.problems()) == []
    assert page.tags_but("b", "bdi") == benign.tags_but("b", "bdi")
    assert list(_shown(payload).problems()) == []
