"""A git directory of our own, which borrows a repository's objects and nothing else.

No configuration, hook, index, ref or attribute of the repository (or of what an agent made of its checkout) is read, so
nothing that those name can run, and nothing that those hide is hidden. Bytes are taken as they are: no line endings, no
filters (a file in Git LFS is its pointer), no `ident`, no encodings.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from pytest_subagents.git.command import Git
from pytest_subagents.git.guard import OWN_SETTINGS
from pytest_subagents.git.quoting import quoted
from pytest_subagents.git.repository import Repository

_ATTRIBUTES: Final = "* -text !eol -ident -filter !working-tree-encoding !merge !diff !export-subst !export-ignore\n"
"""`info/attributes` has a higher rank than every `.gitattributes`."""


def make_private(repository: Repository, git_dir: Path) -> Git:
    """A new bare git directory at `git_dir` (which must not exist) that borrows the objects of `repository`."""
    _initialise(repository, git_dir, "--bare")
    (git_dir / "info").mkdir(exist_ok=True)
    (git_dir / "info/attributes").write_text(_ATTRIBUTES, encoding="ascii")
    return Git(
        program=repository.git.program,
        cwd=git_dir,
        git_dir=git_dir,
        borrows=(repository.objects,) if repository.objects is not None else (),
        settings=OWN_SETTINGS,
    )


def make_agents(repository: Repository, place: Path, *, pack: bytes = b"") -> Path:
    """A new repository with a work tree at `place` (which must not exist), without hooks; gives its git directory.

    It borrows the objects of `repository` by itself, as an agent's git does not know of us, and has those of `pack`.
    """
    _initialise(repository, place)
    git_dir = place / ".git"
    if pack:
        # Before it borrows: git would set the time of an object that it finds where it borrows.
        git = Git(program=repository.git.program, cwd=git_dir, git_dir=git_dir, settings=OWN_SETTINGS)
        git.run("unpack-objects", "-q", input=pack)
    if repository.objects is not None:
        alternates = git_dir / "objects/info/alternates"
        alternates.parent.mkdir(exist_ok=True)
        alternates.write_bytes(quoted(os.fsencode(repository.objects)) + b"\n")
    if repository.shallow is not None:
        (git_dir / "shallow").write_bytes(repository.shallow.read_bytes())
    return git_dir


def _initialise(repository: Repository, place: Path, *options: str) -> None:
    place.mkdir(mode=0o700)
    form = f"--object-format={repository.object_format}"
    git = Git(program=repository.git.program, cwd=place)
    git.run("init", "--quiet", "--template=", "--initial-branch=main", form, *options, ".")
