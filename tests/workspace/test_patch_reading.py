"""A recorded patch is read to the letter or not at all: what git would change is never passed over."""

from __future__ import annotations

import os
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from repositories import ARepository, a_checkout

from pytest_subagents.model.outcome import Change
from pytest_subagents.workspace.patch_reading import changes_of
from pytest_subagents.workspace.real_diff import real_diff

HOSTILE = Path(__file__).parents[1] / "data/hostile/patch"
"""Payloads; `binary-bomb` and `many-files` are too large for a repository, and made elsewhere."""
TOP = Path(".")
ONE = b"1" * 40
TWO = b"2" * 40
NEW = b"diff --git a/n b/n\nnew file mode 100644\nindex %s..%s\n--- /dev/null\n+++ b/n\n@@ -0,0 +1 @@\n+x\n" % (
    ONE,
    TWO,
)
EDIT = b"diff --git a/e b/e\nindex %s..%s 100644\n--- a/e\n+++ b/e\n@@ -1,2 +1,2 @@\n one\n-two\n+2\n" % (ONE, TWO)
GONE = b"diff --git a/g b/g\ndeleted file mode 100644\nindex %s..%s\n" % (ONE, TWO)
MODE = b"diff --git a/m b/m\nold mode 100644\nnew mode 100755\n"


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A patch with all that a patch of ours may have."""
    person = ARepository(tmp_path_factory.mktemp("patches") / "r")
    person.write("becomes-link", "x")
    person.write("a folder/é \t", "x\n")
    person.commit()
    work = a_checkout(person)
    (work.place / "new file").write_text("one\ntwo", encoding="utf-8")
    (work.place / "empty").touch()
    (work.place / "src/deep/c.bin").write_bytes(bytes(range(256)) * 9)
    (work.place / "src/b.py").chmod(0o755)
    (work.place / "becomes-link").unlink()
    (work.place / "becomes-link").symlink_to("a.txt")
    (work.place / "a folder/é \t").write_text("y\n", encoding="utf-8")
    (work.place / "a.txt").write_text("--- a/x\n+++ b/x\ndiff --git a/y b/y\n", encoding="utf-8")
    return real_diff(work).patch


@dataclass(frozen=True, slots=True, kw_only=True)
class _Said:
    names: frozenset[bytes]
    """The paths that git would change."""
    stopped: bool
    """Whether it has stopped in the middle, at binary data that it cannot unpack: it exits with 0 then."""


def _git_says(patch: bytes, folder: Path) -> _Said | None:
    """None where it refuses."""
    command = ["git", "apply", "--numstat", "-z", "--allow-empty", "-"]
    environ = {**os.environ, "LC_ALL": "C"}
    done = subprocess.run(command, input=patch, cwd=folder, env=environ, capture_output=True, check=False)
    if done.returncode:
        return None
    names = frozenset(part.split(b"\t", 2)[2] for part in done.stdout.split(b"\0") if part)
    return _Said(names=names, stopped=b"corrupt binary patch" in done.stderr)


def test_what_it_changes_is_listed_once_a_path(sample: bytes) -> None:
    found = changes_of(sample, TOP)
    assert not isinstance(found, str)
    assert {change.path: change.kind for change in found} == {
        "a folder/é \t": "update",
        "a.txt": "update",
        "becomes-link": "update",
        "empty": "add",
        "new file": "add",
        "src/b.py": "update",
        "src/deep/c.bin": "update",
    }


def test_paths_count_from_a_folder_of_the_repository() -> None:
    patch = EDIT.replace(b"a/e", b"a/src/e").replace(b"b/e", b"b/src/e") + NEW
    found = changes_of(patch, Path("src"))
    assert found == (Change(path="../n", kind="add"), Change(path="e", kind="update"))


def test_nothing_changes_nothing() -> None:
    assert changes_of(b"", TOP) == ()
    assert changes_of(NEW + EDIT + GONE + MODE, TOP) == (
        Change(path="e", kind="update"),
        Change(path="g", kind="delete"),
        Change(path="m", kind="update"),
        Change(path="n", kind="add"),
    )


@pytest.mark.parametrize(
    ("patch", "why"),
    [
        (b"From: me\n\n" + NEW, "line 1 of the patch is none that a patch of ours has"),
        (NEW + b"\n" + EDIT, "line 8 of the patch is none that a patch of ours has"),
        (b"--- a/e\n+++ b/e\n@@ -1 +1 @@\n-a\n+b\n", "line 1 of the patch is none that a patch of ours has"),
        (EDIT.replace(b"+++ b/e", b"+++ b/other"), "line 4 of the patch has another name"),
        (EDIT.replace(b"--- a/e", b"--- a/other"), "line 3 of the patch has another name"),
        (NEW.replace(b"--- /dev/null", b"--- a/n"), "line 4 of the patch has another name"),
        (EDIT.replace(b"a/e b/e", b"a/e b/f"), "line 1 of the patch has two names"),
        (EDIT.replace(b"a/e b/e", b"a//etc/x b//etc/x"), "line 1 of the patch changes a file that no checkout has"),
        (EDIT.replace(b"/e", b"/../e"), "line 1 of the patch changes a file that no checkout has"),
        (EDIT.replace(b"/e", b"/.git/config"), "line 1 of the patch changes a file that no checkout has"),
        (EDIT.replace(b"/e", b"/.GIT/config"), "line 1 of the patch changes a file that no checkout has"),
        (
            b"diff --git a/e b/f\nsimilarity index 100%\nrename from e\nrename to f\n",
            "line 1 of the patch has two names",
        ),
        (b"diff --git a/e b/e\nnew file mode 100666\n", "line 1 of the patch is followed by no index"),
        (EDIT.replace(b"-1,2 +1,2", b"-1,9 +1,9"), "line 8 of the patch is the last one, and something is missing"),
        (EDIT.replace(b"-1,2 +1,2", b"-1,2 +1,1"), "line 8 of the patch is none that a patch of ours has"),
        (EDIT.replace(b"+2", b"-2"), "line 8 of the patch is not what its hunk counts"),
        (EDIT + b"+more\n", "line 9 of the patch is none that a patch of ours has"),
        (EDIT[:-1], "line 8 of the patch has no end"),
        (EDIT + EDIT, "line 16 of the patch changes a file twice"),
        (NEW + NEW, "line 14 of the patch changes a file twice"),
        (MODE.replace(b"100755", b"104755"), "line 3 of the patch is no mode"),
        (b"diff --git a/e b/e\n", "line 1 of the patch is followed by no index"),
        (b"diff --git a/e b/e\nindex %s..%s 100644\n" % (ONE, TWO), "line 2 of the patch is followed by no change"),
        (
            b"diff --git a/e b/e\nindex %s..%s\nGIT binary patch\nliteral 1\n\xff\n\n" % (ONE, TWO),
            "line 5 of the patch is no binary patch",
        ),
        (
            b"diff --git a/l b/l\nnew file mode 120000\nindex %s..%s\n" % (ONE, TWO),
            None,
        ),
        (
            b"diff --git a/.gitmodules b/.gitmodules\nnew file mode 120000\nindex %s..%s\n" % (ONE, TWO),
            "line 2 of the patch changes a file that no checkout has",
        ),
    ],
)
def test_what_is_not_ours_is_refused(patch: bytes, why: str | None) -> None:
    found = changes_of(patch, TOP)
    assert (found if isinstance(found, str) else None) == why


@given(data=st.data())
def test_a_patch_that_somebody_changed_is_refused_or_read_as_git_reads_it(
    sample: bytes, tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    """Lines moved, doubled, cut out, put in; single bytes."""
    lines = sample.splitlines(keepends=True)
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(lines) - 1))
        other = data.draw(st.sampled_from([*lines, NEW, GONE, MODE, b"rename from x\n", b"+++ b/z\n", b"\n", b"x"]))
        match data.draw(st.sampled_from(["replace", "insert", "remove", "byte"])):
            case "replace":
                lines[at] = other
            case "insert":
                lines.insert(at, other)
            case "remove":
                del lines[at]
            case _:
                place = data.draw(st.integers(0, max(0, len(lines[at]) - 1)))
                byte = data.draw(st.sampled_from([b"", b" ", b"\n", b"/", b"1", b'"', b"\\", b"\xff"]))
                lines[at] = lines[at][:place] + byte + lines[at][place + 1 :]
    patch = b"".join(lines)
    found = changes_of(patch, TOP)
    if isinstance(found, str):
        return
    said = _git_says(patch, tmp_path_factory.getbasetemp())
    if said is not None:
        names = {name.decode("utf-8", "backslashreplace") for name in said.names}
        assert names <= {change.path for change in found}
        assert said.stopped or names == {change.path for change in found}


@given(st.binary(max_size=200))
def test_anything_is_read_or_refused(data: bytes) -> None:
    for patch in (data, NEW + data, EDIT[:-5] + data):
        found = changes_of(patch, TOP)
        assert isinstance(found, (str, tuple))


@pytest.mark.parametrize("payload", sorted(HOSTILE.glob("*.patch")), ids=lambda path: path.stem)
def test_no_hostile_patch_is_read_as_ours(payload: Path, tmp_path: Path) -> None:
    """As it is it is refused. With the line that ours have besides it is, too, or all that git would change is told."""
    patch = payload.read_bytes()
    assert isinstance(changes_of(patch, TOP), str)
    dressed = re.sub(rb"(?m)^(diff .*\n(?:(?:new|old|deleted) .*\n)*)", rb"\1index %s..%s\n" % (ONE, TWO), patch)
    found, said = changes_of(dressed, TOP), _git_says(dressed, tmp_path)
    if not isinstance(found, str) and said is not None:
        assert {change.path for change in found} == {name.decode("utf-8", "backslashreplace") for name in said.names}
