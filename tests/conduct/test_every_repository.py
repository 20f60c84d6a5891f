"""docs/workspaces.md, row by row: every kind of repository, what an agent does to it, and a kill at every step.

The repository of the person, `.git` included, is the same bytes and the same times afterwards.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Final

import pytest
from builders import a_planned
from merging import Merging
from repositories import ARepository, digest_of, kinds, plain_git
from repository_table import DEEDS, KILLS, REPOSITORIES, of_its_own
from workplaces import an_assignment, begun, checked, ended, files_below, workplaces

from pytest_subagents.git.blobs import blob_id
from pytest_subagents.git.failing import GitError
from pytest_subagents.merge.rebuilding import rebuilt
from pytest_subagents.merge.work import Rebuilt, Work
from pytest_subagents.workspace.patch_reading import changes_of
from pytest_subagents.workspace.slots import take_slot

TESTS: Final = Path(__file__).parents[1]


def untouched(folder: Path, *, times: bool = True) -> dict[str, str]:
    """All of a repository but the state of runs."""
    found = {}
    for path in sorted(folder.iterdir()):
        state = path.lstat()
        if path.is_dir() and path.name != ".subagents":
            found[path.name] = digest_of(path, times=times)
        elif path.name != ".subagents":
            found[path.name] = f"{state.st_mode} {state.st_size} {state.st_mtime_ns if times else 0}"
    return found


def _dirty(person: ARepository) -> None:
    person.write("a.txt", "not committed\n")


def _detached(person: ARepository) -> None:
    person.git("checkout", "-q", "--detach")


def _bare(person: ARepository) -> None:
    plain_git(person.path.parent, "clone", "-q", "--bare", str(person.path), "bare.git")
    person.path = person.path.parent / "bare.git"


def _shallow(person: ARepository) -> None:
    person.write("more.txt", "x")
    person.commit()
    plain_git(person.path.parent, "clone", "-q", "--depth=1", f"file://{person.path}", "shallow")
    person.path = person.path.parent / "shallow"


def _no_git(person: ARepository) -> None:
    shutil.rmtree(person.path / ".git")


def _unborn(person: ARepository) -> None:
    _no_git(person)
    person.git("init", "-q")


def _submodule(person: ARepository) -> None:
    inner = ARepository(person.path.parent / "inner")
    person.git("-c", "protocol.file.allow=always", "submodule", "add", "-q", str(inner.path), "libs/inner")
    person.commit()


def _lfs(person: ARepository) -> None:
    """As it is after `git lfs checkout`: the pointer is committed, the contents lie in the work tree."""
    person.git("config", "filter.lfs.clean", "cat pointer")
    person.git("config", "filter.lfs.smudge", "cat")
    person.write(".gitattributes", "*.bin filter=lfs -text\n")
    person.write("pointer", "version https://git-lfs.github.com/spec/v1\n")
    person.write("big.bin", "really big\n")
    person.commit()


def _large(person: ARepository) -> None:
    """Put into the commit, and not into the work tree, which saves half of the time."""
    id = person.git("rev-parse", "HEAD:a.txt")
    lines = "".join(f"100644 {id}\tmany/{number % 100}/{number}.txt\n" for number in range(10_000))
    plain_git(person.path, "update-index", "--index-info", input=lines.encode())
    person.git("commit", "-q", "-m", "many")


def _names(person: ARepository) -> None:
    for name in (b"with blanks.txt", b"line\nend", b"\xff\xfe.txt", b'quo"te\\', "ü".encode()):
        (person.path / os.fsdecode(name)).write_bytes(b"x\n")
    person.commit()


def _case(person: ARepository) -> None:
    person.write("readme", "small\n")
    person.write("README", "large\n")
    person.commit()


def _crlf(person: ARepository) -> None:
    person.write(".gitattributes", "*.txt text eol=crlf\n")
    person.git("config", "core.autocrlf", "true")
    person.write("dos.txt", "one\r\ntwo\r\n")
    person.commit()


def _link(person: ARepository) -> None:
    (person.path / "out").symlink_to("../nowhere")
    (person.path / "passwd").symlink_to("/etc/passwd")
    person.commit()


KINDS: Final[Mapping[str, Callable[[ARepository], None]]] = {
    "dirty": _dirty, "detached": _detached, "bare": _bare, "shallow": _shallow, "no-git": _no_git, "unborn": _unborn,
    "submodule": _submodule, "lfs": _lfs, "large": _large, "names": _names, "case": _case, "crlf": _crlf, "link": _link,
}  # fmt: skip
REFUSED: Final = {
    "bare": "is a bare git repository",
    "no-git": "is not in a git repository",
    "unborn": "is a repository that has no commit yet",
}
FOUND: Final = {
    "dirty": {"a.txt": "one\n"},
    "lfs": {"big.bin": "version https://git-lfs.github.com/spec/v1\n"},
    "names": {"with blanks.txt": "x\n", "line\nend": "x\n", "\udcff\udcfe.txt": "x\n"},
    "case": {"readme": "small\n", "README": "large\n"},
    "crlf": {"dos.txt": "one\ntwo\n"},
    "link": {"passwd": "-> /etc/passwd"},
}


@pytest.mark.parametrize("kind", of_its_own(REPOSITORIES))
def test_a_repository(tmp_path: Path, kind: str) -> None:
    person = ARepository(tmp_path / "person")
    KINDS[kind](person)
    before = untouched(person.path)
    fix = an_assignment()
    if kind in REFUSED:
        assert checked(person.path, fix) == [f" (agent 'fix'): writes, and {person.path} {REFUSED[kind]}"]
        if kind == "bare":
            return
    else:
        assert checked(person.path, fix) == []
    isolations = ["copy"] if kind in REFUSED else ["worktree", "copy"] if kind in ("submodule", "lfs") else ["worktree"]
    for isolation in isolations:
        places = workplaces(person.path)
        place = begun(places, isolation)  # type: ignore[arg-type]
        if isolation == "worktree":
            found = files_below(place.folder)
            assert {name: found[name] for name in FOUND.get(kind, {})} == FOUND.get(kind, {})
            assert plain_git(place.folder, "rev-parse", "HEAD") == person.git("rev-parse", "HEAD")
        (place.folder / "a.txt").write_text("by the agent\n", encoding="utf-8")
        (place.folder / "src/deep/c.bin").unlink()
        (place.folder / "new\n.txt").write_bytes(b"\xff")
        assert kinds(ended(places, place)) == {"a.txt": "update", "new\n.txt": "add", "src/deep/c.bin": "delete"}
        assert untouched(person.path) == before
        shutil.rmtree(person.path / ".subagents")


def _commits(folder: Path) -> None:
    plain_git(folder, "add", "-A")
    plain_git(folder, "commit", "-q", "-m", "mine")


def _rebases(folder: Path) -> None:
    _commits(folder)
    plain_git(folder, "commit", "-q", "--amend", "--allow-empty", "-m", "not mine", "--date=2001-01-01T00:00:00")
    plain_git(folder, "rebase", "-q", "--root")
    plain_git(folder, "tag", "v1")
    plain_git(folder, "branch", "other")
    plain_git(folder, "gc", "-q", "--prune=now")


def _deletes_git(folder: Path) -> None:
    shutil.rmtree(folder / ".git")
    (folder / ".git").symlink_to("/etc")


@pytest.mark.parametrize("deed", of_its_own(DEEDS))
def test_an_agent(tmp_path: Path, small_disk: Path, deed: str) -> None:
    person = ARepository(tmp_path / "person")
    # An agent's git sets the times of objects that it borrows, and no more.
    before = untouched(person.path, times=False)
    places = workplaces(person.path, state=small_disk / ".subagents" if deed == "fills" else None)
    place = begun(places)
    (place.folder / "a.txt").write_text("changed\n", encoding="utf-8")
    if deed == "fills":
        with suppress(OSError), open(place.folder / "rest", "wb") as file:
            file.write(os.urandom(2 << 20))
        assert shutil.disk_usage(small_disk).free < 1 << 16
        with pytest.raises((OSError, GitError)):
            place.diff()
        places.leave(a_planned("fix").nodeid)
        assert list(places.work.iterdir()) == []
    else:
        {"commits": _commits, "rebases": _rebases, "deletes-git": _deletes_git}[deed](place.folder)
        assert kinds(ended(places, place)) == {"a.txt": "update"}
    assert untouched(person.path, times=False) == before


_KILLED: Final = """
import os, signal, sys
from importlib import import_module
from pathlib import Path
from workplaces import an_assignment, workplaces
from builders import a_planned
from pytest_subagents.workspace.slots import take_slot

