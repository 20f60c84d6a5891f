"""The jobs in `examples/ci` do what they say: each step is run to the letter, in a fresh clone, in a fresh folder.

Only what the service itself brings is replaced, by its name: `uses:` and `image:`.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from junit_schema import checked_junit
from lean_pytest import VARIABLE, without_others
from sarif_schema import checked_sarif

ROOT = Path(__file__).parents[1]
EXAMPLES = ROOT / "examples" / "ci"
FILES = sorted(path.name for path in EXAMPLES.glob("*.yml"))


class Machine:
    """A runner: an empty folder, and the programs of this environment, where pip finds this project and no network."""

    def __init__(self, folder: Path) -> None:
        self.clone = folder / "clone"
        self.summary = folder / "summary.md"
        self.summary.touch()
        self.environ = {
            **{name: value for name, value in os.environ.items() if not name.startswith(("PYTEST", "SUBAGENTS"))},
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            "PIP_NO_INDEX": "1",
            "PIP_DISABLE_PIP_VERSION_CHECK": "1",
            "CI": "true",
            VARIABLE: without_others(),
        }

    def check_out(self) -> None:
        """What is committed, and the examples as they are now."""
        subprocess.run(["git", "clone", "-q", ROOT, self.clone], check=True)
        for path in EXAMPLES.iterdir():
            target = self.clone / path.relative_to(ROOT)
            target.parent.mkdir(exist_ok=True)
            target.write_bytes(path.read_bytes())

    def run(self, script: str, **environ: str) -> str:
        """As GitHub's runner and GitLab's do: a script for bash, which stops at the first failure."""
        done = subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script],
            cwd=self.clone,
            env={**self.environ, **environ},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def has(self, path: str) -> Path:
        found = self.clone / path
        assert found.exists(), path
        return found


def load(name: str) -> dict[Any, Any]:
    value = yaml.safe_load((EXAMPLES / name).read_text(encoding="utf-8"))
    assert isinstance(value, dict)
    return value


def uploaded(machine: Machine, given: Mapping[str, Any]) -> None:
    run = checked_sarif(machine.has(given["sarif_file"]).read_text(encoding="utf-8"))
    assert all(result["locations"] for result in run["results"])
    assert [result["ruleId"] for result in run["results"]].count("finding/high") == 2


ACTIONS: Mapping[str, Callable[[Machine, Mapping[str, Any]], object]] = {
    "actions/checkout": lambda machine, given: machine.check_out(),
    "actions/setup-python": lambda machine, given: float(given["python-version"]) >= 3.11,
    "actions/upload-artifact": lambda machine, given: machine.has(given["path"]),
    "github/codeql-action/upload-sarif": uploaded,
}


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def test_every_step_of_the_github_workflow_runs(machine: Machine) -> None:
    workflow = load("github-actions.yml")
    job_environ = {"GITHUB_ACTIONS": "true", "GITHUB_STEP_SUMMARY": str(machine.summary)}
    said = ""
    for job in workflow["jobs"].values():
        for step in job["steps"]:
            if "uses" in step:
                name, _, version = step["uses"].partition("@")
                assert version.startswith("v")
                ACTIONS[name](machine, step.get("with", {}))
            else:
                said += machine.run(step["run"], **job_environ)
    assert machine.summary.read_text(encoding="utf-8").startswith("# Subagents: partial\n")
    assert said.count("\n::warning file=") == 3
    checked_junit(machine.has("artifacts/subagents/junit.xml").read_text(encoding="utf-8"))


def test_every_step_of_the_gitlab_job_runs(machine: Machine) -> None:
    for job in load("gitlab-ci.yml").values():
        assert job["image"].startswith("python:3.")
        machine.check_out()
        variables = {
            name: value.replace("$CI_PROJECT_DIR", str(machine.clone)) for name, value in job["variables"].items()
        }
        said = machine.run("\n".join(job["script"]), **variables)
        assert "\n::" not in said
        assert machine.summary.read_bytes() == b""
        junit = machine.has(job["artifacts"]["reports"]["junit"])
        assert len(list(checked_junit(junit.read_text(encoding="utf-8")).iter("testcase"))) == 5
        for path in job["artifacts"]["paths"]:
            machine.has(path)


@pytest.mark.parametrize("name", FILES)
def test_the_documentation_shows_the_file_as_it_is(name: str) -> None:
    text = (EXAMPLES / name).read_text(encoding="utf-8")
    assert f'.yml"\n{text}```\n' in (ROOT / "docs" / "ci.md").read_text(encoding="utf-8")
