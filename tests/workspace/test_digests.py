"""Digests of what a subagent was to look at: the same for the same files, bounded, and blind to what lies outside."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from pytest_subagents.model import limits
from pytest_subagents.workspace.digests import digest_of_files, digest_of_named


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = tmp_path / "root"
    for name in ("src/a.py", "src/deep/b.py", "docs/c.md", "top.txt"):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(name, encoding="utf-8")
    return root


def test_the_same_files_have_the_same_digest_wherever_they_are(root: Path, tmp_path: Path) -> None:
    first = digest_of_files(root, ["src/"])
    assert first is not None
    assert first.startswith("sha256:")
    root.rename(tmp_path / "elsewhere")
    os.utime(tmp_path / "elsewhere/src/a.py", (1, 1))
    assert digest_of_files(tmp_path / "elsewhere", ["src/"]) == first


def test_a_folder_stands_for_all_below_it_and_order_does_not_matter(root: Path) -> None:
    same = {digest_of_files(root, globs) for globs in (["src"], ["src/"], ["src/**"], ["./src/**", "src/*.py"])}
    assert len(same) == 1
    assert digest_of_files(root, ["src", "docs"]) == digest_of_files(root, ["docs", "src"])
    assert digest_of_files(root, ["**"]) == digest_of_files(root, ["**/*", "top.txt"])


@pytest.mark.parametrize("change", ["content", "name", "new", "gone", "program", "link", "swap"])
def test_every_difference_in_the_scope_is_seen(root: Path, change: str) -> None:
    before = digest_of_files(root, ["src/"])
    path = root / "src/a.py"
    match change:
        case "content":
            path.write_text("src/a.pY", encoding="utf-8")
        case "name":
            path.rename(root / "src/z.py")
        case "new":
            (root / "src/new").touch()
        case "gone":
            path.unlink()
        case "program":
            path.chmod(0o755)
        case "link":
            path.unlink()
            path.symlink_to("src/a.py")
        case _:
            data = path.read_bytes()
            path.write_bytes((root / "src/deep/b.py").read_bytes())
            (root / "src/deep/b.py").write_bytes(data)
    assert digest_of_files(root, ["src/"]) not in {before, None}


def test_what_is_outside_of_the_scope_or_left_out_is_not_seen(root: Path) -> None:
    before = digest_of_files(root, ["src/"], leave_out=["src/out"])
    for name in ("docs/c.md", "srcs/x", "src/__pycache__/a.pyc", "src/node_modules/m/i.js", "src/.git/x", "src/out/x"):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text("other", encoding="utf-8")
    assert digest_of_files(root, ["src/"], leave_out=["src/out"]) == before
    assert digest_of_files(root, ["src/"]) != before


def test_a_scope_without_files_has_the_digest_of_nothing(root: Path) -> None:
    assert digest_of_files(root, ["nothing/"]) == digest_of_files(root, []) != digest_of_files(root, ["src/"])


def test_links_are_what_they_say_and_nothing_behind_them_is_read(root: Path, tmp_path: Path) -> None:
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside/secret").write_text("one", encoding="utf-8")
    (root / "src/folder").symlink_to(tmp_path / "outside")
    (root / "src/file").symlink_to(tmp_path / "outside/secret")
    (root / "src/zero").symlink_to("/dev/zero")
    before = digest_of_files(root, ["src/", "src/folder/**"])
    (tmp_path / "outside/secret").write_text("two", encoding="utf-8")
    assert digest_of_files(root, ["src/", "src/folder/**"]) == before
    (root / "src/zero").unlink()
    (root / "src/zero").symlink_to("/dev/null")
    assert digest_of_files(root, ["src/", "src/folder/**"]) != before


def test_what_is_no_file_hangs_nobody(root: Path) -> None:
    before = digest_of_files(root, ["src/"])
    os.mkfifo(root / "src/pipe")
    assert digest_of_files(root, ["src/"]) not in {before, None}


def test_of_too_much_nothing_is_said(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(limits, "SCOPE_FILES", 1)
        assert digest_of_files(root, ["src/"]) is None
        assert digest_of_files(root, ["docs/"]) is not None
    with monkeypatch.context() as patch:
        patch.setattr(limits, "SCOPE_BYTES", 10)
        assert digest_of_files(root, ["src/"]) is None
    monkeypatch.setattr(limits, "WORKSPACE_ENTRIES", 2)
    assert digest_of_files(root, ["src/"]) is None


def test_of_a_rootdir_that_is_gone_nothing_is_said(root: Path) -> None:
    assert digest_of_files(root / "no", ["**"]) is None


def test_a_scope_in_one_corner_does_not_read_the_rest(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(50):
        (root / f"docs/{number}").mkdir()
        (root / f"docs/{number}/file").touch()
    monkeypatch.setattr(limits, "WORKSPACE_ENTRIES", 10)
    assert digest_of_files(root, ["src/deep/*.py", "src/a.py"]) is not None


def test_named_files_count_with_their_names_order_and_absence(root: Path) -> None:
    names = ["docs/c.md", "top.txt"]
    digest = digest_of_named(root, names)
    assert digest is not None
    assert digest != digest_of_named(root, names[::-1])
    assert digest_of_named(root, [*names, "missing"]) not in {digest, None}
    (root / "top.txt").write_text("other", encoding="utf-8")
    assert digest_of_named(root, names) != digest
    assert digest_of_named(root, ["docs/*.md"]) == digest_of_named(root / "src", ["docs/*.md"])


@pytest.mark.parametrize("name", ["../outside", "src", "linked/secret", "pipe"])
def test_of_a_named_file_that_is_none_or_elsewhere_nothing_is_said(root: Path, tmp_path: Path, name: str) -> None:
    (tmp_path / "outside").write_text("secret", encoding="utf-8")
    (root / "linked").symlink_to(tmp_path)
    os.mkfifo(root / "pipe")
    assert digest_of_named(root, [name]) is None
