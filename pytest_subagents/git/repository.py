"""The person's repository: found and asked, never written to."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from pytest_subagents.errors import BadUsage
from pytest_subagents.git.command import Git
from pytest_subagents.git.program import GitProgram
from pytest_subagents.model import limits
from pytest_subagents.model.value import Value

_TOLD_LINES: Final = 2
"""Of what git says: the second one may name what the first one is about."""


class NoRepository(BadUsage):
    """A folder that is in no repository at all."""


class Repository(Value, frozen=True, kw_only=True):
    """Where a repository is and what is needed to borrow from it."""

    git: Git
    """Asks in the rootdir, with the repository's own configuration as far as the guard leaves it."""
    toplevel: Path
    """Its work tree, without links in the path."""
    prefix: Path
    """The rootdir, from the toplevel: `.`, or the folder in the repository that pytest works in."""
    objects: Path | None
    """Its object store; of a linked worktree the one of the main repository. None where there is no repository."""
    object_format: str
    """`sha1` or `sha256`."""
    shallow: Path | None
    """The file that says where a shallow clone ends."""


def find_repository(program: GitProgram, rootdir: Path) -> Repository:
    """The repository that `rootdir` lies in, by its folder alone: a GIT_DIR of a hook that runs pytest says nothing.

    `BadUsage` where there is none, or only a bare one.
    """
    real = Path(os.path.realpath(rootdir))
    git = Git(program=program, cwd=real)
    answer = git.ask("rev-parse", "--show-toplevel")
    if answer.code != 0:
        raise _none(real, answer.stderr)
    toplevel = Path(os.path.realpath(os.fsdecode(answer.stdout.removesuffix(b"\n"))))
    if not real.is_relative_to(toplevel):
        raise BadUsage(
            str(real),
            f"has a git repository that has its files elsewhere (core.worktree is {toplevel})",
            hint="a subagent that writes needs a repository around the rootdir",
        )
    shallow = Path(git.line("rev-parse", "--path-format=absolute", "--git-path", "shallow"))
    return Repository(
        git=git,
        toplevel=toplevel,
        prefix=real.relative_to(toplevel),
        objects=Path(git.line("rev-parse", "--path-format=absolute", "--git-path", "objects")),
        object_format=git.line("rev-parse", "--show-object-format"),
        shallow=shallow if shallow.is_file() else None,
    )


def no_repository(program: GitProgram, rootdir: Path) -> Repository:
    """What stands in the place of a repository for files that are in none: git is only used in folders of our own."""
    real = Path(os.path.realpath(rootdir))
    git = Git(program=program, cwd=real)
    return Repository(git=git, toplevel=real, prefix=Path(), objects=None, object_format="sha1", shallow=None)


def head_of(repository: Repository) -> str:
    """The id of the commit that is checked out; `BadUsage` where there is none yet."""
    answer = repository.git.ask("rev-parse", "--verify", "--quiet", "HEAD^{commit}")
    if answer.code != 0:
        raise BadUsage(
            str(repository.toplevel),
            "is a repository that has no commit yet",
            hint="a subagent that writes starts from HEAD: make a first commit",
        )
    return answer.stdout.decode("ascii").strip()


def refuse_partial(repository: Repository) -> None:
    """`BadUsage` where a partial clone has not all files of the commit that is checked out: a run fetches nothing."""
    git = repository.git
    if git.ask("config", "--get-regexp", r"^(extensions\.partialclone|remote\..*\.promisor)$").code != 0:
        return
    listed = git.run("rev-list", "--objects", "--missing=print", "--max-count=1", "HEAD")
    missing = sum(line.startswith(b"?") for line in listed.splitlines())
    if missing:
        raise BadUsage(
            str(repository.toplevel),
            f"is not complete here: it is a partial clone, and has not all files of HEAD ({missing:,} missing)",
            hint="a run fetches nothing; `git archive HEAD > /dev/null` brings them, or `git clone` without `--filter`",
        )


def _none(rootdir: Path, stderr: bytes) -> BadUsage:
    words = stderr.decode("utf-8", "replace")
    if "bare repository" in words or "must be run in a work tree" in words:
        return BadUsage(
            str(rootdir), "is a bare git repository", hint="a subagent that writes needs a checkout: `git clone` it"
        )
    if "not a git repository (or any" in words:
        return NoRepository(
            str(rootdir),
            "is not in a git repository",
            hint="a private checkout is one of a repository: `git init` and make a first commit, or say "
            "`isolation: copy`",
        )
    told = " ".join(line.strip() for line in words.splitlines()[:_TOLD_LINES]) or "it said nothing"
    hint = "`git status` has to work there: mend the repository first"
    return BadUsage(
        str(rootdir), f"has a git repository that cannot be read: {told[: limits.MESSAGE_CHARS]}", hint=hint
    )
