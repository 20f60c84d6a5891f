"""`subagents init`: a new repository is green at once, also in CI, and nothing in it is ever written over."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner, Result
from screens import environment

from pytest_subagents.cli.main import commands

WRITTEN = [
    ".github/workflows/subagents.yml",
    ".gitignore",
    "agents/example_agent.py",
    "contracts/review.json",
    "recordings/first-team/advise.jsonl",
    "recordings/first-team/advise.meta.json",
    "recordings/first-team/review.jsonl",
    "recordings/first-team/review.meta.json",
    "subagents.yaml",
]
INSTALL = "python -m pip install pytest-subagents"


def init() -> Result:
    return CliRunner().invoke(commands, ["init"], prog_name="subagents")


def files(folder: Path) -> list[str]:
    found = (path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
    return sorted(path for path in found if not path.startswith((".git/", "artifacts/", ".subagents/")))


@pytest.fixture
def new(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def shell(folder: Path, command: str) -> subprocess.CompletedProcess[str]:
    """With the programs of this environment first, as in a job that has installed them."""
    env = environment(PYTHONDONTWRITEBYTECODE="1")
    env["PATH"] = f"{Path(sys.executable).parent}:{env['PATH']}"
    for name in [name for name in env if name.startswith(("SUBAGENTS_", "PYTEST_"))]:
        del env[name]
    return subprocess.run(command, shell=True, cwd=folder, env=env, capture_output=True, text=True)


def test_a_new_repository_is_green_at_once_in_ci_and_when_it_runs_for_real(new: Path) -> None:
    result = init()
    assert result.exit_code == 0
    assert result.stdout.endswith("\nNext     pytest --subagents subagents.yaml\n")
    assert files(new) == WRITTEN
    shell(new, "git init -q . && git add . && git -c user.name=a -c user.email=a@b commit -qm first")
    job = yaml.safe_load((new / WRITTEN[0]).read_text())["jobs"]["replay"]
    steps = [step["run"] for step in job["steps"] if "run" in step]
    assert steps[0] == INSTALL, "all but this one is run here, as it stands"
    plan, replay = (shell(new, step) for step in steps[1:])
    assert plan.returncode == 0, plan.stderr
    assert "first-team: 2 subagents in 2 waves" in plan.stdout
    assert replay.returncode == 0, replay.stdout
    assert "2 succeeded (2)" in replay.stdout
    assert "findings.critical <= 0  passed (0)" in replay.stdout
    assert (new / "artifacts/subagents/report.md").is_file()
    recordings = {path: path.read_bytes() for path in (new / "recordings").rglob("*.jsonl")}
    live = shell(new, "pytest --subagents --subagents-mode=record")
    assert live.returncode == 0, live.stdout
    assert {path: path.read_bytes() for path in (new / "recordings").rglob("*.jsonl")} == recordings
    assert shell(new, "git status --porcelain -- . ':!recordings/*.meta.json'").stdout == "", "all else is ignored"


def test_the_stand_in_finds_what_is_open_and_a_changed_prompt_makes_its_recording_stale(new: Path) -> None:
    (new / "pytest.ini").write_text("[pytest]\ntestpaths = tests\naddopts = --strict-markers\n")
    init()
    (new / "src").mkdir()
    (new / "src/app.py").write_text("# TODO: a\n# FIXME b\n")
    (new / "subagents.yaml").write_text((new / "subagents.yaml").read_text().replace("Look for", "Search for"))
    shell(new, "git init -q . && git add . && git -c user.name=a -c user.email=a@b commit -qm first")
    elsewhere = shell(new, "pytest --subagents -q src")
    assert (
        "none was found in src; where they are elsewhere, name the place: pytest --subagents subag" in elsewhere.stdout
    )
    stale = shell(new, "pytest --subagents -q subagents.yaml")
    assert (stale.returncode, "stale: the instructions" in stale.stdout) == (1, True)
    live = shell(new, "pytest --subagents -q --subagents-mode=record subagents.yaml")
    assert live.returncode == 0, live.stdout
    assert "1 medium, 1 low" in live.stdout
    shown = shell(new, "subagents logs advise")
    assert "Begin with FIXME: b (src/app.py)." in shown.stdout, shown


@pytest.mark.parametrize("path", ["subagents.yaml", "recordings", ".github/workflows/subagents.yml", "contracts"])
def test_where_anything_is_in_the_way_nothing_is_written(new: Path, path: str) -> None:
    (new / path).parent.mkdir(parents=True, exist_ok=True)
    (new / path).write_text("mine")
    result = init()
    assert (result.exit_code, result.stdout) == (4, "")
    assert result.stderr.startswith(f"init: {path} is there already\n  hint: nothing was written; ")
    assert files(new) == [path]


def test_a_link_is_in_the_way_too_and_a_second_time_names_everything(new: Path) -> None:
    (new / "elsewhere").mkdir()
    (new / "agents").symlink_to("elsewhere")
    assert init().stderr.startswith("init: agents is there already")
    (new / "agents").unlink()
    (new / ".gitignore").write_text("mine\n")
    first = init()
    assert first.exit_code == 0
    assert ".gitignore is left as it is; .subagents/ and artifacts/ belong into it\n" in first.stdout
    assert (new / ".gitignore").read_text() == "mine\n"
    again = init()
    assert again.exit_code == 4
    assert all(path in again.stderr for path in WRITTEN if path != ".gitignore")
