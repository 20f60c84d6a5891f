"""Every example, run as its README says."""

from __future__ import annotations

import json
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from sarif_schema import checked_sarif

ROOT = Path(__file__).parents[1]
EXAMPLES = sorted(path.name for path in (ROOT / "examples").iterdir() if path.is_dir())


@pytest.fixture
def examples(tmp_path: Path) -> Path:
    """A copy in which the examples may write their reports."""
    shutil.copytree(ROOT / "examples", tmp_path / "examples", ignore=shutil.ignore_patterns("artifacts", "__pycache__"))
    (tmp_path / "pytest.ini").write_text("[pytest]\n", encoding="utf-8")
    return tmp_path


def run(command: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    program, *arguments = shlex.split(command)
    ours = Path(sys.executable).with_name(program)
    return subprocess.run(
        [ours if ours.exists() else program, *arguments], cwd=cwd, capture_output=True, text=True, check=False
    )


def commands_of(example: str) -> list[str]:
    text = (ROOT / "examples" / example / "README.md").read_text(encoding="utf-8")
    return [line.strip() for line in text.splitlines() if line.startswith("    ")]


@pytest.mark.parametrize("example", EXAMPLES)
def test_the_first_command_of_its_readme_passes(examples: Path, example: str) -> None:
    done = run(commands_of(example)[0], examples)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("count", [2, 3, 7])
def test_shards_of_all_examples_come_to_the_same_bytes_as_one_run(examples: Path, count: int) -> None:
    names = ("best-of-n", "ci-gate", "contract-regression", "function", "marks", "package-review")
    replay = f"pytest --subagents -p no:xdist -p no:syrupy {' '.join(f'examples/{name}' for name in names)}"
    judged = "--subagents-baseline=examples/ci-gate/subagents.baseline.json '--subagents-gate=new_findings <= 9'"
    assert_shards_merge(f"{replay} {judged}", count, examples)


def test_shards_of_a_workflow_that_is_merged_at_its_end_too(examples: Path) -> None:
    assert run(commands_of("payment-feature")[0], examples).returncode == 0
    assert_shards_merge("pytest --subagents -p no:xdist", 2, examples / "payment-shop")


def assert_shards_merge(command: str, count: int, cwd: Path) -> None:
    names = ["all.html", "all.md", "all.sarif", "all.xml"]
    command += "".join(f" --subagents-report={name}" for name in names)
    files = [cwd / "artifacts/subagents/report.json", *(cwd / name for name in names)]
    whole = run(command, cwd)
    expected = {path.name: path.read_text(encoding="utf-8") for path in files}
    for path in files:
        path.unlink()
    for number in range(1, count + 1):
        done = run(f"{command} --subagents-shard={number}/{count}", cwd)
        assert done.returncode in (0, 1), done.stdout + done.stderr
    done = run(f"subagents merge-reports artifacts/subagents --report {' --report '.join(names)}", cwd)
    assert {path.name: path.read_text(encoding="utf-8") for path in files} == expected
    assert done.returncode == whole.returncode, done.stdout + done.stderr


def test_package_review_ends_partial_and_fails_a_gate_that_wants_more(examples: Path) -> None:
    first, second, _ = commands_of("package-review")
    shown = run(first, examples)
    assert shown.returncode == 0
    picture = (ROOT / "README.md").read_text(encoding="utf-8").split("```text\n")[1].split("```")[0]
    assert picture.partition("\n")[2] in shown.stdout, "the first block of README.md is what this prints"
    report = json.loads((examples / "artifacts/subagents/report.json").read_text(encoding="utf-8"))
    assert report["status"] == "partial"
    assert [(row["id"], row["status"]) for row in report["agents"]] == [
        ("element", "success"), ("excalidraw-app", "partial"), ("math", "success"),
    ]  # fmt: skip
    assert len(report["findings"]) == 5
    done = run(second, examples)
    assert done.returncode == 1
    assert "status >= success" in done.stdout


def test_contract_regression_catches_a_changed_contract(examples: Path) -> None:
    compare, update = commands_of("contract-regression")
    assert run(compare, examples).returncode == 0
    contract = examples / "examples/contract-regression/transcripts/contract.json"
    contract.write_text(contract.read_text(encoding="utf-8").replace('"file", "line"]', '"file", "line", "title"]'))
    changed = run(compare, examples)
    assert changed.returncode == 1
    assert "/findings/0" in changed.stdout
    assert run(update, examples).returncode == 1  # the rows fail all the same: only the snapshot is accepted
    assert "matches" in run(compare, examples).stdout


def test_contract_regression_has_four_vendors_and_known_bad_recordings(examples: Path) -> None:
    snapshot = json.loads((ROOT / "examples/contract-regression/subagents.snapshot.json").read_text(encoding="utf-8"))
    assert {row["vendor"] for row in snapshot["agents"]} == {"codex", "claude", "gemini", "opencode"}
    assert snapshot["counts"]["expected"] == 5


def test_marks_are_skipped_where_subagents_are_off(examples: Path) -> None:
    done = run("pytest examples/marks", examples)
    assert done.returncode == 0
    assert "3 skipped" in done.stdout


def test_payment_feature_is_audited_and_merged_the_same_in_replay_and_for_real(examples: Path) -> None:
    build, _, replay, merge, live, resume = commands_of("payment-feature")
    assert run(build, examples).returncode == 0
    shop = examples / "payment-shop"
    assert run(replay, shop).returncode == 1
    report = json.loads((shop / "artifacts/subagents/report.json").read_text(encoding="utf-8"))
    assert {row["id"]: [reason["kind"] for reason in row["reasons"]] for row in report["agents"]} == {
        "schema": [], "service": [], "api": ["conflict"], "frontend": ["scope"], "tests": [],
    }  # fmt: skip
    (merged,) = report["merges"]
    assert merged["merged"] == ["schema", "service", "tests"]
    done = run(merge, shop)
    assert "The branch subagents/payment-feature (" in done.stdout, done.stdout + done.stderr
    assert run(live, shop).returncode == 1
    again = json.loads((shop / "artifacts/subagents/report.json").read_text(encoding="utf-8"))
    (merged_again,) = again["merges"]
    assert {**merged_again, "tree": None} == {**merged, "tree": None}  # HEAD has the recordings, and what was merged
    assert [row["status"] for row in again["agents"]] == [row["status"] for row in report["agents"]]
    assert run(resume, shop).returncode == 1
    (joined,) = json.loads((shop / "artifacts/subagents/report.json").read_text(encoding="utf-8"))["merges"]
    assert joined["merged"] == ["schema", "service", "api", "tests"]


def test_ci_gate_is_green_until_a_change_brings_a_finding_that_is_not_known(
    examples: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(examples / "summary.md"))
    replay, change, review, compare, accept = commands_of("ci-gate")
    report = examples / "examples/ci-gate/artifacts/subagents/report.json"

    def counts() -> dict[str, int]:
        found: dict[str, int] = json.loads(report.read_text(encoding="utf-8"))["baseline"]["counts"]
        return found

    assert run(replay, examples).returncode == 0
    assert counts() == {"new": 0, "known": 3, "fixed": 0, "unchecked": 0}
    (examples / "summary.md").unlink()
    assert run(change, examples).returncode == 0
    done = run(review, examples)
    assert done.returncode == 1, done.stdout + done.stderr
    assert "new_findings.high <= 0  FAILED (1)" in done.stdout
    assert "\n::error title=Gate failed::new_findings.high <= 0: it is 1\n" in done.stdout
    assert "\n::error file=shop/refunds.py,line=7,title=high finding of security::refund gives" in done.stdout
    assert (examples / "summary.md").read_bytes() == (examples / "review.md").read_bytes()
    states = [
        result.get("baselineState") for result in checked_sarif((examples / "findings.sarif").read_text())["results"]
    ]
    assert states == ["unchanged", "new", "unchanged"]
    assert counts() == {"new": 1, "known": 2, "fixed": 1, "unchecked": 0}
    assert "fixed: medium, shop/orders.py:22: save swallows an error" in run(compare, examples).stdout
    assert run(accept, examples).returncode == 0
    assert run(replay, examples).returncode == 0
