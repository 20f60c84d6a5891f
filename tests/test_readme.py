"""The README and every message that tells a person what to type."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path

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
        [sys.executable, "-m", "pytest", "--help"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    for option in set(re.findall(r"--(?:no-)?subagents[a-z-]*", README)):
        assert option in shown, option
    for path in set(re.findall(r"\]\(([^)#:]+)\)", README)):
        assert (ROOT / path).exists(), path


def test_the_versions_agree() -> None:
    from importlib.metadata import version

    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert version("pytest-subagents") == project["version"]
    assert "## Unreleased" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
