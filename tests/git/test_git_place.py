"""Where a folder lies in its repository, by what stands on the disk."""

from __future__ import annotations

import subprocess
from pathlib import Path

from pytest_subagents.git.place import below_checkout, below_top


def git(*arguments: str, cwd: Path) -> None:
    subprocess.run(["git", *arguments], cwd=cwd, check=True, capture_output=True)


def test_a_path_is_from_the_top_of_the_nearest_checkout(tmp_path: Path) -> None:
    inner = tmp_path / "repo/packages/a b"
    inner.mkdir(parents=True)
    assert below_top(inner) is None
    git("init", "-q", "repo", cwd=tmp_path)
    assert [below_top(inner), below_top(inner.parent), below_top(tmp_path / "repo")] == ["packages/a b", "packages", ""]
    (tmp_path / "link").symlink_to(inner)
    assert below_top(tmp_path / "link") == "packages/a b"
    git("commit", "-q", "--allow-empty", "-m", "x", cwd=tmp_path / "repo")
    git("worktree", "add", "-q", "packages/tree", cwd=tmp_path / "repo")
    (tmp_path / "repo/packages/tree/in").mkdir()
    assert below_top(tmp_path / "repo/packages/tree/in") == "in"


def test_a_folder_that_is_only_called_so_is_no_top(tmp_path: Path) -> None:
    git("init", "-q", cwd=tmp_path)
    (tmp_path / "a/.git").mkdir(parents=True)
    assert below_top(tmp_path / "a") == "a"


def test_of_a_job_it_is_the_checkout_that_counts_and_without_one_its_folder(tmp_path: Path) -> None:
    """With `path:`, actions/checkout puts the repository below the folder of the job."""
    rootdir = tmp_path / "job/main/sub"
    rootdir.mkdir(parents=True)
    assert below_checkout(rootdir, str(tmp_path / "job")) == "main/sub"
    assert below_checkout(rootdir, str(rootdir)) == below_checkout(rootdir, None) == ""
    assert below_checkout(rootdir, str(tmp_path / "elsewhere")) == ""
    git("init", "-q", cwd=rootdir.parent)
    assert below_checkout(rootdir, str(tmp_path / "job")) == "sub"
