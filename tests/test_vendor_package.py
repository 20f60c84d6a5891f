"""The example package that registers a vendor of its own: installed, found, run, and never in anybody's way."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
EXAMPLE = ROOT / "examples" / "vendor-package"


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with a copy of the example, which is installed as its README says."""
    project = tmp_path_factory.mktemp("project")
    ignored = shutil.ignore_patterns("__pycache__", "artifacts", ".pytest_cache")
    shutil.copytree(EXAMPLE, project / "examples" / "vendor-package", ignore=ignored)
    (project / "pytest.ini").write_text("[pytest]\nfilterwarnings = error\n", encoding="utf-8")
    command = next(
        line for line in (EXAMPLE / "README.md").read_text(encoding="utf-8").splitlines() if line.startswith("    ")
    )
    pip = [sys.executable, "-m", *command.split()]
    done = subprocess.run(
        pip, cwd=project, capture_output=True, text=True, check=False, env=os.environ | {"PIP_NO_INDEX": "1"}
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return project


def run(project: Path, *command: str, path: str = "site") -> subprocess.CompletedProcess[str]:
    environ = os.environ | {"PYTHONPATH": str(project / path) if path else ""}
    return subprocess.run(
        [sys.executable, *command], cwd=project, capture_output=True, text=True, check=False, env=environ
    )


def test_it_passes_its_conformance_suite_and_its_recording_is_replayed(installed: Path, tmp_path: Path) -> None:
    options = ("-p", "no:cacheprovider", f"--basetemp={tmp_path / 'temporary'}", "-q", "--subagents")
    done = run(installed, "-m", "pytest", *options, "examples/vendor-package")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "1 succeeded" in done.stdout
    report = json.loads((installed / "artifacts/subagents/report.json").read_text(encoding="utf-8"))
    (row,) = report["agents"]
    assert (row["vendor"], row["status"], row["usage"]["output_tokens"]) == ("reviewbot", "success", 10)
    assert [one["file"] for one in row["findings"]] == ["reviewbot_vendor/bot.py"]


def test_its_name_can_be_given_for_every_subagent(installed: Path) -> None:
    options = ("-p", "no:cacheprovider", "-q", "--subagents", "--subagents-vendor=reviewbot")
    done = run(installed, "-m", "pytest", *options, "examples/vendor-package/subagents.yaml")
    assert done.returncode == 0, done.stdout + done.stderr


def test_without_the_package_its_vendor_is_unknown_and_the_known_ones_are_named(installed: Path) -> None:
    options = ("-p", "no:cacheprovider", "-q", "--subagents")
    done = run(installed, "-m", "pytest", *options, "examples/vendor-package/subagents.yaml", path="")
    assert done.returncode == 2, done.stdout + done.stderr
    assert "'vendor' 'reviewbot' is no vendor" in done.stdout
    assert "codex" in done.stdout


def test_it_is_imported_only_where_it_is_used(installed: Path) -> None:
    code = (
        "import sys\n"
        "from pytest_subagents.vendors.registry import VENDORS\n"
        "from pytest_subagents.vendors.programs.registry import program, startable\n"
        "assert 'reviewbot' in VENDORS and 'reviewbot' in startable()\n"
        "assert not any(name.startswith('reviewbot') for name in sys.modules)\n"
        "assert program('reviewbot').executable == 'reviewbot'\n"
        "assert dict(VENDORS['reviewbot'].exit_meanings) == {2: 'launch', 7: 'rate_limit'}\n"
    )
    done = run(installed, "-W", "error", "-c", code)
    assert done.returncode == 0, done.stderr


def test_it_really_runs(installed: Path, tmp_path: Path) -> None:
    """The launch that its program gives starts the program that it ships."""
    code = (
        "import subprocess, sys\n"
        "from pathlib import Path\n"
        "from pytest_subagents.model.spec import Subagent, VendorSettings\n"
        "from pytest_subagents.model.scope import Scope\n"
        "from pytest_subagents.vendors.programs.interface import Request\n"
        "from pytest_subagents.vendors.programs.registry import program\n"
        "here = Path(sys.argv[1])\n"
        "request = Request(\n"
        "    subagent=Subagent(id='a', scope=Scope(write=('**',))), settings=VendorSettings(vendor='reviewbot'),\n"
        "    prompt='Go.', prompt_file=here / 'prompt', workspace=here, home=here, config=here, temporary=here,\n"
        "    output_file=here / 'answer', session='s', tools=frozenset(('edit',)), model='large')\n"
        "launch = program('reviewbot').launch(request)\n"
        "with launch.stdin.open('rb') as prompt:\n"
        "    bot = [sys.executable, '-m', 'reviewbot_vendor.bot', *launch.argv[1:]]\n"
        "    subprocess.run(bot, cwd=here, stdin=prompt, check=True)\n"
    )
    (tmp_path / "prompt").write_text("Go.", encoding="utf-8")
    done = run(installed, "-c", code, str(tmp_path))
    assert done.returncode == 0, done.stderr
    assert [json.loads(line)["event"] for line in done.stdout.splitlines()] == ["start", "wrote", "answer", "end"]
    assert (tmp_path / "TODOS.txt").exists()
