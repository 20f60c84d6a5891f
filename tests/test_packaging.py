"""What is shipped: the wheel holds every schema, and the source distribution everything to test it with."""

from __future__ import annotations

import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(folder), str(ROOT)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


def test_the_wheel_holds_the_package_and_its_data(built: Path) -> None:
    (wheel,) = built.glob("*.whl")
    names = set(zipfile.ZipFile(wheel).namelist())
    package = {
        str(path.relative_to(ROOT)) for path in (ROOT / "pytest_subagents").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }  # fmt: skip
    assert package <= names
    assert {name for name in names if name.endswith(".schema.json")} == {
        "pytest_subagents/reports/event.schema.json",
        "pytest_subagents/reports/report.schema.json",
        "pytest_subagents/reports/shard.schema.json",
        "pytest_subagents/specify/workflow.schema.json",
        "pytest_subagents/vendors/dialects/subagents_events.schema.json",
    }
    assert "pytest_subagents/contract/schemas/result.json" in names
    assert "pytest_subagents/py.typed" in names
    assert {name.partition("/")[0] for name in names - package} == {f"{wheel.name.split('-py3')[0]}.dist-info"}


def test_the_source_distribution_holds_what_the_tests_need(built: Path) -> None:
    (archive,) = built.glob("*.tar.gz")
    with tarfile.open(archive) as file:
        names = {name.partition("/")[2] for name in file.getnames()}
    for name in ("README.md", "LICENSE", "conftest.py", "tests/test_packaging.py", "examples/marks/test_review.py"):
        assert name in names
