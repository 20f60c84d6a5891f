"""The neutral dialect: what its lines mean, and that the page and the schema tell of it as it is."""

from __future__ import annotations

import json
import re
from importlib.resources import files
from pathlib import Path
from typing import Any

import jsonschema
import msgspec
import pytest
from recorded import ANSWER, decoded, folded, judged, kinds, written

from pytest_subagents.model.event import Command, Failure, Notice, Reasoning, SessionStart, ToolCall, Unknown, Usage
from pytest_subagents.model.outcome import Change, Outcome
from pytest_subagents.vendors.dialects import subagents_events
from pytest_subagents.vendors.reading import read_transcript

PAGE = Path(__file__).parents[3] / "docs" / "events.md"
SCHEMA = json.loads(
    files("pytest_subagents.vendors.dialects").joinpath("subagents_events.schema.json").read_text(encoding="utf-8")
)


def line(kind: str, /, **more: Any) -> str:
    return json.dumps({"type": f"subagents.{kind}", **more})


START = line("start", format=1, session_id="s1", model="any-model", cwd="/run/repo")
END = line("end", ok=True)


def final(outcome: Outcome) -> str | None:
    return outcome.final.text if outcome.final is not None else None


def test_a_whole_run(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        START,
        line("message", text="I look around first.", final=False),
        line("reasoning", text="Hm."),
        line("command", phase="start", command="ls", id="1"),
        line("command", phase="end", command="ls", output="a.py\n", exit_code=0, id="1"),
        line("file_change", path="/run/repo/a.py", kind="update"),
        line("file_change", path="b.py", kind="add"),
        line("file_change", path="c.py", kind="delete", failed=True),
        line("usage", input_tokens=100, cached_input_tokens=80, output_tokens=5, usd=0.5),
        line("usage", input_tokens=10, output_tokens=1),
        line("message", text=ANSWER),
        line("end", ok=True, duration_ms=12),
    )
    outcome = read_transcript(path)
    assert judged(path) == ("success", ())
    assert (outcome.dialects, outcome.session_id, outcome.model) == (("subagents_events",), "s1", "any-model")
    assert final(outcome) == ANSWER
    assert outcome.changes == (Change(path="a.py", kind="update"), Change(path="b.py", kind="add"))
    assert (outcome.usage.input_tokens, outcome.usage.cached_input_tokens) == (110, 80)
    assert (outcome.usage.output_tokens, outcome.usage.usd) == (6, 0.5)
    assert (outcome.duration_ms, outcome.unreadable, outcome.foreign) == (12, 0, 0)


def test_the_answer_may_stand_in_the_end_and_as_a_value() -> None:
    value = json.loads(ANSWER)
    assert json.loads(final(folded("subagents_events", START, line("message", text=value), END)) or "") == value
    assert json.loads(final(folded("subagents_events", START, line("end", ok=True, text=value))) or "") == value


def test_commentary_is_never_the_answer() -> None:
    assert final(folded("subagents_events", START, line("message", text=ANSWER, final=False), END)) is None


def test_without_an_end_a_run_is_incomplete(tmp_path: Path) -> None:
    status, reasons = judged(written(tmp_path, START, line("message", text=ANSWER)))
    assert (status, kinds(reasons)) == ("partial", ["incomplete"])


@pytest.mark.parametrize(
    ("lines", "kind"),
    [
        ([line("end", ok=False, failure="rate_limit", message="429")], "rate_limit"),
        ([line("end", ok=False, message="it broke")], "provider_error"),
        ([line("failure", kind="auth", message="no key"), line("end", ok=False)], "auth"),
        ([line("failure", message="HTTP 401: invalid api key"), line("end", ok=False)], "auth"),
        ([line("failure", kind="overloaded", message="busy")], "provider_error"),
        ([line("failure", kind="no such kind", message="nothing known")], "provider_error"),
    ],
)
def test_a_failure_has_a_kind(tmp_path: Path, lines: list[str], kind: str) -> None:
    status, reasons = judged(written(tmp_path, START, line("message", text=ANSWER), *lines))
    assert (status, kinds(reasons)[0]) == ("failed", kind)


def test_a_transient_failure_is_a_notice(tmp_path: Path) -> None:
    retry = line("failure", kind="rate_limit", message="429, once more", transient=True)
    path = written(tmp_path, START, retry, line("message", text=ANSWER), END)
    assert judged(path) == ("success", ())
    assert read_transcript(path).notice == "429, once more"


def test_a_refused_tool_is_recorded(tmp_path: Path) -> None:
    denied = line("tool", tool="web", arguments={"url": "x"}, output="not allowed", denied=True)
    status, reasons = judged(written(tmp_path, START, denied, line("message", text=ANSWER), END))
    assert (status, kinds(reasons)) == ("success", ["permission"])


