"""What in the person's checkout is not in HEAD, so that a subagent that starts from HEAD does not have it."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from pytest_subagents.git.command import Git
from pytest_subagents.git.guard import Settings
from pytest_subagents.git.repository import Repository
from pytest_subagents.workspace.paths import shown

_RENAMED = (b"R", b"C")


def dirty(repository: Repository, *, untracked: bool = True) -> tuple[str, ...]:
    """The paths, from the rootdir and sorted, that are changed, staged or (with `untracked`) new and not ignored.

    A folder that is new as a whole is one path, with `/`. Nothing is written, the index is not refreshed, and no
    filter runs: a file in Git LFS that was touched since git last looked counts as changed. Submodules are not looked
    into. `GitError` where git fails.
    """
    found = _status(repository, "normal" if untracked else "no")
    return tuple(sorted({shown(raw, repository.prefix) for raw in found}))


def dirty_names(repository: Repository) -> tuple[bytes, ...]:
    """The same from the toplevel, as they are, and each file of a new folder by itself; a repository in the repository
    is one path, with `/`."""
    return tuple(sorted(set(_status(repository, "all"))))


def _status(repository: Repository, untracked: str) -> Iterator[bytes]:
    git = replace(repository.git, cwd=repository.toplevel)
    git = replace(git, settings=(*git.settings, *_without_filters(git)))
    new = f"--untracked-files={untracked}"
    command = ("status", "--porcelain=v1", "-z", "--no-renames", "--ignore-submodules=all", "--no-ahead-behind", new)
    return _paths(git.run(*command))


def _paths(status: bytes) -> Iterator[bytes]:
    """`XY path`, ended by a NUL; a rename (in the index of a git that ignores the option) has its source behind it."""
    lines = iter(status.split(b"\0"))
    for line in lines:
        if line:
            yield line[3:]
            if line[:1] in _RENAMED:
                yield next(lines, b"")


def _without_filters(git: Git) -> Settings:
    """Every filter that the repository's configuration names, made to do nothing. Nothing else disables one."""
    names = git.run("config", "-z", "--name-only", "--get-regexp", r"^filter\.", check=False).split(b"\0")
    drivers = {name.decode("utf-8", "surrogateescape").rpartition(".")[0] for name in names if name}
    values = (("clean", ""), ("smudge", ""), ("process", ""), ("required", "false"))
    return tuple((f"{driver}.{key}", value) for driver in sorted(drivers) for key, value in values)
