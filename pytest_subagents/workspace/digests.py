"""Digests of the files that a subagent was to look at: shown beside a recording, judged by nobody."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterable, Iterator
from itertools import takewhile
from pathlib import Path
from typing import Final

from pytest_subagents.model import limits
from pytest_subagents.model.glob import matches
from pytest_subagents.workspace import by_products
from pytest_subagents.workspace.walking import Closed, Found, open_file, read_at_most, walk
from pytest_subagents.writing import read_file

LEFT_OUT: Final = by_products.NAMES | {b".git", b".subagents"}
"""Folders whose contents differ between machines that have the same files."""

_GLOB: Final = frozenset("*?[]{},")


def digest_of_files(rootdir: Path, globs: Iterable[str], *, leave_out: Iterable[str] = ()) -> str | None:
    """`sha256:…` over the names and contents of the files below `rootdir` that one of `globs` matches.

    A folder stands for everything below it. No link is followed: a link is what it says. Left out are `LEFT_OUT` and
    what `leave_out` matches. None: there is more than is digested (`limits.SCOPE_FILES`, `limits.SCOPE_BYTES`), or
    something of it cannot be read.
    """
    wanted, unwanted = tuple(_with_folders(globs)), tuple(_with_folders(leave_out))
    starts = [_fixed_part(glob) for glob in wanted]
    try:
        top = os.open(rootdir, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError:
        return None

    def enter(path: bytes, name: bytes) -> bool:
        return name not in LEFT_OUT and _may_hold(_text(path), starts)

    digest = hashlib.sha256()
    files, size = limits.SCOPE_FILES, limits.SCOPE_BYTES
    try:
        for step in walk(top, enter=enter, unlock=False):
            if isinstance(step, Closed):
                return None
            path = _text(step.path)
            if not matches(path, wanted) or matches(path, unwanted):
                continue
            files, size = files - 1, size - step.state.st_size
            if files < 0 or size < 0:
                return None
            digest.update(b"%d:%s" % (len(step.path), step.path) + _contents(step))
    except OSError:
        return None
    finally:
        os.close(top)
    return f"sha256:{digest.hexdigest()}"


def digest_of_named(rootdir: Path, names: Iterable[str]) -> str | None:
    """`sha256:…` over the files `names` (paths from `rootdir`, no globs) in their order; one may be missing.

    None where one is a link, leads through one, is no file or too large.
    """
    digest = hashlib.sha256()
    for name in names:
        try:
            data = read_file(rootdir / name, below=rootdir, at_most=limits.SCOPE_BYTES)
        except FileNotFoundError:
            state = "missing"
        except (OSError, ValueError):
            return None
        else:
            state = hashlib.sha256(data).hexdigest()
        digest.update(f"{len(os.fsencode(name))}:{name}\0{state}\n".encode("utf-8", "surrogateescape"))
    return f"sha256:{digest.hexdigest()}"


def _contents(found: Found) -> bytes:
    """One line for a file: its kind and the digest of its contents. Modes other than that of a program do not count."""
    mode = found.state.st_mode
    if stat.S_ISLNK(mode):
        return (
            b"\0link %s\n"
            % hashlib.sha256(os.readlink(os.fsencode(found.name), dir_fd=found.folder)).hexdigest().encode()
        )
    if not stat.S_ISREG(mode):
        return b"\0special\n"
    descriptor = open_file(found, unlock=False)
    try:
        data = hashlib.sha256(read_at_most(descriptor, found.state.st_size)).hexdigest()
    finally:
        os.close(descriptor)
    return b"\0%s %s\n" % (b"program" if mode & 0o100 else b"file", data.encode())


def _with_folders(globs: Iterable[str]) -> Iterator[str]:
    for glob in globs:
        yield glob
        if not glob.endswith("/"):
            yield f"{glob}/**"


def _fixed_part(glob: str) -> str:
    """The folders that everything which `glob` matches lies in, with `/` behind; empty where it may be anywhere."""
    parts = glob.removeprefix("./").split("/")[:-1]
    fixed = takewhile(lambda part: not _GLOB & set(part), parts)
    return "".join(f"{part}/" for part in fixed)


def _may_hold(folder: str, starts: Iterable[str]) -> bool:
    """Whether something below `folder` may begin with one of `starts`."""
    below = f"{folder}/"
    return any(start.startswith(below) or below.startswith(start) for start in starts)


def _text(path: bytes) -> str:
    return path.decode("utf-8", "surrogateescape")
