"""`subagents logs` shows no secret that a recording would not hold."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from progress_cases import a_run, ended

from pytest_subagents.cli.log_redacting import TOO_LONG, redacted_bursts
from pytest_subagents.cli.logs import Printer
from pytest_subagents.cli.main import commands
from pytest_subagents.model import limits
from pytest_subagents.reports.step_text import Steps
from pytest_subagents.transcript.redaction.redactor import redactor_for
from pytest_subagents.transcript.run_directory import RunDirectory

NAMED, GIVEN, TOKEN, OWN = (
    "value-of-a-named-key",
    "value-of-the-database",
    "sk-ant-api03-" + "AbCd0123" * 5,
    "ticket-4711",
)
SECRETS = (NAMED, GIVEN, TOKEN, OWN)


def said(text: str, **more: object) -> bytes:
    return json.dumps({"type": "subagents.message", "text": text, **more}).encode() + b"\n"


@pytest.mark.parametrize("words", [(), ("--full",), ("--raw",), ("--stderr",), ("--stderr", "--raw"), ("--follow",)])
def test_what_is_secret_is_cut_out_of_a_live_stream(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SHOP_API_KEY", NAMED)
    monkeypatch.setenv("SHOP_BASE", GIVEN)
    monkeypatch.delenv("SUBAGENTS_RUN_DIR", raising=False)
    (tmp_path / "pytest.ini").write_text("[pytest]\nsubagents_redact = ticket-[0-9]+\n")
    vendors = "vendors: {command: {env: [SHOP_BASE]}}"
    agent = "{id: math, vendor: command, command: [x], instructions: Look.}"
    (tmp_path / "subagents.yaml").write_text(f"workflow: {{{vendors}}}\nagents: [{agent}]\n")
    run = RunDirectory.create(tmp_path / ".subagents", below=tmp_path, started=datetime(2025, 1, 2, tzinfo=UTC))
    run.write_json("status.json", a_run(ended("math", "success")))
    folder = run.agent_folder("subagents.yaml::math")
    text = f"with {NAMED}, {GIVEN}, {TOKEN}, {OWN}, in {tmp_path}/src"
    (folder / "stream.jsonl").write_bytes(said(text) + f"no protocol {text}\n".encode())
    (folder / "stderr.log").write_text(f"{text}\nand {text}")
    run.release()
    result = CliRunner().invoke(commands, ["logs", "math", *words])
    assert result.exit_code == 0, result.output
    assert not [secret for secret in (*SECRETS, str(tmp_path)) if secret in result.stdout]
    assert result.stdout.count("with ") == 2
    assert result.stdout.count("/src") == 2


def test_a_secret_that_came_in_parts_is_cut_out_although_time_passed_between_them(
    capsys: pytest.CaptureFixture[str],
) -> None:
    lines = [
        {"type": "init", "session_id": "s", "model": "gemini-2.5-flash"},
        {"type": "message", "role": "assistant", "content": f"the key: {NAMED[:9]}", "delta": True},
        {"type": "message", "role": "assistant", "content": f"{NAMED[9:]}.", "delta": True},
    ]
    parts = [part for line in lines for part in (json.dumps(line).encode() + b"\n", b"")]
    redactor = redactor_for(secrets=[NAMED])
    steps = Steps(width=None, redact=redactor.redact_text)
    Printer(raw=False, plain=False, steps=steps, redactor=redactor).follow(parts)
    assert capsys.readouterr().out.splitlines()[1:] == ["     2  said     the key: <redacted>."]


@given(st.lists(st.binary(max_size=8) | st.just(b"\n"), max_size=12))
def test_what_is_clean_comes_out_byte_for_byte_however_it_came(parts: list[bytes]) -> None:
    assert b"".join(redacted_bursts(parts, redactor_for())) == b"".join(parts)


def test_a_line_that_is_too_long_to_be_held_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "LINE_BYTES", 10)
    for stream in (b"a\n" + b"x" * 30 + b"\nb\n", b"a\n" + b"x" * 30):
        expected = b"a\n" + TOO_LONG + (b"b\n" if stream.endswith(b"b\n") else b"")
        for size in (1, 7):
            parts = [stream[at : at + size] for at in range(0, len(stream), size)]
            assert b"".join(redacted_bursts(parts, redactor_for())) == expected
