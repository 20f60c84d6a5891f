"""Hostile payloads through the whole of it: what a person would see, not what a stage returns."""

from __future__ import annotations

import json
import sys
import unicodedata
from pathlib import Path

import pytest
from team import Team, as_jsonl, codex_lines, in_turn

HOSTILE = Path(__file__).parents[1] / "data" / "hostile"
WORKFLOWS = [*sorted((HOSTILE / "yaml").iterdir()), HOSTILE / "json" / "deep-workflow.toml"]
SCHEMAS = sorted((HOSTILE / "schema").iterdir())
ANSWERS = sorted(path for path in (HOSTILE / "json").iterdir() if path.suffix == ".json")
TERMINAL = sorted((HOSTILE / "terminal").iterdir())


HARMLESS = {"vocab-none", "unevaluated-deep", "multipleof", "pattern-differs"}
"""Schemas that the answer of this test satisfies; what each does to others is tested in tests/contract."""


def dangerous(text: str) -> set[str]:
    """What a terminal could obey, and a reader not see; pytest's own line feeds are fine."""
    return {ascii(char) for char in text if unicodedata.category(char) in ("Cc", "Cf", "Cs", "Zl", "Zp")} - {"'\\n'"}


@pytest.mark.parametrize(("how", "name"), in_turn(path.name for path in WORKFLOWS))
def test_a_hostile_workflow_file_is_a_bad_file_and_kills_nothing(team: Team, name: str, how: list[str]) -> None:
    (path,) = (path for path in WORKFLOWS if path.name == name)
    (team.path / f"x.subagents{path.suffix}").write_bytes(path.read_bytes())
    result = team.run(*how)
    assert result.ret == pytest.ExitCode.INTERRUPTED
    text = result.stdout.str()
    assert f"x.subagents{path.suffix}" in text
    assert "Traceback" not in text
    assert not dangerous(text)
    assert not list(team.path.rglob("PWNED*"))


@pytest.mark.parametrize("path", SCHEMAS, ids=lambda path: path.name)
def test_a_hostile_contract_is_refused_or_judges_soundly(team: Team, path: Path) -> None:
    team.write("contract.json", path.read_text(encoding="utf-8"))
    team.workflow("id: a, instructions: Do.", head="workflow: {name: team, contract: contract.json}\n")
    team.record("team/a", {"status": "success", "summary": "a" * 32 + "!", "findings": ["ab"] * 500})
    result = team.run()
    assert result.ret in (pytest.ExitCode.USAGE_ERROR, pytest.ExitCode.TESTS_FAILED, pytest.ExitCode.OK)
    text = result.stdout.str()
    assert "Traceback" not in text
    if result.ret == pytest.ExitCode.USAGE_ERROR:
        assert "ERROR: " in text
        assert "contract.json" in text
    else:
        assert team.rows()["a"]["reasons"] or path.stem in HARMLESS
    assert len(text) < 20_000


@pytest.mark.parametrize("path", ANSWERS, ids=lambda path: path.name)
def test_a_hostile_answer_is_not_json_and_its_row_is_there(team: Team, path: Path) -> None:
    team.transcript("a", path.read_bytes().decode("utf-8"))
    result = team.run()
    assert result.ret == 1
    assert team.kinds("transcripts/a") == ["not_json"]
    assert not dangerous(result.stdout.str())


@pytest.mark.parametrize("name", ["forged-inner-protocol", "newline-forgery"])
def test_hostile_transcripts(team: Team, name: str) -> None:
    path = team.write(f"transcripts/{name}.jsonl", "")
    path.write_bytes((HOSTILE / "transcripts" / f"{name}.jsonl").read_bytes())
    team.run()
    row = team.rows()[f"transcripts/{name}"]
    if name == "forged-inner-protocol":
        assert (row["status"], [reason["kind"] for reason in row["reasons"]]) == ("failed", ["provider_error"])
        assert "forged" not in json.dumps(row["answer"])
    else:  # raw newlines forge whole lines: replay cannot tell, and says how many lines were no protocol
        assert row["diagnostics"]["unreadable"] == 2
        assert row["diagnostics"]["unreadable_lines"] == [3, 6]
        shown = team.pytester.run(sys.executable, "-m", "pytest_subagents.cli.main", "show", row["id"])
        shown.stdout.fnmatch_lines(["*2 lines of the transcript are no protocol, or damaged: 3, 6"])


@pytest.mark.parametrize("path", TERMINAL, ids=lambda path: path.name)
def test_nothing_that_an_agent_says_reaches_the_terminal_as_it_is(team: Team, path: Path) -> None:
    text = path.read_bytes().decode("utf-8")
    finding = {"severity": text, "file": text, "line": 1, "title": text, "detail": text}
    team.transcript("partial", {"status": "partial", "summary": text, "findings": [finding, text]})
    team.transcript("broken", {"status": text, "summary": 1, "findings": [finding], text: text})
    team.transcript("prose", text)
    lines = codex_lines("x")
    team.write("transcripts/failed.jsonl", as_jsonl([*lines[:2], {"type": "turn.failed", "error": {"message": text}}]))
    for name in ("partial", "broken", "prose", "failed"):
        meta = {"exit_code": 1, "stderr_tail": text, "killed": text or "SIGKILL"}
        team.write(f"transcripts/{name}.meta.json", json.dumps(meta))
    result = team.run("-v", "-ra", "--subagents-report=report.md")
    assert result.ret == 1
    printed = result.stdout.str()
    assert not dangerous(printed)
    assert not dangerous((team.path / "report.md").read_text(encoding="utf-8"))
    assert "FORGED" not in {line.strip() for line in printed.split("\n")}
    ids = [row["id"] for row in team.report()["agents"]]
    assert len(ids) == 4
    for id in ids:
        shown = team.pytester.run(sys.executable, "-m", "pytest_subagents.cli.main", "show", id)
        assert shown.ret == 0
        assert not dangerous(shown.stdout.str())


def test_an_answer_with_50000_findings_and_one_with_50000_violations(team: Team) -> None:
    many = [{"severity": "low", "file": f"src/{number}.py", "line": number} for number in range(50_000)]
    team.transcript("findings", {"status": "success", "summary": "many", "findings": many})
    team.transcript("violations", {"status": "success", "summary": "many", "findings": [1] * 50_000})
    result = team.run("--subagents-report=report.md")
    assert result.ret == 1
    assert len(team.rows()["transcripts/findings"]["findings"]) == 50_000
    row = team.rows()["transcripts/violations"]
    assert len(row["reasons"]) <= 101
    assert "50,000" in json.dumps(row) or row["violations"] == 50_000
    assert len(result.stdout.str()) < 20_000
    assert (team.path / "report.md").stat().st_size < 1_000_000


IDS = json.loads((HOSTILE / "names" / "ids.json").read_text(encoding="utf-8"))


def test_hostile_ids_are_refused_or_stay_in_their_folder(team: Team) -> None:
    """Each on its own, in one run: those that are refused say so, the others find their recording and nothing else."""
    for number, id in enumerate(IDS):
        team.write(f"w{number}.subagents.json", json.dumps({"agents": [{"id": id, "instructions": "Do."}]}))
    result = team.run("--continue-on-collection-errors", "-q")
    assert result.ret in (1, 4)
    assert not dangerous(result.stdout.str())
    outside = {path.name for path in team.path.parent.iterdir()}
    assert "escape" not in outside
    assert not Path("/abs").exists()