def test_each_line_makes_its_event() -> None:
    events = decoded(
        "subagents_events",
        START,
        line("reasoning", text="Hm."),
        line("command", command="false", exit_code=1, output="x"),
        line("tool", tool="search", arguments={"q": [1]}, output=None),
        line("usage", input_tokens=3, cumulative=True),
        line("notice", message="slow"),
        line("failure", kind="refusal", message="no"),
    )
    assert events == [
        SessionStart(line=1, session_id="s1", model="any-model", cwd="/run/repo"),
        Reasoning(line=2, text="Hm."),
        Command(line=3, command="false", phase="end", output="x", exit_code=1, failed=True),
        ToolCall(line=4, tool="search", phase="end", arguments='{"q": [1]}'),
        Usage(line=5, input_tokens=3, cumulative=True),
        Notice(line=6, message="slow"),
        Failure(line=7, kind="refusal", message="no"),
    ]


def test_a_cumulative_usage_replaces() -> None:
    more = [line("usage", input_tokens=5, output_tokens=1), line("usage", input_tokens=7, cumulative=True)]
    usage = folded("subagents_events", START, *more, END).usage
    assert (usage.input_tokens, usage.output_tokens) == (7, None)


def test_a_second_start_begins_another_run(tmp_path: Path) -> None:
    other = line("start", format=1, session_id="s2")
    path = written(tmp_path, START, line("file_change", path="a"), line("message", text=ANSWER), END, other)
    outcome = read_transcript(path)
    assert (outcome.session_id, outcome.final, outcome.end, outcome.changes) == ("s2", None, None, ())


def test_a_later_format_and_lines_not_known_are_kept_and_counted(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        line("start", format=2, session_id="s", news=[1]),
        line("hologram", text="x"),
        line("message", text=ANSWER, mood="good"),
        END,
    )
    assert judged(path) == ("success", ())
    assert dict(read_transcript(path).events)["Unknown"] == 2


@pytest.mark.parametrize(
    "damaged",
    [
        line("end"),
        line("end", ok=None),
        line("end", ok={"ok": True}),
        line("end", ok="sure"),
        line("file_change", kind="update"),
        line("command", command="ls", phase="middle", exit_code="x"),
        line("usage", input_tokens=-1, output_tokens=10**30, usd=-1.0),
        line("start", format="one"),
        '{"type":"subagents.message","text":"\\udc80"}',
        '{"type":"subagents.usage","usd":NaN}',
        '{"type":"subagents."}',
    ],
)
def test_what_has_drifted_ends_nothing_and_raises_nothing(damaged: str) -> None:
    outcome = folded("subagents_events", START, damaged)
    assert outcome.end is None
    assert outcome.usage.input_tokens is None
    assert outcome.usage.usd is None
    assert outcome.changes == ()
    assert all(isinstance(event, msgspec.Struct) for event in decoded("subagents_events", START, damaged))


def test_an_unknown_phase_falls_back_and_the_command_is_not_lost() -> None:
    (command,) = decoded("subagents_events", line("command", command="ls", phase="middle"))
    assert isinstance(command, Command)
    assert isinstance(decoded("subagents_events", line("end"))[0], Unknown)


def test_the_page_shows_only_lines_of_the_schema_and_names_every_one() -> None:
    page = PAGE.read_text(encoding="utf-8")
    shown = [json.loads(text) for text in re.findall(r"^(\{\"type\".*\})$", page, re.MULTILINE)]
    validator = jsonschema.Draft202012Validator(SCHEMA)
    for record in shown:
        validator.validate(record)
    tags = {
        str(wire.__struct_config__.tag)
        for wire in vars(subagents_events).values()
        if isinstance(wire, type) and issubclass(wire, msgspec.Struct) and wire.__struct_config__.tag
    } - {None}
    ours = {tag for tag in tags if tag.startswith("subagents.")}
    assert {record["type"] for record in shown} == ours
    assert {f"subagents.{name}" for name in SCHEMA["$defs"]} == ours


def test_the_schema_has_the_keys_that_are_read() -> None:
    for wire in vars(subagents_events).values():
        if not (isinstance(wire, type) and issubclass(wire, msgspec.Struct)):
            continue
        tag = wire.__struct_config__.tag
        if isinstance(tag, str) and tag.startswith("subagents."):
            keys = {field.encode_name for field in msgspec.structs.fields(wire)}
            assert set(SCHEMA["$defs"][tag.removeprefix("subagents.")]["properties"]) - {"type"} == keys
