"""Real git repositories for tests, and a tripwire that says whether something in them ran."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
from pathlib import Path

from pytest_subagents.git.program import GitProgram, find_git
from pytest_subagents.git.repository import find_repository, head_of
from pytest_subagents.workspace.change import Diff
from pytest_subagents.workspace.checkout import Checkout, checkout
from pytest_subagents.workspace.patch_reading import changes_of
from pytest_subagents.workspace.real_diff import real_diff

_WHO = {f"GIT_{who}_{what}": "a@b" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
_DATES = {f"GIT_{who}_DATE": "1700000000 +0000" for who in ("AUTHOR", "COMMITTER")}


def program() -> GitProgram:
    return find_git(os.environ["PATH"])


def plain_git(folder: Path, *args: str, input: bytes | None = None) -> str:
    """git as a person with an empty configuration would run it in `folder`."""
    home = {"HOME": os.fspath(folder), "PATH": os.environ["PATH"], "GIT_CONFIG_NOSYSTEM": "1", "LC_ALL": "C"}
    command = [
        "git",
        "-c",
        "gc.auto=0",
        "-c",
        "core.excludesFile=/dev/null",
        "-c",
        "advice.addEmbeddedRepo=false",
        *args,
    ]
    done = subprocess.run(
        command, cwd=folder, env={**home, **_WHO, **_DATES}, input=input, capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr.decode(errors="replace")
    return os.fsdecode(done.stdout).strip()


class ARepository:
    """A repository of one commit with some ordinary files."""

    def __init__(self, path: Path, *options: str) -> None:
        self.path = path
        path.mkdir(parents=True)
        plain_git(path, "init", "-q", "-b", "main", *options)
        self.write("a.txt", "one\n")
        self.write("src/b.py", "b = 1\n")
        self.write("src/deep/c.bin", b"\0\1\2binary\xff")
        self.write("run.sh", "#!/bin/sh\n", mode=0o755)
        (path / "link").symlink_to("a.txt")
        self.commit()

    def write(self, name: str, data: str | bytes, *, mode: int = 0o644) -> Path:
        path = self.path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data.encode() if isinstance(data, str) else data)
        path.chmod(mode)
        return path

    def git(self, *args: str) -> str:
        return plain_git(self.path, *args)

    def commit(self) -> str:
        self.git("add", "-A", "-f")
        self.git("commit", "-q", "--allow-empty", "-m", "a commit")
        return self.git("rev-parse", "HEAD")


class Tripwire:
    """A command that leaves a mark when it runs."""

    def __init__(self, folder: Path) -> None:
        self.mark = folder / "it-ran"
        self.script = folder / "tripwire.sh"
        self.script.write_text(f"#!/bin/sh\necho ran >> '{self.mark}'\ncat 2>/dev/null\nexit 1\n", encoding="utf-8")
        self.script.chmod(0o755)

    @property
    def ran(self) -> bool:
        return self.mark.exists()

    def disarm(self) -> None:
        """Forgets what ran while the trap was laid."""
        self.mark.unlink(missing_ok=True)


def digest_of(folder: Path, *, times: bool = True) -> str:
    """All of a folder: names, kinds, modes, contents and (with `times`) when each was changed last."""
    digest = hashlib.sha256()
    for here, folders, files in os.walk(folder):
        folders.sort()
        for name in sorted((*folders, *files)):
            path = Path(here) / name
            found = path.lstat()
            when = (found.st_mtime_ns, found.st_ctime_ns) if times else ()
            digest.update(os.fsencode(f"{path}\0{found.st_mode}\0{when}\0"))
            if path.is_symlink():
                digest.update(os.fsencode(os.readlink(path)))
            elif path.is_file():
                digest.update(path.read_bytes())
    return digest.hexdigest()


def a_checkout(person: ARepository, *, rootdir: str = ".", name: str = "agent", base: str | None = None) -> Checkout:
    """A private checkout of HEAD in the run directory of `rootdir`, a folder of the person's repository."""
    repository = find_repository(program(), person.path / rootdir)
    state = person.path / rootdir / ".subagents"
    return checkout(
        repository,
        base=base or head_of(repository),
        place=state / "work" / name,
        private=state / "git" / name,
        below=person.path / rootdir,
    )


def tree_after(work: Checkout, patch: bytes) -> str:
    """The id of the tree that `patch` makes of the base of `work`, in a fresh checkout by a plain `git apply`."""
    fresh = work.place.parent / "fresh"
    plain_git(work.place.parent, "init", "-q", f"--object-format={work.object_format}", "fresh")
    alternates = work.place / ".git/objects/info/alternates"
    (fresh / ".git/objects/info/alternates").write_bytes(alternates.read_bytes())
    # As in our own: what the base's .gitattributes would make of the bytes is another question.
    (fresh / ".git/info/attributes").write_text("* -text !eol -ident -filter !diff\n", encoding="utf-8")
    plain_git(fresh, "read-tree", "--reset", "-u", work.base_tree)
    if patch:
        plain_git(fresh, "apply", "--index", "--whitespace=nowarn", input=patch)
    tree = plain_git(fresh, "write-tree")
    shutil.rmtree(fresh)
    return tree


def kinds(diff: Diff) -> dict[str, str]:
    return {change.path: change.kind for change in diff.changes}


def unkept(diff: Diff) -> dict[str, str]:
    return {thing.path: thing.kind for thing in diff.unkept}


def checked_diff(work: Checkout) -> Diff:
    """The diff, after git itself has said the same: by its list of differences, and by applying the patch. So has who
    reads the patch without git."""
    diff = real_diff(work)
    if not any(each.kind == "too_large" for each in diff.unkept):
        assert changes_of(diff.patch, work.prefix) == diff.changes
    assert tree_after(work, diff.patch) == diff.tree
    command = ("diff-tree", "-r", "-z", "--no-renames", "--name-status", diff.base_tree, diff.tree)
    raw = os.fsdecode(work.git.run(*command))
    fields = raw.rstrip("\0").split("\0") if raw else []
    letters = {"A": "add", "D": "delete", "M": "update", "T": "update"}
    told = {name: letters[letter] for letter, name in zip(fields[::2], fields[1::2], strict=True)}
    assert told == {os.fsdecode(one.raw): one.kind for one in diff.differences}
    return diff