root, step = Path(sys.argv[1]), sys.argv[2]
places = workplaces(root, "carry")
slot = take_slot(root / ".subagents/work", below=root)
assert slot.path == places.work

def die(*args, **keywords):
    os.kill(os.getpid(), signal.SIGKILL)

STEPS = {
    "store": ("pytest_subagents.merge.basing", "packed"),
    "place": ("pytest_subagents.workspace.checkout", "make_agents"),
    "fill": ("pytest_subagents.workspace.checkout", "_workdir"),
    "diff": ("pytest_subagents.workspace.real_diff", "_patch"),
}
if step in STEPS:
    module, name = STEPS[step]
    setattr(import_module(module), name, die)
place = places.of(an_assignment())
(place.folder / "a.txt").write_text("half")
(place.folder / "src").chmod(0)
if step == "agent":
    die()
place.diff()
(place.folder / "src").chmod(0)
if step == "leave":
    import pytest_subagents.writing as writing
    writing._clear = die
places.leave(a_planned("fix").nodeid)
"""


@pytest.mark.parametrize("step", of_its_own(KILLS))
def test_a_kill(tmp_path: Path, step: str) -> None:
    person = ARepository(tmp_path / "person")
    person.write("a.txt", "not committed\n")
    before = untouched(person.path)
    environ = {**os.environ, "PYTHONPATH": os.pathsep.join([str(TESTS), os.environ.get("PYTHONPATH", "")])}
    done = subprocess.run([sys.executable, "-c", _KILLED, str(person.path), step], env=environ, check=False)
    assert done.returncode == -9
    work = person.path / ".subagents/work"
    assert any(work.glob("1/*")), "there is nothing to clean"
    slot = take_slot(work, below=person.path)
    assert sorted(path.name for path in work.rglob("*")) == ["1", "1.lock"]
    slot.release()
    assert untouched(person.path) == before
    assert plain_git(person.path, "worktree", "list").count("\n") == 0


HOSTILE: Final = (
    "/etc/x", "../x", "src/../../x", ".git/config", ".GIT/config", "git~1/hooks/pre-commit", ".git. /config",
    ".g\u200cit/config", ".git\\config", ".git::$INDEX_ALLOCATION/config", ".gitmodules", ".gitattributes", "RUN.SH",
    "a. ", "a.txt:evil", "cafe\u0301", "caf\xe9", "recordings/w/fix.jsonl", ".github/workflows/x.yml",
    "x/" * 1900 + "deep",
)  # fmt: skip


def _added(path: str, data: bytes, mode: str, id: str) -> bytes:
    """A patch in the form of ours."""
    raw = path.encode()
    if any(byte > 0x7E or byte == 0x5C for byte in raw):
        inner = b"".join(
            b"\\\\" if byte == 0x5C else b"\\%03o" % byte if byte > 0x7E else bytes([byte]) for byte in raw
        )
        before, after = b'"a/%s"' % inner, b'"b/%s"' % inner
    else:
        before, after = b"a/" + raw, b"b/" + raw
    head = b"diff --git %s %s\nnew file mode %s\nindex %s..%s\n" % (
        before,
        after,
        mode.encode(),
        b"0" * 40,
        id.encode(),
    )
    tab = b"\t" if b" " in raw and not after.startswith(b'"') else b""
    return head + b"--- /dev/null\n+++ %s%s\n@@ -0,0 +1 @@\n+%s" % (after, tab, data)


@pytest.mark.parametrize("mode", ["100644", "120000", "160000", "104755"])
def test_a_hostile_patch_changes_nothing_that_is_not_told(tmp_path: Path, mode: str) -> None:
    """It is refused where it is read, or it is told by the path that git puts into the tree."""
    person = ARepository(tmp_path / "person")
    merging = Merging(person, tmp_path / "store")
    before, base = untouched(person.path), person.git("rev-parse", "HEAD^{tree}")
    data = b"/etc/passwd\n\\ No newline at end of file\n" if mode == "120000" else b"evil\n"
    id = blob_id(b"/etc/passwd" if mode == "120000" else b"evil\n", "sha1")
    seen = set()
    for path in HOSTILE:
        patch = _added(path, data, mode, id)
        told = changes_of(patch, Path())
        (found,) = rebuilt(merging.store, [Work(agent="a", base=base, tree="0" * 40, patch=patch)])
        assert not isinstance(found, Rebuilt)
        if "another tree" in found.why and mode != "104755":  # git takes the setuid bit away, and we refuse it
            assert not isinstance(told, str), f"git takes what we refuse to read: {path!r}"
            assert [change.path for change in told] == [path]
            seen.add(path)
    assert len(seen) >= (8 if mode in ("100644", "120000") else 0)
    assert untouched(person.path) == before
    assert not (tmp_path / "x").exists()
