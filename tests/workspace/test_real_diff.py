"""The real diff: every kind of change is seen, and the patch gives exactly the agent's tree."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from repositories import ARepository, a_checkout, checked_diff, kinds, unkept

from pytest_subagents.workspace.change import FileDifference
from pytest_subagents.workspace.real_diff import real_diff


@pytest.fixture
def person(tmp_path: Path) -> ARepository:
    return ARepository(tmp_path / "r")


def _modes(difference: FileDifference) -> tuple[str | None, str | None]:
    before, after = difference.before, difference.after
    return before.mode if before else None, after.mode if after else None


def test_nothing_done_is_no_change_and_no_patch(person: ARepository) -> None:
    diff = checked_diff(a_checkout(person))
    assert (diff.patch, diff.differences, diff.changes, diff.unkept) == (b"", (), (), ())
    assert diff.tree == diff.base_tree == person.git("rev-parse", "HEAD^{tree}")


def test_every_kind_of_change_is_seen(person: ARepository) -> None:
    person.write("gone/far/away", "x")
    person.write("becomes-folder", "x")
    person.write("becomes-file/inner", "x")
    person.write("becomes-link", "x")
    person.commit()
    work = a_checkout(person)
    place = work.place
    (place / "a.txt").write_text("one\ntwo", encoding="utf-8")
    (place / "new").write_text("new\n", encoding="utf-8")
    (place / "empty").touch()
    (place / "src/deep/c.bin").write_bytes(os.urandom(5000))
    (place / "src/b.py").chmod(0o755)
    (place / "run.sh").chmod(0o644)
    (place / "link").unlink()
    (place / "link").symlink_to("/etc/passwd")
    shutil.rmtree(place / "gone")
    (place / "becomes-folder").unlink()
    (place / "becomes-folder").mkdir()
    (place / "becomes-folder/inner").write_text("y", encoding="utf-8")
    shutil.rmtree(place / "becomes-file")
    (place / "becomes-file").write_text("y", encoding="utf-8")
    (place / "becomes-link").unlink()
    (place / "becomes-link").symlink_to("a.txt")
    (place / "an/empty/folder").mkdir(parents=True)
    diff = checked_diff(work)
    assert kinds(diff) == {
        "a.txt": "update",
        "new": "add",
        "empty": "add",
        "src/deep/c.bin": "update",
        "src/b.py": "update",
        "run.sh": "update",
        "link": "update",
        "gone/far/away": "delete",
        "becomes-folder": "delete",
        "becomes-folder/inner": "add",
        "becomes-file": "add",
        "becomes-file/inner": "delete",
        "becomes-link": "update",
    }
    modes = {one.path: _modes(one) for one in diff.differences}
    assert modes["src/b.py"] == ("100644", "100755")
    assert modes["run.sh"] == ("100755", "100644")
    assert modes["link"] == ("120000", "120000")
    assert modes["becomes-link"] == ("100644", "120000")
    assert modes["new"] == (None, "100644")
    assert diff.unkept == ()


def test_a_rename_is_both_of_its_sides(person: ARepository) -> None:
    work = a_checkout(person)
    (work.place / "a.txt").rename(work.place / "b.txt")
    diff = checked_diff(work)
    assert kinds(diff) == {"a.txt": "delete", "b.txt": "add"}
    assert b"rename from" not in diff.patch


def test_what_tools_leave_beside_their_work_is_no_change(person: ARepository) -> None:
    """Ignored or not, but for a folder in which the repository itself has something, and for what only looks so."""
    person.write("web/node_modules/ours/index.js", "x")
    person.commit()
    work = a_checkout(person)
    for name in ("src/__pycache__/b.pyc", ".pytest_cache/v/x", "node_modules/a/b.js", "web/node_modules/new.js"):
        (work.place / name).parent.mkdir(parents=True, exist_ok=True)
        (work.place / name).write_text("y", encoding="utf-8")
    (work.place / "src/.venv").write_text("a file", encoding="utf-8")
    (work.place / ".tox").symlink_to("/etc")
    assert kinds(checked_diff(work)) == {".tox": "add", "src/.venv": "add", "web/node_modules/new.js": "add"}


def test_what_is_ignored_and_written_is_seen(person: ARepository) -> None:
    person.write(".gitignore", "*.log\nbuild/\n")
    person.commit()
    work = a_checkout(person)
    (work.place / "build").mkdir()
    for name in ("build/out", "x.log", "new.py"):
        (work.place / name).write_text("x", encoding="utf-8")
    (work.place / "src/.gitignore").write_text("*\n", encoding="utf-8")
    assert kinds(checked_diff(work)) == dict.fromkeys(("build/out", "new.py", "src/.gitignore", "x.log"), "add")


def test_odd_names_are_seen_and_patched(person: ARepository) -> None:
    names = [
        "with blank",
        "new\nline\x1b[31m",
        'quote"',
        "tab\t",
        "back\\slash",
        "é",
        "e\u0301",
        "-dash",
        "A.TXT",
        ":x",
    ]
    raw = [*(os.fsencode(name) for name in names), b"\xff\xfe.py", b" lead", b"trail ", b"a" * 255]
    work = a_checkout(person)
    for name in raw:
        (work.place / os.fsdecode(name)).write_bytes(name)
    diff = checked_diff(work)
    assert [one.raw for one in diff.differences] == sorted(raw)
    assert "\\xff\\xfe.py" in kinds(diff)
    assert all(path.encode("utf-8") for path in kinds(diff))


def test_paths_are_told_from_the_rootdir_and_the_patch_from_the_top(person: ARepository) -> None:
    person.write("src/deep/er/x", "x")
    person.write("srcs/x", "x")
    person.commit()
    work = a_checkout(person, rootdir="src/deep")
    (work.workdir / "c.bin").unlink()
    for name in ("src/deep/er/x", "src/new", "srcs/x", "new"):
        (work.place / name).write_text("y", encoding="utf-8")
    diff = checked_diff(work)
    assert [change.path for change in diff.changes] == ["../../new", "../../srcs/x", "../new", "c.bin", "er/x"]
    assert b"a/src/deep/c.bin" in diff.patch


def test_a_rootdir_that_became_a_file_is_told_from_the_rootdir(person: ARepository) -> None:
    work = a_checkout(person, rootdir="src/deep")
    shutil.rmtree(work.workdir)
    work.workdir.touch()
    assert kinds(checked_diff(work)) == {"../deep": "add", "c.bin": "delete"}


def test_a_diff_can_be_taken_again_and_is_the_same_bytes(person: ARepository) -> None:
    work = a_checkout(person)
    (work.place / "a.txt").write_text("two\n", encoding="utf-8")
    first = real_diff(work)
    assert real_diff(work) == first
    (work.place / "a.txt").write_text("one\n", encoding="utf-8")
    assert real_diff(work).differences == ()


def test_same_size_and_time_do_not_hide_a_change(person: ARepository) -> None:
    work = a_checkout(person)
    path = work.place / "a.txt"
    before = path.stat()
    path.write_text("two\n", encoding="utf-8")
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert kinds(checked_diff(work)) == {"a.txt": "update"}


def test_line_endings_idents_and_encodings_do_not_hide_a_change(person: ARepository) -> None:
    person.write("id.txt", "$Id$\n")
    person.commit()
    work = a_checkout(person)
    (work.place / ".gitattributes").write_text(
        "a.txt text eol=crlf\nid.txt ident\nsrc/b.py working-tree-encoding=UTF-16\n*.bin -diff\n", encoding="utf-8"
    )
    (work.place / "a.txt").write_bytes(b"one\r\n")
    (work.place / "id.txt").write_bytes(b"$Id: evil $\n")
    (work.place / "src/b.py").write_bytes("b = 1\n".encode("utf-16"))
    assert kinds(checked_diff(work)) == {
        ".gitattributes": "add",
        "a.txt": "update",
        "id.txt": "update",
        "src/b.py": "update",
    }


# --- agents that break things ------------------------------------------------------------------------------------


@pytest.mark.parametrize("replacement", ["nothing", "link", "file"])
def test_a_checkout_that_is_gone_is_told(person: ARepository, tmp_path: Path, replacement: str) -> None:
    work = a_checkout(person)
    shutil.rmtree(work.place)
    if replacement == "link":
        (tmp_path / "elsewhere").mkdir()
        (tmp_path / "elsewhere/secret").touch()
        work.place.symlink_to(tmp_path / "elsewhere")
    elif replacement == "file":
        work.place.touch()
    diff = real_diff(work)
    assert unkept(diff) == {".": "gone"}
    assert set(kinds(diff).values()) == {"delete"}
    assert "secret" not in kinds(diff)


def test_files_of_others_do_not_get_into_the_patch_by_links(person: ARepository, tmp_path: Path) -> None:
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets/b.py").write_text("a secret", encoding="utf-8")
    work = a_checkout(person)
    shutil.rmtree(work.place / "src")
    (work.place / "src").symlink_to(tmp_path / "secrets")
    (work.place / "new").symlink_to(tmp_path / "secrets/b.py")
    diff = checked_diff(work)
    assert b"a secret" not in diff.patch
    assert kinds(diff)["src"] == "add"
    assert kinds(diff)["src/b.py"] == "delete"


_AS_SOMEBODY = """
import os, shutil, sys, tempfile
sys.path.insert(0, sys.argv[1])
from pathlib import Path
from repositories import ARepository, a_checkout, checked_diff, kinds, plain_git, tree_after, unkept
from pytest_subagents.workspace.checkout import remove_checkout
from pytest_subagents.workspace.real_diff import real_diff

def look():
    folder = Path(tempfile.mkdtemp())
    person = ARepository(folder / "r")
    work = a_checkout(person)
    (work.place / "a.txt").write_text("two")
    for name, mode in (("a.txt", 0), ("src/deep/c.bin", 0o200), ("src/deep", 0o400), ("src", 0)):
        os.chmod(work.place / name, mode)
    diff = real_diff(work)
    assert remove_checkout(work, below=person.path) is None
    shutil.rmtree(folder)
    return diff

look()  # Afterwards nothing is imported any more, which another user may not be able to.
if os.getuid() == 0:
    os.setgroups([]); os.setgid(65534); os.setuid(65534)
diff = look()
assert [change.path for change in diff.changes] == ["a.txt"], diff
assert diff.unkept == (), diff.unkept
"""


def test_what_an_agent_made_unreadable_is_read() -> None:
    """In a process of its own that gives up being root, for whom permissions are no hindrance."""
    command = [sys.executable, "-c", _AS_SOMEBODY, os.fspath(Path(__file__).parents[1])]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
