"""`subagents merge-reports`: what it finds, writes, says and exits with; the fold is tested in tests/aggregate."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from builders import a_report, a_result
from click.testing import CliRunner, Result
from sharded import ASKED, all_planned, parts_of

from pytest_subagents.aggregate.baseline import against
from pytest_subagents.aggregate.fold import Tally
from pytest_subagents.cli.main import commands
from pytest_subagents.gate import judge_gates, parse_gate
from pytest_subagents.model.shard import Asked, Part
from pytest_subagents.model.verdict import Finding
from pytest_subagents.reports.json_report import JsonReport
from pytest_subagents.reports.markdown import MarkdownReport
from pytest_subagents.reports.shard_json import shard_json

GOOD = (a_result("a"), a_result("b"))
"""Of shard 1 and shard 2."""


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("SUBAGENTS_REPORT_DIR", raising=False)
    return tmp_path


def two(results: Iterable[Any] = GOOD, *, asked: Asked = ASKED, **keywords: Any) -> list[Part]:
    tally = all_planned(Tally.of(results=results))
    return list(parts_of(tally, 2, lambda nodeid: 1 if nodeid.endswith("::a") else 2, asked=asked, **keywords))


def written(*parts: Part, folder: str = "parts", apart: bool = False) -> None:
    """Each in a folder of its own, as CI gathers them, or all in one."""
    for part in parts:
        path = Path(folder, f"job-{part.shard.number}" if apart else "", part.shard.file_name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(shard_json(part), encoding="utf-8")


def merge(*arguments: str) -> Result:
    return CliRunner().invoke(commands, ["merge-reports", *arguments])


def refused(result: Result, *words: str) -> None:
    assert result.exit_code == 4, result.output
    assert "Traceback" not in result.output
    for word in words:
        assert word in result.output


def test_it_writes_the_report_where_pytest_would_have_with_the_same_bytes() -> None:
    written(*two(asked=replace(ASKED, gates=("failed<=0",))), apart=True)
    done = merge("parts", "--subagents-gate=failed <= 0", "--gate", "findings <= 3", "--report", "more/report.md")
    assert done.exit_code == 0, done.output
    report = a_report(*GOOD, gates=["failed<=0", "findings <= 3"])
    assert Path("out/report.json").read_text(encoding="utf-8") == JsonReport().render(report)
    assert Path("more/report.md").read_text(encoding="utf-8") == MarkdownReport().render(report)
    for words in ("2 succeeded (2)", "out/report.json", "more/report.md", "all 2 are there", "failed <= 0"):
        assert words in done.output


def test_findings_are_held_against_a_baseline() -> None:
    old, new = (Finding(severity="high", file="a.py", line=1, title=title) for title in ("old", "new"))
    before = a_report(a_result("a", findings=(old,)), a_result("b"))
    Path("before.json").write_text(JsonReport().render(before), encoding="utf-8")
    results = (a_result("a", findings=(old, new)), a_result("b"))
    written(*two(results))
    done = merge("parts", "--baseline", "before.json", "--gate", "new_findings <= 0")
    assert done.exit_code == 1, done.output
    assert "1 new (1 high), 1 known, 0 fixed" in done.output
    whole = against(a_report(*results), before)
    report = replace(whole, gates=judge_gates(whole, [parse_gate("new_findings <= 0")]))
    assert Path("out/report.json").read_text(encoding="utf-8") == JsonReport().render(report)


def test_a_baseline_that_is_none_of_these_subagents_or_not_there_is_refused() -> None:
    written(*two())
    Path("other.json").write_text(JsonReport().render(a_report(a_result("elsewhere"))), encoding="utf-8")
    refused(merge("parts", "--baseline", "other.json"), "other.json: no subagent of this run is in the baseline")
    refused(merge("parts", "--baseline", "gone.json"), "gone.json: there is no baseline")
    assert not Path("out").exists()


def test_the_baseline_of_the_shards_is_that_of_the_whole_unless_another_is_named(place: Path) -> None:
    (place / "old.json").write_text(JsonReport().render(a_report(*GOOD)), encoding="utf-8")
    written(*two(asked=replace(ASKED, baseline="old.json")))
    done = merge("parts")
    assert "0 new, 0 known, 0 fixed" in done.output
    assert "Baseline" not in merge("parts", "--baseline=").output
    refused(merge("parts", "--baseline=gone.json"), "gone.json: there is no baseline")
    (place / "old.json").unlink()
    refused(merge("parts"), "old.json: there is no baseline")
    written(*two(asked=replace(ASKED, baseline="../old.json")))
    refused(merge("parts"), "--baseline: the shards had one outside of their rootdir", "name it here")


def test_a_job_of_github_gets_the_summary_and_the_annotations_of_the_whole(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written(*two((a_result("a", kind="contract"), a_result("b"))))
    assert "::error" not in merge("parts").output
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(place / "summary.md"))
    monkeypatch.setenv("GITHUB_WORKSPACE", str(place.parent))
    done = merge("parts", "--report", "report.md")
    assert f"\n::error file={place.name}/subagents.yaml,title=a%3A failed (contract)::" in done.output
    assert (place / "summary.md").read_bytes() == (place / "report.md").read_bytes()
    monkeypatch.setenv("SUBAGENTS_GITHUB", "off")
    assert "::error" not in merge("parts").output


def test_sarif_is_from_the_root_of_the_repository_where_the_rootdir_lies_below_it(place: Path) -> None:
    git = place / ".git"
    git.mkdir()
    (git / "HEAD").write_text("ref: refs/heads/main\n", encoding="utf-8")
    sub = place / "sub"
    sub.mkdir()
    os.chdir(sub)
    written(*two((a_result("a", kind="contract"), a_result("b"))))
    assert merge("parts", "--report=all.sarif").exit_code == 1
    assert '"uri": "sub/subagents.yaml"' in Path("all.sarif").read_text(encoding="utf-8")
    shown = CliRunner().invoke(commands, ["report", "sarif", "--from=out/report.json"])
    assert shown.output == Path("all.sarif").read_text(encoding="utf-8")


def test_files_can_be_named_one_by_one_and_a_folder_twice() -> None:
    written(*two())
    assert merge("parts", "parts/shard-1-of-2.json").exit_code == 0
    assert merge("parts/shard-1-of-2.json", "parts/shard-2-of-2.json").exit_code == 0


@pytest.mark.parametrize(
    ("results", "asked", "options", "code"),
    [
        (GOOD, {}, ["--gate=findings >= 1"], 1),
        (GOOD, {"gates": ("findings >= 1",)}, [], 1),
        ([a_result("a", kind="declared"), GOOD[1]], {}, [], 1),
        ([a_result("a", kind="declared"), GOOD[1]], {"verdict": "gates"}, [], 0),
        ([a_result("a", kind="exit_code"), GOOD[1]], {}, [], 0),
        ([a_result("a", kind="exit_code"), GOOD[1]], {"partial": "fail"}, [], 1),
    ],
)
def test_exit_codes_are_those_of_a_run_of_all(
    results: Any, asked: dict[str, Any], options: list[str], code: int
) -> None:
    written(*two(results, asked=replace(ASKED, **asked)))
    assert merge("parts", *options).exit_code == code


@pytest.mark.parametrize(("code", "words"), [(1, "tests beside the subagents failed"), (2, "interrupted")])
def test_what_failed_in_a_shard_beside_its_subagents_counts_and_is_told(code: int, words: str) -> None:
    first, second = two()
    written(replace(first, exit_code=code), second)
    done = merge("parts")
    assert done.exit_code == code
    assert words in done.output


@pytest.mark.parametrize("verdict", ["items", "gates"])
def test_a_missing_part_is_named_and_what_it_was_to_run_has_failed(verdict: str) -> None:
    written(two(asked=replace(ASKED, verdict=verdict))[0])
    done = merge("parts")
    assert done.exit_code == 1
    assert "Shards     1 of 2; no part of 2: 1 subagent failed by that" in done.output
    report = json.loads(Path("out/report.json").read_text(encoding="utf-8"))
    assert [(row["id"], row["status"]) for row in report["agents"]] == [("a", "success"), ("b", "failed")]
    assert report["complete"] is False


def test_report_files_that_the_shards_were_asked_for_are_told_and_not_written() -> None:
    """A part comes from elsewhere: it does not say which files are written here."""
    written(*two(asked=replace(ASKED, reports=("AGENTS.md", "known.md"))))
    done = merge("parts", "--report=known.md")
    assert done.exit_code == 0
    assert "asked for AGENTS.md too: --report AGENTS.md writes it" in done.output
    assert "known.md too" not in done.output
    assert not Path("AGENTS.md").exists()


@pytest.mark.parametrize("folder", ["", "../out", "/tmp/out", "a/../../out"])
def test_a_part_says_no_folder_outside(folder: str) -> None:
    written(*two(asked=replace(ASKED, report_dir=folder)))
    refused(merge("parts"), "--report-dir")
    assert merge("parts", "--report-dir", "here").exit_code == 0
    assert Path("here/report.json").is_file()


def test_a_link_in_the_way_of_the_report_is_not_followed(tmp_path_factory: pytest.TempPathFactory) -> None:
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    written(*two())
    Path("out").symlink_to(elsewhere)
    refused(merge("parts"), "cannot be written")
    assert list(elsewhere.iterdir()) == []


def test_two_parts_of_one_shard_are_refused_by_name() -> None:
    first, second = two()
    written(first, second)
    written(first, folder="again")
    refused(merge("parts", "again"), "parts/shard-1-of-2.json: it is shard 1/2, and so is again/shard-1-of-2.json")
    assert not Path("out").exists()


def test_parts_of_different_runs_are_refused_by_name_and_difference() -> None:
    first, _ = two()
    _, second = two(asked=replace(ASKED, mode="once"))
    written(first, second)
    refused(merge("parts"), "parts/shard-2-of-2.json: it is no part of the run that", "'once' here", "hint: ")


def test_a_damaged_part_is_refused_by_name() -> None:
    written(*two())
    path = Path("parts/shard-2-of-2.json")
    path.write_bytes(path.read_bytes()[:-100])
    refused(merge("parts"), "parts/shard-2-of-2.json: ", "damaged", "run that shard again")


def test_a_part_that_is_a_fifo_is_refused_and_not_waited_for() -> None:
    Path("parts").mkdir()
    os.mkfifo("parts/shard-1-of-2.json")
    refused(merge("parts"), "it is no file")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["nowhere"], "nowhere: there is no such folder or file"),
        (["."], "no file there is called shard-*-of-*.json"),
        ([], "Missing argument"),
        ([".", "--gate", "faild <= 0"], "did you mean"),
    ],
)
def test_bad_arguments(arguments: list[str], words: str) -> None:
    refused(merge(*arguments), words)


def test_a_report_of_no_format_is_refused_before_anything_is_written() -> None:
    written(*two())
    refused(merge("parts", "--report=out.foo"), "no report format has the suffix '.foo'")
    assert not Path("out").exists()
