"""The README and every message that tells a person what to type."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

from lean_pytest import VARIABLE, without_others

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
MAIN = "python3 -m venv .venv && .venv/bin/pip install -q -e . && .venv/bin/pytest --subagents examples/package-review"
TESTS = "python3 -m venv .venv && .venv/bin/pip install -q -e '.[dev]' && .venv/bin/pytest"


def test_there_is_one_command_for_the_main_job_and_one_for_the_tests() -> None:
    blocks = re.findall(r"^```bash\n(.*?)```", README, re.M | re.S)
    assert [block.strip() for block in blocks if ".venv/bin/pytest" in block] == [MAIN, TESTS]
    run = (ROOT / ".ci/run").read_text(encoding="utf-8")
    assert MAIN in run
    assert TESTS in run


def test_every_option_and_file_that_the_readme_names_is_there() -> None:
    shown = subprocess.run(
        [sys.executable, "-m", "pytest", "--help", "-p", "no:cacheprovider"],
        cwd=ROOT,
        env=os.environ | {VARIABLE: without_others()},
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    for option in set(re.findall(r"--(?:no-)?subagents[a-z-]*", README)):
        assert option in shown, option
    for path in set(re.findall(r"\]\(([^)#:]+)\)", README)):
        assert (ROOT / path).exists(), path


def test_its_workflow_file_and_its_marks_are_replayed_as_they_stand(tmp_path: Path) -> None:
    """With recordings of the two that they name; the second of the workflow is told what the first found."""
    blocks = dict(re.findall(r"^```(yaml|python)\n(.*?)```", README, re.M | re.S))
    (tmp_path / "subagents.yaml").write_text(blocks["yaml"], encoding="utf-8")
    (tmp_path / "test_review.py").write_text(blocks["python"], encoding="utf-8")
    stream = (ROOT / "examples/package-review/recordings/package-review/math.jsonl").read_bytes()
    ours = [f"package-review/{id}" for id in ("math", "summary")]
    marked = [f"test_review/test_review[{id}]" for id in ("math", "element")]
    for name in (*ours, *marked):
        path = tmp_path / "recordings" / f"{name}.jsonl"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(stream)
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "--subagents", "-p", "no:cacheprovider", "-p", "no:xdist"],
        cwd=tmp_path,
        env=os.environ | {VARIABLE: without_others()},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"recordings/{ours[0]}.jsonl" in README
    report = json.loads((tmp_path / "artifacts/subagents/report.json").read_text(encoding="utf-8"))
    assert [(row["nodeid"], row["depends_on"], row["status"]) for row in report["agents"]] == [
        ("subagents.yaml::math", [], "success"),
        ("subagents.yaml::summary", ["math"], "success"),
        ("test_review.py::test_review[element]", [], "success"),
        ("test_review.py::test_review[math]", [], "success"),
    ]


def test_the_versions_agree() -> None:
    from importlib.metadata import version

    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert version("pytest-subagents") == project["version"]
    assert "## Unreleased" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
