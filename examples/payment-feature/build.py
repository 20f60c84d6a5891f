"""Builds the shop's repository: `python build.py FOLDER`. Whoever builds it, and whenever, gets the same commits."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
_WHO = "shop <shop@localhost>"
_WHEN = "2026-01-05T12:00:00+00:00"


def build(folder: Path, *, recordings: bool = True) -> None:
    """Two commits: the shop with the workflow file, and what was recorded on that; `folder` must not exist."""
    shutil.copytree(HERE / "base", folder, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(HERE / "subagents.yaml", folder)
    (folder / ".gitignore").write_text("__pycache__/\n.pytest_cache/\n.subagents/\nartifacts/\n", encoding="utf-8")
    _git(folder, "init", "--quiet", "--initial-branch=main")
    _commit(folder, "The shop, and the team that is to build payments")
    if recordings:
        shutil.copytree(HERE / "recordings", folder / "recordings")
        _commit(folder, "What the team did")


def _commit(folder: Path, message: str) -> None:
    _git(folder, "add", "--all")
    _git(folder, "commit", "--quiet", "--allow-empty", f"--message={message}")


def _git(folder: Path, *arguments: str) -> None:
    """git without anybody's settings: the bytes of a commit follow from the files alone."""
    name, address = _WHO.rstrip(">").split(" <")
    who = {f"GIT_{role}_{key}": value for role in ("AUTHOR", "COMMITTER")
           for key, value in (("NAME", name), ("EMAIL", address), ("DATE", _WHEN))}  # fmt: skip
    plain = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
    environment = {key: value for key, value in os.environ.items() if not key.startswith("GIT_")}
    settings = ["-c", "core.autocrlf=false", "-c", "commit.gpgsign=false", "-c", "core.hooksPath="]
    subprocess.run(["git", *settings, *arguments], cwd=folder, check=True, env={**environment, **plain, **who})


if __name__ == "__main__":
    if len(sys.argv) != 2:
        raise SystemExit(f"usage: {Path(sys.argv[0]).name} FOLDER")
    target = Path(sys.argv[1])
    if target.exists():
        raise SystemExit(f"{target}: is there already; name a folder that is not")
    build(target)
    print(f"{target}: built. Next: cd {target} && pytest --subagents")
