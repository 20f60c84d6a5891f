"""Where a folder lies in its repository, told by what stands there: git is not started for it."""

from __future__ import annotations

from pathlib import Path


def below_top(folder: Path) -> str | None:
    """`folder` as a path from the top of the checkout that it lies in: empty for the top itself, None outside of any.

    The checkout of a submodule and that of a linked worktree are their own: they have a file `.git`.
    """
    folder = folder.resolve()
    for top in (folder, *folder.parents):
        if _is_top(top):
            return "" if top == folder else folder.relative_to(top).as_posix()
    return None


def below_checkout(folder: Path, workspace: str | None) -> str:
    """`folder` as a path from the top of its checkout or, where that has no `.git`, from the `workspace` that it is in;
    else empty."""
    place = below_top(folder)
    if place is None and workspace:
        folder, top = folder.resolve(), Path(workspace).resolve()
        place = folder.relative_to(top).as_posix() if folder.is_relative_to(top) else ""
    return "" if place in (None, ".") else str(place)


def _is_top(folder: Path) -> bool:
    git = folder / ".git"
    try:
        return git.is_file() or (git / "HEAD").is_file()
    except OSError:
        return False
