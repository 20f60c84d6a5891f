"""What a person sees in a terminal: colours unless they are unwanted, no line that the terminal has to break."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from builders import a_report, a_result
from screens import Terminal, environment

from pytest_subagents.model.reason import Reason
from pytest_subagents.reports.json_report import JsonReport

WORDS = "every word of this is to be read as a whole by whoever looks at it " * 3
STREAM = """\
{"type": "subagents.start", "format": 1, "model": "m"}
{"type": "subagents.command", "command": "pytest -q %s", "exit_code": 1, "output": "\\u001b[2Jgone"}
{"type": "subagents.message", "text": "%s"}
{"type": "subagents.failure", "kind": "rate_limit", "message": "429"}
{"type": "subagents.end", "ok": false}
"""


@pytest.fixture
def place(tmp_path: Path) -> Path:
    (tmp_path / "math.jsonl").write_text(STREAM % (WORDS, WORDS))
    row = replace(a_result("math", kind="auth"), reasons=(Reason(kind="auth", message=WORDS, hint=WORDS),))
    (tmp_path / "artifacts/subagents").mkdir(parents=True)
    (tmp_path / "artifacts/subagents/report.json").write_text(JsonReport().render(a_report(row)))
    return tmp_path


def look(place: Path, *words: str, width: int = 80, env: Mapping[str, str] | None = None) -> tuple[int, str, bytes]:
    terminal = Terminal(
        ["pytest_subagents.cli.main", *words], place, width=width, height=60, env=environment(**(env or {}))
    )
    try:
        return terminal.finish(), terminal.text, terminal.bytes
    finally:
        terminal.close()


@pytest.mark.parametrize("width", [80, 120])
@pytest.mark.parametrize("words", [("logs", "math.jsonl"), ("show", "math"), ("show",)])
def test_it_is_in_colour_and_fits(place: Path, words: tuple[str, ...], width: int) -> None:
    exit_code, text, data = look(place, *words, width=width)
    assert exit_code == 0, text
    assert b"\x1b[31m" in data
    printed = [line.decode() for line in data.replace(b"\x1b[0m", b"").split(b"\r\n")]
    plain = [line.split("m", 1)[1] if line.startswith("\x1b[") else line for line in printed]
    assert max(map(len, plain)) <= width
    assert "every word of this" in text
    assert "\\x1b[2Jgone" in text or words[0] != "logs"


@pytest.mark.parametrize("env", [{"NO_COLOR": "1"}, {"TERM": "dumb"}])
def test_it_is_plain_where_that_is_asked_for(place: Path, env: dict[str, str]) -> None:
    for words in (("logs", "math.jsonl"), ("logs", "math.jsonl", "--raw"), ("show", "nobody")):
        _, text, data = look(place, *words, env=env)
        assert b"\x1b" not in data, text
