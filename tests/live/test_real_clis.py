"""The scripted model servers against the real programs, started by hand: no part of the plugin runs them here."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, TypeAlias

import pytest
from model_servers.by_hand import Ended, Errand, run_by_hand
from model_servers.expectations import Expect
from model_servers.pointing import home_and_env
from model_servers.scenarios import edit, review
from model_servers.script import EditFile, WriteFile
from model_servers.server import ModelServer
from network_namespace import NetworkNamespace

from pytest_subagents.model.json_value import JsonValue
from pytest_subagents.model.spec import Tool

VENDORS: Final = ("codex", "claude", "gemini", "opencode")
ANSWER: Final[JsonValue] = {"status": "success", "summary": "One note: naïve ✓ \u2028 end.", "findings": []}
SCHEMA: Final[dict[str, Any]] = {
    "type": "object",
    "properties": {"status": {"type": "string"}, "summary": {"type": "string"}, "findings": {"type": "array"}},
    "required": ["status", "summary", "findings"],
    "additionalProperties": False,
}
PROMPT: Final = 'Look for "gaps" in notes.txt.\nAnswer with JSON of this schema only:\n' + json.dumps(SCHEMA)

Run: TypeAlias = Callable[[ModelServer, Errand], Ended]
Start: TypeAlias = Callable[..., ModelServer]


@pytest.fixture
def run(clis: Path, in_namespace: NetworkNamespace) -> Run:
    return lambda server, errand: run_by_hand(errand, server, clis=clis, inside=in_namespace)


def _errand(folder: Path, *, writes: bool = False) -> Errand:
    errand = Errand(folder=folder, prompt=PROMPT, schema=SCHEMA, writes=writes)
    errand.workspace.mkdir()
    (errand.workspace / "notes.txt").write_text("alpha\nbeta\n", encoding="utf-8")
    return errand


def _expected(vendor: str, *, writes: bool = False) -> Expect:
    reads: frozenset[Tool] = frozenset({"read"})
    edits: frozenset[Tool] = frozenset({"edit"})
    return Expect(
        prompt=(PROMPT,),
        model=home_and_env(vendor, "").arrives_as,
        contract=SCHEMA,
        native=vendor in ("codex", "claude"),
        tools=reads | edits if writes else reads,
        no_tools=frozenset() if writes else edits,
    )


def _answer(ended: Ended) -> object:
    assert ended.exit_code == 0, (ended.stdout, ended.stderr)
    assert ended.outcome.final is not None, (ended.stdout, ended.stderr)
    return json.loads(ended.outcome.final.text)


@pytest.mark.parametrize("vendor", VENDORS)
def test_a_reader_reads_has_a_tool_fail_survives_a_429_and_answers(
    vendor: str, model_server: Start, run: Run, tmp_path: Path
) -> None:
    errand = _errand(tmp_path)
    server = model_server(vendor, review(ANSWER, reads="notes.txt", finds="beta", expect=_expected(vendor)))
    ended = run(server, errand)
    assert _answer(ended) == ANSWER
    assert ended.outcome.vendor == vendor
    assert [one.answered for one in server.exchanges] == ["turn", "turn", "HttpError 429", "turn"]
    assert [one.attempt for one in server.exchanges] == [0, 0, 0, 1]
    assert {one.seen.folder for one in server.exchanges} == {str(errand.workspace)}
    assert [path.name for path in errand.workspace.iterdir()] == ["notes.txt"]


@pytest.mark.parametrize("vendor", VENDORS)
def test_a_writer_makes_a_file_and_changes_one(vendor: str, model_server: Start, run: Run, tmp_path: Path) -> None:
    errand = _errand(tmp_path, writes=True)
    changes = (WriteFile(path="new/made.txt", content="gamma\n"), EditFile(path="notes.txt", old="beta", new="delta"))
    expect = _expected(vendor, writes=True)
    script = edit(ANSWER, reads="notes.txt", finds="beta", changes=changes, expect=expect, limited_at=None)
    server = model_server(vendor, script)
    ended = run(server, errand)
    assert _answer(ended) == ANSWER
    assert (errand.workspace / "new/made.txt").read_text(encoding="utf-8") == "gamma\n"
    assert (errand.workspace / "notes.txt").read_text(encoding="utf-8") == "alpha\ndelta\n"
    assert [one.answered for one in server.exchanges] == ["turn"] * 5


@pytest.mark.parametrize("vendor", VENDORS)
def test_a_request_that_is_not_as_expected_ends_the_run(
    vendor: str, model_server: Start, run: Run, tmp_path: Path, in_namespace: NetworkNamespace
) -> None:
    """None of the programs tries again after the refusal, which would only hide it."""
    script = review(ANSWER, reads="notes.txt", finds="beta", expect=Expect(model="another"), limited_at=None)
    server = ModelServer(vendor, [script], in_namespace.listen())
    ended = run(server, _errand(tmp_path))
    server.stop()
    assert ended.exit_code != 0
    assert [one.answered for one in server.exchanges] == ["refused"]
    with pytest.raises(AssertionError, match=r"the model is '.+', not 'another'"):
        server.check()
