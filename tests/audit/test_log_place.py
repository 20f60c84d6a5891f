"""Where an audit log may be written: in the repository, behind no link, over nothing else."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from pytest_subagents.audit.entry import encoded
from pytest_subagents.audit.log import FORMAT, VERSION
from pytest_subagents.audit.log_place import check_log_place
from pytest_subagents.errors import BadUsage


def refusal(root: Path, log: str) -> str:
    """Why it is refused; empty where it is not."""
    try:
        check_log_place(log, rootdir=root, where="subagents.yaml:3")
    except BadUsage as error:
        found = error
    else:
        return ""
    assert (found.exit_code, found.where) == (4, "subagents.yaml:3")
    return found.what.removeprefix(f"the audit log {log!r} cannot be written: ")


def tree(root: Path) -> list[str]:
    return sorted(path.relative_to(root).as_posix() for path in root.rglob("*"))


@pytest.mark.parametrize("log", ["audit.jsonl", "a/b/audit.jsonl", "there/audit.log", "empty", "old.jsonl"])
def test_a_good_place_is_left_as_it_is(tmp_path: Path, log: str) -> None:
    (tmp_path / "there").mkdir()
    (tmp_path / "empty").touch()
    (tmp_path / "old.jsonl").write_bytes(encoded({"format": FORMAT, "version": VERSION, "workflow": "x"}))
    before = tree(tmp_path)
    assert refusal(tmp_path, log) == ""
    assert tree(tmp_path) == before


@pytest.mark.parametrize(
    ("log", "why"),
    [
        ("../audit.jsonl", "it lies outside of the repository"),
        ("a/../../audit.jsonl", "it lies outside of the repository"),
        ("/tmp/audit.jsonl", "it lies outside of the repository"),
        (".", "it lies outside of the repository"),
        (".git/hooks/pre-commit", "git keeps its own files there"),
        ("x/.GIT/config", "git keeps its own files there"),
        ("folder", "it is a folder"),
        ("link/audit.jsonl", "link is a link or no folder"),
        ("folder/link/audit.jsonl", "folder/link is a link or no folder"),
        ("file.py/audit.jsonl", "file.py is a link or no folder"),
        ("dangling", "it is a link or no regular file"),
        ("to-file", "it is a link or no regular file"),
        ("pipe", "it is a link or no regular file"),
        ("file.py", "another file is there, and no audit log"),
    ],
)
def test_a_bad_place(tmp_path: Path, log: str, why: str) -> None:
    root = tmp_path / "root"
    (root / "folder").mkdir(parents=True)
    (root / "file.py").write_text("x = 1\n", encoding="utf-8")
    (root / "link").symlink_to(tmp_path)
    (root / "folder/link").symlink_to(tmp_path)
    (root / "dangling").symlink_to(tmp_path / "nothing")
    (root / "to-file").symlink_to("file.py")
    os.mkfifo(root / "pipe")
    before = tree(tmp_path)
    assert refusal(root, log) == why
    assert tree(tmp_path) == before


@pytest.mark.parametrize("log", [f"{'x' * 300}.jsonl", f"a/{'x' * 300}/b.jsonl", f"folder/{'x' * 300}"])
def test_a_name_that_nobody_can_write(tmp_path: Path, log: str) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "a").mkdir()
    with pytest.raises(OSError, match="File name too long"):
        (tmp_path / log).write_bytes(b"")
    assert refusal(tmp_path, log) == "File name too long"
