"""Paths of one machine are replaced in every form, and what only begins like one is not."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pytest_subagents.transcript.redaction.redactor import redactor_for

REDACTOR = redactor_for(
    workspaces=["/home/me/work/my app"], homes=["/home/me", "/root", "/"], temporaries=["/tmp/subagents-x1/t"]
)


@pytest.mark.parametrize(
    ("text", "redacted"),
    [
        ("/home/me/work/my app/src/a.py", "<workspace>/src/a.py"),
        ("cd '/home/me/work/my app'", "cd '<workspace>'"),
        ("file:///home/me/work/my%20app/a", "file://<workspace>/a"),
        ("%2Fhome%2Fme%2Fwork%2Fmy%20app%2Fa", "<workspace>%2Fa"),
        ("/home/me/.claude/projects/-home-me-work-my-app/x.jsonl", "<home>/.claude/projects/<workspace>/x.jsonl"),
        ("/tmp/subagents-x1/t/a.txt", "<tmp>/a.txt"),
        ("/home/me.", "<home>."),
        ("~ /root", "~ <home>"),
        ("a\n/root/x", "a\n<home>/x"),
        ("PATH=/root/bin:/usr/bin:/home/me/bin", "PATH=<home>/bin:/usr/bin:<home>/bin"),
        ("/home/media /home/me2 /home/me-too /home/me.old", "/home/media /home/me2 /home/me-too /home/me.old"),
        ("packages/root and x/root and </root> and /rooted", "packages/root and x/root and </root> and /rooted"),
        ("/", "/"),
    ],
)
def test_a_path_is_replaced_in_texts_and_at_any_depth_of_json(text: str, redacted: str) -> None:
    assert REDACTOR.redact_text(text) == redacted
    for levels in range(1, 4):
        line, wanted = text, redacted
        for _ in range(levels):
            line, wanted = json.dumps({"a": line}), json.dumps({"a": wanted})
        assert REDACTOR.redact_bytes(line.encode() + b"\n") == wanted.encode() + b"\n"


def test_slashes_may_be_escaped() -> None:
    line = rb'{"cwd": "\/home\/me\/work\/my app\/src", "two": "{\"a\": \"\\\/home\\\/me\\\/x\"}"}'
    redacted = json.loads(REDACTOR.redact_bytes(line))
    assert redacted["cwd"] == "<workspace>/src"
    assert json.loads(redacted["two"]) == {"a": "<home>/x"}


def test_a_path_in_two_deltas_is_replaced_once() -> None:
    parts = ["see /home/me/wo", "rk/my app/src", " there"]
    lines = [json.dumps({"type": "message", "content": part, "delta": True}) + "\n" for part in parts]
    redacted = REDACTOR.redact_bytes("".join(lines).encode())
    assert [json.loads(line)["content"] for line in redacted.splitlines()] == ["see <workspace>", "/src", " there"]


def test_what_a_link_leads_to_is_replaced_too(tmp_path: Path) -> None:
    real, link = tmp_path / "some/real/folder", tmp_path / "link"
    real.mkdir(parents=True)
    link.symlink_to(real)
    redactor = redactor_for(workspaces=[str(link)])
    assert redactor.redact_text(f"{real}/a {link}/a") == "<workspace>/a <workspace>/a"


def test_letters_beyond_ascii_are_replaced_as_json_writes_them() -> None:
    redactor = redactor_for(workspaces=["/srv/büro/ärger"])
    for ascii in (True, False):
        line = json.dumps({"a": json.dumps({"b": "/srv/büro/ärger/x"}, ensure_ascii=ascii)}, ensure_ascii=ascii)
        assert json.loads(json.loads(redactor.redact_bytes(line.encode()))["a"]) == {"b": "<workspace>/x"}
